"""An open alert as a tired person reads it: where, who, what, what to do, how long already.

Worst first: by priority, so that kit never stands above a person; then those that nobody has
accepted; then whoever has waited longest (A8).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nightwarden.model.alerts import (
    AlertEvent,
    AlertKind,
    AlertRecord,
    AlertState,
    Evidence,
    Priority,
)
from nightwarden.model.roles import Role
from rules.alert_life import TAKE_BACK_WITHIN
from rules.escalation import DEFAULT_ESCALATION
from rules.outcomes import DEFAULT_OUTCOMES, Outcome


@dataclass(frozen=True, slots=True)
class Sort:
    """What an alert is about: a shape, a word and what it is called when the cause has gone."""

    shape: str
    word: str
    cleared: str
    outcomes: tuple[str, ...]


_ENDS = ("false_alarm", "test", "other")
_PERSON = Sort(
    "person",
    "Person",
    "Back in bed at",
    ("helped", "already_back", "found_on_floor", "with_carer", *_ENDS),
)
_HEAT = Sort("heat", "Heat", "Cooler since", ("made_safe", "helped", *_ENDS))


def _kit(cleared: str, *likeliest: str) -> Sort:
    return Sort("kit", "Equipment", cleared, (*(likeliest or ("mended", "helped")), *_ENDS))


_SORTS = {
    AlertKind.BED_EXIT: _PERSON,
    AlertKind.NOT_BACK_IN_BED: _PERSON,
    AlertKind.CALL_BUTTON: replace(_PERSON, cleared="Cancelled at"),
    AlertKind.CHAIR_EXIT: replace(_PERSON, cleared="Back in the chair at"),
    AlertKind.FLOOR_MAT: replace(_PERSON, cleared="Off the floor mat at"),
    AlertKind.HOT_SURFACE: _HEAT,
    AlertKind.ROOM_TOO_COLD: replace(_HEAT, word="Cold", cleared="Warmer since"),
    AlertKind.ROOM_TOO_HOT: _HEAT,
    AlertKind.DEVICE_SILENT: _kit("Speaks again since"),
    AlertKind.REQUIRED_NOT_IN_PLACE: _kit("In place since", "mended", "made_safe"),
    AlertKind.HUB_DOWN: _kit("Back since"),
    AlertKind.BATTERY_LOW: _kit("Changed at"),
    AlertKind.FLAPPING_LEAD: _kit("Steady since"),
    AlertKind.NEVER_CHANGES: _kit("Changed at"),
    AlertKind.MISSED_FLOOR_MAT: _kit("Noticed an exit at", "mended", "helped"),
    AlertKind.OUT_OF_BED_OFTEN: replace(_PERSON, word="Restless", cleared="Night over at"),
    AlertKind.CIRCUIT_HOT: replace(_HEAT, cleared="Fewer hot since"),
    AlertKind.NOBODY_LISTENING: _kit("Heard again since", "mended"),
    AlertKind.NOBODY_ANSWERS: replace(_PERSON, word="Staff", cleared="Answered at"),
    AlertKind.ESCALATION_STUCK: _kit("Moves again since"),
    AlertKind.PRESS_TEST_MISSED: _kit("All pressed at"),
    AlertKind.PERMIT_OVERDUE: _kit("Back since", "made_safe", "mended"),
    AlertKind.FAULT_AGAIN: _kit("Mended since", "mended", "made_safe"),
    AlertKind.HEATER_OVERDUE: replace(
        _HEAT, word="Heater", cleared="Taken away since", outcomes=("made_safe", "mended", *_ENDS)
    ),
    AlertKind.WRONG_ROOM: _kit("Put right since"),
    AlertKind.PAST_SERVICE_LIFE: _kit("Replaced since"),
    AlertKind.UNVERIFIED: _kit("None left since"),
    AlertKind.UNDOCUMENTED: _kit("None left since"),
    AlertKind.CLOCK_DRIFT: _kit("Right again since"),
    AlertKind.READING_IMPLAUSIBLE: _kit("Believed again since"),
    AlertKind.READING_FROZEN: _kit("Changed at"),
    AlertKind.NOT_ARMED_AFTER_CARE: _kit("Back since"),
    AlertKind.ROUND_MISSED: replace(_PERSON, word="Round", cleared="Seen at"),
    AlertKind.MATS_SILENT_TOGETHER: _kit("All heard again since"),
    AlertKind.MAINS_LOST: _kit("Power back since"),
    AlertKind.DRILL: Sort("bell", "DRILL", "Over since", ("test", "other")),
    AlertKind.UNTESTED_AFTER_SERVICE: _kit("Tried at", "mended", "test"),
}
CLEARED_WORDS = {kind: sort.cleared for kind, sort in _SORTS.items()}
"""What is said of each kind when its cause has gone; ends in "since" or "at"."""

_TOLD = {
    AlertEvent.REPEATED: "called again",
    AlertEvent.TOLD_EVERYONE: "everyone told",
    AlertEvent.TOLD_SENIOR: "senior told",
    AlertEvent.TOLD_MANAGER: "on-call manager told",
}
_CALLED = {
    Role.CARER: "carers",
    Role.SENIOR: "seniors",
    Role.MAINTENANCE: "maintenance",
    Role.MANAGER: "manager",
    Role.TESTER: "testers",
    Role.INTEGRATOR: "other systems",
}
_DELIVERED = frozenset(one.id for one in DEFAULT_OUTCOMES)
_UNANSWERED = frozenset({AlertState.RAISED, AlertState.DELIVERED})
_WORST_FIRST = list(Priority)
_LATER = {AlertState.ACCEPTED: 1, AlertState.ATTENDED: 2}


@dataclass(frozen=True, slots=True)
class AlertCard:
    """One open alert on the board."""

    alert: AlertRecord
    sort: Sort
    what: str
    told: str | None
    level: int
    levels: int
    outcomes: list[tuple[str, str]]
    """What it may be closed with, the likeliest first: id and words."""
    tell: Mapping[str, str]
    """Who must be told after an outcome, by its id, for those that name anybody."""

    @property
    def unanswered(self) -> bool:
        """Nobody has accepted it or is with it: it sounds."""
        return self.alert.state in _UNANSWERED

    @property
    def to_be_painted(self) -> bool:
        """No receiver has shown it yet: whoever paints it says so."""
        return self.alert.state is AlertState.RAISED

    @property
    def promise_ends(self) -> datetime | None:
        """When the acceptance expires, while there is one."""
        return self.alert.next_step_at if self.alert.state is AlertState.ACCEPTED else None

    @property
    def pressed(self) -> tuple[str, datetime] | None:
        """Who has pressed last, and until when they can take it back."""
        alert = self.alert
        by, at = alert.accepted_by, alert.accepted_at
        if alert.state is AlertState.ATTENDED:
            by, at = alert.attended_by, alert.attended_at
        if self.unanswered or by is None or at is None:
            return None
        return by, at + TAKE_BACK_WITHIN

    @property
    def calls(self) -> str:
        """Whom it calls now: ``carers, seniors``; empty while somebody is going or there."""
        return ", ".join(_CALLED[role] for role in self.alert.told) if self.unanswered else ""

    @property
    def evidence(self) -> str:
        """How it is known that somebody is there; empty where they merely say so."""
        detail = self.alert.evidence_detail
        match self.alert.evidence:
            case Evidence.BUTTON:
                return f"room button{f' {detail}' if detail else ''}"
            case Evidence.SCAN:
                return f"scanned {detail}"
            case _:
                return ""


def alert_cards(
    alerts: Iterable[AlertRecord], outcomes: Sequence[Outcome] = DEFAULT_OUTCOMES
) -> list[AlertCard]:
    """The cards of open alerts, worst first; ``outcomes`` is the home's list."""
    return [_card(alert, outcomes) for alert in sorted(alerts, key=_urgency)]


def _endings(sort: Sort, outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """The home's outcomes for a sort: the likeliest first, then what the home has added."""
    words = {one.id: one.words for one in outcomes}
    usual = [name for name in sort.outcomes if name in words]
    added = [name for name in words if name not in _DELIVERED]
    return [(name, words[name]) for name in (*usual, *added)] or list(words.items())


def _urgency(alert: AlertRecord) -> tuple[bool, int, bool, int, datetime]:
    unheard = alert.cause.kind is AlertKind.NOBODY_LISTENING  # then no other alert matters (A2)
    answered = _LATER.get(alert.state, 0)
    drill = alert.cause.kind is AlertKind.DRILL  # below every real one that is as urgent
    return not unheard, _WORST_FIRST.index(alert.priority), drill, answered, alert.caused_at


def _card(alert: AlertRecord, outcomes: Sequence[Outcome]) -> AlertCard:
    rungs = DEFAULT_ESCALATION.ladders[alert.priority].rungs
    climbed = min(alert.escalation, len(rungs))
    # The line is "Room 12 · Joan · out of bed"; the card says room and name in their own type.
    what = alert.text.rsplit(" · ", 1)[-1]
    return AlertCard(
        alert=alert,
        sort=_SORTS[alert.cause.kind],
        what=what[:1].upper() + what[1:],
        told=_TOLD[rungs[climbed - 1].event] if climbed else None,
        level=climbed,
        levels=len(rungs),
        outcomes=_endings(_SORTS[alert.cause.kind], outcomes),
        tell={one.id: ", ".join(one.tell) for one in outcomes if one.tell},
    )
