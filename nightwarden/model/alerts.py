"""An alert: a cause at a place that a named person answers for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from nightwarden.model.phrases import vocabulary
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Role


@vocabulary
class AlertKind(StrEnum):
    """The rule's name for the cause."""

    BED_EXIT = "bed_exit"
    NOT_BACK_IN_BED = "not_back_in_bed"
    HOT_SURFACE = "hot_surface"
    DEVICE_SILENT = "device_silent"
    REQUIRED_NOT_IN_PLACE = "required_not_in_place"
    CALL_BUTTON = "call_button"
    CHAIR_EXIT = "chair_exit"
    FLOOR_MAT = "floor_mat"
    ROOM_TOO_COLD = "room_too_cold"
    ROOM_TOO_HOT = "room_too_hot"
    HUB_DOWN = "hub_down"
    BATTERY_LOW = "battery_low"
    FLAPPING_LEAD = "flapping_lead"
    NEVER_CHANGES = "never_changes"
    MISSED_FLOOR_MAT = "missed_floor_mat"
    OUT_OF_BED_OFTEN = "out_of_bed_often"
    CIRCUIT_HOT = "circuit_hot"
    NOBODY_LISTENING = "nobody_listening"
    NOBODY_ANSWERS = "nobody_answers"
    ESCALATION_STUCK = "escalation_stuck"
    PERMIT_OVERDUE = "permit_overdue"
    FAULT_AGAIN = "fault_again"
    HEATER_OVERDUE = "heater_overdue"
    WRONG_ROOM = "wrong_room"
    PAST_SERVICE_LIFE = "past_service_life"
    UNVERIFIED = "unverified"
    UNDOCUMENTED = "undocumented"
    CLOCK_DRIFT = "clock_drift"
    READING_IMPLAUSIBLE = "reading_implausible"
    READING_FROZEN = "reading_frozen"
    NOT_ARMED_AFTER_CARE = "not_armed_after_care"
    ROUND_MISSED = "round_missed"
    MATS_SILENT_TOGETHER = "mats_silent_together"
    MAINS_LOST = "mains_lost"
    UNTESTED_AFTER_SERVICE = "untested_after_service"
    PRESS_TEST_MISSED = "press_test_missed"
    DRILL = "drill"
    CHANNEL_LOST = "channel_lost"


@vocabulary
class Priority(StrEnum):
    """How urgent; ``technical`` is for kit and never hides a person."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    TECHNICAL = "technical"


def more_urgent(one: Priority, other: Priority) -> bool:
    """Whether ``one`` comes before ``other``."""
    order = list(Priority)
    return order.index(one) < order.index(other)


@vocabulary
class AlertState(StrEnum):
    """Where an alert stands in its life. Escalation is an event, not a state."""

    RAISED = "raised"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    ATTENDED = "attended"
    CLOSED = "closed"


@vocabulary
class AlertEvent(StrEnum):
    """What can happen to an alert. ``rules/alert_life.py`` has the table of what follows."""

    RAISED = "raised"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    ATTENDED = "attended"
    CLOSED = "closed"
    REPEATED = "repeated"
    TOLD_EVERYONE = "told_everyone"
    TOLD_SENIOR = "told_senior"
    TOLD_MANAGER = "told_manager"
    ACCEPTANCE_EXPIRED = "acceptance_expired"
    CAUSE_CLEARED = "cause_cleared"
    REOPENED = "reopened"
    WORSENED = "worsened"
    TAKEN_BACK = "taken_back"
    STILL_GOING = "still_going"
    CLOSED_BY_MISTAKE = "closed_by_mistake"


@vocabulary
class Evidence(StrEnum):
    """How it is known that somebody was in the room (A19)."""

    BUTTON = "button"  # a button in the room
    SCAN = "scan"  # a label in the room
    STATEMENT = "statement"  # somebody says so


class Cause(NamedTuple):
    """What an alert is about. At most one alert is open for a cause.

    ``subject`` tells causes of one kind at one place apart: the tag of the sensor, the kind of
    equipment that is missing; empty where the place alone says it.
    """

    kind: AlertKind
    place: PlaceId
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert as it is kept. Times are aware, UTC.

    ``caused_at`` is when it became true (a device's time where it has one), ``raised_at`` when
    the system said so. ``version`` counts changes: every change is a compare-and-set on it.
    ``next_step_at`` is the deadline of its next step, None when closed. ``rule_version`` is the
    version of the home's rules that it was last raised under; 0 is the rules as delivered.
    ``told`` is whom it has called so far, in the order in which they were called, ``policy`` by
    which policy (None: none fits), ``tell`` the policy that its requirement names. ``evidence`` is
    how it is known that somebody attended, ``evidence_detail`` the label or the button.
    """

    id: int
    cause: Cause
    priority: Priority
    state: AlertState
    resident: str | None
    text: str
    action: str
    caused_at: datetime
    raised_at: datetime
    while_not_watching: bool = False
    delivered_at: datetime | None = None
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    attended_by: str | None = None
    attended_at: datetime | None = None
    cleared_at: datetime | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    escalation: int = 0
    next_step_at: datetime | None = None
    rule_version: int = 0
    version: int = 0
    told: tuple[Role, ...] = ()
    policy: str | None = None
    tell: str | None = None
    evidence: Evidence | None = None
    evidence_detail: str | None = None


class StandingAlert(NamedTuple):
    """An open alert, as far as what comes next depends on it."""

    id: int
    cause: Cause
    priority: Priority
    cleared_at: datetime | None
    attended: bool


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One step of an alert's life: who, and both times."""

    event: AlertEvent
    at: datetime
    recorded_at: datetime
    actor: str
    detail: dict[str, str] = field(default_factory=dict)
