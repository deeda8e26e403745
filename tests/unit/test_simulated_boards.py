"""Boards with inputs say what real ones say: wills, retained states, power-on values, jitter."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from gateway.dialects import dialects, owner
from gateway.messages import RawMessage
from nightwarden.model.readings import DeviceId, Quantity
from simulators.home_description import parse_home
from simulators.simulation import Simulation
from simulators.story import Unplug
from simulators.wire import WireMessage
from tests.every_dialect import EVERYBODY_UP, MATS, START, described

OFF = Unplug(after_s=240, for_s=400)
UNPLUGGED = replace(EVERYBODY_UP, exits=(), unplugs=(OFF,) * len(MATS))
RADIOS = {"chirpstack", "thethings", "rtl_433", "zigbee2mqtt"}


def said(simulation: Simulation, **length: float) -> list[WireMessage]:
    return list(simulation.messages_until(START + timedelta(**length)))


def topics(messages: list[WireMessage], wanted: str) -> list[WireMessage]:
    return [one for one in messages if one.topic == wanted]


def test_the_same_seed_gives_the_same_bytes_in_every_dialect() -> None:
    once, again = (
        said(Simulation(described(), 5, START, EVERYBODY_UP), minutes=20) for _ in range(2)
    )
    assert [(m.at, m.topic, m.payload()) for m in once] == [
        (m.at, m.topic, m.payload()) for m in again
    ]


def test_boards_without_power_leave_their_will_and_radios_are_silent() -> None:
    tongues = dialects("elm-house")
    simulation = Simulation(described(), 3, START, UNPLUGGED)
    links: dict[DeviceId, list[bool]] = {}
    for message in said(simulation, minutes=15):
        tongue = owner(tongues, message.topic)
        assert tongue is not None, message.topic
        heard = tongue.read(RawMessage(message.topic, message.payload(), message.at, retain=False))
        for lesson in heard.lessons:
            tongue.learn(lesson)  # type: ignore[attr-defined]
        assert not heard.requests, message
        for reading in heard.readings:
            if reading.quantity is Quantity.LINK:
                link = links.setdefault(reading.device.whole, [])
                if link[-1:] != [reading.value]:
                    link.append(bool(reading.value))
    for mat in (one for one in simulation.home.fittings if one.tag.startswith("bed_mat")):
        radio = mat.device.dialect in RADIOS
        assert links[mat.device.whole] == ([True] if radio else [True, False, True]), mat


def test_a_tasmota_starts_with_85_degrees_and_tells_a_switch_twice() -> None:
    messages = said(Simulation(described(), 3, START, EVERYBODY_UP), minutes=12)
    assert topics(messages, "tele/tas-1/LWT")[0].payload() == b"Online"
    sensors = [json.loads(m.payload()) for m in topics(messages, "tele/tas-1/SENSOR")]
    assert sensors[0]["DS18B20"] == {"Id": "3CE10457A8F9", "Temperature": 85.0}
    assert sensors[-1]["DS18B20"]["Temperature"] < 80
    assert sensors[0]["Time"].startswith("2026-11-23T23:00:0")
    told = topics(messages, "stat/tas-1/RESULT")
    assert [json.loads(m.payload()) for m in told] == [
        {"Switch1": {"Action": "OFF"}},
        {"Switch1": {"Action": "ON"}},
    ]
    at = [m.at for m in topics(messages, "tele/tas-1/SENSOR")]
    assert {m.at for m in told} <= set(at)


def test_a_button_and_a_valve_speak_through_their_blu_gateway() -> None:
    blu = "dialect: shelly, address: shellyblugwg3-aabbccddeeff, channel"
    text = f"""
home: {{id: elm-house, timezone: Europe/London, practice: true}}
equipment:
  - {{tag: BTN, kind: call_button, at: 1/bed, device: {{{blu}: "bthomedevice:200"}}}}
  - {{tag: TRV, kind: temperature_sensor, mount: valve, at: 1/radiator,
      device: {{{blu}: "blutrv:201"}}}}
"""
    told = said(Simulation(parse_home(text, "blu.yaml"), 3, START, EVERYBODY_UP), hours=30)
    rpc = [json.loads(m.payload()) for m in topics(told, "shellyblugwg3-aabbccddeeff/events/rpc")]
    full = rpc[0]["params"]
    assert "switch:0" not in full
    assert {"current_C", "battery", "last_updated_ts"} <= full["blutrv:201"].keys()
    assert full["blutrv:201"]["last_updated_ts"] == int(full["ts"])
    known = [one["params"]["blutrv:201"] for one in rpc[:9] if "blutrv:201" in one["params"]]
    packets = [one["packet_id"] for one in known]
    assert packets == sorted(set(packets))
    button = DeviceId("shelly", "shellyblugwg3-aabbccddeeff").at_channel("bthomedevice:200")
    tongue = owner(dialects("elm-house"), "shellyblugwg3-aabbccddeeff/events/rpc")
    assert tongue is not None
    heard = [
        reading
        for m in told
        if m.topic.endswith("/rpc")
        for reading in tongue.read(RawMessage(m.topic, m.payload(), m.at, retain=False)).readings
        if reading.device == button
    ]
    assert Quantity.ACTION in {one.quantity for one in heard}
    assert Quantity.BATTERY in {one.quantity for one in heard}
    assert all(one.fresh for one in heard)


def test_homie_5_describes_itself_in_one_piece_and_has_no_statistics() -> None:
    told = said(Simulation(described(), 3, START, EVERYBODY_UP), minutes=80)
    five = [m for m in told if m.sender.address == "homie5-rad"]
    states = [m.payload() for m in five if m.topic.endswith("$state")]
    assert states == [b"init", b"ready"]
    assert not [m for m in five if "$stats" in m.topic]
    nodes = json.loads(topics(five, "homie/5/homie5-rad/$description")[0].payload())["nodes"]
    assert nodes["pipe"]["properties"]["temperature"]["unit"] == "°C"
    assert len(topics(five, "homie/5/homie5-rad/power/battery")) == 2
    assert all(m.retain for m in five)


def test_the_bridge_lists_a_device_with_endpoints_once_and_says_all_that_it_knows() -> None:
    told = said(Simulation(described(), 3, START, EVERYBODY_UP), minutes=6)
    [listed] = [
        one
        for one in json.loads(topics(told, "zigbee2mqtt/bridge/devices")[0].payload())
        if one["friendly_name"] == "Twin box"
    ]
    named = {one["property"] for one in listed["definition"]["exposes"]}
    assert named == {"contact_l1", "temperature_l2", "contact_l3", "linkquality"}
    bodies = [json.loads(m.payload()) for m in topics(told, "zigbee2mqtt/Twin box")]
    assert all(named < body.keys() for body in bodies)
    assert {body["contact_l1"] for body in bodies} == {True, False}
    assert len(topics(told, "zigbee2mqtt/Twin box/availability")) == 1


def test_a_lorawan_mat_joins_counts_its_frames_and_speaks_each_10_to_60_minutes() -> None:
    root = "application/3c1d5a0e-6e0e-4a3b-9a51-0d1e4c5b7a11/device/24e124136b01bbbb/event"
    quiet = replace(EVERYBODY_UP, exits=(), quiet_s=1e6)
    messages = said(Simulation(described(), 3, START, quiet), hours=12)
    assert len(topics(messages, f"{root}/join")) == 1
    ups = topics(messages, f"{root}/up")
    bodies = [json.loads(m.payload()) for m in ups]
    assert [body.get("fCnt", 0) for body in bodies] == list(range(len(ups)))
    assert len({body["deduplicationId"] for body in bodies}) == len(ups)
    gaps = [(b.at - a.at) / timedelta(minutes=1) for a, b in pairwise(ups)]
    assert 10 <= min(gaps) < 20 < 50 < max(gaps) <= 60
    assert bodies[-1]["object"] == {
        "magnet_status": "close",
        "battery": bodies[-1]["object"]["battery"],
    }


def test_what_real_boards_retain_is_retained() -> None:
    messages = said(Simulation(described(), 3, START, EVERYBODY_UP), minutes=12)
    kept = {m.topic for m in messages if m.retain}
    assert {
        "tele/tas-1/LWT",
        "shellies/shelly1-A1B2C3/online",
        "bed-esp/binary_sensor/mat_left/state",
        "homie/mat-h/mat/occupied",
        "homeassistant/binary_sensor/bed-esp/mat_left/config",
        "nw-bed-ha/availability",
    } <= kept
    assert not {t for t in kept if t.startswith(("application/", "v3/", "spBv1.0/", "rtl_433/"))}
    assert not {t for t in kept if t.startswith(("tele/tas-1/S", "stat/", "nw-bed-ha/readings"))}
