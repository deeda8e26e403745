"""The ladder of an alert: when each step was due, when it was taken, and why where it was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nightwarden.model.alerts import AlertEvent, AlertRecord, EventRecord
from nightwarden.model.phrases import phrase
from nightwarden.rulesfile.settings import RUNGS
from rules.escalation import EscalationPolicy

_ANSWERS = (AlertEvent.ACCEPTED, AlertEvent.ATTENDED, AlertEvent.CLOSED)
_BEGIN = (AlertEvent.RAISED, AlertEvent.REOPENED, AlertEvent.WORSENED)


@dataclass(frozen=True, slots=True)
class Step:
    """One rung since the ladder last began. ``why_not`` is set where it was not taken."""

    step: str
    words: str
    due_at: datetime
    taken_at: datetime | None
    why_not: str | None


def steps(alert: AlertRecord, life: Sequence[EventRecord], policy: EscalationPolicy) -> list[Step]:
    """The rungs of the alert's ladder since it was raised, reopened or worsened last.

    Args:
        alert: as it is kept now.
        life: every step of its life, the oldest first.
        policy: the ladders under which it was raised.
    """
    begun = max((i for i, one in enumerate(life) if one.event in _BEGIN), default=0)
    began_at = life[begun].recorded_at if life else alert.raised_at
    since = life[begun:]
    answered = next((one for one in since if one.event in _ANSWERS), None)
    taken: list[EventRecord] = []
    found = []
    for rung in policy.ladders[alert.priority].rungs:
        step, words = RUNGS[rung.event]
        done = next((one for one in since if one.event is rung.event and one not in taken), None)
        if done is not None:
            taken.append(done)
        due = began_at + rung.after
        why_not = None
        if done is None and answered is not None:
            why_not = phrase(f"not needed: {answered.event.value} by {answered.actor}")
        elif done is None:
            why_not = phrase("not due yet, or not taken yet")
        at = None if done is None else done.recorded_at
        found.append(Step(step, words, due, at, why_not))
    return found
