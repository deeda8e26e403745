"""The engine: readings, deadlines and changes of plan in, decisions out.

It holds one watch for each bound device, each bed, each temperature sensor and each requirement
(``watch_set.py``) and routes: a reading to the few watches of its device, a deadline to the watch
that set it. The work of a reading does not grow with the number of devices.

What a watch must not forget is its memory; ``changed`` gives the memories that events have touched,
to be saved in the events' own transaction. An engine made from the saved memories goes on exactly
as the one that saved them. No clock, no chance, no I/O: the same input in the same order gives
the same decisions.

Time runs forward, and what falls due is decided at the instant at which it does: before the reading
that came after it, however many readings were handed over together. So the size of a batch, and
when somebody looked, change nothing, and a recorded night gives its alerts again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from nightwarden.model.alerts import Cause
from nightwarden.model.plan import Liveness, Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
from rules.deadlines import Deadlines
from rules.decisions import Decision, Raise
from rules.leads import LeadWatch
from rules.liveness import DeviceWatch, Standing
from rules.moments import Moments
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook
from rules.watch import Watch
from rules.watch_set import WatchSet


class Hearing(NamedTuple):
    """What became of one reading: whether it was believed, and what the rules made of it."""

    standing: Standing
    why: str
    decisions: tuple[Decision, ...]


_PROVED = Hearing(Standing.BELIEVED, "the loop test has come through the rules", ())
_UNBOUND = Hearing(Standing.UNBOUND, "no equipment is bound to this device", ())


class Engine:
    """The rules of one home at work.

    Args:
        plan: the register as the rules see it.
        memories: what :meth:`changed` gave to be saved, by key; empty for a new home.
        now: the present instant, aware, UTC.
        watched_until: the last instant at which an engine was at work before; what happened
            between it and ``now`` happened "while not watching". None for a new home.
        open_causes: the causes that have an open alert.
        book: the numbers.
    """

    def __init__(
        self,
        plan: Plan,
        memories: Mapping[str, dict[str, Any]],
        now: datetime,
        *,
        watched_until: datetime | None = None,
        open_causes: Iterable[Cause] = (),
        book: Rulebook = DEFAULT_RULEBOOK,
    ) -> None:
        self._moments = Moments(plan.zone, book)
        self._watches = WatchSet(self._moments, memories)
        self._deadlines = Deadlines()
        self._changed: set[str] = set()
        self._watch_of: dict[Cause, Watch] = {}
        self._open = set(open_causes)
        self._just_raised: set[Cause] = set()
        self.now = now
        """The instant that the engine has reached; it never goes back."""
        if watched_until is not None and watched_until < now:
            self.unwatched(watched_until, now)
        self._found_at_start = self.replan(plan, now)

    # --- events ------------------------------------------------------------------

    def hear(self, reading: Reading, now: datetime) -> Hearing:
        """One reading of one device, after everything that fell due before it.

        Args:
            reading: as its dialect gave it.
            now: when it was received; taken as :attr:`now` where that is later.
        """
        now = max(now, self.now)
        fallen_due = self._fall_due(now) if self._is_due(now) else ()
        self.now = now
        hearing = self._hear(reading, now)
        if fallen_due:
            return hearing._replace(decisions=fallen_due + hearing.decisions)
        return hearing

    def _hear(self, reading: Reading, now: datetime) -> Hearing:
        device = self._watches.devices.get(reading.device)
        behind = self._hub_spoke(reading, now) if reading.device.is_hub else ()
        if reading.quantity is Quantity.PROOF:
            return _PROVED
        if device is None and not reading.device.is_hub:
            return _UNBOUND
        if device is None:
            return Hearing(Standing.BELIEVED, "", behind + self._followed(reading, now))
        standing, why = device.weigh(reading)
        self._changed.add(device.key)
        if standing is not Standing.BELIEVED:
            return Hearing(standing, why, ())
        device.take(reading)
        decisions = device.hear(reading, now)
        if decisions or reading.quantity is Quantity.LINK:
            self._touched(device, decisions)
        return Hearing(standing, why, behind + decisions + self._followed(reading, now))

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Every deadline that has passed by ``now``, the earliest first, each at its own time.

        What passed while no engine was at work is decided now.
        """
        decisions = self._fall_due(now)
        self.now = max(now, self.now)
        return decisions

    def _is_due(self, now: datetime) -> bool:
        """Whether :meth:`_fall_due` has something to do; cheap, since every reading asks."""
        due, ages = self._deadlines.next, self._watches.covers_age_at
        if (due is not None and due <= now) or (ages is not None and ages <= now):
            return True
        return bool(self._found_at_start)

    def _fall_due(self, now: datetime) -> tuple[Decision, ...]:
        decisions, self._found_at_start = list(self._found_at_start), ()
        while self._is_due(now):
            due, ages = self._deadlines.next, self._watches.covers_age_at
            if ages is not None and ages <= now and (due is None or ages <= due):
                decisions.extend(self.replan(self.plan, ages))
            elif passed := self._deadlines.pop(now):
                decisions.extend(self._ask(*passed))
        return tuple(decisions)

    def _ask(self, due: datetime, key: str) -> tuple[Decision, ...]:
        """Ask a watch whose deadline has passed, as of then."""
        watch = self._watches.by_key[key]
        later = watch.due_at
        if later is not None and later > due:  # put off without a word, as by every heartbeat
            self._deadlines.set(key, later)
            return ()
        self.now = max(due, self.now)
        made = watch.tick(self.now)
        self._touched(watch, made)
        return made

    def replan(
        self, plan: Plan, now: datetime, book: Rulebook | None = None
    ) -> tuple[Decision, ...]:
        """The register, a pause or, with ``book``, the numbers have changed.

        Running timers are kept with their start, and a deadline that is set already stands; what
        starts from here on has the new numbers. What fell due since :attr:`now` is judged by the
        new plan: a pause may have begun before it.
        """
        self.plan, self.now = plan, max(now, self.now)
        if book is not None:
            self._moments.book = book
        decisions: list[Decision] = []
        self._watch_of = {}
        for watch, made in self._watches.replan(plan, now):
            self._watch_of.update(dict.fromkeys(watch.causes, watch))
            self._touched(watch, made)
            decisions.extend(made)
        self._deadlines.keep_only(self._watches.by_key)
        return tuple(decisions)

    def answered(self, still_open: Iterable[Cause], now: datetime) -> tuple[Cause, ...]:
        """People have closed alerts: of what :meth:`changed` gave, these causes alone are open now.

        What was raised since then is not stored yet, so that its absence here says nothing.

        Returns:
            What was closed.
        """
        closed = tuple(sorted(self._open.difference(still_open)))
        self.closed(closed, now)
        return closed

    def closed(self, causes: Iterable[Cause], now: datetime) -> None:
        """People have closed the alerts of these causes."""
        self.now = now = max(now, self.now)
        for cause in causes:
            self._open.discard(cause)
            if watch := self._watch_of.get(cause):
                watch.answered(now)
                self._touched(watch, ())
                if isinstance(watch, LeadWatch):  # no longer suspect: a goodbye counts again
                    self._touched(watch.device, ())

    def unwatched(self, since: datetime, until: datetime) -> None:
        """Nothing could be heard from ``since`` to ``until``: a restart, or a lost broker."""
        self._moments.outage_since, self._moments.outage_until = since, until

    # --- what others ask ---------------------------------------------------------

    @property
    def next_deadline(self) -> datetime | None:
        """When :meth:`tick` has something to do, at the earliest; None when nothing is due."""
        dues = (self._deadlines.next, self._watches.covers_age_at)
        return min(filter(None, dues), default=None)

    @property
    def book(self) -> Rulebook:
        """The numbers in force."""
        return self._moments.book

    @property
    def open_causes(self) -> frozenset[Cause]:
        """The causes that have an open alert, as far as the engine was told."""
        return frozenset(self._open | self._just_raised)

    @property
    def outage(self) -> tuple[datetime, datetime] | None:
        """The last time in which nothing could be heard."""
        since, until = self._moments.outage_since, self._moments.outage_until
        return (since, until) if since and until else None

    @property
    def liveness(self) -> dict[DeviceId, Liveness]:
        """When each bound device last spoke and last really changed."""
        return {device: watch.liveness for device, watch in self._watches.devices.items()}

    def device(self, device: DeviceId) -> DeviceWatch | None:
        """The watch of a bound device."""
        return self._watches.devices.get(device)

    def changed(self) -> dict[str, tuple[dict[str, Any], datetime | None]]:
        """Memories touched since the last call, by key, each with its deadline; save them now.

        What was raised until now is taken to be saved with them, and counts as open.
        """
        watches = self._watches.by_key
        touched = sorted(key for key in self._changed if key in watches)
        self._changed = set()
        self._open |= self._just_raised
        self._just_raised = set()
        return {key: (watches[key].remember(), watches[key].due_at) for key in touched}

    def memories(self) -> dict[str, dict[str, Any]]:
        """Every memory, as :meth:`changed` would give it; an engine can be made from them."""
        return {key: watch.remember() for key, watch in self._watches.by_key.items()}

    # --- inside ------------------------------------------------------------------

    def _hub_spoke(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """A hub speaks for every device that is heard through it, bound itself or not."""
        decisions: tuple[Decision, ...] = ()
        if reading.quantity is not Quantity.LINK:
            return decisions
        for device, watch in self._watches.devices.items():
            if device.dialect == reading.device.dialect:
                made = watch.hear_hub(reading, now)
                self._touched(watch, made)
                decisions += made
        return decisions

    def _followed(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """What the watches that a reading feeds make of it."""
        decisions: tuple[Decision, ...] = ()
        for listener, made in self._listeners(reading, now):
            if made or listener.due_at != self._deadlines.of(listener.key):
                self._touched(listener, made)
            self._changed.add(listener.key)
            decisions += made
        return decisions

    def _listeners(
        self, reading: Reading, now: datetime
    ) -> Iterable[tuple[Watch, tuple[Decision, ...]]]:
        watches = self._watches
        match reading.quantity:
            case Quantity.OCCUPANCY:
                if bed := watches.beds.get(reading.device):
                    yield bed, bed.hear(reading, now)
            case Quantity.TEMPERATURE:
                if surface := watches.surfaces.get(reading.device):
                    yield surface, surface.hear(reading, now)
            case Quantity.CONTACT:
                for surface in watches.switches.get(reading.device, ()):
                    yield surface, surface.hear_switch(reading, now)
            case _:
                pass
        if of_device := watches.listeners.get(reading.device):
            for watch in of_device.get(reading.quantity, ()):
                yield watch, watch.hear(reading, now)

    def _touched(self, watch: Watch, decisions: tuple[Decision, ...]) -> None:
        """Its memory is to be saved, its deadline kept, what it raised noted."""
        self._changed.add(watch.key)
        for decision in decisions:
            self._just_raised.update(e.cause for e in decision.effects if isinstance(e, Raise))
        self._deadlines.set(watch.key, watch.due_at)
