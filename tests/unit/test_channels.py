"""Which of a device's words an item hears: properties of the map, and two mats on one device."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bindings import Bindings
from nightwarden.model.channels import TWO_WAY, ChannelMap
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import DeviceId, Quantity, Reading

NOW = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
HALL = DeviceId("tasmota", "hall")
LEFT, RIGHT = HALL.at_channel("Switch1"), HALL.at_channel("Switch2")
AS_MAT = ChannelMap({Quantity.CONTACT: Quantity.OCCUPANCY})

devices = st.sampled_from([HALL, LEFT, RIGHT, DeviceId("nightwarden", "mat-12")])
values: dict[Quantity, st.SearchStrategy[bool | float | str]] = {
    Quantity.OCCUPANCY: st.booleans(),
    Quantity.CONTACT: st.booleans(),
    Quantity.TEMPERATURE: st.floats(-10, 110),
    Quantity.ACTION: st.sampled_from(["press", "help"]),
    Quantity.BATTERY: st.floats(0, 100),
    Quantity.LINK: st.booleans(),
}


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    quantity = draw(st.sampled_from([*values]))
    value = draw(values[quantity])
    fresh, seq = draw(st.booleans()), draw(st.none() | st.integers(0, 9))
    return Reading(draw(devices), quantity, value, NOW, NOW, fresh, False, seq)


swaps = st.sampled_from(
    [
        {},
        {Quantity.CONTACT: Quantity.OCCUPANCY, Quantity.OCCUPANCY: Quantity.CONTACT},
        {Quantity.CONTACT: Quantity.CONTACT},
    ]
)
maps = st.builds(
    ChannelMap,
    st.one_of(swaps, st.just({Quantity.CONTACT: Quantity.OCCUPANCY})),
    st.booleans(),
)


def item(tag: str, device: DeviceId, channels: ChannelMap = AS_MAT) -> PlacedItem:
    bed = PlaceId(tag, "bed")
    return PlacedItem(tag, EquipmentKind.BED_MAT, bed, NOW, device=device, channels=channels)


def said(device: DeviceId, quantity: Quantity, value: bool | float, **more: bool) -> Reading:
    return Reading(device, quantity, value, NOW, NOW, **more)


@given(readings(), swaps, st.booleans())
def test_exchanging_and_inverting_twice_is_the_identity(
    reading: Reading, reads: dict[Quantity, Quantity], inverted: bool
) -> None:
    once = ChannelMap(reads, inverted).apply(reading)
    assert once is not None
    assert ChannelMap(reads, inverted).apply(once) == reading


@given(readings(), maps)
def test_a_map_touches_two_way_quantities_alone_and_no_other_part(
    reading: Reading, channels: ChannelMap
) -> None:
    mapped = channels.apply(reading)
    if reading.quantity not in TWO_WAY:
        assert mapped == reading
    elif mapped is not None:
        assert mapped._replace(quantity=reading.quantity, value=reading.value) == reading
        assert mapped.value is (reading.value != channels.inverted)


@given(st.lists(readings(), max_size=6))
def test_what_is_bound_plainly_comes_through_as_it_was_said(heard: list[Reading]) -> None:
    bindings = Bindings([item("12", DeviceId("nightwarden", "mat-12"), ChannelMap())])
    through, strange = bindings.heard_by_items(heard)
    assert [*through] == [r for r in heard if r.device.dialect == "nightwarden"]
    assert strange == [r for r in heard if r.device.dialect != "nightwarden"]


@given(st.lists(readings(), max_size=6))
def test_every_reading_is_heard_by_its_item_or_belongs_to_nobody(heard: list[Reading]) -> None:
    bindings = Bindings([item("12", LEFT)])
    through, strange = bindings.heard_by_items(heard)
    assert {r.device for r in through} <= {LEFT}
    of_the_whole = (Quantity.LINK, Quantity.BATTERY)
    known = [r for r in heard if r.device == LEFT or r[:2] in [(HALL, q) for q in of_the_whole]]
    assert [r for r in heard if r not in known] == strange


def test_two_mats_on_one_transmitter_each_hear_their_own_input() -> None:
    bindings = Bindings([item("12", LEFT), item("14", RIGHT, ChannelMap(inverted=True))])
    through, strange = bindings.heard_by_items(
        [
            said(LEFT, Quantity.CONTACT, True),
            said(RIGHT, Quantity.OCCUPANCY, True),
            said(HALL, Quantity.BATTERY, 80.0),
        ]
    )
    assert strange == []
    assert {(r.device, r.quantity): r.value for r in through} == {
        (LEFT, Quantity.OCCUPANCY): True,
        (RIGHT, Quantity.OCCUPANCY): False,
        (LEFT, Quantity.BATTERY): 80.0,
        (RIGHT, Quantity.BATTERY): 80.0,
    }


def test_one_input_that_is_used_keeps_the_other_from_falling_silent() -> None:
    bindings = Bindings([item("12", LEFT), item("14", RIGHT)])
    through, _ = bindings.heard_by_items([said(LEFT, Quantity.CONTACT, True)])
    assert said(RIGHT, Quantity.LINK, True) in through, "its transmitter is powered"
    kept, _ = bindings.heard_by_items([said(LEFT, Quantity.CONTACT, True, fresh=False)])
    assert [r.device for r in kept] == [LEFT], "what a broker keeps proves nobody alive"
    gone, _ = bindings.heard_by_items([said(HALL, Quantity.LINK, False)])
    assert {(r.device, r.value) for r in gone} == {(LEFT, False), (RIGHT, False)}


def test_a_board_that_is_well_proves_no_probe_alive() -> None:
    probe = HALL.at_channel("DS18B20/3CE1")
    room_air = PlacedItem(
        "T", EquipmentKind.TEMPERATURE_SENSOR, PlaceId("12", "room"), NOW, device=probe
    )
    bindings = Bindings([item("12", LEFT), room_air])
    through, _ = bindings.heard_by_items([said(LEFT, Quantity.CONTACT, True)])
    assert probe not in {reading.device for reading in through}
    through, _ = bindings.heard_by_items([said(HALL, Quantity.LINK, True)])
    assert [r.device for r in through] == [LEFT]
    alone = Bindings([room_air])
    assert alone.heard_by_items([said(HALL, Quantity.LINK, True)]) == ([], [])
    for value in (False, True):  # a goodbye, and that it is taken back
        through, _ = bindings.heard_by_items([said(HALL, Quantity.LINK, value)])
        assert {(r.device, r.value) for r in through} == {(LEFT, value), (probe, value)}


def test_a_device_bound_as_a_whole_never_takes_an_inputs_value() -> None:
    bindings = Bindings([item("12", HALL)])
    through, strange = bindings.heard_by_items([said(LEFT, Quantity.CONTACT, True)])
    assert [*through] == [said(HALL, Quantity.LINK, True)]
    assert strange == [said(LEFT, Quantity.CONTACT, True)], "shown as unbound, to be bound rightly"


def test_a_contact_that_stands_for_the_mat_silences_the_devices_own_occupancy() -> None:
    assert AS_MAT.apply(said(HALL, Quantity.OCCUPANCY, True)) is None


@pytest.mark.parametrize(
    "reads",
    [
        {Quantity.TEMPERATURE: Quantity.OCCUPANCY},
        {Quantity.CONTACT: Quantity.ACTION},
        {Quantity.CONTACT: Quantity.OCCUPANCY, Quantity.OCCUPANCY: Quantity.OCCUPANCY},
    ],
)
def test_what_cannot_be_read_as_one_another_is_refused(reads: dict[Quantity, Quantity]) -> None:
    with pytest.raises(ValueError, match="cannot be read as"):
        ChannelMap(reads)


def test_a_channel_is_written_behind_its_device() -> None:
    assert (str(LEFT), LEFT.channel, LEFT.whole) == ("tasmota:hall#Switch1", "Switch1", HALL)
    assert (HALL.channel, HALL.whole) == (None, HALL)
