"""An open alert as a tired person reads it: where, who, what, what to do, how long already.

Worst first: by priority, so that kit never stands above a person; then those that nobody has
accepted; then whoever has waited longest (A8).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from nightwarden.model.alerts import AlertEvent, AlertKind, AlertRecord, AlertState, Priority
from rules.alert_life import OUTCOMES
from rules.escalation import DEFAULT_ESCALATION


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
}
_TOLD = {
    AlertEvent.REPEATED: "called again",
    AlertEvent.TOLD_EVERYONE: "everyone told",
    AlertEvent.TOLD_SENIOR: "senior told",
    AlertEvent.TOLD_MANAGER: "on-call manager told",
}
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
    def outcomes(self) -> list[tuple[str, str]]:
        """What it may be closed with, the likeliest first."""
        return [(outcome, OUTCOMES[outcome]) for outcome in self.sort.outcomes]


def alert_cards(alerts: Iterable[AlertRecord]) -> list[AlertCard]:
    """The cards of open alerts, worst first."""
    return [_card(alert) for alert in sorted(alerts, key=_urgency)]


def _urgency(alert: AlertRecord) -> tuple[int, int, datetime]:
    return _WORST_FIRST.index(alert.priority), _LATER.get(alert.state, 0), alert.caused_at


def _card(alert: AlertRecord) -> AlertCard:
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
    )
