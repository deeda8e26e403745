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

A little over 300 lines, because what the engine can be told and asked is read as a whole.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from nightwarden.model.alerts import Cause
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Liveness, Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.model.runs import Run
from nightwarden.model.staff import Staff
from rules import passing
from rules.deadlines import NEVER, Deadlines
from rules.decisions import Decision, Raise
from rules.explaining import WatchWords, in_words
from rules.findings import closed_by_a_person
from rules.hearing import PROVED, REPEATED, UNBOUND, Hearing, Standing
from rules.leads import LeadWatch
from rules.liveness import DeviceWatch
from rules.moments import Moments
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook
from rules.silences import Silences
from rules.together import TOGETHER, TogetherWatch
from rules.watch import Watch
from rules.watch_set import WatchSet

_FOUND_AT_START = "engine|found at start"
_COVERS_AGE = "engine|covers age"
"""Deadlines of the engine's own, among those of the watches."""


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
        self._silences = Silences()
        self._changed: set[str] = set()
        self._repeating: dict[DeviceWatch, None] = {}
        self._watch_of: dict[Cause, Watch] = {}
        self._open = set(open_causes)
        self._just_raised: set[Cause] = set()
        self.now = now
        """The instant that the engine has reached; it never goes back."""
        if watched_until is not None and watched_until < now:
            self.unwatched(watched_until, now)
        self._found_at_start = self.replan(plan, now)
        self._deadlines.set(_FOUND_AT_START, now if self._found_at_start else None)

    # --- events ------------------------------------------------------------------

    def hear(self, reading: Reading, now: datetime) -> Hearing:
        """One reading of one device, after everything that fell due before it.

        Args:
            reading: as its dialect gave it, received no earlier than any before it.
            now: when it was received; taken as :attr:`now` where that is later.
        """
        if now < self.now:
            now = self.now
        due = self._deadlines.next <= now or self._silences.next <= now
        fallen_due = self._fall_due(now) if due else ()
        self.now = now
        device = self._watches.devices.get(reading.device)
        if device is not None and device.again.take(reading):
            self._repeating[device] = None
            if self._silences.spoke(device):
                self._deadlines.set(device.key, None)
            hearing = REPEATED
        else:
            hearing = self._hear(reading, device, now)
        if fallen_due:
            return hearing._replace(decisions=fallen_due + hearing.decisions)
        return hearing

    def _hear(self, reading: Reading, device: DeviceWatch | None, now: datetime) -> Hearing:
        """A reading that says something, or may."""
        behind = self._hub_spoke(reading, now) if reading.device.is_hub else ()
        if reading.quantity is Quantity.PROOF:
            return PROVED
        if device is None and not reading.device.is_hub:
            return UNBOUND
        if device is None:
            return Hearing(Standing.BELIEVED, "", behind + self._followed(reading, now))
        standing, why = device.weigh(reading)
        self._changed.add(device.key)
        if standing is not Standing.BELIEVED:
            device.again.expect_news()
            return Hearing(standing, why, ())
        device.take(reading)
        decisions = device.hear(reading, now)
        if decisions or reading.quantity is Quantity.LINK:
            decisions = self._touched(device, decisions)
        followed = self._followed(reading, now)
        device.again.expect(reading.quantity)
        return Hearing(standing, why, behind + decisions + followed)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Every deadline that has passed by ``now``, the earliest first, each at its own time.

        What passed while no engine was at work is decided now.
        """
        decisions = self._fall_due(now)
        self.now = max(now, self.now)
        return decisions

    def _fall_due(self, now: datetime) -> tuple[Decision, ...]:
        for device, due in self._silences.pop(now):
            self._deadlines.set(device.key, due)
        decisions: tuple[Decision, ...] = ()
        while passed := self._deadlines.pop(now):
            decisions += self._ask(*passed)
        return decisions

    def _ask(self, due: datetime, key: str) -> tuple[Decision, ...]:
        """Do what is due of the engine's own, or ask the watch whose deadline has passed."""
        if key == _FOUND_AT_START:
            found, self._found_at_start = self._found_at_start, ()
            return found
        if key == _COVERS_AGE:
            return self.replan(self.plan, due)
        watch = self._watches.by_key[key]
        later = watch.due_at
        if later is not None and later > due:  # put off without a word, as by every heartbeat
            self._deadlines.set(key, later)
            return ()
        self.now = max(due, self.now)
        return self._touched(watch, watch.tick(self.now))

    def pass_over(self, run: Run, *, steady: bool) -> bool:
        """Take many readings of one device at once, if none of them matters to anybody.

        Args:
            run: whatever fell due before its first reading has been decided.
            steady: nothing but readings that say the same again comes of other devices meanwhile.

        Returns:
            False when somebody wants to hear them one by one; then nothing has happened.
        """
        device = self._watches.devices.get(run.device)
        if device is None:
            return not run.device.is_hub
        told = passing.pass_over(run, device, self._watches.followers, self.now, steady=steady)
        if told is None:
            return False
        self._changed.update(watch.key for watch in told)
        self._touched(device, ())
        return True

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
        for device in self._watches.devices.values():
            self._silences.leave(device)
        self._watch_of = {}
        decisions = self._gather(self._watches.replan(plan, now))
        for watch in self._watches.by_key.values():
            self._watch_of.update(dict.fromkeys(watch.causes, watch))
        self._deadlines.keep_only(self._watches.by_key)
        self._deadlines.set(_COVERS_AGE, self._watches.covers_age_at)
        return decisions

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
                closed_by_a_person(watch, cause, now)
                self._touched(watch, ())
                if isinstance(watch, LeadWatch):  # no longer suspect: a goodbye counts again
                    self._touched(watch.device, ())

    def open_again(self, causes: Iterable[Cause]) -> None:
        """The alerts of these causes were closed by mistake. Their watches have been answered all
        the same: what happens from here on opens such an alert again."""
        self._open.update(causes)

    def learn(self, staff: Staff, now: datetime) -> tuple[Decision, ...]:
        """What is known of the people who answer has changed."""
        self.now = now = max(now, self.now)
        return self._gather((w, w.learn(staff, now)) for w in self._watches.of_staff)

    def unwatched(self, since: datetime, until: datetime) -> None:
        """Nothing could be heard from ``since`` to ``until``: a restart, or a lost broker."""
        self._moments.outage_since, self._moments.outage_until = since, until

    # --- what others ask ---------------------------------------------------------

    @property
    def next_deadline(self) -> datetime | None:
        """When :meth:`tick` has something to do, at the earliest; None when nothing is due."""
        due = min(self._deadlines.next, self._silences.next)
        return None if due == NEVER else due

    @property
    def confirmations_age_at(self) -> datetime | None:
        """When the next confirmation of a cover ages: then the plan is judged anew."""
        return self._watches.covers_age_at

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

    def in_words(self, place: PlaceId) -> tuple[WatchWords, ...]:
        """What each watch of a place has in mind at :attr:`now`."""
        here = (watch for watch in self._watches.by_key.values() if watch.place == place)
        return tuple(in_words(watch, self.now, self._moments) for watch in here)

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

    def repeated(self) -> list[Reading]:
        """The newest repeats since the last call; save them now, beside the memories."""
        repeats = [one for device in self._repeating for one in device.again.newest()]
        self._repeating = {}
        return repeats

    def memories(self) -> dict[str, dict[str, Any]]:
        """Every memory, as :meth:`changed` would give it; an engine can be made from them."""
        return {key: watch.remember() for key, watch in self._watches.by_key.items()}

    # --- inside ------------------------------------------------------------------

    def _hub_spoke(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """A hub speaks for every device that is heard through it, bound itself or not."""
        if reading.quantity is not Quantity.LINK:
            return ()
        behind = self._watches.behind(reading.device)
        return self._gather((watch, watch.hear_hub(reading, now)) for watch in behind)

    def _gather(self, made: Iterable[tuple[Watch, tuple[Decision, ...]]]) -> tuple[Decision, ...]:
        """What several watches have made of one thing."""
        decisions: list[Decision] = []
        for watch, by_it in made:
            decisions.extend(self._touched(watch, by_it))
        return tuple(decisions)

    def _followed(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """What the watches that a reading feeds make of it."""
        decisions: tuple[Decision, ...] = ()
        for listener, hear in self._watches.followers(reading):
            made = hear(reading, now)
            if made or listener.due_at != self._deadlines.of(listener.key):
                self._touched(listener, made)
            self._changed.add(listener.key)
            decisions += made
        return decisions

    def _touched(self, watch: Watch, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
        """Save its memory, keep its deadline, note what it raised; with what follows from that."""
        self._changed.add(watch.key)
        for decision in decisions:
            self._just_raised.update(e.cause for e in decision.effects if isinstance(e, Raise))
        self._deadlines.set(watch.key, watch.due_at)
        if isinstance(watch, DeviceWatch):  # what it says next is looked at in full
            watch.again.expect_news()
            self._silences.leave(watch)
            together = self._watches.by_key.get(TOGETHER)
            if decisions and isinstance(together, TogetherWatch):
                decisions += self._touched(together, together.notice(watch, decisions, self.now))
        return decisions
