"""An item's fitness: its status, its transmitter, its tests."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends
from pydantic import Field

from api.deps import Actor, WriteTx, requires
from api.nouns import noun_router
from api.routes.bodies import Body, Text
from api.routes.equipment import item_json
from nightwarden.model.places import ItemStatus
from nightwarden.model.plan import Liveness
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import item_life, register
from nightwarden.store.engine import Transaction
from nightwarden.store.item_life import TestClaim
from nightwarden.store.plan import load_liveness
from nightwarden.store.register import Item

router = noun_router("equipment")

Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]
Confirmer = Annotated[Actor, Depends(requires(Right.CONFIRM))]


class StatusBody(Body):
    """Whether it may be used, and why it may not, or may again."""

    status: Literal[ItemStatus.IN_STORE, ItemStatus.QUARANTINED, ItemStatus.IN_REPAIR]
    why: Text


class PairingBody(Body):
    """The transmitter that the pad is used with; nothing said: none."""

    make: Text | None = None
    model: Text | None = None
    serial: Text | None = None


class TestBody(Body):
    """A test. `surface_c` is what a person can touch, with the heating on, in degrees Celsius."""

    __test__ = False
    kind: Literal["commissioning", "functional"]
    passed: bool
    by: Text | None = None
    on: date | None = None
    surface_c: Annotated[float, Field(ge=-20, le=150)] | None = None
    note: Text | None = None


@router.post("/equipment/{tag}/status")
def set_status(tag: str, given: StatusBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Quarantine it, send it to repair, or let it be used again; it leaves its place."""
    return item_json(item_life.set_status(tx, tag, given.status, given.why, actor.name))


@router.post("/equipment/{tag}/pairing")
def pair(tag: str, given: PairingBody, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Say which transmitter it is used with; the pair is unverified until it was tested."""
    said = (given.make, given.model, given.serial)
    return item_json(item_life.pair(tx, tag, *said, actor.name))


@router.post("/equipment/{tag}/tests", status_code=201)
def record_test(tag: str, given: TestBody, actor: Confirmer, tx: WriteTx) -> dict[str, Any]:
    """Record a test. A surface over the limit is not passed, whatever was claimed."""
    on = given.on or tx.now.date()
    claim = TestClaim(
        given.kind, given.passed, given.by or actor.name, on, given.surface_c, given.note
    )
    return item_json(tested(tx, tag, claim, actor.name))


def tested(tx: Transaction, tag: str, claim: TestClaim, actor: str) -> Item:
    """Record a test, judged by the home's limit and by what its device has shown."""
    limit_c = load_rules(tx).book.hot_surface.limit_c
    device = register.item(tx, tag).device
    live = load_liveness(tx).get(device, Liveness()) if device else Liveness()
    return item_life.record_test(tx, tag, claim, limit_c, live, actor)
