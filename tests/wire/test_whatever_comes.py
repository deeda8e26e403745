"""Whatever the wire brings is read or refused: no bytes stop the gateway or mislead the rules."""

import json
import math
import string
from datetime import UTC, datetime, timedelta, timezone

import orjson
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from gateway.dialects.base import Dialect, Heard
from gateway.dialects.native import NativeDialect
from gateway.dialects.zigbee2mqtt import Zigbee2MqttDialect
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity, Reading

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
NATIVE = NativeDialect("elm-house")
ZIGBEE = Zigbee2MqttDialect()
TYPES: dict[Quantity, type] = {
    Quantity.OCCUPANCY: bool,
    Quantity.TEMPERATURE: float,
    Quantity.CONTACT: bool,
    Quantity.ACTION: str,
    Quantity.BATTERY: float,
    Quantity.LINK: bool,
    Quantity.PROOF: str,
}


def assert_read_or_refused(dialect: Dialect, message: RawMessage) -> None:
    """Sound readings, or a sentence that says why there are none; no other error is caught."""
    outcome = _heard(dialect, message)
    if isinstance(outcome, str):
        assert outcome.endswith(".")
        return
    for problem in outcome.problems:
        assert problem.reason.endswith(".")
    for reading in outcome.readings:
        assert reading.received_at == message.received_at
        assert not (message.retain and reading.fresh)
        assert_sound(reading)


def _heard(dialect: Dialect, message: RawMessage) -> Heard | str:
    try:
        return dialect.read(message)
    except Unreadable as refused:
        return str(refused)


def assert_sound(reading: Reading) -> None:
    """The right type, finite, plausible, in UTC and not measured after its receipt."""
    assert type(reading.value) is TYPES[reading.quantity]
    if isinstance(reading.value, float):
        assert math.isfinite(reading.value)
    if reading.quantity is Quantity.TEMPERATURE:
        assert -10 <= float(reading.value) <= 110
    if reading.quantity is Quantity.BATTERY:
        assert 0 <= float(reading.value) <= 100
    assert reading.measured_at.utcoffset() == timedelta(0)
    assert reading.measured_at <= reading.received_at
    assert reading.device.address


# --- the native dialect -----------------------------------------------------------------------

NATIVE_TOPICS = st.one_of(
    st.sampled_from(["", "/", "/x", "/x/availability", "/~x"]).map(
        lambda end: f"nightwarden/v1/elm-house/device{end}"
    ),
    st.just("nightwarden/v1/elm-house/proof"),
    st.text(st.characters(exclude_characters="#+\0", exclude_categories=["Cs"])).map(
        lambda address: f"nightwarden/v1/elm-house/device/{address}"
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NATIVE_FIELD_NAMES = [
    "at",
    "seq",
    "occupancy",
    "temperature",
    "contact",
    "action",
    "battery",
    "token",
]
NATIVE_PAYLOADS = st.one_of(
    st.binary(),
    st.sampled_from([b"online", b"offline", b"NaN", b"[" * 3000]),
    # Python's own writer, since it writes NaN, Infinity and integers of any size.
    st.dictionaries(st.sampled_from(NATIVE_FIELD_NAMES) | st.text(), JSON).map(
        lambda body: json.dumps(body).encode()
    ),
    st.dictionaries(
        st.sampled_from(NATIVE_FIELD_NAMES),
        st.datetimes(timezones=st.timezones()).map(str) | st.text(),
    ).map(orjson.dumps),
)


@given(NATIVE_TOPICS, NATIVE_PAYLOADS, st.booleans())
def test_whatever_comes_in_the_native_dialect_is_read_or_refused(
    topic: str, payload: bytes, retain: bool
) -> None:
    assert NATIVE.owns(topic)
    assert any(topic_matches_sub(each, topic) for each in NATIVE.filters())
    assert_read_or_refused(NATIVE, RawMessage(topic, payload, NOW, retain=retain))


NOTHING_KNOWN = (
    "The message has none of the fields at, seq, occupancy, temperature, contact, action, battery."
)


@st.composite
def well_formed(draw: st.DrawFn) -> dict[str, object]:
    offset = timezone(timedelta(minutes=draw(st.integers(-14 * 60, 14 * 60))))
    at = st.timedeltas(timedelta(0), timedelta(hours=24)).map(
        lambda age: (NOW - age).astimezone(offset).isoformat()
    )
    fields: dict[str, st.SearchStrategy[object]] = {
        "at": at,
        "seq": st.integers(0, 2**63 - 1),
        "occupancy": st.booleans(),
        "temperature": st.floats(-10, 110) | st.integers(-10, 110),
        "contact": st.booleans(),
        "action": st.sampled_from(["press", "cancel", "help"]),
        "battery": st.floats(0, 100) | st.integers(0, 100),
        "rssi": st.integers(-100, 0),
    }
    return draw(st.fixed_dictionaries({}, optional=fields))


ADDRESSES = st.text(string.ascii_letters + " /-_.äß", min_size=1).filter(
    lambda address: not address.endswith("/availability")
)


@given(well_formed(), ADDRESSES, st.booleans())
def test_a_well_formed_message_comes_out_as_it_went_in(
    body: dict[str, object], address: str, retain: bool
) -> None:
    message = RawMessage(
        f"nightwarden/v1/elm-house/device/{address}", orjson.dumps(body), NOW, retain=retain
    )
    quantities = {name: body[name] for name in body if name not in ("at", "seq", "rssi")}
    heard = _heard(NATIVE, message)
    if not quantities and "at" not in body and "seq" not in body:
        assert heard == NOTHING_KNOWN
        return
    assert isinstance(heard, Heard)
    assert heard.problems == ()
    got = {str(reading.quantity): reading.value for reading in heard.readings}
    assert got == (quantities or {"link": True})
    at = body.get("at")
    measured_at = datetime.fromisoformat(at) if isinstance(at, str) else NOW
    for reading in heard.readings:
        assert reading[3:] == (measured_at, NOW, not retain, at is not None, body.get("seq"))
        assert reading.device == DeviceId("nightwarden", address)


# --- Zigbee2MQTT ------------------------------------------------------------------------------

ZIGBEE_FIELD_NAMES = [
    "occupancy",
    "pressure",
    "pressure_state",
    "status",
    "contact",
    "temperature",
    "battery",
    "battery_low",
    "action",
    "last_seen",
    "state",
    "type",
    "data",
]
SEGMENTS = st.sampled_from(
    [*ZIGBEE_FIELD_NAMES, "bridge", "event", "availability", "set", "12", "", "a b"]
)
NAMES = st.lists(SEGMENTS, max_size=4).map("/".join) | st.text(
    st.characters(exclude_characters="#+\0", exclude_categories=["Cs"])
)
ZIGBEE_TOPICS = NAMES.map(lambda name: f"zigbee2mqtt/{name}") | st.just("zigbee2mqtt")
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.timezones()).map(str)
    | st.from_regex(r"\A[+-]?[0-9]{1,20}(\.[0-9]{1,20})?\Z")
    | st.sampled_from(["device_leave", "online", "sit", "on_the_bed", "Unknown (6)", "help"])
    | st.dictionaries(st.sampled_from(["friendly_name", "ieee_address"]), st.text())
    | st.lists(st.none())
)
BODIES = st.dictionaries(st.sampled_from(ZIGBEE_FIELD_NAMES) | st.text(), VALUES)
ZIGBEE_PAYLOADS = st.binary() | BODIES.map(orjson.dumps) | VALUES.map(orjson.dumps)


@given(ZIGBEE_TOPICS, ZIGBEE_PAYLOADS, st.booleans())
def test_whatever_comes_from_zigbee2mqtt_is_read_or_refused(
    topic: str, payload: bytes, retain: bool
) -> None:
    assert ZIGBEE.owns(topic)
    assert topic_matches_sub(ZIGBEE.filters()[0], topic)
    assert_read_or_refused(ZIGBEE, RawMessage(topic, payload, NOW, retain=retain))
