"""Models of equipment: service life, batteries, and how few spare ones are too few."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import PageQuery, listed
from api.routes.bodies import Text, Versioned
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import kit_models
from nightwarden.store.kit_models import FIELDS, NUMBERS
from nightwarden.store.tables import KitModel
from nightwarden.wire import rfc3339

router = noun_router("models")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]


def _within(field: str) -> Any:
    least, most = NUMBERS[field]
    return Field(default=None, ge=least, le=most)


class ModelBody(Versioned):
    """A model by `make` and `model`, and what is known of it; what is not sent stays as it is."""

    make: Text
    model: Text
    kind: EquipmentKind | None = None
    service_life_days: int | None = _within("service_life_days")
    life_uses: int | None = _within("life_uses")
    battery_life_days: int | None = _within("battery_life_days")
    rearm_s: int | None = _within("rearm_s")
    reorder_level: int | None = _within("reorder_level")
    note: Text | None = None


@router.get("/models")
def list_models(_actor: Seer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """The models that are known, by make and model."""
    rows = kit_models.kit_models(tx)
    shown, cursor = page.cut_computed("models", rows, lambda r: (r.make, r.model), str, str)
    return listed([model_json(row) for row in shown], cursor)


@router.put("/models")
def put_model(given: ModelBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Say what is known of a model; items that name it take it from there."""
    said = {name: getattr(given, name) for name in given.model_fields_set & set(FIELDS)}
    name = (given.make, given.model)
    return model_json(kit_models.put_model(tx, name, said, given.version, actor.name))


def model_json(row: KitModel) -> dict[str, Any]:
    """A model."""
    said = {name: getattr(row, name) for name in ("make", "model", *FIELDS, "version")}
    return said | {"changed_at": rfc3339(row.changed_at), "changed_by": row.changed_by}
