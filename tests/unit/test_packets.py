"""What comes off the wire: the same packets in whatever pieces, and never a fault of ours."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import packet_reader, packets
from gateway.messages import RawMessage, Will
from gateway.packet_reader import Answer, Malformed, Reader
from gateway.packets import Version

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Found = RawMessage | Answer | None

topics = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="+#\0"), min_size=1)
OLD, NEW = Version.MQTT_3_1_1, Version.MQTT_5
ANSWERS = {
    OLD: [
        (b"\x20\x02\x00\x00", Answer(packets.CONNACK, 0, b"\x00")),
        (b"\x40\x02\x01\x02", Answer(packets.PUBACK, 258)),
        (b"\x62\x02\x00\x01", Answer(packets.PUBREL, 1)),
        (b"\x90\x04\x00\x07\x01\x80", Answer(packets.SUBACK, 7, b"\x01\x80")),
        (b"\xb0\x02\x00\x09", Answer(packets.UNSUBACK, 9)),
        (b"\xd0\x00", Answer(packets.PINGRESP)),
    ],
    NEW: [
        (b"\x20\x03\x01\x00\x00", Answer(packets.CONNACK, 0, b"\x00", {})),
        (
            b"\x20\x10\x00\x00\x0d\x21\x00\x14\x12\x00\x02id\x26\x00\x00\x00\x00",
            Answer(packets.CONNACK, 0, b"\x00", {packet_reader.RECEIVE_MAXIMUM: 20}),
        ),
        (b"\x40\x02\x01\x02", Answer(packets.PUBACK, 258)),
        (b"\x40\x04\x01\x02\x87\x00", Answer(packets.PUBACK, 258, b"\x87")),
        (b"\x90\x05\x00\x07\x00\x01\x80", Answer(packets.SUBACK, 7, b"\x01\x80")),
        (b"\xb0\x04\x00\x09\x00\x11", Answer(packets.UNSUBACK, 9, b"\x11")),
        (b"\xe0\x02\x8e\x00", Answer(packets.DISCONNECT, 0, b"\x8e")),
    ],
}


@st.composite
def messages(draw: st.DrawFn, version: Version) -> tuple[bytes, RawMessage]:
    """A message on the wire, and as it is to be found."""
    topic, payload = draw(topics), draw(st.binary(max_size=300))
    mid, retain = draw(st.none() | st.integers(1, 0xFFFF)), draw(st.booleans())
    sent = packets.publish(topic, payload, mid, retain=retain, version=version)
    return sent, RawMessage(topic, payload, NOW, mid or 0, int(bool(mid)), retain, connection=7)


def sound(version: Version) -> st.SearchStrategy[tuple[bytes, RawMessage | Answer]]:
    """What a broker says, and what is to be found in it."""
    return st.one_of(messages(version), st.sampled_from(ANSWERS[version]))


whatever = st.one_of(st.binary(max_size=40), *(sound(v).map(itemgetter(0)) for v in Version))
pieces = st.lists(st.integers(0, 2_000), max_size=12)


def cut(sent: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """The bytes in pieces that end at these places."""
    ends = sorted({0, len(sent), *(place for place in places if place < len(sent))})
    return (sent[begin:end] for begin, end in pairwise(ends))


def found_in(parts: Iterable[bytes], version: Version = OLD) -> list[Found]:
    """The packets that a reader finds; None at the end: what came then is not MQTT."""
    reader = Reader(lambda: NOW, 7, version)
    found: list[Found] = []
    try:
        for part in parts:
            found.extend(reader.feed(part))
    except Malformed:
        found.append(None)
    return found


@given(st.data(), st.sampled_from(Version), pieces)
def test_whole_packets_come_out_of_any_pieces(
    data: st.DataObject, version: Version, places: list[int]
) -> None:
    sent = data.draw(st.lists(sound(version), max_size=12))
    stream = b"".join(packet for packet, _ in sent)
    assert found_in(cut(stream, places), version) == [packet for _, packet in sent]


@given(st.lists(whatever, max_size=8).map(b"".join), st.sampled_from(Version), pieces)
def test_any_bytes_are_packets_or_malformed_and_the_same_in_any_pieces(
    sent: bytes, version: Version, places: list[int]
) -> None:
    assert found_in([sent], version) == found_in(cut(sent, places), version)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x30\x00",  # a message without a topic's length
        b"\x30\x04\x00\x03ab",  # a topic longer than its packet
        b"\x32\x05\x00\x01t\x00\x00",  # packet id 0
        b"\x32\x03\x00\x01t",  # no packet id
        b"\x36\x05\x00\x01t\x00\x01",  # QoS 3
        b"\x30\xff\xff\xff\xff\x01",  # a length that never ends
        b"\x82\x05\x00\x01\x00\x00\x00",  # what only a client says
        b"\x90\x02\x00\x01",  # an answer to a subscription that answers nothing
        b"HT",  # as HTTP begins
    ],
)
def test_what_is_not_mqtt_is_named_so_after_what_came_before_it(sent: bytes) -> None:
    before = packets.publish("mats/12", b"press", 1, retain=False, version=OLD)
    first, *rest = found_in([before + sent])
    assert isinstance(first, RawMessage)
    assert rest == [None]


def test_of_a_message_without_end_the_beginning_is_kept_and_the_next_one_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packet_reader, "LONGEST", 1_000)
    long = packets.publish("flood", b"x" * 100_000, 1, retain=False, version=OLD)
    stream = long + packets.publish("mats/12", b"press", 2, retain=False, version=OLD)
    reader = Reader(lambda: NOW, 7, OLD)
    found: list[RawMessage | Answer] = []
    for part in cut(stream, range(0, len(stream), 97)):
        found += reader.feed(part)
        assert len(reader._begun) < 1_200, "what is longer must not be gathered"
    first, second = found
    assert isinstance(first, RawMessage)
    assert (first.topic, first.payload, first.mid) == ("flood", b"x" * (1_000 - 9), 1)
    assert isinstance(second, RawMessage)
    assert second.payload == b"press"


def test_connect_says_who_we_are_and_what_to_publish_when_we_vanish() -> None:
    who = ("gw", 30, ("me", "secret"), Will("health", b"gone"))
    assert packets.connect(*who, OLD) == (
        b"\x10\x28\x00\x04MQTT\x04\xec\x00\x1e"  # a persistent session, pinged every 30 s
        b"\x00\x02gw\x00\x06health\x00\x04gone\x00\x02me\x00\x06secret"
    )
    assert packets.connect(*who, NEW) == (
        b"\x10\x32\x00\x04MQTT\x05\xec\x00\x1e"
        b"\x08\x11\xff\xff\xff\xff\x21\x27\x10"  # for good; ten thousand in flight
        b"\x00\x02gw\x00\x00\x06health\x00\x04gone\x00\x02me\x00\x06secret"
    )


def test_a_broker_that_answers_in_the_older_mqtt_goes_on_in_it() -> None:
    message = packets.publish("mats/12", b"press", 1, retain=False, version=OLD)
    _, found = found_in([b"\x20\x02\x00\x00" + message], NEW)
    assert isinstance(found, RawMessage)
    assert found.payload == b"press"


@pytest.mark.parametrize("topic", ["", "mats/+", "mats/#", "a\0b", "x" * 65_536, "\ud800"])
def test_a_topic_that_is_none_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="a topic is"):
        packets.publish(topic, b"", 1, retain=False, version=OLD)
