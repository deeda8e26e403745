"""Hot surfaces: what a person can touch, and what a cover should keep them from touching.

1. A surface within reach is a hazard from 43 °C held for 5 minutes, and from 50 °C at once. It is
   one until it is below 41 °C (HSE HSIS6; failure-modes.md, the numbers).
2. A panel, pipe or valve under a cover is hot by design. It counts as within reach only while its
   cover is not confirmed in place: there is none, somebody found it off, loose or damaged, its
   switch says open, a permit has it off, or nobody has confirmed it for too long.
3. A cover that merely nobody confirmed lately is a doubt, not a finding: such a surface must be hot
   for the hold time whatever its temperature, and the alert is of medium priority.
4. A doubt that turns into a finding (the cover is found off while the alert is open) is raised
   again, and lifts the alert to high priority. What was found once is not a doubt again.
5. A sensor that is moved or taken away no longer watches where it was: that alert is cleared, with
   these words, and what it last measured says nothing of its new place.
6. A pause holds back what takes time to harm. What burns at once, within reach, breaks through it;
   so does a cover that is found off while a doubt is open.
7. A step of more than 20 °C between two samples is not believed until the next sample confirms
   it (``rules/liveness.py`` sees to that), and one exact 85.0 °C never counts alone.
8. Whoever closes the alert of a surface that is still hot has seen to it, and is believed for the
   hold time. It is asked about again unless it cools: as long as it has lost ``cooling_c`` since
   the last look, the next look is one hold time later. What a thermostat lets go on is raised.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase, vocabulary
from nightwarden.model.places import Mount, PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.moments import Moments, remembered, unpacked_fields

KIND = AlertKind.HOT_SURFACE


@vocabulary
class Reach(StrEnum):
    """Whether a person can touch what the sensor measures."""

    COVERED = "covered"
    UNCONFIRMED = "cover not confirmed"
    OPEN = "within reach"


@dataclass(slots=True)
class SurfaceMemory:
    """What must survive a restart. ``over_since`` is set while the surface counts as hot,
    ``trusted`` while a person has answered for that and ``due`` is when to look again. ``doubtful``
    says that what is raised was raised as a doubt (rule 3), ``where`` at which room and place.
    ``looked_c`` is how hot it was when a person answered for it, or at the last look since."""

    celsius: float | None = None
    measured_at: datetime | None = None
    over_since: datetime | None = None
    due: datetime | None = None
    paused_until: datetime | None = None
    trusted: bool = False
    raised: bool = False
    switch_open: bool = False
    doubtful: bool = False
    where: list[str] | None = None
    looked_c: float | None = None


class SurfaceWatch:
    """Rule ``hot_surface`` applied to one temperature sensor."""

    def __init__(
        self, sensor: PlacedItem, reach: Reach, resident: str | None, moments: Moments
    ) -> None:
        self.sensor = sensor
        self.reach = reach
        self.resident = resident
        self._moments = moments
        self.memory = SurfaceMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"surface|{self.sensor.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the sensor sits."""
        return self.sensor.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        memory = self.memory
        return max((memory.due, *filter(None, [memory.paused_until]))) if memory.due else None

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """A temperature in degrees Celsius, plausible and confirmed."""
        self.memory.celsius = float(reading.value)
        self.memory.measured_at = reading.measured_at
        return self._judge(reading.measured_at, now)

    def indifferent(self, low: float, high: float, *, steady: bool) -> bool:  # noqa: ARG002
        """Whether it would do nothing at any of these temperatures (``rules/passing.py``)."""
        if self.memory.over_since is not None:
            return False
        covered = self._reach() is Reach.COVERED
        return high < self._moments.book.hot_surface.limit_c or (covered and steady)

    def hear_switch(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """The cover's switch: True is closed."""
        switch_open = not reading.value
        if switch_open == self.memory.switch_open:
            return ()
        self.memory.switch_open = switch_open
        return self._judge(reading.measured_at, now)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Raise what has been hot for the hold time."""
        due = self.due_at
        if due is None or due > now:
            return ()
        if pause := self._moments.pause_at(self.place, due):
            self.memory.paused_until = pause.until
            return (Decision(Reason.PAUSED, KIND, self.place), *self.tick(now))
        if self._cools():
            self.memory.looked_c, self.memory.paused_until = self.memory.celsius, None
            self.memory.due = due + self._moments.book.hot_surface.hold
            return (Decision(Reason.COOLING, KIND, self.place), *self.tick(now))
        return (self._raised(Reason.HOT_FOR_TOO_LONG, due),)

    def replan(
        self, sensor: PlacedItem, reach: Reach, resident: str | None, now: datetime
    ) -> tuple[Decision, ...]:
        """The cover, the sensor's place or a pause has changed."""
        raised_at = PlaceId(*self.memory.where) if self.memory.where else self.place
        left = self.leave(now) if sensor.place != raised_at else ()
        self.sensor, self.reach, self.resident = sensor, reach, resident
        if until := self.memory.paused_until:  # the pause may have been cut short
            self.memory.paused_until = min(until, self._moments.paused_until(self.place, now))
        return left + self._judge(now, now)

    def leave(self, now: datetime) -> tuple[Decision, ...]:
        """It no longer watches where it was (rule 5)."""
        memory, self.memory = self.memory, SurfaceMemory()
        if not memory.raised:
            return ()
        place = PlaceId(*memory.where) if memory.where else self.place
        since = wording.wall_time(now, self._moments.zone)
        words = phrase(f"no longer watched since {since}")
        clear = Clear(Cause(KIND, place, self.sensor.tag), now, words)
        return (Decision(Reason.NO_LONGER_WATCHED, KIND, place, (clear,)),)

    def answered(self, now: datetime) -> None:
        """A person has closed its alert; a surface still hot after the hold time is raised anew."""
        memory = self.memory
        if memory.raised:
            memory.raised, memory.trusted, memory.looked_c = False, True, memory.celsius
            memory.due = now + self._moments.book.hot_surface.hold

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        return remembered(self.memory)

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        self.memory = SurfaceMemory(**unpacked_fields(memory))

    def _judge(self, at: datetime, now: datetime) -> tuple[Decision, ...]:
        """Compare what was last measured with the limits; ``at`` is when it became so."""
        memory, book = self.memory, self._moments.book
        if memory.celsius is None:
            return ()
        if self._reach() is Reach.COVERED:
            return self._harmless(at, Reason.UNDER_A_COVER, phrase("covered"))
        if memory.celsius < book.hot_surface.clear_c:
            return self._harmless(
                at, Reason.WITHIN_LIMIT, phrase(f"cooled to {memory.celsius:.0f} °C")
            )
        if memory.over_since is None and memory.celsius < book.hot_surface.limit_c:
            return ()
        if memory.over_since is None:
            memory.over_since, memory.due = at, at + book.hot_surface.hold
        found = self._reach() is Reach.OPEN
        at_once = found and memory.celsius >= book.hot_surface.at_once_c and not memory.raised
        worse = found and memory.raised and memory.doubtful  # it has been hot for the hold time
        if (at_once or worse) and not memory.trusted:
            return (self._raised(Reason.TOO_HOT, at),)
        return self.tick(now)

    def _cools(self) -> bool:
        """Whether a person has answered for it and it has cooled since the last look (rule 8)."""
        memory = self.memory
        if not memory.trusted or memory.looked_c is None or memory.celsius is None:
            return False
        return memory.celsius <= memory.looked_c - self._moments.book.hot_surface.cooling_c

    def _harmless(self, at: datetime, reason: Reason, words: str) -> tuple[Decision, ...]:
        memory = self.memory
        if memory.over_since is None:
            return ()
        raised = memory.raised
        memory.over_since = memory.due = memory.paused_until = None
        memory.raised = memory.trusted = memory.doubtful = False
        memory.where = memory.looked_c = None
        if not raised:
            quiet = Reason.HELD_TOO_SHORT if reason is Reason.WITHIN_LIMIT else reason
            return (Decision(quiet, KIND, self.place),)
        words = wording.at_time(words, at, self._moments.zone)
        clear = Clear(self._cause, at, words)
        return (Decision(Reason.COOLED_DOWN, KIND, self.place, (clear,)),)

    def _raised(self, reason: Reason, became_due: datetime) -> Decision:
        memory = self.memory
        memory.raised, memory.trusted, memory.where = True, False, list(self.place)
        memory.due = memory.paused_until = memory.looked_c = None
        since = memory.over_since or memory.measured_at
        assert since is not None, "a surface is hot since some time"
        unwatched = any(map(self._moments.unwatched, (since, became_due)))
        at = wording.wall_time(since, self._moments.zone) if unwatched else ""
        doubt = memory.doubtful = self._reach() is Reach.UNCONFIRMED
        place, celsius = self.place.place, f"{memory.celsius:.0f}"
        what = phrase(f"{place} is {celsius} °C")
        if self.sensor.mount is not Mount.ACCESSIBLE_FACE:
            what = phrase(
                f"{place} is {celsius} °C, cover not confirmed"
                if doubt
                else f"{place} is {celsius} °C, not covered"
            )
        effect = Raise(
            cause=self._cause,
            priority=Priority.MEDIUM if doubt else Priority.HIGH,
            resident=self.resident,
            text=wording.headline(self.place, self.resident, what, at),
            action=phrase("Keep people away from it. Turn it down or cover it, then check skin."),
            caused_at=since,
            unwatched=unwatched,
        )
        return Decision(reason, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.sensor.tag)

    def _reach(self) -> Reach:
        if self.memory.switch_open and self.sensor.mount is not Mount.ACCESSIBLE_FACE:
            return Reach.OPEN
        return self.reach
