"""A night drill: an exit that nobody made, so that the way from a mat to a person is measured.

1. A manager asks for it. It is a message of our own through the real broker, read, decided and kept
   as a mat's would be, and it calls whom a bed exit in that room would call, by the same ladder.
2. Every word of it says DRILL. It stands below every real alert that is as urgent.
3. It ends by itself: when somebody is there, or after :data:`LASTS`. It is the one alert that no
   person has to close, since nobody is waiting for them.
4. It is no part of any figure: neither of alerts, nor of answers, nor of coverage.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from nightwarden.model.alerts import AlertKind, AlertRecord, AlertState, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from rules import wording
from rules.decisions import Decision, Raise, Reason

LASTS = timedelta(minutes=10)
"""Longer than the whole ladder of a person's alert as delivered (6 min to the manager)."""

PLACE = "drill"
OUTCOME = "test"
ENDED_BY = "the drill"


def drill_cause(room: str, number: int) -> Cause:
    """What the alert of drill ``number`` is about."""
    return Cause(AlertKind.DRILL, PlaceId(room, PLACE), str(number))


def drill_exit(room: str, number: int, asked_at: datetime) -> Decision:
    """The synthetic exit of drill ``number`` has come through; ``asked_at`` is aware, UTC."""
    cause = drill_cause(room, number)
    where = wording.room_words(room)
    there = phrase(f"room {room}") if room[:1].isdigit() else f"{where[:1].lower()}{where[1:]}"
    raised = Raise(
        cause,
        Priority.HIGH,
        None,
        " · ".join((where, phrase("DRILL: out of bed"))),
        phrase(
            f"This is a drill. Answer it as if it were real: go to {there}, "
            "then press I'm here. Real alerts come first."
        ),
        asked_at,
    )
    return Decision(Reason.DRILL_CAME_THROUGH, AlertKind.DRILL, cause.place, (raised,))


def drill_over(alert: AlertRecord, now: datetime) -> AlertRecord:
    """The alert of a drill that has ended, at ``now`` (aware, UTC)."""
    return replace(
        alert,
        state=AlertState.CLOSED,
        cleared_at=alert.cleared_at or now,
        closed_by=ENDED_BY,
        closed_at=now,
        outcome=OUTCOME,
        next_step_at=None,
        version=alert.version + 1,
    )
