"""Whom an unanswered alert calls next, and when.

The ladder for a person (``high``): again after 30 s, everyone at 90 s, a senior at 3 min, the
on-call manager at 6 min; an acceptance without attendance expires after 3 min and everyone is
told (failure-modes.md, "Numbers a rules engine starts from": judgement, from makers' defaults).
Kit and comfort climb the same ladder more slowly, so that a flat battery never calls a manager
before a person on the floor does.
"""

from dataclasses import dataclass
from datetime import timedelta

from nightwarden.model.alerts import AlertEvent, Priority


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: what happens how long after the alert was raised."""

    after: timedelta
    event: AlertEvent


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs in order, then a repeat of the last for as long as nobody accepts."""

    rungs: tuple[Rung, ...]
    then_every: timedelta

    def gap_before(self, rung: int) -> timedelta:
        """The time between rung ``rung - 1`` (or raising) and ``rung``; past the top, repeats."""
        if rung >= len(self.rungs):
            return self.then_every
        before = self.rungs[rung - 1].after if rung else timedelta()
        return self.rungs[rung].after - before

    def event(self, rung: int) -> AlertEvent:
        """What happens at ``rung``; past the top, a repeat."""
        return self.rungs[rung].event if rung < len(self.rungs) else AlertEvent.REPEATED


def _ladder(pace: float, then_every: timedelta) -> Ladder:
    seconds_and_events = (
        (30, AlertEvent.REPEATED),
        (90, AlertEvent.TOLD_EVERYONE),
        (180, AlertEvent.TOLD_SENIOR),
        (360, AlertEvent.TOLD_MANAGER),
    )
    rungs = tuple(Rung(timedelta(seconds=s * pace), event) for s, event in seconds_and_events)
    return Ladder(rungs, then_every)


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """A ladder for each priority, and how long a promise to go holds."""

    ladders: dict[Priority, Ladder]
    acceptance_holds: timedelta = timedelta(minutes=3)
    reminder_to_close: timedelta = timedelta(minutes=15)

    def everyone(self, priority: Priority) -> int:
        """The rung at which everyone is told."""
        events = [rung.event for rung in self.ladders[priority].rungs]
        return events.index(AlertEvent.TOLD_EVERYONE)


DEFAULT_ESCALATION = EscalationPolicy(
    {
        Priority.HIGH: _ladder(1, timedelta(minutes=1)),
        Priority.MEDIUM: _ladder(4, timedelta(minutes=5)),
        Priority.TECHNICAL: _ladder(4, timedelta(minutes=10)),
        Priority.LOW: _ladder(20, timedelta(minutes=30)),
    }
)
