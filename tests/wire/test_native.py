"""The native dialect as a maker meets it: what is sent on the wire, and what comes of it."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from paho.mqtt.client import topic_matches_sub

from gateway.dialects import dialects, owner
from gateway.dialects.base import NOTHING, Heard
from gateway.dialects.claimed_time import Stamp
from gateway.dialects.json_payload import MAX_PAYLOAD
from gateway.dialects.native import PROOF_DEVICE, NativeDialect
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import DeviceId, Quantity, Reading

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
MAT = "nightwarden/v1/elm-house/device/mat-12"
MAT_12 = DeviceId("nightwarden", "mat-12")
DIALECT = NativeDialect("elm-house")


def hear(payload: object, *, topic: str = MAT, retain: bool = False) -> Heard:
    raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return DIALECT.read(RawMessage(topic, raw, NOW, retain=retain))


def refusal(payload: object, *, topic: str = MAT, retain: bool = False) -> str:
    with pytest.raises(Unreadable) as refused:
        hear(payload, topic=topic, retain=retain)
    return str(refused.value)


def only(heard: Heard) -> Reading:
    assert heard.problems == ()
    (reading,) = heard.readings
    return reading


def test_every_field_is_a_reading() -> None:
    heard = hear(
        {
            "at": "2026-11-01T02:29:58Z",
            "seq": 41,
            "occupancy": False,
            "temperature": 21,
            "contact": True,
            "action": "help",
            "battery": 87,
        }
    )
    stamp = Stamp(NOW - timedelta(seconds=2), NOW, fresh=True, timed=True, seq=41)
    assert heard == Heard(
        readings=(
            Reading(MAT_12, Quantity.OCCUPANCY, False, *stamp),
            Reading(MAT_12, Quantity.TEMPERATURE, 21.0, *stamp),
            Reading(MAT_12, Quantity.CONTACT, True, *stamp),
            Reading(MAT_12, Quantity.ACTION, "help", *stamp),
            Reading(MAT_12, Quantity.BATTERY, 87.0, *stamp),
        )
    )


def test_without_at_the_time_of_receipt_counts() -> None:
    assert only(hear({"occupancy": True})) == Reading(
        MAT_12, Quantity.OCCUPANCY, True, NOW, NOW, fresh=True, timed=False
    )


@pytest.mark.parametrize(
    ("field", "value", "due"),
    [
        ("occupancy", "true", "true (somebody is on the mat) or false"),
        ("occupancy", 1, "true (somebody is on the mat) or false"),
        ("occupancy", None, "true (somebody is on the mat) or false"),
        ("contact", "closed", "true (closed) or false (open)"),
        ("temperature", True, "-10 to 110"),
        ("temperature", "21.5", "-10 to 110"),
        ("temperature", 110.1, "-10 to 110"),
        ("temperature", -10.1, "-10 to 110"),
        ("temperature", -127, "DS18B20 unplugged"),
        ("temperature", -127.0, "DS18B20 unplugged"),
        ("temperature", {"celsius": [21]}, "an object"),
        ("battery", 101, "0 to 100"),
        ("battery", -1, "0 to 100"),
        ("battery", "87", "0 to 100"),
        ("battery", False, "0 to 100"),
        ("action", "hold", '"press", "cancel" or "help"'),
        ("action", ["press"], '"press", "cancel" or "help"'),
        ("seq", 1.5, "whole number"),
        ("seq", True, "whole number"),
        ("seq", -1, "whole number"),
        ("seq", 2**63, "whole number"),
        ("at", 1793500200, "2026-11-01T02:30:00Z"),
        ("at", "yesterday", "2026-11-01T02:30:00Z"),
        ("at", "0001-01-01T00:00:00+23:59", "2026-11-01T02:30:00Z"),
        ("at", "2026-11-01T02:30:00", "no offset"),
    ],
)
def test_a_doubtful_field_is_named_and_the_bed_exit_beside_it_counts(
    field: str, value: object, due: str
) -> None:
    other, said = ("contact", True) if field == "occupancy" else ("occupancy", False)
    heard = hear({field: value, other: said})
    (problem,) = heard.problems
    assert problem.device == MAT_12
    assert problem.reason.startswith(f"{field} ")
    assert due in problem.reason
    (reading,) = heard.readings
    assert (reading.quantity, reading.value) == (Quantity(other), said)
    assert (reading.measured_at, reading.timed, reading.seq) == (NOW, False, None)


@pytest.mark.parametrize("celsius", [85.0, -10, 110, 0])
def test_every_plausible_temperature_is_passed_on_as_a_float(celsius: float) -> None:
    reading = only(hear({"temperature": celsius}))
    assert reading.value == celsius
    assert type(reading.value) is float


@pytest.mark.parametrize(
    ("at", "away"),
    [
        (NOW - timedelta(days=365), "365 days"),
        (NOW - timedelta(hours=24, seconds=1), "24 hours"),
        (NOW + timedelta(minutes=6), "6 minutes"),
        (NOW + timedelta(days=365), "365 days"),
        (datetime(1970, 1, 1, tzinfo=UTC), "20758 days"),
    ],
)
def test_a_bed_exit_from_a_device_with_a_wrong_clock_is_still_a_bed_exit(
    at: datetime, away: str
) -> None:
    heard = hear({"at": at.isoformat(), "occupancy": False, "seq": 7})
    (problem,) = heard.problems
    assert at.isoformat() in problem.reason
    assert away in problem.reason
    assert "set the device's clock" in problem.reason
    assert heard.readings == (
        Reading(MAT_12, Quantity.OCCUPANCY, False, NOW, NOW, fresh=True, timed=False, seq=7),
    )


@pytest.mark.parametrize("hours", [0, 1, 24])
def test_a_reading_that_was_buffered_keeps_its_own_time(hours: int) -> None:
    at = NOW - timedelta(hours=hours)
    reading = only(hear({"at": at.isoformat(), "occupancy": True}))
    assert (reading.measured_at, reading.timed) == (at, True)


@pytest.mark.parametrize("ahead", [timedelta(milliseconds=1), timedelta(minutes=5)])
def test_nothing_is_measured_after_it_was_received(ahead: timedelta) -> None:
    reading = only(hear({"at": (NOW + ahead).isoformat(), "occupancy": True}))
    assert (reading.measured_at, reading.timed) == (NOW, True)


@pytest.mark.parametrize(
    "at", ["2026-11-01T02:30:00Z", "2026-11-01t02:30:00z", "2026-10-31T22:30:00-04:00"]
)
def test_the_same_instant_in_any_offset_is_the_same_reading_in_utc(at: str) -> None:
    measured_at = only(hear({"at": at, "occupancy": True})).measured_at
    assert (measured_at, measured_at.utcoffset()) == (NOW, timedelta(0))


def test_a_retained_message_tells_the_state_and_proves_nobody_alive() -> None:
    assert only(hear({"occupancy": True}, retain=True)).fresh is False


def test_an_old_retained_message_says_that_silence_may_be_the_reason() -> None:
    heard = hear({"at": "2026-10-20T02:30:00Z", "occupancy": True}, retain=True)
    (problem,) = heard.problems
    assert "12 days" in problem.reason
    assert "silent" in problem.reason
    (reading,) = heard.readings
    assert (reading.measured_at, reading.fresh, reading.timed) == (NOW, False, False)


@pytest.mark.parametrize("body", [{"seq": 9}, {"at": "2026-11-01T02:30:00Z", "rssi": -70}])
def test_a_heartbeat_says_that_the_device_is_online(body: dict[str, object]) -> None:
    reading = only(hear(body))
    assert (reading.quantity, reading.value, reading.fresh) == (Quantity.LINK, True, True)


def test_fields_of_others_are_ignored() -> None:
    assert only(hear({"occupancy": True, "rssi": -70, "nested": {"x": [1]}})).value is True


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "empty"),
        (b"pressed", "not JSON"),
        (b'{"occupancy": tru', "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"action": "\xff"}', "not JSON"),
        (b'{"temperature": NaN}', "NaN or Infinity"),
        (b'{"temperature": -Infinity}', "NaN or Infinity"),
        (b'{"temperature": 1e999}', "not JSON"),
        (b"[" * 2000, "not JSON"),
        (b"true", "JSON object is due"),
        (b"null", "JSON object is due"),
        (b'[{"occupancy": true}]', "a list; a JSON object is due"),
        (b"{}", "none of the fields"),
        (b'{"rssi": -70}', "none of the fields"),
        (b'{"occupancy": true, "pad": "' + b"x" * 1024 * 1024 + b'"}', str(MAX_PAYLOAD)),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(payload: bytes, why: str) -> None:
    assert why in refusal(payload)


def test_a_payload_of_the_greatest_length_is_read() -> None:
    head, tail = b'{"occupancy": true, "pad": "', b'"}'
    payload = head + b"x" * (MAX_PAYLOAD - len(head) - len(tail)) + tail
    assert only(hear(payload)).value is True
    assert str(MAX_PAYLOAD) in refusal(payload + b" ")


@pytest.mark.parametrize(("word", "online"), [(b"online", True), (b"offline", False)])
@pytest.mark.parametrize("retain", [False, True])
def test_availability_is_the_link(word: bytes, online: bool, retain: bool) -> None:
    reading = only(hear(word, topic=f"{MAT}/availability", retain=retain))
    assert reading == Reading(MAT_12, Quantity.LINK, online, NOW, NOW, fresh=not retain)


@pytest.mark.parametrize("payload", [b"Online", b"online\n", b"1", b'{"state":"online"}', b"\xff"])
def test_any_other_availability_is_refused(payload: bytes) -> None:
    assert "online or offline" in refusal(payload, topic=f"{MAT}/availability")


def test_a_cleared_topic_says_nothing() -> None:
    assert hear(b"", retain=True) == NOTHING
    assert hear(b"", topic=f"{MAT}/availability", retain=True) == NOTHING
    assert hear(b"", topic=f"{MAT}/availability") == NOTHING


@pytest.mark.parametrize("address", ["Room 12 bed", "east/12/bed", "Zimmer-ä", "availability"])
def test_an_address_may_hold_spaces_and_slashes(address: str) -> None:
    topic = f"nightwarden/v1/elm-house/device/{address}"
    device = DeviceId("nightwarden", address)
    assert only(hear({"occupancy": True}, topic=topic)).device == device
    assert only(hear(b"online", topic=f"{topic}/availability")).device == device


@pytest.mark.parametrize("end", ["", "/", "//availability", "/~proof", "/~proof/availability"])
def test_a_topic_without_a_usable_address_is_refused(end: str) -> None:
    topic = f"nightwarden/v1/elm-house/device{end}"
    assert DIALECT.owns(topic)
    assert "~" in refusal(b"online", topic=topic) or "no device" in refusal(b"online", topic=topic)


def test_the_loop_test_comes_back_as_a_proof() -> None:
    topic = "nightwarden/v1/elm-house/proof"
    heard = hear({"token": "c0ffee"}, topic=topic)
    assert only(heard) == Reading(PROOF_DEVICE, Quantity.PROOF, "c0ffee", NOW, NOW)
    assert only(hear({"token": "old"}, topic=topic, retain=True)).fresh is False
    assert hear(b"", topic=topic, retain=True) == NOTHING
    for wrong in ({}, {"token": ""}, {"token": 1}, {"token": "x" * 129}):
        assert "token" in refusal(wrong, topic=topic)


def test_only_what_devices_of_this_home_say_is_ours() -> None:
    known = dialects("elm-house")
    for topic in (MAT, f"{MAT}/availability", "nightwarden/v1/elm-house/proof"):
        found = owner(known, topic)
        assert found is not None
        assert found.name == "nightwarden"
    for topic in (
        "nightwarden/v1/elm-house/alert/17",
        "nightwarden/v1/elm-house/health",
        "nightwarden/v1/elm-house/ring/api",
        "nightwarden/v1/oak-house/device/mat-12",
        "nightwarden/v1/elm-house/device-2/mat-12",
        "nightwarden/v2/elm-house/device/mat-12",
    ):
        assert owner(known, topic) is None
        assert not any(topic_matches_sub(each, topic) for d in known for each in d.filters())


def test_a_device_with_several_inputs_names_them() -> None:
    heard = hear({"battery": 80, "channels": {"left": {"occupancy": True}, "b+": {}, "right": 3}})
    assert {(str(r.device), r.quantity): r.value for r in heard.readings} == {
        ("nightwarden:mat-12", Quantity.BATTERY): 80.0,
        ("nightwarden:mat-12#left", Quantity.OCCUPANCY): True,
    }
    assert [problem.reason.split(";")[0] for problem in heard.problems] == [
        'a channel\'s name "b+" has a "+" in it',
        "the channel is not readable",
    ]
    (problem,) = hear({"seq": 1, "channels": [1]}).problems
    assert problem.reason.startswith("channels is not readable; ")
