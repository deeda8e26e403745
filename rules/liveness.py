"""What a device says about itself, before anybody asks what it means.

1. **Order.** A device's values move forward in its own time. A reading measured before the last
   one of its kind, or numbered before it, is ``late``: kept in the record, moving nothing. The
   same number again is a duplicate. Numbers that begin anew (a restart) are taken up.
2. **Plausibility.** A temperature that steps more than 20 °C in one sample waits; the next sample
   near it confirms it. So a DS18B20's power-on value of 85.0 °C never becomes an alert, and a pipe
   that really is at 85 does with its second sample.
3. **Proof.** Hearing a device shows that it is powered. Only a real change of what its item is
   listened to for shows that it works (a mat's occupancy, not its temperature): both times are
   kept.
4. **Silence** is timed here, by arrival: a clean disconnect sends no will, and a device's clock is
   a claim. A device that has not spoken within its supervision interval, in the hours in which
   it is required, is raised; one that said goodbye, after a short grace.
5. What a broker or bridge repeats (not ``fresh``) tells the present state. It proves nobody alive.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.hours import Hours
from nightwarden.model.phrases import phrase
from nightwarden.model.places import HEARS, PlaceId
from nightwarden.model.plan import Liveness, PlacedItem
from nightwarden.model.readings import Quantity, Reading
from rules import wording
from rules.believing import doubt, out_of_sequence, plausible
from rules.decisions import Clear, Decision, Raise, Reason
from rules.hearing import Standing
from rules.moments import Moments, packed, remembered, unpacked
from rules.repeats import Repeats, device_key

if TYPE_CHECKING:
    from rules.leads import LeadWatch

KIND = AlertKind.DEVICE_SILENT
_MEASURED = frozenset(Quantity) - {Quantity.BATTERY, Quantity.LINK}


@dataclass(slots=True)
class DeviceMemory:
    """What must survive a restart. ``last``: the newest value of each quantity and its time;
    ``doubts``: when the latest readings that were not believed came."""

    heard_at: datetime | None = None
    changed_at: datetime | None = None
    online: bool = True
    offline_since: datetime | None = None
    hub_down_since: datetime | None = None
    raised: bool = False
    excused_until: datetime | None = None
    paused_until: datetime | None = None
    seq: int | None = None
    seq_received_at: datetime | None = None
    suspect: float | None = None
    doubts: list[datetime] = field(default_factory=list)
    at_fault_since: datetime | None = None
    last: dict[str, tuple[bool | float | str, datetime]] = field(default_factory=dict)


class DeviceWatch:
    """One bound device: its order, plausibility and proof, and rule ``device_silent``."""

    def __init__(
        self, item: PlacedItem, hours: Hours, resident: str | None, moments: Moments
    ) -> None:
        assert item.device is not None, "only a bound item has a device to watch"
        self.device = item.device
        self.item = item
        self.hours = hours
        self.resident = resident
        self._moments = moments
        self.memory = DeviceMemory()
        self.lead: LeadWatch | None = None
        self.again = Repeats(self.memory)
        self.queue: OrderedDict[DeviceWatch, None] | None = None
        """The queue of ``rules/silences.py`` that it stands in."""

    @property
    def key(self) -> str:
        """What its memory is kept under."""
        return device_key(self.device)

    @property
    def place(self) -> PlaceId:
        """Where its item stands."""
        return self.item.place

    @property
    def liveness(self) -> Liveness:
        """What the judgement of gaps wants to know of it."""
        memory = self.memory
        online = memory.online and memory.hub_down_since is None
        occupied, _ = memory.last.get(Quantity.OCCUPANCY, (None, None))
        return Liveness(
            memory.heard_at,
            memory.changed_at,
            online,
            memory.at_fault_since,
            None if occupied is None else bool(occupied),
        )

    @property
    def jump_c(self) -> float:
        """A step of a temperature beyond this (°C) is not believed at once."""
        return self._moments.book.hot_surface.jump_c

    @property
    def drift_limit(self) -> timedelta:
        """How far its clock may be behind."""
        return self._moments.book.clock_drift.limit

    def proved_by(self, quantity: Quantity) -> bool:
        """Whether a real change of this quantity shows that it works."""
        return quantity in HEARS.get(self.item.kind, _MEASURED)

    # --- a reading ----------------------------------------

    def weigh(self, reading: Reading) -> tuple[Standing, str]:
        """Whether a reading is believed, and if not, why not in words."""
        memory = self.memory
        if reading.seq is not None and (late := out_of_sequence(memory, reading.seq, reading)):
            return late
        last = memory.last.get(reading.quantity)
        if last is not None and reading.timed and reading.measured_at < last[1]:
            return Standing.LATE, phrase(f"measured before the last {reading.quantity} was")
        if reading.quantity is not Quantity.TEMPERATURE:
            return Standing.BELIEVED, ""
        book = self._moments.book
        judged = plausible(memory, float(reading.value), last, self.jump_c)
        doubt(memory, reading, judged[0] is Standing.IMPLAUSIBLE, book.reading_implausible)
        return judged

    def take(self, reading: Reading) -> None:
        """Remember a believed reading: what was heard, and whether anything really changed."""
        memory = self.memory
        last = memory.last.get(reading.quantity)
        changed = last is None or last[0] != reading.value
        if reading.seq is not None:
            memory.seq, memory.seq_received_at = reading.seq, reading.received_at
        if reading.fresh:
            memory.heard_at = reading.received_at
            proves = self.proved_by(reading.quantity)
            pressed = (
                proves and reading.quantity is Quantity.ACTION
            )  # the same press again is a press
            if pressed or (changed and last is not None and proves):
                memory.changed_at = reading.received_at
        if changed or (last is not None and reading.measured_at > last[1]):
            memory.last[reading.quantity.value] = (reading.value, reading.measured_at)

    def hear(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """Liveness after a reading was taken: it may have come back, or said goodbye."""
        memory = self.memory
        if reading.quantity is Quantity.LINK and not reading.value:
            if memory.online:
                memory.online, memory.offline_since = False, reading.received_at
            return self.tick(now)
        if not reading.fresh:
            return ()
        memory.online, memory.offline_since = True, None
        if not memory.raised:
            return ()
        memory.raised = False
        words = wording.at_time(phrase("spoke again"), now, self._moments.zone)
        return (Decision(Reason.SPOKE_AGAIN, KIND, self.place, (Clear(self._cause, now, words),)),)

    def hear_hub(self, reading: Reading, now: datetime) -> tuple[Decision, ...]:
        """The hub that this device is heard through has come or gone; no proof of the device."""
        memory = self.memory
        if reading.value and memory.hub_down_since:
            memory.excused_until = max(memory.excused_until or now, now + self.item.supervision)
        down_since = memory.hub_down_since or reading.received_at
        memory.hub_down_since = None if reading.value else down_since
        return self.tick(now)

    # --- silence ----------------------------------------

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What it can raise."""
        return (self._cause,)

    @property
    def due_at(self) -> datetime | None:
        """When it will have been silent for too long, if it says nothing more."""
        if self.memory.raised or self.memory.hub_down_since:
            return None  # the hub's own alert speaks for what is heard through it
        excuses = (self.memory.excused_until, self.memory.paused_until)
        due = max((self._silent_from, *filter(None, excuses)))
        return due if self.hours.always else self.hours.next_start(due, self._moments.zone)

    @property
    def _silent_from(self) -> datetime:
        memory = self.memory
        since = memory.heard_at or self.item.bound_at or self.item.placed_at
        silent = max(since, self.item.bound_at or since) + self.item.supervision
        if gone_since := self._gone_since:
            return min(silent, gone_since + self._moments.book.device_silent.offline_grace)
        return silent

    @property
    def _gone_since(self) -> datetime | None:
        """Since when it is known to be off; a suspect lead makes a goodbye say nothing of it."""
        return None if self.lead and self.lead.suspect else self.memory.offline_since

    def speaks(self, now: datetime) -> bool:
        """Whether it is there and was heard within its supervision interval, at any hour."""
        heard = self.memory.heard_at is not None and self.liveness.online
        return heard and now < self._silent_from

    def is_gone(self, now: datetime) -> bool:
        """Whether it is off, or was silent for its whole interval, whatever excuses it."""
        return not self.liveness.online or now >= self._silent_from

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Raise the silence when it is due."""
        due = self.due_at
        if due is None or due > now:
            return ()
        memory = self.memory
        # The supervision interval cannot run while nobody listened: after an outage every
        # device has one more interval to be heard in.
        listening = self._moments.outage_until
        if self._gone_since is None and listening and now < listening + self.item.supervision:
            memory.excused_until = listening + self.item.supervision
            return ()
        if pause := self._moments.pause_at(self.place, due):
            memory.paused_until = pause.until
            return (Decision(Reason.PAUSED, KIND, self.place), *self.tick(now))
        if not self.hours.cover(now, self._moments.zone):
            memory.excused_until = self.hours.next_start(now, self._moments.zone)
            return (Decision(Reason.OFF_HOURS, KIND, self.place),)
        memory.raised = True
        return (self._raised(now),)

    def replan(self, item: PlacedItem, hours: Hours, resident: str | None, now: datetime) -> None:
        """Its item, its hours or a pause have changed; a pause cut short excuses no longer."""
        self.item, self.hours, self.resident = item, hours, resident
        self.again.heeded = frozenset()
        if until := self.memory.paused_until:
            self.memory.paused_until = min(until, self._moments.paused_until(self.place, now))

    def answered(self, now: datetime) -> None:
        """A person has closed its alert; if it stays silent it is raised anew."""
        if not self.memory.raised:
            return  # it has spoken since, and a new silence is news
        self.memory.raised = False
        ask_again = self._moments.book.device_silent.ask_again
        self.memory.excused_until = now + max(self.item.supervision, ask_again)

    def _raised(self, now: datetime) -> Decision:
        memory, kind = self.memory, wording.kind_words(self.item.kind)
        if self._gone_since is not None:
            reason, what = (
                Reason.WENT_OFFLINE,
                phrase(f"{kind} {self.item.tag} is off or unplugged"),
            )
        elif memory.heard_at is None:
            reason, what = Reason.NEVER_SPOKE, phrase(f"{kind} {self.item.tag} has never spoken")
        else:
            span = wording.span(now - memory.heard_at)
            reason = Reason.FELL_SILENT
            what = phrase(f"{kind} {self.item.tag} silent for {span}")
        effect = Raise(
            cause=self._cause,
            priority=Priority.TECHNICAL,
            resident=self.resident,
            text=wording.headline(self.place, self.resident, what),
            action=phrase(
                f"Nothing watches here now. Look in on the room, then check the {kind}'s plug."
            ),
            caused_at=self._gone_since or memory.heard_at or self._silent_from,
        )
        return Decision(reason, KIND, self.place, (effect,))

    @property
    def _cause(self) -> Cause:
        return Cause(KIND, self.place, self.item.tag)

    # --- memory ----------------------------------------

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        values = remembered(self.memory, leaving_out="last")
        values["last"] = {q: [v, packed(at)] for q, (v, at) in self.memory.last.items()}
        return values

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        values = {n: unpacked(v) for n, v in memory.items() if n != "last"}
        last = {q: (v, unpacked(at)) for q, (v, at) in memory["last"].items()}
        self.memory = DeviceMemory(**values, last=last)  # type: ignore[arg-type]
        self.again = Repeats(self.memory, self.again.heeded)
