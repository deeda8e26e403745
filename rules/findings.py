"""What the plan itself shows to be wrong, thing by thing: a permit past its time, a mat astray.

1. Each thing has an alert of its own, raised when it is due, and once. One that stands never keeps
   another from being raised.
2. What the plan no longer shows is cleared; that is shown and closes nothing.
3. A person who closes an alert while nothing has changed is asked again after a while.

``permits.py``, ``repeated_faults.py``, ``heaters.py``, ``wrong_rooms.py`` and ``service_life.py``
say what there is to find.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, packed, unpacked
from rules.watch import Watch

HOME = "Home"
"""The room of what concerns the whole home."""


class Thing(Protocol):
    """What a finding is about: an item at its place, or a fault where it was reported."""

    @property
    def place(self) -> PlaceId:
        """Where it is."""

    @property
    def tag(self) -> str:
        """Its asset tag; empty for what has none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or will be at ``due``.

    ``since`` is when it became so; None: nobody knows, and it is taken from when it is noticed.
    ``manager_too``: the on-call manager is called from the first.
    """

    item: Thing
    what: str
    action: str
    priority: Priority = Priority.TECHNICAL
    since: datetime | None = None
    due: datetime | None = None
    manager_too: bool = False


class _Said(NamedTuple):
    """A thing that was raised, as it was then; when to ask again, once a person has closed it."""

    since: datetime | None
    ask_at: datetime | None = None


Look = Callable[[Plan, Moments], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class FindingRule:
    """A kind of alert that the plan alone decides. ``righted`` begins the words of its end."""

    kind: AlertKind
    reason: Reason
    righted: str
    look: Look


class FindingsWatch:
    """One such rule applied to the whole plan."""

    def __init__(self, rule: FindingRule, plan: Plan, moments: Moments) -> None:
        self.rule = rule
        self._moments = moments
        self._residents = plan.residents
        self._found = {
            Cause(rule.kind, one.item.place, one.item.tag): one for one in rule.look(plan, moments)
        }
        self._said: dict[Cause, _Said] = {}

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"findings|{self.rule.kind}"

    @property
    def place(self) -> PlaceId:
        """It watches the whole home."""
        return PlaceId(HOME, self.rule.kind)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return tuple({**self._found, **self._said})

    @property
    def due_at(self) -> datetime | None:
        """When the next thing is due, or to be asked about again."""
        unsaid = (one.due for cause, one in self._found.items() if cause not in self._said)
        again = (said.ask_at for said in self._said.values())
        return min(filter(None, (*unsaid, *again)), default=None)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Raise what is due."""
        made = []
        for cause, one in self._found.items():
            said = self._said.get(cause)
            due = said.ask_at if said else one.due or now
            if due is not None and due <= now:
                self._said[cause] = _Said(one.since)
                made.append(self._raised(cause, one, now))
        return tuple(made)

    def renew(self, fresh: "FindingsWatch", now: datetime) -> tuple[Decision, ...]:
        """The plan has changed."""
        self._found, self._residents = fresh._found, fresh._residents
        return (*self._settle(now), *self.tick(now))

    def _settle(self, now: datetime) -> tuple[Decision, ...]:
        """Clear what is no longer found."""
        righted = sorted(cause for cause in self._said if not self._stands(cause))
        stood = [cause for cause in righted if self._said.pop(cause).ask_at is None]
        return tuple(self._cleared(cause, now) for cause in stood)

    def closed(self, cause: Cause, now: datetime) -> None:
        """A person has closed the alert of this cause."""
        said = self._said.get(cause)
        if said is not None and said.ask_at is None:
            ask_again: timedelta = getattr(self._moments.book, self.rule.kind).ask_again
            self._said[cause] = said._replace(ask_at=now + ask_again)

    def answered(self, now: datetime) -> None:
        """A person has closed all of its alerts."""
        for cause in tuple(self._said):
            self.closed(cause, now)

    def hear(self, _reading: object, _now: datetime) -> tuple[Decision, ...]:
        """No reading feeds it."""
        return ()

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON; ``since`` is the plan's, and does not move with the clock."""
        said = sorted(self._said.items(), key=lambda each: each[0])
        return {
            "said": [
                [
                    *cause.place,
                    cause.subject,
                    one.since and one.since.isoformat(),
                    packed(one.ask_at),
                ]
                for cause, one in said
            ]
        }

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        for room, place, subject, since, ask_at in memory["said"]:
            cause = Cause(self.rule.kind, PlaceId(room, place), subject)
            self._said[cause] = _Said(
                since and datetime.fromisoformat(since),
                unpacked(ask_at),  # type: ignore[arg-type]
            )

    def _stands(self, cause: Cause) -> bool:
        """Whether what was raised is still so; another permit is another thing."""
        found = self._found.get(cause)
        return found is not None and found.since == self._said[cause].since

    def _raised(self, cause: Cause, one: Finding, now: datetime) -> Decision:
        resident = self._residents.get(cause.place.room)
        effect = Raise(
            cause=cause,
            priority=one.priority,
            resident=resident,
            text=wording.headline(cause.place, resident, one.what),
            action=one.action,
            caused_at=min(one.since or now, now),
            manager_too=one.manager_too,
        )
        return Decision(self.rule.reason, cause.kind, cause.place, (effect,))

    def _cleared(self, cause: Cause, now: datetime) -> Decision:
        words = wording.at_time(self.rule.righted, now, self._moments.zone)
        return Decision(Reason.PUT_RIGHT, cause.kind, cause.place, (Clear(cause, now, words),))


def closed_by_a_person(watch: Watch, cause: Cause, now: datetime) -> None:
    """Tell a watch; one that has many things to find is told which it was."""
    if isinstance(watch, FindingsWatch):
        watch.closed(cause, now)
    else:
        watch.answered(now)
