"""Which watches a home has: made from its plan, and kept through changes of it.

A watch whose subject stays (the same bed, the same sensor) stays itself, with its memory and its
running timers; only its settings are renewed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from nightwarden.model.hours import ALWAYS
from nightwarden.model.places import EquipmentKind, GapState, Mount, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.model.watches import Pause
from rules.coverage import confirmation_ends, cover_in_place
from rules.decisions import Decision
from rules.leads import LeadWatch
from rules.liveness import DeviceWatch
from rules.mats import BedWatch
from rules.moments import Moments
from rules.more_watches import more_watches
from rules.required import CoverageWatch
from rules.staff import NobodyAnswersWatch, NobodyListeningWatch, StaffWatch
from rules.surfaces import Reach, SurfaceWatch
from rules.watch import Watch

Planned = Iterator[tuple[Watch, tuple[Decision, ...]]]
Hear = Callable[[Reading, datetime], tuple[Decision, ...]]
Follower = tuple[Watch, Hear]
_AnyWatch = TypeVar("_AnyWatch", bound=Watch)


class WatchSet:
    """Every watch of a home, by key and by the device that feeds it."""

    def __init__(self, moments: Moments, memories: Mapping[str, dict[str, Any]]) -> None:
        self._moments = moments
        self._memories = memories
        self.by_key: dict[str, Watch] = {}
        self.devices: dict[DeviceId, DeviceWatch] = {}
        self.of_staff: list[StaffWatch] = []
        self._followers: dict[tuple[DeviceId, Quantity], list[Follower]] = {}
        self.covers_age_at: datetime | None = None
        """When the next confirmation of a cover ages, so that the plan must be judged again."""

    def replan(self, plan: Plan, now: datetime) -> Planned:
        """Make the watches match the plan; gives each with what the change led it to."""
        self._moments.zone = plan.zone
        self._moments.pauses = _by_place(plan.pauses)
        standing: dict[PlaceId, list[PlacedItem]] = defaultdict(list)
        for item in plan.items:
            standing[item.place].append(item)
        before, self.by_key, self._followers = self.by_key, {}, {}
        yield from self._devices(plan, before, now)
        yield from self._beds(plan, standing, before, now)
        yield from self._surfaces(plan, standing, before, now)
        yield from self._required(plan, standing, before, now)
        yield from self._more(plan, standing, before, now)
        yield from self._of_staff(plan, before, now)
        for key in sorted(before.keys() - self.by_key.keys()):
            if isinstance(gone := before[key], SurfaceWatch):
                yield gone, gone.leave(now)
        self._memories = {}  # a subject that leaves the plan and comes back begins anew

    def _devices(self, plan: Plan, before: Mapping[str, Watch], now: datetime) -> Planned:
        hours = {(r.place, r.needs): r.hours for r in plan.requirements}
        self.devices = {}
        for item in plan.items:
            if item.device is None:
                continue
            required = hours.get((item.place, item.kind), ALWAYS)
            resident = plan.residents.get(item.place.room)
            fresh = DeviceWatch(item, required, resident, self._moments)
            watch = self._keep(fresh, before)
            watch.replan(item, required, resident, now)
            self.devices[item.device] = watch
            yield watch, ()

    def _beds(
        self,
        plan: Plan,
        standing: Mapping[PlaceId, list[PlacedItem]],
        before: Mapping[str, Watch],
        now: datetime,
    ) -> Planned:
        for requirement in plan.requirements:
            if requirement.needs is not EquipmentKind.BED_MAT:
                continue
            watch = self._keep(BedWatch(requirement, self._moments), before)
            for item in standing[requirement.place]:
                if item.kind is EquipmentKind.BED_MAT and item.device:
                    self._follow(item.device, Quantity.OCCUPANCY, watch, watch.hear)
            yield watch, watch.replan(requirement, now)

    def _surfaces(
        self,
        plan: Plan,
        standing: Mapping[PlaceId, list[PlacedItem]],
        before: Mapping[str, Watch],
        now: datetime,
    ) -> Planned:
        ends = []
        for item in plan.items:
            if item.kind is not EquipmentKind.TEMPERATURE_SENSOR or item.mount is Mount.ROOM_AIR:
                continue
            here = standing[item.place]
            covers = [other for other in here if other.kind is EquipmentKind.RADIATOR_COVER]
            ends += [confirmation_ends(c, plan.zone, self._moments.book) for c in covers]
            reach = self._reach(item, covers, now)
            resident = plan.residents.get(item.place.room)
            watch = self._keep(SurfaceWatch(item, reach, resident, self._moments), before)
            if item.device:
                self._follow(item.device, Quantity.TEMPERATURE, watch, watch.hear)
            switches = [other.device for other in here if other.kind is EquipmentKind.COVER_SWITCH]
            for switch in filter(None, switches):
                self._follow(switch, Quantity.CONTACT, watch, watch.hear_switch)
            if not any(switches):
                watch.memory.switch_open = False  # what a switch said went with it
            yield watch, watch.replan(item, reach, resident, now)
        self.covers_age_at = min((end for end in ends if end and end > now), default=None)

    def _required(
        self,
        plan: Plan,
        standing: Mapping[PlaceId, list[PlacedItem]],
        before: Mapping[str, Watch],
        now: datetime,
    ) -> Planned:
        for requirement in plan.requirements:
            watch = self._keep(CoverageWatch(requirement, self._moments), before)
            items = [i for i in standing[requirement.place] if i.kind is requirement.needs]
            yield watch, watch.replan(requirement, items, now)

    def _more(
        self,
        plan: Plan,
        standing: Mapping[PlaceId, list[PlacedItem]],
        before: Mapping[str, Watch],
        now: datetime,
    ) -> Planned:
        for wanted in more_watches(plan, standing, self.devices, self._moments):
            watch = self._keep(wanted.watch, before)
            for device in wanted.feeds:
                self._follow(device, wanted.quantity, watch, watch.hear)
                if wanted.heeds_repeats and device in self.devices:
                    self.devices[device].again.heeded |= {wanted.quantity}
            if isinstance(watch, LeadWatch):
                watch.device.lead = watch
            yield watch, watch.renew(wanted.watch, now)

    def _of_staff(self, plan: Plan, before: Mapping[str, Watch], now: datetime) -> Planned:
        """Who listens matters where something is watched."""
        self.of_staff = []
        if not plan.requirements:
            return
        for made in (NobodyListeningWatch(self._moments), NobodyAnswersWatch(self._moments)):
            watch: StaffWatch = self._keep(made, before)
            self.of_staff.append(watch)
            yield watch, watch.renew(made, now)

    def _reach(self, sensor: PlacedItem, covers: list[PlacedItem], now: datetime) -> Reach:
        if sensor.mount is Mount.ACCESSIBLE_FACE:
            return Reach.OPEN
        zone, book = self._moments.zone, self._moments.book
        states = [cover_in_place(cover, now, zone, book) for cover in covers]
        if None in states:
            return Reach.COVERED
        return Reach.UNCONFIRMED if GapState.UNVERIFIED in states else Reach.OPEN

    def behind(self, hub: DeviceId) -> list[DeviceWatch]:
        """The devices that are heard through this hub, and the hub itself."""
        return [watch for one, watch in self.devices.items() if one.dialect == hub.dialect]

    def followers(self, reading: Reading) -> Sequence[Follower]:
        """Who wants to hear a believed reading, and how each is told."""
        return self._followers.get((reading.device, reading.quantity), ())

    def _follow(self, device: DeviceId, quantity: Quantity, watch: Watch, hear: Hear) -> None:
        self._followers.setdefault((device, quantity), []).append((watch, hear))

    def _keep(self, fresh: _AnyWatch, before: Mapping[str, Watch]) -> _AnyWatch:
        """The watch that was there under this key, or the new one with its saved memory."""
        watch = before.get(fresh.key)
        if not isinstance(watch, type(fresh)):
            watch = fresh
            if saved := self._memories.get(fresh.key):
                watch.recall(saved)
        self.by_key[watch.key] = watch
        return watch


def _by_place(pauses: tuple[Pause, ...]) -> dict[PlaceId, tuple[Pause, ...]]:
    places: dict[PlaceId, list[Pause]] = defaultdict(list)
    for pause in pauses:
        places[pause.place].append(pause)
    return {place: tuple(found) for place, found in places.items()}
