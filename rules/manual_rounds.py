"""Rule ``round_missed``: nobody has looked in by the time at which a manual round asked for it.

1. A round is set where nothing else protects a person, so a look that is late is raised with high
   priority, a short grace after it was due.
2. It is cleared by the next tick, or when the round ends; that is shown and closes nothing.
3. A person who closes it without a tick is asked again soon.
4. No pause holds it back: a round is what people do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.rounds import Round
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.ROUND_MISSED


@dataclass(slots=True)
class RoundMemory:
    """``raised_for`` is when the look was due that was raised; ``again``: when to ask once more."""

    raised_for: datetime | None = None
    again: datetime | None = None


class ManualRoundWatch:
    """The rule applied to one round."""

    def __init__(self, plan: Round, resident: str | None, moments: Moments) -> None:
        self.round = plan
        self._resident = resident
        self._moments = moments
        self.memory = RoundMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"manual_round|{self.round.id}"

    @property
    def place(self) -> PlaceId:
        """Where somebody has to look in."""
        return self.round.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When the next look is late; while it is raised, when the round ends."""
        if self.memory.raised_for is not None:
            return self.round.until
        late = self.round.due_at + self._moments.book.round_missed.after
        late = max(late, self.memory.again or late)
        return late if late < self.round.until else None

    def hear(self, _reading: object, _now: datetime) -> tuple[Decision, ...]:
        """No reading feeds it."""
        return ()

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """The look is late, or the round is over."""
        due = self.due_at
        if due is None or due > now:
            return ()
        if self.memory.raised_for is not None:
            ended = self._cleared(self.round.until, phrase("the round ended"))
            self.memory.again = self.round.until  # nothing more is asked for
            return ended
        self.memory.raised_for, self.memory.again = self.round.due_at, None
        return (self._raised(due),)

    def renew(self, fresh: "ManualRoundWatch", now: datetime) -> tuple[Decision, ...]:
        """Somebody has looked in, or ended it."""
        self.round, self._resident = fresh.round, fresh._resident
        raised_for, seen = self.memory.raised_for, self.round.last_tick_at
        if raised_for is not None and seen and self.round.due_at > raised_for:
            return self._cleared(seen, phrase("seen")) + self.tick(now)
        if raised_for is None and self.memory.again and seen and self.round.due_at > now:
            self.memory.again = None
        return self.tick(now)

    def answered(self, now: datetime) -> None:
        """A person has closed its alert (rule 3)."""
        if self.memory.raised_for is not None:
            self.memory.raised_for = None
            self.memory.again = now + self._moments.book.round_missed.ask_again

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = RoundMemory(**unpacked_fields(memory))

    def _cleared(self, at: datetime, words: str) -> tuple[Decision, ...]:
        self.memory.raised_for = self.memory.again = None
        said = wording.at_time(words, at, self._moments.zone)
        return (Decision(Reason.SEEN, KIND, self.place, (Clear(self._cause, at, said),)),)

    def _raised(self, late_at: datetime) -> Decision:
        due, resident = self.round.due_at, self._resident
        unwatched = self._moments.unwatched(late_at)
        time = wording.wall_time(due, self._moments.zone)
        effect = Raise(
            cause=self._cause,
            priority=Priority.HIGH,
            resident=resident,
            text=wording.headline(
                self.place,
                resident,
                phrase(f"round missed, due at {time}"),
                time if unwatched else "",
            ),
            action=phrase(
                f"Look in on {resident} now, then tick the round. Nothing else watches here."
                if resident
                else "Look in on them now, then tick the round. Nothing else watches here."
            ),
            caused_at=due,
            unwatched=unwatched,
        )
        return Decision(Reason.NOBODY_LOOKED_IN, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, str(self.round.id))


def covered_time(
    looks: Iterable[tuple[datetime, timedelta]],
) -> list[tuple[datetime, datetime]]:
    """The time that looks cover: each until the next is due. In order, none overlaps another."""
    spans: list[tuple[datetime, datetime]] = []
    for at, every in sorted(looks):
        if spans and at <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], at + every)
        else:
            spans.append((at, at + every))
    return spans
