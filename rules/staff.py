"""The people who answer: is anybody listening, and does anybody do anything?

1. **Nobody is listening** (A2, A4): fewer screens, phones and pagers than the home wants have
   lately said that they can sound an alert. No other alert matters while nobody can hear one, so
   this one is of high priority and stands above all on every board. It holds at any hour, in a
   home in which something is watched. A page that is loaded anew is gone for some seconds.
2. **Nobody answers** (A20): alerts about people are open, and for a good while nobody has done
   anything at all with the monitor. Each alert climbs its own ladder; this one says that the whole
   shift may be asleep or out of reach, and calls somebody outside it.
3. Both clear by themselves and close by a person, as every alert does. Who closes one that still
   holds is asked again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.staff import Staff
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields
from rules.watch import Watch

STAFF = "Staff"
"""The room of what is about the people who answer, and about no room."""


_RECEIVERS = PlaceId(STAFF, "receivers")
_SHIFT = PlaceId(STAFF, "shift")
OF_STAFF = (_RECEIVERS, _SHIFT)
"""Places that no register has."""


class StaffWatch(Watch, Protocol):
    """A watch that follows the people rather than a device."""

    def learn(self, staff: Staff, now: datetime, /) -> tuple[Decision, ...]:
        """What is known of the people has changed."""
        ...

    def renew(self, fresh: Any, now: datetime, /) -> tuple[Decision, ...]:
        """The plan or the numbers have changed."""
        ...


@dataclass(slots=True)
class StaffMemory:
    """What must survive a restart. ``since`` is set while the cause holds."""

    since: datetime | None = None
    due: datetime | None = None
    raised: bool = False
    count: int = 0


class _OfStaff:
    """What both watches share: a cause that holds since some time, and is raised when due."""

    kind: AlertKind
    place: PlaceId

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self.memory = StaffMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"staff|{self.kind}"

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (Cause(self.kind, self.place),)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without news."""
        return self.memory.due

    def renew(self, _fresh: Any, _now: datetime) -> tuple[Decision, ...]:
        """The plan or the numbers have changed; a timer that runs is kept."""
        return ()

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = StaffMemory(**unpacked_fields(memory))

    def _holds(self, since: datetime, due: datetime, now: datetime) -> tuple[Decision, ...]:
        if self.memory.since is None:
            self.memory.since, self.memory.due = since, due
        return self.tick(now)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """It has held for long enough."""
        memory = self.memory
        if memory.due is None or memory.due > now:
            return ()
        memory.due, memory.raised = None, True
        return (self._raised(now),)

    def _over(self, reason: Reason, words: str, now: datetime) -> tuple[Decision, ...]:
        memory, self.memory = self.memory, StaffMemory()
        if not memory.raised:
            return ()
        clear = Clear(self.causes[0], now, words)
        return (Decision(reason, self.kind, self.place, (clear,)),)

    def _raised(self, now: datetime) -> Decision:
        raise NotImplementedError


class NobodyListeningWatch(_OfStaff):
    """Rule ``nobody_listening``, for the home."""

    kind = AlertKind.NOBODY_LISTENING
    place = _RECEIVERS

    def learn(self, staff: Staff, now: datetime) -> tuple[Decision, ...]:
        """How many listen has changed."""
        self.memory.count = staff.listening
        rule = self._moments.book.nobody_listening
        if staff.listening >= rule.at_least:
            time = wording.wall_time(now, self._moments.zone)
            return self._over(Reason.SOMEBODY_LISTENS, phrase(f"heard again since {time}"), now)
        return self._holds(now, now + rule.after, now)

    def answered(self, now: datetime) -> None:
        """A person has closed its alert; while nobody listens it is raised anew."""
        if self.memory.raised:
            self.memory.raised = False
            self.memory.due = now + self._moments.book.nobody_listening.ask_again

    def _raised(self, now: datetime) -> Decision:
        count, wanted = self.memory.count, self._moments.book.nobody_listening.at_least
        what = phrase("nobody is listening")
        if count:
            what = phrase(f"only {count} of {wanted} screens and phones can sound an alert")
        effect = Raise(
            cause=self.causes[0],
            priority=Priority.HIGH,
            resident=None,
            text=wording.headline(self.place, None, what),
            action=phrase(
                "Open the board on a screen or phone and turn its sound on. Until then look in "
                "on every room."
            ),
            caused_at=self.memory.since or now,
        )
        return Decision(Reason.NOBODY_LISTENS, self.kind, self.place, (effect,))


class NobodyAnswersWatch(_OfStaff):
    """Rule ``nobody_answers``, for the home."""

    kind = AlertKind.NOBODY_ANSWERS
    place = _SHIFT

    def learn(self, staff: Staff, now: datetime) -> tuple[Decision, ...]:
        """Somebody has acted, or an alert waits or waits no longer."""
        time = wording.wall_time(now, self._moments.zone)
        if staff.waiting_since is None:
            return self._over(Reason.SOMEBODY_ACTED, phrase(f"nothing waits since {time}"), now)
        since = max(filter(None, (staff.waiting_since, staff.acted_at)))
        if self.memory.since is not None and since > self.memory.since:
            words = phrase(f"somebody acted at {time}")
            acted = self._over(Reason.SOMEBODY_ACTED, words, now)
            return acted + self._holds(since, since + self._after, now)
        return self._holds(since, since + self._after, now)

    def answered(self, now: datetime) -> None:
        """A person has closed its alert, and that is doing something."""
        if self.memory.raised:
            self.memory.raised, self.memory.since = False, now
            self.memory.due = now + self._after

    @property
    def _after(self) -> timedelta:
        return self._moments.book.nobody_answers.after

    def _raised(self, now: datetime) -> Decision:
        since = self.memory.since or now
        span = wording.span(now - since)
        effect = Raise(
            cause=self.causes[0],
            priority=Priority.HIGH,
            resident=None,
            text=wording.headline(
                self.place, None, phrase(f"alerts wait, and nobody has done anything for {span}")
            ),
            action=phrase("Telephone the home. Nobody answers: send somebody, or go."),
            caused_at=since,
        )
        return Decision(Reason.NOBODY_ACTS, self.kind, self.place, (effect,))
