"""Batteries: change them before they end a watch (M9).

1. 20 % or less is low: a task for this week, of low priority. 5 % or less is nearly empty and of
   medium priority, since the watch is about to end. Each is an alert of its own.
2. Each is raised once. Cold and load let a battery's report wander, so that it counts as changed
   only from 30 % on; that is shown and closes nothing.
3. Once a day the last report goes into a trend (``rules/trends.py``). Where that is of some weeks
   and has fallen, it says when the battery will be empty; this is said 30, 7 and 1 days before,
   whatever the percentage. What is known as low already is not said to be 30 days off.
4. A report that is well above the last one is a battery that was changed: all is told anew, and the
   trend begins anew.
5. A person who closes the alert without a change is asked again after a day.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import Quantity, Reading
from rules import wording
from rules.decisions import Clear, Decision, Raise, Reason
from rules.liveness import DeviceWatch
from rules.moments import Moments, remembered, unpacked_fields
from rules.trends import Trend

KIND = AlertKind.BATTERY_LOW
_LOOK_EVERY = timedelta(days=1)
_LEAST_FALL = 2.0
"""Per cent over the whole trend; less may be the cold of a night."""
_AHEAD = ("ends in weeks", "ends in days", "ends now")
"""What tells the alerts of a projected end apart, the first of them first."""


@dataclass(slots=True)
class BatteryMemory:
    """What must survive a restart. What was said is said until the battery is changed; of the
    three times before its projected end, ``ahead_said`` have passed, and those in ``ahead_told``
    were raised."""

    percent: float | None = None
    low_said: bool = False
    empty_said: bool = False
    ahead_said: int = 0
    ahead_told: list[int] = field(default_factory=list)
    ask_at: datetime | None = None
    look_at: datetime | None = None
    ends_at: datetime | None = None
    trend: Trend = field(default_factory=Trend)


class BatteryWatch:
    """Rule ``battery_low`` applied to one device."""

    def __init__(self, device: DeviceWatch, moments: Moments) -> None:
        self.device = device
        self._moments = moments
        self.memory = BatteryMemory()

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return f"battery|{self.device.item.tag}"

    @property
    def place(self) -> PlaceId:
        """Where the item stands."""
        return self.device.item.place

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise: low, nearly empty, and each time before its projected end."""
        tag = self.device.item.tag
        subjects = (tag, *(f"{tag} {what}" for what in ("nearly empty", *_AHEAD)))
        return tuple(Cause(KIND, self.place, subject) for subject in subjects)

    @property
    def due_at(self) -> datetime | None:
        """When it wants to be asked again, without a reading."""
        memory, ahead = self.memory, None
        if memory.ends_at is not None and memory.ahead_said < len(_AHEAD):
            ahead = memory.ends_at - self._ahead[memory.ahead_said]
        return min(filter(None, (memory.ask_at, memory.look_at, ahead)), default=None)

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """How full it is, in per cent."""
        memory, rule, before = self.memory, self._moments.book.battery_low, self.memory.percent
        memory.percent = float(reading.value)
        memory.look_at = memory.look_at or now
        known_low = memory.low_said or memory.empty_said
        rise = memory.percent - (memory.percent if before is None else before)
        if memory.percent >= rule.changed_percent and (
            known_low or rise >= rule.changed_rise_percent
        ):
            return self._changed(reading.measured_at, now)
        return self._judge(reading.measured_at)

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Look at the trend; ask again about a battery that was not changed."""
        memory = self.memory
        if memory.look_at and memory.look_at <= now:
            memory.look_at = now + _LOOK_EVERY
            self._take_sample(now)
        made = self._look_ahead(now)
        if memory.ask_at is None or memory.ask_at > now:
            return made
        memory.ask_at = None
        return made + (self._said_now(now) or self._ahead_again(now, made))

    def renew(self, fresh: "BatteryWatch", _now: datetime) -> tuple[Decision, ...]:
        """The item's place or its resident has changed."""
        self.device = fresh.device
        return ()

    def answered(self, now: datetime) -> None:
        """A person has closed one of its alerts (rule 5)."""
        if self.memory.low_said or self.memory.empty_said or self.memory.ahead_told:
            self.memory.ask_at = now + self._moments.book.battery_low.ask_again

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        trend = remembered(self.memory.trend)
        return {**remembered(self.memory, leaving_out="trend"), "trend": trend}

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        own = {name: value for name, value in memory.items() if name != "trend"}
        trend = Trend(**unpacked_fields(memory.get("trend", {})))
        self.memory = BatteryMemory(**unpacked_fields(own), trend=trend)

    # --- when it will be empty ---------------------------------------------------------------

    @property
    def _ahead(self) -> tuple[timedelta, ...]:
        """How long before the end it is said, the longest first."""
        rule = self._moments.book.battery_low
        return tuple(sorted((rule.ahead_first, rule.ahead_second, rule.ahead_last), reverse=True))

    def _take_sample(self, now: datetime) -> None:
        """Take up what it said last; the end is told to the hour, since nobody knows better."""
        memory, rule = self.memory, self._moments.book.battery_low
        last = self.device.memory.last.get(Quantity.BATTERY)
        if last is None:
            return
        trend = memory.trend
        trend.add(min(last[1], now), float(last[0]), rule.trend_over)
        fallen = -trend.per_day * (trend.span / _LOOK_EVERY)
        enough = trend.points >= rule.trend_reports and trend.span >= rule.trend_over
        told = enough and fallen >= _LEAST_FALL
        ends_at = trend.reaches_zero() if told else None
        memory.ends_at = ends_at and ends_at.replace(minute=0, second=0, microsecond=0)

    def _look_ahead(self, now: datetime) -> tuple[Decision, ...]:
        """Say that the end is near, the nearest of the times alone where several have passed."""
        memory = self.memory
        if memory.ends_at is None:
            return ()
        reached = sum(now >= memory.ends_at - before for before in self._ahead)
        if reached <= memory.ahead_said:
            return ()
        memory.ahead_said = reached
        known = (memory.low_said, memory.empty_said, memory.empty_said)
        return () if known[reached - 1] else (self._ends(now),)

    def _ahead_again(self, now: datetime, made: tuple[Decision, ...]) -> tuple[Decision, ...]:
        """A projected end that was closed, and is as near as it was."""
        memory = self.memory
        if made or memory.ends_at is None or not memory.ahead_told:
            return ()
        near = now >= memory.ends_at - self._ahead[memory.ahead_said - 1]
        return (self._ends(now),) if near else ()

    def _ends(self, now: datetime) -> Decision:
        memory = self.memory
        assert memory.ends_at is not None, "only a projected end is told"
        memory.ahead_told = sorted({*memory.ahead_told, memory.ahead_said})
        last = memory.ahead_said == len(_AHEAD)
        day = f"{memory.ends_at.astimezone(self._moments.zone):%-d %b}"
        kind, tag, percent = self._named
        effect = self._raise(
            self.causes[1 + memory.ahead_said],
            Priority.MEDIUM if last else Priority.LOW,
            phrase(f"{kind} {tag} battery will be empty about {day}, {percent}"),
            phrase("Change its battery now." if last else "Change its battery before that day."),
            now,
        )
        return Decision(Reason.BATTERY_ENDS, KIND, self.place, (effect,))

    # --- how full it is ----------------------------------------------------------------------

    def _judge(self, at: datetime) -> tuple[Decision, ...]:
        """Say what was not said of this battery yet; nearly empty says low as well."""
        memory, urgent = self.memory, self._moments.book.battery_low.urgent_percent
        nearly_empty = memory.percent is not None and memory.percent <= urgent
        if memory.empty_said or (memory.low_said and not nearly_empty):
            return ()
        return self._said_now(at)

    def _said_now(self, at: datetime) -> tuple[Decision, ...]:
        memory, rule = self.memory, self._moments.book.battery_low
        if memory.percent is None or memory.percent > rule.warn_percent:
            return ()
        memory.ask_at = None  # this alert asks by itself
        if memory.percent <= rule.urgent_percent:
            memory.empty_said = True
            return (self._nearly_empty(at),)
        memory.low_said = True
        return (self._low(at),)

    def _changed(self, at: datetime, now: datetime) -> tuple[Decision, ...]:
        memory = self.memory
        self.memory = BatteryMemory(memory.percent, look_at=now)
        time = wording.wall_time(at, self._moments.zone)
        percent = f"{memory.percent:.0f} %"
        words = phrase(f"changed, {percent} at {time}")
        return tuple(
            Decision(Reason.BATTERY_CHANGED, KIND, self.place, (Clear(cause, at, words),))
            for cause in self._said_by(memory)
        )

    def _said_by(self, memory: BatteryMemory) -> list[Cause]:
        """What was raised of this battery."""
        low, empty, *ahead = self.causes
        said = [*([low] if memory.low_said else []), *([empty] if memory.empty_said else [])]
        return said + [ahead[told - 1] for told in memory.ahead_told]

    def _low(self, at: datetime) -> Decision:
        kind, tag, percent = self._named
        what = phrase(f"{kind} {tag} battery low, {percent}")
        action = phrase("Change its battery this week.")
        effect = self._raise(self.causes[0], Priority.LOW, what, action, at)
        return Decision(Reason.BATTERY_LOW, KIND, self.place, (effect,))

    def _nearly_empty(self, at: datetime) -> Decision:
        kind, tag, percent = self._named
        what = phrase(f"{kind} {tag} battery nearly empty, {percent}")
        action = phrase("Change its battery now; nothing watches here when it is empty.")
        effect = self._raise(self.causes[1], Priority.MEDIUM, what, action, at)
        return Decision(Reason.BATTERY_NEARLY_EMPTY, KIND, self.place, (effect,))

    @property
    def _named(self) -> tuple[str, str, str]:
        """What it is, its tag, and how full its battery is."""
        item = self.device.item
        return wording.kind_words(item.kind), item.tag, f"{self.memory.percent:.0f} %"

    def _raise(
        self, cause: Cause, priority: Priority, what: str, action: str, at: datetime
    ) -> Raise:
        return Raise(
            cause=cause,
            priority=priority,
            resident=self.device.resident,
            text=wording.headline(self.place, self.device.resident, what),
            action=action,
            caused_at=at,
        )
