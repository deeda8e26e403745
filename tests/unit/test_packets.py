"""What comes off the wire: the same packets in whatever pieces, and never a fault of ours."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import packets
from gateway.messages import RawMessage, Will
from gateway.packets import Answer, Malformed, Reader

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Found = RawMessage | Answer | None

topics = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="+#\0"), min_size=1)
answers = st.sampled_from(
    [
        (b"\x20\x02\x00\x00", Answer(packets.CONNACK, 0, b"\x00")),
        (b"\x40\x02\x01\x02", Answer(packets.PUBACK, 258)),
        (b"\x62\x02\x00\x01", Answer(packets.PUBREL, 1)),
        (b"\x90\x04\x00\x07\x01\x80", Answer(packets.SUBACK, 7, b"\x01\x80")),
        (b"\xb0\x02\x00\x09", Answer(packets.UNSUBACK, 9)),
        (b"\xd0\x00", Answer(packets.PINGRESP)),
    ]
)


@st.composite
def messages(draw: st.DrawFn) -> tuple[bytes, RawMessage]:
    """A message on the wire, and as it is to be found."""
    topic, payload = draw(topics), draw(st.binary(max_size=300))
    qos, retain = draw(st.sampled_from((0, 1))), draw(st.booleans())
    mid = draw(st.integers(1, 0xFFFF)) if qos else 0
    sent = packets.publish(topic, payload, mid, qos=qos, retain=retain)
    return sent, RawMessage(topic, payload, NOW, mid, qos, retain, connection=7)


whatever = st.one_of(
    st.binary(max_size=40), messages().map(itemgetter(0)), answers.map(itemgetter(0))
)
pieces = st.lists(st.integers(0, 2_000), max_size=12)


def cut(sent: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """The bytes in pieces that end at these places."""
    ends = sorted({0, len(sent), *(place for place in places if place < len(sent))})
    return (sent[begin:end] for begin, end in pairwise(ends))


def found_in(parts: Iterable[bytes]) -> list[Found]:
    """The packets that a reader finds; None at the end: what came then is not MQTT."""
    reader = Reader(lambda: NOW, 7)
    found: list[Found] = []
    try:
        for part in parts:
            found.extend(reader.feed(part))
    except Malformed:
        found.append(None)
    return found


@given(st.lists(st.one_of(messages(), answers), max_size=12), pieces)
def test_whole_packets_come_out_of_any_pieces(
    sent: list[tuple[bytes, RawMessage | Answer]], places: list[int]
) -> None:
    stream = b"".join(packet for packet, _ in sent)
    assert found_in(cut(stream, places)) == [packet for _, packet in sent]


@given(st.lists(whatever, max_size=8).map(b"".join), pieces)
def test_any_bytes_are_packets_or_malformed_and_the_same_in_any_pieces(
    sent: bytes, places: list[int]
) -> None:
    assert found_in([sent]) == found_in(cut(sent, places))


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
    before = packets.publish("mats/12", b"press", 1, qos=1, retain=False)
    first, *rest = found_in([before + sent])
    assert isinstance(first, RawMessage)
    assert rest == [None]


def test_of_a_message_without_end_the_beginning_is_kept_and_the_next_one_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packets, "LONGEST", 1_000)
    long = packets.publish("flood", b"x" * 100_000, 1, qos=1, retain=False)
    stream = long + packets.publish("mats/12", b"press", 2, qos=1, retain=False)
    reader = Reader(lambda: NOW, 7)
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
    said = packets.connect("gw", 30, "me", "secret", Will("health", b"gone"))
    assert said == (
        b"\x10\x28\x00\x04MQTT\x04\xec\x00\x1e"  # a persistent session, pinged every 30 s
        b"\x00\x02gw\x00\x06health\x00\x04gone\x00\x02me\x00\x06secret"
    )


@pytest.mark.parametrize("topic", ["", "mats/+", "mats/#", "a\0b", "x" * 65_536, "\ud800"])
def test_a_topic_that_is_none_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="a topic is"):
        packets.publish(topic, b"", 1, qos=1, retain=False)
