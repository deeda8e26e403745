"""Labels: the codes that are printed, one for each item and place."""

from typing import Annotated, Any

from fastapi import Depends

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import PageQuery, listed
from nightwarden.model.roles import Right
from nightwarden.store import printed_labels
from nightwarden.store.printed_labels import Labelled

router = noun_router("labels")

Checker = Annotated[Actor, Depends(requires(Right.CONFIRM))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]


@router.get("/labels")
def list_labels(_actor: Checker, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Every label in use; `/l/CODE` opens it in a browser."""
    rows = printed_labels.now(tx)
    shown, cursor = page.cut_computed("labels", rows, lambda row: (row.code,), str)
    return listed([_label_json(row) for row in shown], cursor)


@router.get("/labels/{code}")
def get_label(code: str, _actor: Checker, tx: ReadTx) -> dict[str, Any]:
    """What a label is on."""
    return _label_json(printed_labels.find(tx, code))


@router.post("/labels", status_code=201)
def make_missing(actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Give every item and place that has no label a code."""
    return {"made": printed_labels.make_missing(tx, actor.name)}


@router.post("/labels/{code}/replace", status_code=201)
def replace(code: str, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """A label is lost or worn: its code opens nothing any more, and this is another."""
    return _label_json(printed_labels.replace(tx, code, actor.name))


def _label_json(label: Labelled) -> dict[str, Any]:
    return {
        "code": label.code,
        "path": f"/l/{label.code}",
        "equipment": label.equipment,
        "place": str(label.place) if label.place else None,
    }
