"""Which watches a plan asks for beside those of beds, surfaces and requirements.

Each comes with the readings that feed it. Made anew from every plan; ``watch_set.py`` keeps the one
that was there and gives it the new one's settings.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nightwarden.model.places import (
    HEARS,
    MATS,
    WATCHES_A_PERSON,
    EquipmentKind,
    Mount,
    PlaceId,
)
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import HUBS, DeviceId, Quantity
from rules.after_service import AfterServiceWatch
from rules.armed import ArmedWatch
from rules.batteries import BatteryWatch
from rules.buttons import CallButtonWatch
from rules.calls import HelpCallWatch
from rules.chairs_and_floors import EDGES, EdgeWatch
from rules.circuits import CircuitWatch
from rules.clocks import CLOCK_DRIFT
from rules.findings import FindingsWatch
from rules.heaters import HEATER_OVERDUE
from rules.hubs import HubWatch
from rules.leads import LeadWatch
from rules.liveness import DeviceWatch
from rules.mains import MainsWatch
from rules.manual_rounds import ManualRoundWatch
from rules.missed_floor_mats import MissedFloorMatWatch
from rules.missed_floor_mats import feeds as missed_feeds
from rules.moments import Moments
from rules.permits import PERMIT_OVERDUE
from rules.repeated_faults import FAULT_AGAIN
from rules.restless_nights import RestlessNightsWatch
from rules.room_air import SIDES, RoomAirWatch
from rules.rounds import RoundsWatch
from rules.sensors import READING_FROZEN, READING_IMPLAUSIBLE
from rules.service_life import PAST_SERVICE_LIFE
from rules.tallies import TALLIES, TallyWatch
from rules.together import TogetherWatch
from rules.unproved import UnprovedWatch
from rules.watch import Listener
from rules.wrong_rooms import WRONG_ROOM

Standing = Mapping[PlaceId, Sequence[PlacedItem]]
Devices = Mapping[DeviceId, DeviceWatch]


class Wanted(NamedTuple):
    """A watch that the plan asks for, and whose readings of which quantity feed it, if any.

    ``heeds_repeats``: it wants to hear every reading, also one that says what was said before and
    is passed over otherwise. Deadlines are kept without; so only what counts readings needs it.
    """

    watch: Listener
    feeds: tuple[DeviceId, ...] = ()
    quantity: Quantity = Quantity.OCCUPANCY
    heeds_repeats: bool = False


def more_watches(
    plan: Plan, standing: Standing, devices: Devices, moments: Moments
) -> Iterator[Wanted]:
    """Every such watch of the plan.

    Args:
        plan: the register as the rules see it.
        standing: the plan's items by their place.
        devices: the watch of each bound device, as the plan has it.
        moments: what all watches share.
    """
    for requirement in plan.requirements:
        here = [i for i in standing.get(requirement.place, ()) if i.kind is requirement.needs]
        feeds = tuple(item.device for item in here if item.device)
        for edge in EDGES:
            if requirement.needs is edge.needs:
                yield Wanted(EdgeWatch(edge, requirement, moments), feeds, Quantity.OCCUPANCY)
        if requirement.needs in MATS:
            for device in feeds:
                watch = UnprovedWatch(devices[device], moments)
                yield Wanted(watch, (device,), Quantity.OCCUPANCY)
            mats = [devices[device] for device in feeds]
            yield Wanted(ArmedWatch(requirement, mats, moments))
    for device, heard in devices.items():
        yield from _of_one_device(device, heard, moments)
    yield from _hubs(plan, moments)
    yield from _habits(plan, standing, devices, moments)
    yield from _circuits(plan, moments)
    yield from _of_the_home(plan, devices, moments)


def _of_the_home(plan: Plan, devices: Devices, moments: Moments) -> Iterator[Wanted]:
    for rule in (PERMIT_OVERDUE, FAULT_AGAIN, HEATER_OVERDUE, WRONG_ROOM, PAST_SERVICE_LIFE):
        yield Wanted(FindingsWatch(rule, plan, moments))
    yield Wanted(TogetherWatch(moments))
    beds = len({r.place for r in plan.requirements if r.needs in MATS})
    for item in plan.items:
        if item.kind is EquipmentKind.MAINS_MONITOR and item.device:
            watch = MainsWatch(item, beds, moments)
            yield Wanted(watch, (item.device,), Quantity.CONTACT)
    for one in plan.rounds:
        yield Wanted(ManualRoundWatch(one, plan.residents.get(one.place.room), moments))
    for call in plan.calls:
        yield Wanted(HelpCallWatch(call, plan.residents.get(call.room), moments))
    for each in (CLOCK_DRIFT, READING_IMPLAUSIBLE, READING_FROZEN):
        yield Wanted(RoundsWatch(each, plan, devices, moments))
    for tally in TALLIES:
        yield Wanted(TallyWatch(tally, plan, devices, moments))


def _of_one_device(device: DeviceId, heard: DeviceWatch, moments: Moments) -> Iterator[Wanted]:
    item, resident = heard.item, heard.resident
    yield Wanted(BatteryWatch(heard, moments), (device,), Quantity.BATTERY)
    if not device.is_hub:
        yield Wanted(LeadWatch(heard, moments), (device,), Quantity.LINK)
    if item.kind in WATCHES_A_PERSON:
        for quantity in HEARS[item.kind]:
            yield Wanted(AfterServiceWatch(heard, moments), (device,), quantity)
    if item.kind is EquipmentKind.CALL_BUTTON:
        yield Wanted(CallButtonWatch(item, resident, moments), (device,), Quantity.ACTION)
    if item.mount is Mount.ROOM_AIR:
        for side in SIDES:
            air = RoomAirWatch(side, item, resident, moments)
            yield Wanted(air, (device,), Quantity.TEMPERATURE)


def _habits(plan: Plan, standing: Standing, devices: Devices, moments: Moments) -> Iterator[Wanted]:
    """How often a bed is left, and whether the floor mat beside it notices."""
    for requirement in plan.requirements:
        if requirement.needs is EquipmentKind.BED_MAT:
            here = [i for i in standing.get(requirement.place, ()) if i.kind is requirement.needs]
            feeds = tuple(item.device for item in here if item.device)
            yield Wanted(RestlessNightsWatch(requirement, moments), feeds)
    left = {EquipmentKind.BED_MAT, EquipmentKind.CHAIR_MAT}
    seats = defaultdict(list)
    for item in plan.items:
        if item.kind in left and item.device:
            seats[item.place.room].append(item)
    for heard in devices.values():
        here = seats[heard.place.room] if heard.item.kind is EquipmentKind.FLOOR_MAT else []
        if here:
            watch = MissedFloorMatWatch(heard, here, moments)
            yield Wanted(watch, missed_feeds(watch))


def _circuits(plan: Plan, moments: Moments) -> Iterator[Wanted]:
    circuit_of = {emitter.place: emitter.circuit for emitter in plan.emitters if emitter.circuit}
    sensors = defaultdict(list)
    for item in plan.items:
        if item.kind is EquipmentKind.TEMPERATURE_SENSOR and item.mount is not Mount.ROOM_AIR:
            sensors[circuit_of.get(item.place)].append(item)
    for circuit in sorted(filter(None, sensors)):
        watch = CircuitWatch(circuit, sensors[circuit], moments)
        yield Wanted(watch, tuple(watch.sensors), Quantity.TEMPERATURE)


def _hubs(plan: Plan, moments: Moments) -> Iterator[Wanted]:
    for hub in sorted(HUBS):
        bound = next((item for item in plan.items if item.device == hub), None)
        behind = [i for i in plan.items if i.device and i.device.dialect == hub.dialect]
        behind = [item for item in behind if item is not bound]
        if behind:
            yield Wanted(HubWatch(hub, bound, behind, moments), (hub,), Quantity.LINK)
