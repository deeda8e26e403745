"""What the engine says: always a reason, sometimes an effect.

A decision not to alert is a decision too, and has its reason; the ones that are worth counting
(``TRACED``) are kept.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import vocabulary
from nightwarden.model.places import PlaceId


@vocabulary
class Reason(StrEnum):
    """Why a reading, a deadline or a changed plan led to what it led to."""

    # of readings
    NOTHING_NEW = "nothing_new"
    FIRST_HEARD = "first_heard"
    HEARD_AGAIN = "heard_again"
    IN_BED = "in_bed"
    # quiet
    OFF_HOURS = "off_hours"
    PAUSED = "paused"
    WITHIN_DWELL = "within_dwell"
    BACK_BEFORE_DWELL = "back_before_dwell"
    WITHIN_LIMIT = "within_limit"
    UNDER_A_COVER = "under_a_cover"
    HELD_TOO_SHORT = "held_too_short"
    COOLING = "cooling"
    IN_PLACE = "in_place"
    NOT_HEARD = "not_heard"
    # raised
    LEFT_BED = "left_bed"
    STILL_OUT_AFTER_PAUSE = "still_out_after_pause"
    NOT_BACK = "not_back"
    TOO_HOT = "too_hot"
    HOT_FOR_TOO_LONG = "hot_for_too_long"
    FELL_SILENT = "fell_silent"
    NEVER_SPOKE = "never_spoke"
    WENT_OFFLINE = "went_offline"
    REQUIRED_NOT_IN_PLACE = "required_not_in_place"
    CALLED = "called"
    LEFT_CHAIR = "left_chair"
    STEPPED_ON_MAT = "stepped_on_mat"
    ON_MAT_AFTER_PAUSE = "on_mat_after_pause"
    AIR_TOO_COLD = "air_too_cold"
    AIR_TOO_HOT = "air_too_hot"
    HUB_WENT_OFFLINE = "hub_went_offline"
    BATTERY_LOW = "battery_low"
    BATTERY_NEARLY_EMPTY = "battery_nearly_empty"
    BATTERY_ENDS = "battery_ends"
    LOST_TOO_OFTEN = "lost_too_often"
    SPEAKS_BUT_NEVER_CHANGES = "speaks_but_never_changes"
    PERMIT_RAN_OUT = "permit_ran_out"
    REPORTED_AGAIN = "reported_again"
    HEATER_STILL_THERE = "heater_still_there"
    STANDS_ASTRAY = "stands_astray"
    LIFE_HAS_ENDED = "life_has_ended"
    NOT_VERIFIED = "not_verified"
    NO_PLAN_ASKS = "no_plan_asks"
    FLOOR_MAT_MISSED = "floor_mat_missed"
    UP_MORE_THAN_USUAL = "up_more_than_usual"
    CIRCUIT_TOO_HOT = "circuit_too_hot"
    NOBODY_LISTENS = "nobody_listens"
    NOBODY_ACTS = "nobody_acts"
    CLOCK_IS_WRONG = "clock_is_wrong"
    CANNOT_BE_BELIEVED = "cannot_be_believed"
    VALUE_IS_STUCK = "value_is_stuck"
    MAT_NOT_BACK = "mat_not_back"
    SILENT_TOGETHER = "silent_together"
    NOBODY_LOOKED_IN = "nobody_looked_in"
    POWER_WENT = "power_went"
    NOT_TRIED = "not_tried"
    # cleared
    RETURNED_TO_BED = "returned_to_bed"
    COOLED_DOWN = "cooled_down"
    SPOKE_AGAIN = "spoke_again"
    PUT_IN_PLACE = "put_in_place"
    CALL_CANCELLED = "call_cancelled"
    RETURNED_TO_CHAIR = "returned_to_chair"
    STEPPED_OFF_MAT = "stepped_off_mat"
    AIR_AGREEABLE = "air_agreeable"
    HUB_CAME_BACK = "hub_came_back"
    BATTERY_CHANGED = "battery_changed"
    LEAD_HELD = "lead_held"
    CHANGED_AT_LAST = "changed_at_last"
    PUT_RIGHT = "put_right"
    FLOOR_MAT_HIT = "floor_mat_hit"
    NIGHT_OVER = "night_over"
    CIRCUIT_COOLED = "circuit_cooled"
    SOMEBODY_LISTENS = "somebody_listens"
    SOMEBODY_ACTED = "somebody_acted"
    MAT_IS_BACK = "mat_is_back"
    ALL_SPOKE_AGAIN = "all_spoke_again"
    SEEN = "seen"
    POWER_CAME_BACK = "power_came_back"
    TRIED = "tried"
    NO_LONGER_WATCHED = "no_longer_watched"
    DRILL_CAME_THROUGH = "drill_came_through"


TRACED = frozenset(
    {
        Reason.BACK_BEFORE_DWELL,
        Reason.PAUSED,
        Reason.HELD_TOO_SHORT,
        Reason.UNDER_A_COVER,
        Reason.FLOOR_MAT_MISSED,
    }
)
"""Reasons for silence that a person may want to count or ask about later."""


@dataclass(frozen=True, slots=True)
class Raise:
    """An alert is due. Where one is open for the cause already, it is opened again.

    ``text`` says what, ``action`` what to do, each in one line. ``caused_at`` is when it became
    true, which may be before it was noticed; ``unwatched`` says that nobody watched then. ``tell``
    names the policy by which it calls, where the requirement names one; ``manager_too``: it calls
    the on-call manager from the first.
    """

    cause: Cause
    priority: Priority
    resident: str | None
    text: str
    action: str
    caused_at: datetime
    unwatched: bool = False
    tell: str | None = None
    manager_too: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """The cause no longer holds. Shown on the open alert; never closes it."""

    cause: Cause
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One rule's answer to one event."""

    reason: Reason
    kind: AlertKind
    place: PlaceId
    effects: tuple[Raise | Clear, ...] = ()
