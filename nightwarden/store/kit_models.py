"""Models of equipment: what a maker says of every item of one kind, once."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.places import EquipmentKind
from nightwarden.store import audit, meta
from nightwarden.store.descriptions import LONGEST_LIFE, checked
from nightwarden.store.editing import require_version
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import KitModel

NUMBERS = {
    "service_life_days": (1, LONGEST_LIFE),
    "life_uses": (1, 1_000_000),
    "battery_life_days": (1, LONGEST_LIFE),
    "rearm_s": (0, 3_600),
    "reorder_level": (0, 10_000),
}
"""What may be said of a model in numbers, from and to."""
FIELDS = ("kind", *NUMBERS, "note")


def kit_models(tx: Transaction) -> list[KitModel]:
    """The models that are known, by make and name."""
    query = select(KitModel).where(col(KitModel.removed_at).is_(None))
    return list(tx.exec(query.order_by(col(KitModel.make), col(KitModel.model))))


def kit_model(tx: Transaction, make: str, model: str) -> KitModel:
    """One model.

    Raises:
        NotFound: nothing is known of it.
    """
    row = tx.get(KitModel, (make, model))
    if row is None or row.removed_at is not None:
        raise NotFound(f'There is no model "{model}" of "{make}".')
    return row


def put_model(
    tx: Transaction,
    name: tuple[str, str],
    said: Mapping[str, Any],
    version: int | None,
    actor: str,
) -> KitModel:
    """Say what is known of a model, ``(make, model)``; what is not in ``said`` stays as it is.

    Raises:
        Invalid: a value that cannot be.
        ChangedMeanwhile: somebody else changed it since ``version``.
    """
    make, model = (checked(claims.text, part, "make or model") for part in name)
    values = _checked(said)
    row = tx.get(KitModel, (make, model))
    if row is None:
        row = KitModel(make=make, model=model, changed_at=tx.now, changed_by=actor)
        tx.add(row)
    else:
        now = {field: getattr(row, field) for field in FIELDS}
        require_version(tx, f"model {make} {model}", version, row.version, now)
        row.version += 1
    row.sqlmodel_update(values | {"removed_at": None, "changed_at": tx.now, "changed_by": actor})
    tx.flush()
    meta.plan_changed(tx)
    detail = values | {"version": row.version}
    audit.record(tx, actor, "described a model", f"model {make} {model}", detail)
    return row


def _checked(said: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(said) - set(FIELDS):
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be said of a model.")
    values = dict(said)
    for field, (least, most) in NUMBERS.items():
        number = values.get(field)
        if number is not None and not least <= number <= most:
            raise Invalid(f"{field}: from {least} to {most}.")
    kind = values.get("kind")
    if kind is not None and kind not in set(EquipmentKind):
        raise Invalid(f'kind: "{kind}" is none of {", ".join(EquipmentKind)}.')
    if values.get("note"):
        values["note"] = checked(claims.text, values["note"], "note")
    return values
