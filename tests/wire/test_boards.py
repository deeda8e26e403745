"""Tasmota, Shelly and ESPHome beyond what was captured: what their documentation says."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gateway.dialects import dialects, owner
from gateway.dialects.base import Dialect, Heard, Learner
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
TS = NOW.timestamp()
Said = list[tuple[str, str, object]]


def hear(
    topic: str, payload: object, *, retain: bool = False, spoken: tuple[Dialect, ...] = ()
) -> Heard:
    dialect = owner(spoken or dialects("elm-house"), topic)
    assert dialect is not None
    body = payload if isinstance(payload, str) else json.dumps(payload)
    return dialect.read(RawMessage(topic, body.encode(), NOW, retain=retain))


def said(heard: Heard) -> Said:
    return [(r.device.address, str(r.quantity), r.value) for r in heard.readings]


def notified(**params: object) -> dict[str, object]:
    return {"src": "s", "method": "NotifyStatus", "params": {"ts": TS, **params}}


def happened(component: str, word: str) -> dict[str, object]:
    event = {"component": component, "id": 0, "event": word, "ts": TS}
    return {"src": "s", "method": "NotifyEvent", "params": {"ts": TS, "events": [event]}}


@pytest.mark.parametrize(
    ("topic", "payload", "meant"),
    [
        # Tasmota: https://tasmota.github.io/docs/Buttons-and-Switches/, /Zigbee/, /MLX90614/
        (
            "tele/b/SENSOR",
            '{"DHT11":{"Temperature":nan},"DS18B20":{"Temperature":21}}',
            [("b#DS18B20", "temperature", 21.0)],
        ),
        ("tele/b/SENSOR", {"ESP32": {"Temperature": 53.3}}, []),
        (
            "tele/b/SENSOR",
            {"MLX90614": {"OBJTMP": 113.9, "AMBTMP": 70}, "TempUnit": "F"},
            [("b#MLX90614", "temperature", 45.5)],
        ),
        (
            "tele/b/SENSOR",
            {"ANALOG": {"Temperature1": 40, "Temperature2": 41}},
            [
                ("b#ANALOG/Temperature1", "temperature", 40.0),
                ("b#ANALOG/Temperature2", "temperature", 41.0),
            ],
        ),
        (
            "tele/zb/SENSOR",
            {"ZbReceived": {"0x1": {"Device": "0x1", "Name": "door 12", "Contact": 1}}},
            [("zb#door 12", "contact", False)],
        ),
        ("stat/b/RESULT", {"Button1": {"Action": "SINGLE"}}, [("b#Button1", "action", "press")]),
        ("stat/b/RESULT", {"Switch1": {"Action": "TOGGLE"}}, [("b#Switch1", "action", "press")]),
        ("stat/b/RESULT", {"POWER": "ON"}, []),
        ("b/stat/STATUS8", {"StatusSNS": {"Switch2": "OFF"}}, [("b#Switch2", "contact", False)]),
        ("east/12/tele/LWT", "Offline", [("east/12", "link", False)]),
        ("tele/b/STATE", {"POWER": "ON"}, [("b", "link", True)]),
        # Shelly: shelly-api-docs.shelly.cloud, gen1 and gen2
        ("shellies/s/input/0", "1", [("s#input/0", "contact", True)]),
        (
            "shellies/s/input_event/0",
            {"event": "L", "event_cnt": 7},
            [("s#input/0", "action", "press")],
        ),
        ("shellies/s/input_event/0", {"event": "", "event_cnt": 0}, []),
        ("shellies/s/info", {"tmp": {"tC": 59.0, "tF": 138.2, "is_valid": True}}, []),
        ("shellies/s/temperature", "59.0", []),
        (
            "s/events/rpc",
            notified(**{"input:0": {"id": 0, "state": None}}),
            [("s", "link", True)],
        ),
        (
            "s/events/rpc",
            happened("input:0", "btn_down"),
            [("s#input:0", "contact", True), ("s", "link", True)],
        ),
        (
            "s/events/rpc",
            happened("bthomedevice:200", "long_push"),
            [("s#bthomedevice:200", "action", "press"), ("s", "link", True)],
        ),
        ("s/events/rpc", happened("script:1", "single_push"), [("s", "link", True)]),
        (
            "home/s/status/blutrv:200",
            {"id": 200, "current_C": 21.5, "battery": 90},
            [("home/s#blutrv:200", "temperature", 21.5), ("home/s#blutrv:200", "battery", 90.0)],
        ),
        ("s/status/wifi", {"rssi": -60}, []),
        # ESPHome: https://esphome.io/components/mqtt/
        ("n/sensor/esp32_internal_temperature/state", "53.3", [("n", "link", True)]),
        ("n/sensor/uptime/state", "3600", [("n", "link", True)]),
        ("n/sensor/battery_level/state", "88", [("n", "battery", 88.0)]),
        ("n/binary_sensor/front_door/state", "ON", [("n#front_door", "contact", False)]),
        ("n/event/call/state", {"event_type": "press"}, [("n#call", "action", "press")]),
        ("east/n/status", "online", [("east/n", "link", True)]),
    ],
)
def test_what_the_documentation_says(topic: str, payload: object, meant: Said) -> None:
    assert said(hear(topic, payload)) == meant


@pytest.mark.parametrize(
    ("topic", "payload", "device", "words"),
    [
        ("tele/b/SENSOR", {"DS18B20": {"Temperature": -127}}, "b#DS18B20", "unplugged"),
        ("tele/b/SENSOR", {"DS18B20": {"Temperature": 1}, "TempUnit": "X"}, "b#DS18B20", '"X"'),
        ("tele/b/SENSOR", {"Epoch": TS + 3600}, "b", "set the device's clock"),
        ("shellies/s/ext_temperature/0", "999", "s#ext_temperature/0", "unplugged"),
        ("s/status/temperature:100", {"tC": None, "errors": ["read"]}, "s#temperature:100", "null"),
        ("n/sensor/surface_temp/state", "nan", "n#surface_temp", "nan"),
        ("n/binary_sensor/mat/state", "maybe", "n#mat", '"ON" or "OFF"'),
    ],
)
def test_what_cannot_be_believed_is_a_problem(
    topic: str, payload: object, device: str, words: str
) -> None:
    (problem,) = hear(topic, payload).problems
    assert problem.device.address == device
    assert words in problem.reason


@pytest.mark.parametrize("topic", ["s/online", "n/status", "tele/b/LWT"])
def test_a_link_that_is_none_of_its_words_is_refused(topic: str) -> None:
    with pytest.raises(Unreadable, match="is due"):
        hear(topic, "maybe")


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("stat/b/RESULT", {"Button1": {"Action": "SINGLE"}}),
        ("tele/b/RESULT", {"RfReceived": {"Data": "79FAE1"}}),
        ("shellies/s/input_event/0", {"event": "S", "event_cnt": 3}),
        ("n/event/call/state", {"event_type": "press"}),
    ],
)
def test_a_press_that_the_broker_remembers_is_nobody_calling(topic: str, payload: object) -> None:
    assert said(hear(topic, payload))
    assert said(hear(topic, payload, retain=True)) == []


def test_an_echo_of_a_push_has_the_same_number() -> None:
    (push,) = hear("shellies/s/input_event/0", {"event": "S", "event_cnt": 3}).readings
    assert push.seq == 3


def test_the_unit_that_a_sensor_said_once_is_remembered() -> None:
    spoken = dialects("elm-house")
    topic, info = "shellies/s/sensor/temperature", {"tmp": {"units": "F", "tC": 20.0, "value": 68}}
    taught = hear("shellies/s/info", info, spoken=spoken)
    assert said(taught) == [("s", "temperature", 20.0)]
    dialect = owner(spoken, topic)
    assert isinstance(dialect, Learner)
    assert all(dialect.learn(lesson) for lesson in taught.lessons)
    assert said(hear(topic, "68.0", spoken=spoken)) == [("s", "temperature", 20.0)]
    assert hear("shellies/s/info", info, spoken=spoken).lessons == ()
    info["tmp"]["units"] = "C"
    assert all(dialect.learn(each) for each in hear("shellies/s/info", info, spoken=spoken).lessons)
    assert said(hear(topic, "20.0", spoken=spoken)) == [("s", "temperature", 20.0)]


def test_what_a_gateway_remembers_of_a_bluetooth_device_proves_nobody_alive() -> None:
    status = {"id": 200, "battery": 97, "last_updated_ts": TS - 3600}
    (battery,) = hear("s/status/bthomedevice:200", status).readings
    assert battery.measured_at == NOW - timedelta(hours=1)
    assert not battery.fresh
    status["last_updated_ts"] = TS - 5
    (battery,) = hear("s/status/bthomedevice:200", status).readings
    assert battery.fresh


@pytest.mark.parametrize(
    ("body", "measured_at"),
    [
        ({"Time": "2026-11-01T01:30:00"}, NOW),  # local time, and told twice this night
        ({"Time": "1970-01-01T00:00:08+00:00"}, NOW),  # a clock that was never set
        ({"Time": "2026-11-01T04:29:50+02:00"}, NOW - timedelta(seconds=10)),
        ({"Time": "2026-11-01T01:30:00", "Epoch": TS - 30}, NOW - timedelta(seconds=30)),
    ],
)
def test_a_board_s_clock_is_believed_where_it_says_its_offset(
    body: dict[str, object], measured_at: datetime
) -> None:
    (reading,) = hear("tele/b/SENSOR", {**body, "Switch1": "ON"}).readings
    assert reading.measured_at == measured_at
