"""Carers: how fast they are, how long they stay, how they sleep, and what they can do.

1. They know of an alert what its JSON tells (docs/wire.md, ``nightwarden/v1/HOME/alert/ID``), and
   act by the alert's number: accept, attend, close. Nothing else of the monitor is known to them.
2. Somebody who is awake and free and nearest says "I'm going" after a moment, walks there along the
   corridor, and says so in the room (now and then only on leaving). Who is in a room, or on the
   way, takes every alert of that room.
3. They stay until there is nothing more to do, at an exit until the bed is no longer empty or a
   quarter of an hour is over, and close the alert with an outcome. From half past five on whoever
   is up is up for the day: the bed is paused.
4. With nobody free it waits, and whoever is done looks first at what waits.
5. Every two hours they go round, each through a part of the rooms, and look in. An alert comes
   before the round.
6. One in four nods off between two and five, and hears nothing on the way: each time that an alert
   sounds there is one chance in three that it wakes them.

Times are seconds unless they say otherwise; docs/nights.md has where they are from.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from nightwarden.model.alerts import AlertKind, Priority

BEDS_EACH = 15
NAMES = ("Maria", "Tom", "Ana", "Grace", "Joy", "Sam", "Pat", "Lee")
REACTS_S, REACTS_SPREAD = 12.0, 0.6
"""Median, and the spread of the logarithm, of the time until somebody says that they go."""
DOOR_S, START_S, STAIRS_S, ROOMS_A_FLOOR = 4.0, 5.0, 30.0, 30
ROUNDS = (time(23, 0), time(1, 0), time(3, 0), time(5, 0))
LOOKS_S = (20.0, 45.0)
STAYS_MIN = {"person": (2.0, 7.0), "heat": (2.0, 5.0), "kit": (1.0, 3.0), "over": (0.5, 1.5)}
STAYS_AT_MOST = timedelta(minutes=15)
UP_FROM = time(5, 30)
FORGETS = 0.1
"""The share of visits at which "I'm there" is said only on leaving."""
NODS_OFF, NAP_MIN, NAP_BETWEEN = 0.25, (20.0, 60.0), (time(2, 0), time(5, 0))
WAKES, WAKING_S = 1 / 3, (10.0, 40.0)

HEAT_KINDS = frozenset({AlertKind.HOT_SURFACE, AlertKind.CIRCUIT_HOT})
BED_KINDS = frozenset({AlertKind.BED_EXIT, AlertKind.NOT_BACK_IN_BED})


def way_s(near: int, there: int) -> float:
    """Seconds from one room's number along the corridor to another's."""
    floors = abs(there // ROOMS_A_FLOOR - near // ROOMS_A_FLOOR)
    doors = abs(there % ROOMS_A_FLOOR - near % ROOMS_A_FLOOR)
    return START_S + DOOR_S * doors + STAIRS_S * floors


class Verb(StrEnum):
    """What a carer does."""

    ACCEPT = "accept"
    ATTEND = "attend"
    CLOSE = "close"
    ARRIVE = "arrive"  # the monitor is not told of it: it is the truth
    STAY = "stay"  # the truth, too: who falls beside them is seen
    LEAVE = "leave"
    MAKE_SAFE = "make safe"  # shuts the valve, puts the cover back
    PAUSE = "pause"  # the bed's watch, when somebody is up for the day


class Act(NamedTuple):
    """Somebody does something at ``at`` (aware, UTC); ``alert`` is its number in the JSON."""

    at: datetime
    who: str
    verb: Verb
    room: str
    alert: str | None = None
    outcome: str | None = None
    place: str | None = None


@dataclass(slots=True)
class Carer:
    """One of the shift. ``near`` is the room that they are at or were last; ``bound_for`` the one
    whose alerts they have taken, ``there`` whether they are in it, ``over`` the alerts whose cause
    was over when they came."""

    name: str
    near: int
    asleep_until: datetime | None = None
    bound_for: str | None = None
    there: bool = False
    until: datetime | None = None
    alerts: list[str] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    round: deque[str] = field(default_factory=deque)


def outcome_of(alert: Mapping[str, Any], back_before: bool) -> str:  # noqa: FBT001
    """How they close it; ``back_before``: its cause was over when they came."""
    kind = alert["kind"]
    if kind in HEAT_KINDS:
        return "made_safe"
    if kind in BED_KINDS:
        return "already_back" if back_before else "helped"
    return "mended" if alert["priority"] == Priority.TECHNICAL else "other"
