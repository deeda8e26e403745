"""Zigbee2MQTT beyond the captures: every form its documentation gives, and every wrong one."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from gateway.dialects import dialects, owner
from gateway.dialects.base import NOTHING, Heard
from gateway.dialects.zigbee2mqtt import BRIDGE, Zigbee2MqttDialect
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity, Reading

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
DIALECT = Zigbee2MqttDialect()


def hear(
    payload: object, *, topic: str = "zigbee2mqtt/mat_07", retain: bool = False, now: datetime = NOW
) -> Heard:
    raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return DIALECT.read(RawMessage(topic, raw, now, retain=retain))


def only(heard: Heard) -> Reading:
    assert heard.problems == ()
    (reading,) = heard.readings
    return reading


# --- devices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Room 12 radiator", "east/12/bed.mat", "set/bed", "Küche"])
def test_a_friendly_name_may_hold_spaces_dots_and_slashes(name: str) -> None:
    device = DeviceId("zigbee2mqtt", name)
    assert only(hear({"pressure": True}, topic=f"zigbee2mqtt/{name}")).device == device
    for payload in (b"offline", b'{"state":"offline"}'):
        reading = only(hear(payload, topic=f"zigbee2mqtt/{name}/availability"))
        assert reading == Reading(device, Quantity.LINK, False, NOW, NOW)


@pytest.mark.parametrize(
    "payload",
    [b"Online", b'"on"', b"{}", b'{"state":1}', b'{"state":"unknown"}', b"\xff", b"[]", b'{"sta'],
)
@pytest.mark.parametrize("topic", ["zigbee2mqtt/mat_07/availability", "zigbee2mqtt/bridge/state"])
def test_any_other_availability_is_refused(payload: bytes, topic: str) -> None:
    with pytest.raises(Unreadable, match="due"):
        hear(payload, topic=topic)


def test_what_an_endpoint_says_is_of_its_channel_and_what_looks_like_one_is_not() -> None:
    box = DeviceId("zigbee2mqtt", "mat_07")
    body = {"contact_l1": False, "temperature_l2": 41.5, "occupancy_left": True, "contact": True}
    other = {"temperature_calibration": 0.5, "occupancy_timeout": 60, "contact_l": True}
    heard = hear({**body, **other, "state_l3": "ON"})
    assert heard.problems == ()
    assert {(one.device, one.quantity): one.value for one in heard.readings} == {
        (box, Quantity.CONTACT): True,
        (box.at_channel("l1"), Quantity.CONTACT): False,
        (box.at_channel("l2"), Quantity.TEMPERATURE): 41.5,
        (box.at_channel("left"), Quantity.OCCUPANCY): True,
    }
    alone = only(hear(b"21.4", topic="zigbee2mqtt/mat_07/temperature_l2"))
    assert (alone.device, alone.value) == (box.at_channel("l2"), 21.4)
    [problem] = hear({"contact_l1": "maybe", "temperature_l2": 20}).problems
    assert problem.device == box.at_channel("l1")


@pytest.mark.parametrize(
    ("body", "occupied"),
    [
        ({"occupancy": True}, True),
        ({"pressure": False}, False),
        ({"pressure_state": "sedentary", "temperature": 24}, True),
        ({"status": "on_the_bed"}, True),
        ({"status": "unoccupied"}, False),
        ({"status": "occupied"}, False),
        ({"status": "sitting"}, False),
        ({"status": "low_posture"}, False),
        ({"status": "falling"}, False),
    ],
)
def test_each_way_to_say_that_somebody_is_there(body: dict[str, object], occupied: bool) -> None:
    reading = only(hear(body))
    assert (reading.quantity, reading.value) == (Quantity.OCCUPANCY, occupied)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"linkquality": 63},
        {"pressure": 990, "humidity": 40},
        {"device_temperature": 31},
        {"battery_low": False},
        {"action": "single"},
        {"action": ""},
        {"status": "OK"},
        {"status": 3},
        {"temperature": None, "battery": None, "occupancy": None, "last_seen": None},
        {"tamper": True, "water_leak": False},
    ],
)
def test_what_is_fine_and_not_for_us(body: dict[str, object]) -> None:
    assert hear(body) == NOTHING


@pytest.mark.parametrize("action", ["press", "cancel", "help"])
def test_an_action_in_our_words_is_a_call(action: str) -> None:
    assert only(hear({"action": action})).value == action


def test_the_low_flag_wins_over_the_percentage() -> None:
    reading = only(hear({"battery": 100, "battery_low": True}))
    assert (reading.quantity, reading.value) == (Quantity.BATTERY, 5.0)


@pytest.mark.parametrize(("text", "celsius"), [("21.50", 21.5), ("-3", -3.0), ("+4.0", 4.0)])
def test_a_number_may_come_as_a_text(text: str, celsius: float) -> None:
    assert only(hear({"temperature": text})).value == celsius


@pytest.mark.parametrize(
    ("field", "value", "due"),
    [
        ("temperature", 327.67, "-10 to 110"),
        ("temperature", "nan", "-10 to 110"),
        ("temperature", "1e999", "-10 to 110"),
        ("temperature", "9" * 400, "-10 to 110"),
        ("temperature", -127, "DS18B20 unplugged"),
        ("temperature", False, "-10 to 110"),
        ("battery", 200, "0 to 100"),
        ("battery", "full", "0 to 100"),
        ("battery_low", "no", "true or false"),
        ("pressure", "high", "true"),
        ("pressure_state", "standing", '"none", "sit" or "sedentary"'),
        ("occupancy", "ON", "true"),
        ("status", "Unknown (6)", "does not explain"),
        ("last_seen", "3 minutes ago", "2026-11-01T02:30:00Z"),
        ("last_seen", "2026-11-01T02:30:00", "no offset"),
        ("last_seen", True, "2026-11-01T02:30:00Z"),
        ("last_seen", 10**19, "milliseconds since 1970"),
        ("last_seen", "2026-11-01T02:35:01Z", "set the clock"),
    ],
)
def test_a_doubtful_field_is_named_and_the_others_count(
    field: str, value: object, due: str
) -> None:
    heard = hear({field: value, "contact": False})
    (problem,) = heard.problems
    assert problem.device == DeviceId("zigbee2mqtt", "mat_07")
    assert problem.reason.startswith(f"{field} ")
    assert due in problem.reason
    (reading,) = heard.readings
    assert reading == Reading(problem.device, Quantity.CONTACT, False, NOW, NOW)


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "last_seen",
    [
        "2026-11-01T02:29:59.000Z",
        "2026-11-01T03:29:59+01:00",
        1793500199000,
        1793500199,
    ],
)
def test_last_seen_in_each_of_its_forms(last_seen: object) -> None:
    reading = only(hear({"pressure": True, "last_seen": last_seen}))
    assert reading.measured_at == NOW - timedelta(seconds=1)
    assert (reading.fresh, reading.timed) == (True, True)


@pytest.mark.parametrize(("age_s", "fresh"), [(0, True), (60, True), (61, False), (86400, False)])
def test_the_bridge_replaying_its_memory_proves_nobody_alive(age_s: int, fresh: bool) -> None:
    seen = NOW - timedelta(seconds=age_s)
    reading = only(hear({"temperature": 47.3, "last_seen": seen.isoformat()}))
    assert (reading.measured_at, reading.fresh, reading.timed) == (seen, fresh, True)


def test_a_bridge_a_little_ahead_measures_at_receipt() -> None:
    reading = only(hear({"pressure": True, "last_seen": "2026-11-01T02:35:00Z"}))
    assert (reading.measured_at, reading.fresh, reading.timed) == (NOW, True, True)


def test_a_retained_message_proves_nobody_alive() -> None:
    assert only(hear({"pressure": True}, retain=True)).fresh is False


# --- attribute output -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "payload", "quantity", "value"),
    [
        ("bed/pressure", b"true", Quantity.OCCUPANCY, True),
        ("bed/pressure_state", b"none", Quantity.OCCUPANCY, False),
        ("bed/temperature", b"21.5", Quantity.TEMPERATURE, 21.5),
        ("bed/battery", b"93", Quantity.BATTERY, 93.0),
        ("bed/contact", b"false", Quantity.CONTACT, False),
        ("bed/action", b"help", Quantity.ACTION, "help"),
    ],
)
def test_a_property_on_a_topic_of_its_own(
    topic: str, payload: bytes, quantity: Quantity, value: object
) -> None:
    reading = only(hear(payload, topic=f"zigbee2mqtt/{topic}"))
    assert reading == Reading(DeviceId("zigbee2mqtt", "bed"), quantity, reading.value, NOW, NOW)
    assert reading.value == value


def test_an_object_on_such_a_topic_is_a_device_of_that_name() -> None:
    reading = only(hear({"contact": True}, topic="zigbee2mqtt/12/contact"))
    assert reading.device == DeviceId("zigbee2mqtt", "12/contact")


@pytest.mark.parametrize("payload", [b"141", b"ON", b"-0.5", b"2026-11-01T02:30:00Z", b"1,2,3"])
def test_other_properties_on_topics_of_their_own_are_not_for_us(payload: bytes) -> None:
    assert hear(payload, topic="zigbee2mqtt/bed/linkquality") == NOTHING


def test_a_doubtful_property_is_named() -> None:
    (problem,) = hear(b"ajar", topic="zigbee2mqtt/bed/contact").problems
    assert "contact" in problem.reason
    assert "ajar" in problem.reason


# --- what is refused, and what is not for us ---------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("zigbee2mqtt/mat_07", b"true"),
        ("zigbee2mqtt/mat_07", b"not json"),
        ("zigbee2mqtt/mat_07", b"[]"),
        ("zigbee2mqtt/mat_07", b'{"temperature": NaN}'),
        ("zigbee2mqtt/mat_07", b'{"pressure": true, "pad": "' + b"x" * 1024 * 1024 + b'"}'),
        ("zigbee2mqtt/12/mat", b'{"pressure": tr'),
        ("zigbee2mqtt/12/mat", b"not json"),
        ("zigbee2mqtt/12/mat", b"\xff\xfe"),
        ("zigbee2mqtt/12/contact", b"\xff\xfe"),
        ("zigbee2mqtt", b"{}"),
        ("zigbee2mqtt/", b"{}"),
        ("zigbee2mqtt//availability", b"{}"),
        ("zigbee2mqtt/bridge/event", b"device_leave"),
        ("zigbee2mqtt/bridge/event", b'{"type": "device_leave"}'),
        ("zigbee2mqtt/bridge/event", b'{"type": "device_leave", "data": {"friendly_name": ""}}'),
    ],
)
def test_what_cannot_be_read_is_refused(topic: str, payload: bytes) -> None:
    with pytest.raises(Unreadable, match=r"due|neither|leave the field out"):
        hear(payload, topic=topic)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("zigbee2mqtt/lamp/set", b"ON"),
        ("zigbee2mqtt/lamp/set/state", b"ON"),
        ("zigbee2mqtt/lamp/set/occupancy", b"true"),
        ("zigbee2mqtt/lamp/get", b'{"state": ""}'),
        ("zigbee2mqtt/east/12/bed/get/contact", b""),
        ("zigbee2mqtt/bridge/devices", b"[" + b'{"x": 1},' * 200_000 + b"{}]"),
        ("zigbee2mqtt/bridge/logging", b'{"level": "info", "message": "hello"}'),
        ("zigbee2mqtt/bridge/request/restart", b""),
        ("zigbee2mqtt/bridge/event", b'{"type": "device_joined", "data": {}}'),
        ("zigbee2mqtt/bridge", b"x"),
        ("zigbee2mqtt/mat_07", b""),
        ("zigbee2mqtt/mat_07/availability", b""),
        ("zigbee2mqtt/mat_07/contact", b""),
    ],
)
def test_what_others_say_under_the_base_is_not_for_us(topic: str, payload: bytes) -> None:
    assert hear(payload, topic=topic) == NOTHING


def test_the_bridge_itself_is_a_device() -> None:
    for payload in (b"offline", b'{"state":"offline"}'):
        reading = only(hear(payload, topic="zigbee2mqtt/bridge/state", retain=True))
        assert reading == Reading(BRIDGE, Quantity.LINK, False, NOW, NOW, fresh=False)


def test_a_device_that_leaves_is_offline_under_the_name_it_had() -> None:
    for data, name in (
        ({"friendly_name": "bed 3", "ieee_address": "0x01"}, "bed 3"),
        ({"ieee_address": "0x01"}, "0x01"),
    ):
        event = {"type": "device_leave", "data": data}
        reading = only(hear(event, topic="zigbee2mqtt/bridge/event"))
        assert reading == Reading(DeviceId("zigbee2mqtt", name), Quantity.LINK, False, NOW, NOW)


def test_another_base_is_another_bridge() -> None:
    found = owner(dialects("elm-house"), "zigbee2mqtt/mat_07")
    assert found is not None
    assert found.name == "zigbee2mqtt"
    assert owner(dialects("elm-house"), "zigbee2mqtt-2/mat_07") is None
    assert owner(dialects("elm-house"), "someone/else") is None
