"""The engine: readings, deadlines and changes of plan in, decisions out.

It holds one watch for each bound device, each bed, each temperature sensor and each requirement
(``watch_set.py``) and routes: a reading to the few watches of its device, a deadline to the watch
that set it. The work of a reading does not grow with the number of devices.

What a watch must not forget is its memory; ``changed`` gives the memories that events have touched,
to be saved in the events' own transaction. An engine made from the saved memories goes on exactly
as the one that saved them. No clock, no chance, no I/O: the same input in the same order gives
the same decisions.
"""

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from nightwarden.model.alerts import Cause
from nightwarden.model.plan import Liveness, Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
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
        self._deadlines: list[tuple[datetime, str]] = []
        self._scheduled: dict[str, datetime] = {}
        self._changed: set[str] = set()
        self._watch_of: dict[Cause, Watch] = {}
        self._open = set(open_causes)
        self._just_raised: set[Cause] = set()
        if watched_until is not None and watched_until < now:
            self.unwatched(watched_until, now)
        self._found_at_start = self.replan(plan, now)

    # --- events ------------------------------------------------------------------

    def hear(self, reading: Reading, now: datetime) -> Hearing:
        """One reading of one device.

        Args:
            reading: as its dialect gave it.
            now: the present instant, not before any given earlier.
        """
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
        """Every deadline that has passed by ``now``, the earliest first."""
        decisions, self._found_at_start = list(self._found_at_start), ()
        if self._watches.covers_age_at and self._watches.covers_age_at <= now:
            decisions.extend(self.replan(self.plan, now))
        while self._deadlines and self._deadlines[0][0] <= now:
            due, key = heapq.heappop(self._deadlines)
            watch = self._watches.by_key.get(key)
            if watch is None or self._scheduled.get(key) != due:
                continue  # it was set anew meanwhile
            del self._scheduled[key]
            later = watch.due_at
            if later is not None and later > due:  # put off without a word, as by every heartbeat
                self._schedule(key, later)
                continue
            made = watch.tick(now)
            self._touched(watch, made)
            decisions.extend(made)
        return tuple(decisions)

    def replan(
        self, plan: Plan, now: datetime, book: Rulebook | None = None
    ) -> tuple[Decision, ...]:
        """The register, a pause or, with ``book``, the numbers have changed.

        Running timers are kept with their start, and a deadline that is set already stands; what
        starts from here on has the new numbers.
        """
        self.plan = plan
        if book is not None:
            self._moments.book = book
        decisions: list[Decision] = []
        self._watch_of = {}
        for watch, made in self._watches.replan(plan, now):
            self._watch_of.update(dict.fromkeys(watch.causes, watch))
            self._touched(watch, made)
            decisions.extend(made)
        for key in self._scheduled.keys() - self._watches.by_key.keys():
            del self._scheduled[key]
        return tuple(decisions)

    def answered(self, still_open: Iterable[Cause], now: datetime) -> None:
        """People have closed alerts: of what :meth:`changed` gave, these causes alone are open now.

        What was raised since then is not stored yet, so that its absence here says nothing.
        """
        closed = self._open.difference(still_open)
        self._open -= closed
        for cause in sorted(closed):
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
        dues = [self._deadlines[0][0]] if self._deadlines else []
        if self._watches.covers_age_at:
            dues.append(self._watches.covers_age_at)
        return min(dues, default=None)

    @property
    def book(self) -> Rulebook:
        """The numbers in force."""
        return self._moments.book

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
            if made or listener.due_at != self._scheduled.get(listener.key):
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
        key, due = watch.key, watch.due_at
        self._changed.add(key)
        for decision in decisions:
            self._just_raised.update(e.cause for e in decision.effects if isinstance(e, Raise))
        if due is None:
            self._scheduled.pop(key, None)
        elif self._scheduled.get(key) != due:
            self._schedule(key, due)

    def _schedule(self, key: str, due: datetime) -> None:
        self._scheduled[key] = due
        heapq.heappush(self._deadlines, (due, key))
