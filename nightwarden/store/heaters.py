"""Portable heaters: in a room for a time, with somebody who looks after each (H3, H4).

1. A heater is put somewhere by a named person, with whose it is to look after, how it was made
   safe, and when it goes. The register has the same as the item's owner and last day of use.
2. Past its time it is raised (``rules/heaters.py``). More time needs a reason.
3. It goes when somebody says where to; a heater whose stay nobody has ended is unaccounted for.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.store import meta, register, upkeep
from nightwarden.store.descriptions import Description, checked
from nightwarden.store.engine import Transaction
from nightwarden.store.item_record import note
from nightwarden.store.tables import Equipment, HeaterStay, Outage

LONGEST_STAY = timedelta(days=14)
"""A heater that is needed for longer is a heater of the room: it belongs into the plan."""


def put(
    tx: Transaction, tag: str, place: PlaceId, until: datetime, words: tuple[str, str], actor: str
) -> HeaterStay:
    """Put a portable heater into a room.

    Args:
        tag: its asset tag; one that nobody knows is registered.
        place: where it stands.
        until: when it goes, aware.
        words: who looks after it, and how it was made safe.
        actor: who puts it there.

    Raises:
        Conflict: it stands somewhere already.
        Invalid: it is no portable heater, or its end is not within two weeks.
    """
    owner, made_safe = checked(claims.text, words[0], "owner"), words[1]
    known = tx.get(Equipment, tag)
    if known is None or known.removed_at is not None:
        upkeep.add_equipment(tx, tag, Description(EquipmentKind.PORTABLE_HEATER), actor)
    item = register.item(tx, tag)
    if item.kind != EquipmentKind.PORTABLE_HEATER:
        raise Invalid(f'"{tag}" is a {item.kind.replace("_", " ")}, no portable heater.')
    if _of_item(tx, tag) is not None:
        raise Conflict(f'"{tag}" stands at {item.place} already; say first where it went.')
    _within(tx, until, tx.now)
    if item.place != place:
        upkeep.move(tx, tag, place, actor)
    _describe(tx, tag, owner, until, actor)
    stay = HeaterStay(
        equipment=tag,
        outage=_outage(tx),
        room=place.room,
        place=place.place,
        owner=owner,
        made_safe=checked(claims.text, made_safe, "made_safe"),
        since=tx.now,
        until=until,
        placed_by=actor,
    )
    tx.add(stay)
    said = {"owner": owner, "until": until, "made_safe": stay.made_safe, "at": str(place)}
    note(tx, actor, "put a heater", tag, said)
    return stay


def extend(tx: Transaction, number: int, until: datetime, reason: str, actor: str) -> HeaterStay:
    """A heater stays until later; the earlier time stays in the audit."""
    stay = _standing(tx, number)
    _within(tx, until, max(stay.until, tx.now))
    before, stay.until = stay.until, until
    _describe(tx, stay.equipment, stay.owner, until, actor)
    said = {"from": before, "until": until, "reason": checked(claims.text, reason, "reason")}
    note(tx, actor, "gave a heater more time", stay.equipment, said)
    return stay


def take_away(tx: Transaction, number: int, went_to: str, actor: str) -> HeaterStay:
    """A heater is gone from its room, and this is where it went."""
    stay = _standing(tx, number)
    stay.went_to = checked(claims.text, went_to, "went_to")
    stay.ended_at, stay.ended_by = tx.now, actor
    item = register.item(tx, stay.equipment)
    if item.place is not None:
        upkeep.move(tx, stay.equipment, None, actor)
    note(tx, actor, "took a heater away", stay.equipment, {"went_to": stay.went_to})
    return stay


def standing(tx: Transaction) -> list[HeaterStay]:
    """The heaters that nobody has taken away, the one that goes first on top."""
    query = select(HeaterStay).where(col(HeaterStay.ended_at).is_(None))
    return list(tx.exec(query.order_by(col(HeaterStay.until), col(HeaterStay.id))))


def of_outage(tx: Transaction, outage: int) -> list[HeaterStay]:
    """Every heater that was put somewhere in an outage, gone or not."""
    query = select(HeaterStay).where(HeaterStay.outage == outage)
    return list(tx.exec(query.order_by(col(HeaterStay.id))))


def _outage(tx: Transaction) -> int | None:
    return tx.exec(select(Outage.id).where(col(Outage.ended_at).is_(None))).first()


def _of_item(tx: Transaction, tag: str) -> HeaterStay | None:
    query = select(HeaterStay).where(
        HeaterStay.equipment == tag, col(HeaterStay.ended_at).is_(None)
    )
    return tx.exec(query).first()


def _standing(tx: Transaction, number: int) -> HeaterStay:
    stay = tx.get(HeaterStay, number)
    if stay is None:
        raise NotFound(f"There is no heater {number}.")
    if stay.ended_at is not None:
        raise Conflict(f"{stay.ended_by} has taken {stay.equipment} away already.")
    return stay


def _within(tx: Transaction, until: datetime, after: datetime) -> None:
    if not after < until <= tx.now + LONGEST_STAY:
        raise Invalid(
            f"until: later than now and than it has, and within {LONGEST_STAY.days} days; a "
            "heater that is needed for longer belongs into the plan."
        )


def _describe(tx: Transaction, tag: str, owner: str, until: datetime, actor: str) -> None:
    last = until.astimezone(meta.zone(tx)).date()
    said: dict[str, Any] = {"owner": owner, "use_until": last}
    upkeep.change_equipment(tx, tag, register.item(tx, tag).version, said, actor)
