"""Recordings as files, and names that are not in them."""

import contextlib
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightwarden.errors import Invalid
from nightwarden.recording.claimed import moved
from nightwarden.recording.lines import Header, Recorded, RecordingFile, decode, encode, read
from nightwarden.recording.names import pseudonyms
from nightwarden.recording.ours import kept, played

AT = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
HEADER = Header(AT, ("#",), "replaced")
TOPICS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="+#\0"), min_size=1, max_size=40
)


def message(topic: str, text: str = "{}") -> Recorded:
    return Recorded(AT, topic, text.encode(), 1)


@given(
    st.datetimes(timezones=st.just(UTC)),
    TOPICS,
    st.binary(max_size=200),
    st.sampled_from([0, 1]),
    st.booleans(),
    st.booleans(),
)
def test_whatever_was_heard_comes_back_as_it_was(
    at: datetime, topic: str, payload: bytes, qos: int, retain: bool, dup: bool
) -> None:
    heard = Recorded(at, topic, payload, qos, retain, dup)
    assert decode(encode(heard)) == heard
    assert encode(heard).count(b"\n") == 1


@given(st.binary(max_size=200))
def test_whatever_a_line_is_it_is_an_entry_or_a_value_error(line: bytes) -> None:
    with contextlib.suppress(ValueError):
        decode(line)


@pytest.mark.parametrize("name", ["night.jsonl", "night.jsonl.gz"])
def test_going_on_with_a_recording_adds_a_section(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for number in range(2):
        with RecordingFile(path) as sink:
            sink.write(HEADER)
            sink.write(message(f"a/{number}"))
    assert list(read(path)) == [HEADER, message("a/0"), HEADER, message("a/1")]
    assert path.stat().st_mode & 0o077 == 0, "traffic of a home is its owner's alone to read"


def test_a_killed_recording_is_whole_up_to_its_last_flush_and_can_be_gone_on_with(
    tmp_path: Path,
) -> None:
    path = tmp_path / "night.jsonl"
    path.write_bytes(encode(HEADER) + encode(message("a/0")) + encode(message("a/1"))[:20])
    with pytest.raises(Invalid, match=rf"{path}:3: the file ends in the middle"):
        list(read(path))
    with RecordingFile(path) as sink:
        sink.write(HEADER)
    assert list(read(path)) == [HEADER, message("a/0"), HEADER]


def test_a_packed_recording_that_was_killed_says_where_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "night.jsonl.gz"
    sink = RecordingFile(path)
    sink.write(HEADER)
    sink.write(message("a/0"))
    sink.flush()
    with pytest.raises(Invalid, match=rf"{path}:3: the file ends in the middle"):
        list(read(path))
    entries = read(path)
    assert [next(entries), next(entries)] == [HEADER, message("a/0")], "what was flushed is there"
    with pytest.raises(Invalid, match="record into another file"):
        RecordingFile(path)
    sink.close()


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "is empty"),
        (b"home: {id: elm-house}\n", 1, "begins with a header"),
        (encode(message("a")), 1, "begins with a header"),
        (b'{"nightwarden":"recording","version":9}\n', 1, "version 1"),
        (encode(HEADER) + b'{"at":"2026-11-01T02:30:00Z","topic":"a"}\n', 2, "a message needs"),
        (encode(HEADER) + b'{"at":"x","topic":"a","qos":0,"text":""}\n', 2, "a message needs"),
        (encode(HEADER) + encode(message("a")).replace(b'"a"', b'"a/#"'), 2, "its topic"),
        (gzip.compress(encode(HEADER))[:-4], 2, "ends in the middle"),
        (b"\x1f\x8b nothing", 1, "ends in the middle"),
    ],
)
def test_a_wrong_file_is_one_sentence_with_file_and_line(
    tmp_path: Path, content: bytes, line: int, words: str
) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        list(read(path))
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


# --- names ---

NAMES = pseudonyms(["Joan", "Ken", "Zoë", "Mary Ann Brown", "J.S."])


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("zigbee2mqtt/Joan's bed", "zigbee2mqtt/resident1's bed"),
        ("zigbee2mqtt/JOAN_BED/set", "zigbee2mqtt/resident1_BED/set"),
        ("zigbee2mqtt/bed joan", "zigbee2mqtt/bed resident1"),
        ("tele/bedJoan/STATE", "tele/bedresident1/STATE"),
        ("tele/Joans-mat", "tele/resident1s-mat"),
        ("tele/Kent-kitchen", "tele/Kent-kitchen"),
        ("tele/token", "tele/token"),
        ("room/zoe/bed", "room/resident3/bed"),
        ("room/mary-ann-brown", "room/resident4"),
        ("room/Mary/Brown", "room/resident4a/resident4c"),
        ("room/J.S. chair", "room/resident5. chair"),
    ],
)
def test_a_shown_name_is_replaced_by_its_number_wherever_it_stands(said: str, written: str) -> None:
    assert NAMES.of(message(said)).topic == written
    body = NAMES.of(message("a", orjson.dumps({"friendly_name": said}).decode())).payload
    assert orjson.loads(body) == {"friendly_name": written}


def test_a_name_that_json_spells_in_escapes_is_a_name_too() -> None:
    without = NAMES.of(message("a", '{"who": ["Zo\\u00eb", 1.50], "n": "\\u00e9"}'))
    assert orjson.loads(without.payload) == {"who": ["resident3", 1.5], "n": "é"}


@given(st.sampled_from(["Joan", "joan", "KEN", "Zoë", "Zoe"]), st.text(" -_/.:", max_size=3))
def test_no_name_that_stands_alone_survives(name: str, apart: str) -> None:
    written = NAMES.in_text(f"x/{apart}{name}{apart or '/'}y")
    assert name.lower() not in written.lower()


def test_an_alert_is_kept_without_whatever_could_name_somebody() -> None:
    alert = {
        "id": "7",
        "kind": "bed_exit",
        "room": "12",
        "text": "Room 12 · Joan · out of bed",
        "resident": "Joan",
        "accepted_by": "Maria",
        "events": [{"actor": "Maria", "detail": {"was": "Tom"}}],
        "some_field_of_tomorrow": "Joan",
    }
    left = kept(message("nightwarden/v1/elm-house/alert/7", orjson.dumps(alert).decode()))
    assert left is not None
    assert orjson.loads(left.payload) == {"id": "7", "kind": "bed_exit", "room": "12"}


@pytest.mark.parametrize(
    "topic",
    [
        "nightwarden/v1/elm-house/proof",
        "nightwarden/v1/elm-house/ring/api",
        "nightwarden/v1/elm-house/something/of/tomorrow",
        "nightwarden/v2/elm-house/alert/1",
        "homeassistant/device/nightwarden_elm-house/config",
        "homeassistant/binary_sensor/nightwarden_elm-house/room_12/config",
    ],
)
def test_what_else_is_ours_is_not_kept(topic: str) -> None:
    assert kept(message(topic)) is None


@pytest.mark.parametrize(
    "topic",
    [
        "nightwarden/v1/elm-house/alert/7",
        "nightwarden/v1/elm-house/health",
        "nightwarden/v1/elm-house/device/siren-12/set",
        "zigbee2mqtt/Siren/set",
        "zigbee2mqtt/Siren/set/state",
        "zigbee2mqtt/bridge/request/permit_join",
        "cmnd/plug/POWER",
        "home/cmnd/plug/POWER",
        "shellies/plug/relay/0/command",
        "shellyplus1-a/rpc",
        "node/switch/light/command",
    ],
)
def test_orders_and_the_monitors_own_words_are_never_played(topic: str) -> None:
    assert played(message(topic)) is None


@pytest.mark.parametrize(
    "topic", ["zigbee2mqtt/Room 12 bed", "shellyplus1-a/events/rpc", "tele/plug/SENSOR", "set"]
)
def test_what_devices_say_is_played(topic: str) -> None:
    assert played(message(topic), "oak-house") == message(topic)


def test_native_devices_can_be_played_to_another_home() -> None:
    heard = message("nightwarden/v1/elm-house/device/mat-12/availability", "online")
    told = played(heard, "oak-house")
    assert told is not None
    assert told.topic == "nightwarden/v1/oak-house/device/mat-12/availability"


# --- claimed times ---


@pytest.mark.parametrize(
    ("topic", "before", "after"),
    [
        (
            "nightwarden/v1/elm-house/device/mat",
            '{"seq": 7, "at": "2026-11-01T02:29:58.5Z", "occupancy": false}',
            '{"seq": 7, "at": "2026-11-01T12:29:58.500000Z", "occupancy": false}',
        ),
        (
            "zigbee2mqtt/Room 12",
            '{"last_seen":"2026-11-01T03:29:58+01:00"}',
            '{"last_seen":"2026-11-01T13:29:58.000+01:00"}',
        ),
        ("zigbee2mqtt/Room 12", '{"last_seen":1793500198123}', '{"last_seen":1793536198123}'),
        ("zigbee2mqtt/Room 12", '{"last_seen":null,"a":1}', '{"last_seen":null,"a":1}'),
        ("zigbee2mqtt/Room 12", '{"last_seen":"soon"}', '{"last_seen":"soon"}'),
        ("tele/plug/SENSOR", '{"Epoch":1793500198}', '{"Epoch":1793536198}'),
        ("tele/plug/SENSOR", '{"Time":"2026-11-01T02:29:58"}', '{"Time":"2026-11-01T02:29:58"}'),
        ("hall/events/rpc", '{"params":{"ts":1793500198.5}}', '{"params":{"ts":1793536198.5}}'),
        (
            "v3/home@ttn/devices/mat/up",
            '{"received_at":"2026-11-01T02:29:58.123456789Z"}',
            '{"received_at":"2026-11-01T12:29:58.123456Z"}',
        ),
        ("tele/plug/SENSOR", '{"at":"2026-11-01T02:29:58Z"}', '{"at":"2026-11-01T02:29:58Z"}'),
    ],
)
def test_a_claimed_time_moves_and_nothing_else_does(topic: str, before: str, after: str) -> None:
    told = moved(topic, before.encode(), lambda claimed: claimed + timedelta(hours=10))
    assert told.decode() == after
