"""The heating outage as the page and the api show it: rooms, heaters, checklist."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.store import heaters, outages
from nightwarden.store.engine import Transaction
from nightwarden.store.outages import STEPS, RoomWarmth
from nightwarden.store.tables import HeaterStay, Outage, OutageStep
from nightwarden.wire import rfc3339

PROPOSED_FROM = 2
"""So many cold rooms are no open window: an outage is proposed. Judgement."""


@dataclass(frozen=True, slots=True)
class OutageNow:
    """What is known of the heating at one instant. ``outage`` None: none is open."""

    now: datetime
    outage: Outage | None
    cold: list[str]
    rooms: list[RoomWarmth]
    heaters: list[HeaterStay]
    done: dict[str, OutageStep]

    @property
    def proposed(self) -> bool:
        """Whether the rooms say that one should be opened."""
        return self.outage is None and len(self.cold) >= PROPOSED_FROM

    @property
    def steps(self) -> list[tuple[str, str, OutageStep | None]]:
        """Each step with its words and who did it."""
        return [(step, words, self.done.get(step)) for step, words in STEPS.items()]


def outage_now(tx: Transaction, *, with_rooms: bool = True) -> OutageNow:
    """The heating at ``tx.now``; the rooms' temperatures are left out where nobody looks."""
    row = outages.current(tx)
    return OutageNow(
        now=tx.now,
        outage=row,
        cold=outages.cold_rooms(tx),
        rooms=outages.warmth(tx) if with_rooms else [],
        heaters=heaters.standing(tx),
        done=outages.steps_done(tx, row.id) if row is not None and row.id is not None else {},
    )


def outage_json(found: OutageNow) -> dict[str, Any]:
    """For the api."""
    return {
        "outage": found.outage and row_json(found.outage),
        "proposed": found.proposed,
        "cold_rooms": found.cold,
        "rooms": [_room_json(room) for room in found.rooms],
        "heaters": [stay_json(stay, found.now) for stay in found.heaters],
        "steps": [
            {
                "step": step,
                "words": words,
                "done_at": rfc3339(done.at) if done else None,
                "done_by": done.by if done else None,
                "note": done.note if done else None,
            }
            for step, words, done in found.steps
        ],
    }


def row_json(row: Outage) -> dict[str, Any]:
    """An outage."""
    return {
        "id": str(row.id),
        "why": row.why,
        "opened_at": rfc3339(row.opened_at),
        "opened_by": row.opened_by,
        "ended_at": rfc3339(row.ended_at),
        "ended_by": row.ended_by,
        "ended_note": row.ended_note,
    }


def stay_json(stay: HeaterStay, now: datetime) -> dict[str, Any]:
    """A portable heater in a room."""
    return {
        "id": str(stay.id),
        "equipment": stay.equipment,
        "room": stay.room,
        "place": stay.place,
        "owner": stay.owner,
        "made_safe": stay.made_safe,
        "since": rfc3339(stay.since),
        "until": rfc3339(stay.until),
        "late": stay.ended_at is None and stay.until <= now,
        "placed_by": stay.placed_by,
        "ended_at": rfc3339(stay.ended_at),
        "ended_by": stay.ended_by,
        "went_to": stay.went_to,
    }


def _room_json(room: RoomWarmth) -> dict[str, Any]:
    return {
        "room": room.item.place.room if room.item.place else None,
        "equipment": room.item.tag,
        "celsius": room.now.number if room.now else None,
        "measured_at": rfc3339(room.now.measured_at) if room.now else None,
        "change": None if room.change is None else round(room.change, 2),
        "since": rfc3339(room.before.measured_at) if room.before else None,
    }
