"""An open alert as a tired person reads it: where, who, what, what to do, how long already.

Worst first: by priority, so that kit never stands above a person; then those that nobody has
accepted; then whoever has waited longest (A8).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nightwarden.languages import gettext, said
from nightwarden.model.alerts import (
    AlertEvent,
    AlertKind,
    AlertRecord,
    AlertState,
    Evidence,
    Priority,
)
from nightwarden.model.phrases import phrase
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
    phrase("Person"),
    phrase("Back in bed at {time}"),
    ("helped", "already_back", "found_on_floor", "with_carer", *_ENDS),
)
_HEAT = Sort("heat", phrase("Heat"), phrase("Cooler since {time}"), ("made_safe", "helped", *_ENDS))


def _kit(cleared: str, *likeliest: str) -> Sort:
    return Sort("kit", phrase("Equipment"), cleared, (*(likeliest or ("mended", "helped")), *_ENDS))


_SORTS = {
    AlertKind.BED_EXIT: _PERSON,
    AlertKind.NOT_BACK_IN_BED: _PERSON,
    AlertKind.CALL_BUTTON: replace(_PERSON, cleared=phrase("Cancelled at {time}")),
    AlertKind.CHAIR_EXIT: replace(_PERSON, cleared=phrase("Back in the chair at {time}")),
    AlertKind.FLOOR_MAT: replace(_PERSON, cleared=phrase("Off the floor mat at {time}")),
    AlertKind.HOT_SURFACE: _HEAT,
    AlertKind.ROOM_TOO_COLD: replace(
        _HEAT, word=phrase("Cold"), cleared=phrase("Warmer since {time}")
    ),
    AlertKind.ROOM_TOO_HOT: _HEAT,
    AlertKind.DEVICE_SILENT: _kit(phrase("Speaks again since {time}")),
    AlertKind.REQUIRED_NOT_IN_PLACE: _kit(phrase("In place since {time}"), "mended", "made_safe"),
    AlertKind.HUB_DOWN: _kit(phrase("Back since {time}")),
    AlertKind.BATTERY_LOW: _kit(phrase("Changed at {time}")),
    AlertKind.FLAPPING_LEAD: _kit(phrase("Steady since {time}")),
    AlertKind.NEVER_CHANGES: _kit(phrase("Changed at {time}")),
    AlertKind.MISSED_FLOOR_MAT: _kit(phrase("Noticed an exit at {time}"), "mended", "helped"),
    AlertKind.OUT_OF_BED_OFTEN: replace(
        _PERSON, word=phrase("Restless"), cleared=phrase("Night over at {time}")
    ),
    AlertKind.CIRCUIT_HOT: replace(_HEAT, cleared=phrase("Fewer hot since {time}")),
    AlertKind.NOBODY_LISTENING: _kit(phrase("Heard again since {time}"), "mended"),
    AlertKind.NOBODY_ANSWERS: replace(
        _PERSON, word=phrase("Staff"), cleared=phrase("Answered at {time}")
    ),
    AlertKind.ESCALATION_STUCK: _kit(phrase("Moves again since {time}")),
    AlertKind.CHANNEL_LOST: _kit(phrase("Works again since {time}")),
    AlertKind.PRESS_TEST_MISSED: _kit(phrase("All pressed at {time}")),
    AlertKind.PERMIT_OVERDUE: _kit(phrase("Back since {time}"), "made_safe", "mended"),
    AlertKind.FAULT_AGAIN: _kit(phrase("Mended since {time}"), "mended", "made_safe"),
    AlertKind.HEATER_OVERDUE: replace(
        _HEAT,
        word=phrase("Heater"),
        cleared=phrase("Taken away since {time}"),
        outcomes=("made_safe", "mended", *_ENDS),
    ),
    AlertKind.WRONG_ROOM: _kit(phrase("Put right since {time}")),
    AlertKind.PAST_SERVICE_LIFE: _kit(phrase("Replaced since {time}")),
    AlertKind.UNVERIFIED: _kit(phrase("None left since {time}")),
    AlertKind.UNDOCUMENTED: _kit(phrase("None left since {time}")),
    AlertKind.CLOCK_DRIFT: _kit(phrase("Right again since {time}")),
    AlertKind.READING_IMPLAUSIBLE: _kit(phrase("Believed again since {time}")),
    AlertKind.READING_FROZEN: _kit(phrase("Changed at {time}")),
    AlertKind.NOT_ARMED_AFTER_CARE: _kit(phrase("Back since {time}")),
    AlertKind.ROUND_MISSED: replace(
        _PERSON, word=phrase("Round"), cleared=phrase("Seen at {time}")
    ),
    AlertKind.MATS_SILENT_TOGETHER: _kit(phrase("All heard again since {time}")),
    AlertKind.MAINS_LOST: _kit(phrase("Power back since {time}")),
    AlertKind.DRILL: Sort("bell", phrase("DRILL"), phrase("Over since {time}"), ("test", "other")),
    AlertKind.UNTESTED_AFTER_SERVICE: _kit(phrase("Tried at {time}"), "mended", "test"),
}
CLEARED_WORDS = {kind: sort.cleared for kind, sort in _SORTS.items()}
"""What is said of each kind when its cause has gone; ``{time}`` is when it went."""

_TOLD = {
    AlertEvent.REPEATED: phrase("called again"),
    AlertEvent.TOLD_EVERYONE: phrase("everyone told"),
    AlertEvent.TOLD_SENIOR: phrase("senior told"),
    AlertEvent.TOLD_MANAGER: phrase("on-call manager told"),
}
_CALLED = {
    Role.CARER: phrase("carers"),
    Role.SENIOR: phrase("seniors"),
    Role.MAINTENANCE: phrase("maintenance"),
    Role.MANAGER: phrase("manager"),
    Role.TESTER: phrase("testers"),
    Role.INTEGRATOR: phrase("other systems"),
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
        if not self.unanswered:
            return ""
        return ", ".join(said(_CALLED[role]) for role in self.alert.told)

    @property
    def evidence(self) -> str:
        """How it is known that somebody is there; empty where they merely say so."""
        detail = self.alert.evidence_detail
        match self.alert.evidence:
            case Evidence.BUTTON:
                return f"{gettext('room button')} {detail or ''}".strip()
            case Evidence.SCAN:
                return gettext("scanned {tag}").format(tag=detail)
            case _:
                return ""

    def cleared(self, time: str) -> str:
        """What is said when its cause has gone; ``time`` is when, on the home's wall."""
        return said(self.sort.cleared.replace("{time}", time))


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
        tell={one.id: ", ".join(map(said, one.tell)) for one in outcomes if one.tell},
    )
