"""A hub that goes down: one alert with its beds, and what it means for the devices behind it."""

from dataclasses import replace
from datetime import timedelta

from nightwarden.model.alerts import AlertKind, Cause, Priority
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.readings import DeviceId, Quantity
from rules.decisions import Clear, Raise
from tests.unit.rule_builders import (
    INSTALLED,
    NEVER_SILENT,
    Night,
    at,
    bed_needed,
    mat,
    plan_of,
    raises,
    reading,
)

TWO_MINUTES = timedelta(minutes=2)
BRIDGE = DeviceId("zigbee2mqtt", "bridge")
HUB = Cause(AlertKind.HUB_DOWN, PlaceId("Hub", "zigbee2mqtt"), "zigbee2mqtt:bridge")


def link(night: Night, online: bool, when: str, *, fresh: bool = True) -> list[Raise]:
    said = reading(BRIDGE, Quantity.LINK, online, at(when), fresh=fresh)
    return raises(night.hear(said).decisions)


def hub_cleared(night: Night) -> list[Clear]:
    return [clear for clear in night.cleared if clear.cause.kind is AlertKind.HUB_DOWN]


def behind_a_hub(*rooms: str, hub_at: PlaceId | None = None) -> Plan:
    """A bed mat in each room, heard through one Zigbee hub; with ``hub_at`` it is registered."""
    mats = [
        replace(
            mat(TWO_MINUTES, tag=f"MAT-{room}"),
            place=PlaceId(room, "bed"),
            device=DeviceId("zigbee2mqtt", f"mat {room}"),
        )
        for room in rooms
    ]
    needs = tuple(replace(bed_needed("00:00-24:00"), place=item.place) for item in mats)
    if hub_at:
        hub = PlacedItem("HUB-1", EquipmentKind.HUB, hub_at, INSTALLED, device=BRIDGE)
        mats.append(replace(hub, supervision=NEVER_SILENT))
    return replace(plan_of(needs, tuple(mats)), residents={})


def speak(night: Night, when: str, *rooms: str) -> None:
    for room in rooms:
        device = DeviceId("zigbee2mqtt", f"mat {room}")
        night.hear(reading(device, Quantity.OCCUPANCY, True, at(when)))


def test_a_hub_that_goes_off_is_one_alert_with_its_beds() -> None:
    night = Night(behind_a_hub("12", "2"), start=at("22:00"))
    speak(night, "22:00", "12", "2")
    assert link(night, False, "22:00:10") == []
    assert night.until("22:00:39") == []
    (down,) = night.until("23:30")
    assert (down.cause, down.priority) == (HUB, Priority.TECHNICAL)
    assert down.text == "Hub · hub zigbee2mqtt is off: beds 2, 12 not watched"
    assert down.action == "Look in on beds 2, 12. Then check the hub's plug and its cable."
    assert down.caused_at == at("22:00:10")


def test_the_beds_behind_a_hub_are_blind_from_the_first_moment() -> None:
    night = Night(behind_a_hub("12"), start=at("22:00"))
    speak(night, "22:00", "12")
    link(night, False, "22:00:10")
    assert not night.engine.liveness[DeviceId("zigbee2mqtt", "mat 12")].online


def test_a_hub_that_restarts_within_the_grace_is_quiet() -> None:
    night = Night(behind_a_hub("12"), start=at("22:00"))
    speak(night, "22:00", "12")
    link(night, False, "22:00:10")
    link(night, True, "22:00:30")
    speak(night, "22:00:31", "12")
    assert night.until("22:02:30") == []
    assert hub_cleared(night) == []


def test_a_device_still_silent_when_the_hub_is_back_is_raised_after_one_interval() -> None:
    night = Night(behind_a_hub("12", "14"), start=at("22:00"))
    speak(night, "22:00", "12", "14")
    link(night, False, "22:00:10")
    night.until("22:30")
    link(night, True, "22:30")
    assert [(c.cause, c.words) for c in hub_cleared(night)] == [(HUB, "back at 22:30")]
    speak(night, "22:31", "14")
    assert night.until("22:31:59") == []
    (silent,) = night.until("22:32")
    assert silent.cause == Cause(AlertKind.DEVICE_SILENT, PlaceId("12", "bed"), "MAT-12")


def test_a_hub_in_the_register_is_raised_where_it_stands_and_once() -> None:
    office = PlaceId("Office", "shelf")
    night = Night(behind_a_hub("12", hub_at=office), start=at("22:00"))
    speak(night, "22:00", "12")
    link(night, True, "22:00")
    link(night, False, "22:00:10")
    (down,) = night.until("06:00")
    assert down.cause.place == office
    assert down.text == "Office · hub HUB-1 is off: bed 12 not watched"


def test_a_big_home_counts_its_beds_in_the_headline_and_names_them_below() -> None:
    rooms = [str(number) for number in range(1, 41)]
    night = Night(behind_a_hub(*rooms), start=at("22:00"))
    link(night, False, "22:00:10")
    (down,) = [r for r in night.until("22:01") if r.cause == HUB]
    assert down.text == "Hub · hub zigbee2mqtt is off: 40 beds not watched"
    assert "beds 1, 2, 3," in down.action
    assert "40." in down.action


def test_a_hub_closed_while_it_is_down_is_asked_about_again() -> None:
    night = Night(behind_a_hub("12"), start=at("22:00"))
    speak(night, "22:00", "12")
    link(night, False, "22:00")
    night.until("22:01")
    night.closed(HUB, when="22:05")
    assert night.until("22:19:59") == []
    assert [r.cause for r in night.until("22:20")] == [HUB]


def test_a_hub_that_is_down_stays_so_through_a_restart() -> None:
    plan = behind_a_hub("12")
    before = Night(plan, start=at("22:00"))
    speak(before, "22:00", "12")
    link(before, False, "22:00")
    before.until("22:01")
    night = before.restarted(plan, "22:05", watched_until="22:04")
    assert night.until("06:00") == []
    link(night, True, "06:01", fresh=False)
    assert [c.cause for c in hub_cleared(night)] == [HUB]
