"""An item's life between store cupboard and scrap: status, transmitter, tests.

What blocks what is in ``item_standing``; here it is written, and asked before an item is put
anywhere. The errors are those of ``upkeep``, which has the other changes of an item.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid
from nightwarden.model import claims
from nightwarden.model.phrases import phrase
from nightwarden.model.places import UNFIT, ItemStatus
from nightwarden.model.plan import Liveness
from nightwarden.store import register, removals
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.item_record import entered
from nightwarden.store.item_standing import COMMISSIONING, TESTS
from nightwarden.store.placing import put_at
from nightwarden.store.register import Item
from nightwarden.store.tables import Equipment, EquipmentTest, Pairing, StatusChange

SETTABLE = (ItemStatus.IN_STORE, ItemStatus.QUARANTINED, ItemStatus.IN_REPAIR)
"""What a person may set; in place is a move, retired an end."""


@dataclass(frozen=True, slots=True)
class TestClaim:
    """What somebody says of a test. ``on``: a day that has come; ``surface_c``: what a person can
    touch, in degrees Celsius."""

    kind: str
    passed: bool
    by: str
    on: date
    surface_c: float | None = None
    note: str | None = None


def require_fit(item: Item) -> None:
    """Let an item be put at a place, or say why it may not be (M19).

    Raises:
        Conflict: it is quarantined, in repair, or its newest test was not passed.
    """
    standing = item.standing
    if item.status in UNFIT:
        words = item.status.replace("_", " ")
        raise Conflict(
            f"{item.tag} is {words} ({standing.status_why}); test it and say that it is fit first."
        )
    if standing.failed is not None:
        raise Conflict(f"{item.tag} failed its last test ({standing.failed}); test it again first.")
    if standing.unfit_since is not None:
        raise Conflict(
            f"{item.tag} was taken out of use on {standing.unfit_since:%-d %b %Y} and nobody has "
            "tested it since; test it first."
        )


def set_status(tx: Transaction, tag: str, status: ItemStatus, why: str, actor: str) -> Item:
    """Quarantine an item, send it to repair, or say that it may be used again. It leaves its place
    and keeps its device."""
    before = register.item(tx, tag)
    why = checked(claims.text, why, "why")
    if status not in SETTABLE:
        raise Invalid(f"status: use one of {', '.join(SETTABLE)}; put it at a place, or retire it.")
    if status is before.status:
        raise Conflict(f"{tag} is {status.replace('_', ' ')} already.")
    with removals.watched(tx, actor, reason=why):
        put_at(tx, tag, None)
    row = tx.get_one(Equipment, tag)
    row.status = status.value if status in UNFIT else None
    row.version += 1
    tx.add(StatusChange(equipment=tag, status=status.value, why=why, by=actor, at=tx.now))
    return entered(tx, actor, "set status", tag, {"status": status.value, "why": why})


def pair(
    tx: Transaction, tag: str, make: str | None, model: str | None, serial: str | None, actor: str
) -> Item:
    """Say which transmitter a pad is used with; all None: with none. It is untested at first."""
    said = {
        name: checked(claims.text, value, name) if value else None
        for name, value in (("make", make), ("model", model), ("serial", serial))
    }
    register.item(tx, tag)
    put_pairing(tx, tag, said, actor)
    return entered(tx, actor, "paired", tag, {"transmitter": said})


def put_pairing(tx: Transaction, tag: str, said: dict[str, str | None], actor: str) -> None:
    """End the present pairing and begin this one, unless it says nothing."""
    present = select(Pairing).where(Pairing.equipment == tag, col(Pairing.until).is_(None))
    for row in tx.exec(present):
        row.until, row.ended_by = tx.now, actor
    tx.flush()
    if any(said.values()):
        row = Pairing(equipment=tag, since=tx.now, by=actor)
        row.make, row.model, row.serial = said["make"], said["model"], said["serial"]
        tx.add(row)
    tx.flush()


def record_test(
    tx: Transaction, tag: str, claim: TestClaim, limit_c: float, live: Liveness, actor: str
) -> Item:
    """Record a test as it is judged: a claim alone signs nothing off (H13).

    A surface over ``limit_c`` (degrees Celsius) is a test that was not passed. An item with a
    device is commissioned once it has shown a change here with this transmitter; before, Conflict.
    """
    item = register.item(tx, tag)
    if claim.kind not in TESTS:
        raise Invalid(f'kind: "{claim.kind}" is none of {", ".join(TESTS)}.')
    if claim.surface_c is not None and not -20 <= claim.surface_c <= 150:
        raise Invalid("surface_c: from -20 to 150 °C; read the thermometer again.")
    checked(lambda day: claims.day_not_ahead(day, tx.now), claim.on, "on")
    why = _blocked(item, claim, limit_c, live)
    seen: dict[str, Any] = {
        "kind": claim.kind,
        "passed": claim.passed and why is None,
        "why": why,
        "surface_c": claim.surface_c,
        "by": checked(claims.text, claim.by, "by"),
        "on": claim.on,
        "note": checked(claims.text, claim.note, "note") if claim.note else None,
    }
    place, pairing = item.place, item.standing.pairing
    tx.add(
        EquipmentTest(
            equipment=tag,
            pairing=pairing.id if pairing else None,
            room=place.room if place else None,
            place=place.place if place else None,
            recorded_at=tx.now,
            recorded_by=actor,
            **seen,
        )
    )
    return entered(tx, actor, "tested", tag, seen)


def _blocked(item: Item, claim: TestClaim, limit_c: float, live: Liveness) -> str | None:
    if claim.surface_c is not None and claim.surface_c > limit_c:
        return phrase(f"the surface was {claim.surface_c:g} °C, over the limit of {limit_c:g} °C")
    if not claim.passed:
        return claim.note or phrase(f"failed its {claim.kind} test")
    if claim.kind != COMMISSIONING or item.device is None:
        return None
    begun = [item.placed_at, item.bound_at, item.standing.pairing and item.standing.pairing.since]
    since: datetime = max((at for at in begun if at), default=datetime.min.replace(tzinfo=UTC))
    if live.changed_at is None or live.changed_at < since:
        raise Conflict(
            f"{item.tag} has shown no press here with this transmitter yet; press it, then sign."
        )
    return None
