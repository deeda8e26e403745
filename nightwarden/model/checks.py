"""Checks: one look at, or test of, one item by one person; and what is asked at it.

A *check* has two times: ``at``, when somebody says that they did it, and ``recorded_at``, when it
was entered. A *check round* is a walk past a set of items that is frozen at its beginning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from nightwarden.model.phrases import vocabulary
from nightwarden.model.places import EquipmentKind, ItemState, PlaceId


@vocabulary
class CheckKind(StrEnum):
    """What is looked at or tested."""

    COVER = "cover"
    TOUCH_TEMPERATURE = "touch_temperature"
    PRESS = "press"
    BATTERY = "battery"
    VISUAL = "visual"
    SOUND = "sound"


@vocabulary
class CheckOutcome(StrEnum):
    """How a check ended. ``NOT_PROVED``: it was done in a way that proves nothing."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_PROVED = "not_proved"


@vocabulary
class EntryMark(StrEnum):
    """What is odd about when or how a check was entered (H12). A mark is no verdict."""

    LATE = "late"  # long after it is said to have been done
    TOGETHER = "together"  # with others, in less time than it takes to walk to them
    ALIKE = "alike"  # the same temperature to the tenth, again and again


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that can be given; ``fault`` is what is wrong then."""

    value: str
    word: str
    fault: str | None = None
    state: ItemState | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked at the item. Without choices the answer is a number in ``unit``."""

    name: str
    asks: str
    choices: tuple[Choice, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the answers of a check come to. ``found`` is the state of the item that they confirm."""

    outcome: CheckOutcome
    answers: Mapping[str, str | float]
    faults: tuple[str, ...] = ()
    why: str | None = None
    found: ItemState | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """How often a kind of check is due at a kind of item. ``set_by`` None: as delivered."""

    equipment: EquipmentKind
    check: CheckKind
    every_days: int
    because: str
    set_by: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A check that is due at an item. ``last_at`` None: it was never done where it stands."""

    equipment: str
    kind: EquipmentKind
    place: PlaceId
    interval: Interval
    due_on: date
    last_at: datetime | None = None

    @property
    def check(self) -> CheckKind:
        """Which check it is."""
        return self.interval.check


@dataclass(frozen=True, slots=True)
class EnteredCheck:
    """What the marks are made from."""

    id: int
    equipment: str
    place: PlaceId | None
    by: str
    at: datetime
    recorded_at: datetime
    kept_offline: bool = False
    temperature_c: float | None = None
