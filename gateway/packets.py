"""MQTT 3.1.1 on the wire: the packets that we send, and those that a broker sends us.

1. Whole packets are found in one buffer, whatever the pieces in which the bytes came.
2. Bytes that are not MQTT are :class:`Malformed`, and nothing else is raised: the connection is
   given up and made anew, because after such bytes nobody knows where the next packet begins.
3. Of a message longer than :data:`LONGEST` the beginning is kept and the rest passes by unread:
   what somebody publishes must not fill our memory. It is longer than any dialect reads.
4. A topic that is not UTF-8 costs nothing but the signs that are none.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.messages import RawMessage, Will
from nightwarden.clock import Clock

CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 0x20, 0x30, 0x40, 0x50, 0x62, 0x70
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK = 0x82, 0x90, 0xA2, 0xB0
PINGREQ, PINGRESP, DISCONNECT = b"\xc0\x00", 0xD0, b"\xe0\x00"

LONGEST = 8 * 1024 * 1024
"""Bytes of a packet that are kept: twice what the embedded broker lets through."""

MOST_BYTES = 268_435_455
"""The longest packet that MQTT has."""

REFUSALS = {
    1: "Unsupported protocol version",
    2: "Client identifier not valid",
    3: "Server unavailable",
    4: "Bad user name or password",
    5: "Not authorized",
}
"""What the codes of a CONNACK mean; 0 is welcome."""

_ANSWER_BYTES = {CONNACK: 2, PUBACK: 2, PUBREL: 2, UNSUBACK: 2, PINGRESP: 0}
_SUBACK_BYTES = range(3, 1024)
_CLEAN_SESSION, _WILL, _WILL_QOS_1, _WILL_RETAIN = 0x02, 0x04, 0x08, 0x20
_PASSWORD, _USERNAME = 0x40, 0x80


class Malformed(Exception):
    """What came is not MQTT; says what it was."""


class Answer(NamedTuple):
    """A packet that is no message: its kind, its packet id (0 where it has none), its codes."""

    kind: int
    mid: int = 0
    codes: bytes = b""


class Reader:
    """Bytes of one connection in, its packets out.

    Args:
        clock: stamps each message as it is found.
        connection: the connection's number, for its messages.
    """

    def __init__(self, clock: Clock, connection: int) -> None:
        self._clock = clock
        self._connection = connection
        self._begun = b""  # of a packet that is not whole yet
        self._passing = 0  # bytes still to come of a packet that was cut

    def feed(self, received: bytes) -> Iterator[RawMessage | Answer]:
        """The packets that end with these bytes, in their order.

        Raises:
            Malformed: after the packets that came before it.
        """
        data = self._begun + received if self._begun else received
        end = len(data)
        at = min(self._passing, end)
        self._passing -= at
        while end - at >= 2:
            first, length, body = data[at], data[at + 1], at + 2
            if length > 0x7F:
                length, body = _long_length(data, at + 1)
                if not body:
                    break
            is_message = first & 0xF0 == PUBLISH
            if not (is_message or _may_be(first, length)):
                raise Malformed(f"a packet of kind 0x{first:02x} and {length} bytes")
            stop = body + min(length, LONGEST)
            if stop > end:
                break
            if is_message:
                yield self._message(data, first, body, stop)
            else:
                yield _answer(first, data[body:stop])
            at = body + length
            if at > end:
                self._passing, at = at - end, end
        self._begun = data[at:]

    def _message(self, data: bytes, first: int, body: int, stop: int) -> RawMessage:
        qos = first >> 1 & 3
        begin = body + 2
        topic_ends = begin + int.from_bytes(data[body:begin])
        payload_at = topic_ends + 2 if qos else topic_ends
        if payload_at > stop or begin > stop or qos == 3:
            raise Malformed("a PUBLISH whose parts do not fit into it")
        mid = int.from_bytes(data[topic_ends:payload_at])
        if qos and not mid:
            raise Malformed("a PUBLISH without a packet id")
        return RawMessage(
            _text(data[begin:topic_ends]),
            data[payload_at:stop],
            self._clock(),
            mid,
            qos,
            bool(first & 1),
            bool(first & 8),
            self._connection,
        )


def _long_length(data: bytes, at: int) -> tuple[int, int]:
    """A length of two to four bytes and where what it measures begins; 0, 0: not all is here."""
    length = 0
    for place, byte in enumerate(data[at : at + 4]):
        length |= (byte & 0x7F) << (7 * place)
        if byte <= 0x7F:
            return length, at + place + 1
    if len(data) - at >= 4:
        raise Malformed("a length of more than four bytes")
    return 0, 0


def _may_be(first: int, length: int) -> bool:
    """Whether a broker sends such a packet; known before all of it is here."""
    return length in _SUBACK_BYTES if first == SUBACK else _ANSWER_BYTES.get(first) == length


def _answer(first: int, said: bytes) -> Answer:
    if first == CONNACK:
        return Answer(CONNACK, 0, said[1:])
    return Answer(first, int.from_bytes(said[:2]), said[2:])


def _text(signs: bytes) -> str:
    try:
        return signs.decode()
    except UnicodeDecodeError:
        return signs.decode("utf-8", "replace")


# -- what we send ------------------------------------------------------------------------------


def connect(
    client_id: str, keep_alive_s: int, name: str | None, password: str | None, will: Will | None
) -> bytes:
    """Asks for a connection that takes up the session kept under ``client_id``."""
    flags, body = 0, _field(client_id.encode())
    if will is not None:
        flags |= _WILL | _WILL_QOS_1 | (_WILL_RETAIN if will.retain else 0)
        body += _field(will.topic.encode()) + _field(will.payload)
    if name is not None:
        flags |= _USERNAME
        body += _field(name.encode())
        if password is not None:
            flags |= _PASSWORD
            body += _field(password.encode())
    head = _field(b"MQTT") + bytes([4, flags]) + keep_alive_s.to_bytes(2)
    return _packet(0x10, head + body)


def publish(topic: str, payload: bytes, mid: int, *, qos: int, retain: bool) -> bytes:
    """A message of QoS 0 or 1; ``mid`` counts with QoS 1.

    Raises:
        ValueError: the topic is none, or the message too long; says so.
    """
    name = topic.encode("utf-8", "surrogatepass")
    if not topic or "+" in topic or "#" in topic or "\0" in topic:
        raise ValueError("a topic is not empty and has neither + nor # in it.")
    if any("\ud800" <= sign <= "\udfff" for sign in topic) or len(name) > 0xFFFF:
        raise ValueError("a topic is UTF-8 of at most 65,535 bytes.")
    if len(name) + len(payload) > MOST_BYTES - 4:
        raise ValueError(f"{len(payload)} bytes are more than a message can be long.")
    first = PUBLISH | (2 if qos else 0) | (1 if retain else 0)
    number = mid.to_bytes(2) if qos else b""
    return _packet(first, _field(name) + number + payload)


def subscribe(mid: int, filters: Sequence[str]) -> bytes:
    """Asks to hear these topic filters at QoS 1."""
    wanted = b"".join(_field(each.encode()) + b"\x01" for each in filters)
    return _packet(SUBSCRIBE, mid.to_bytes(2) + wanted)


def unsubscribe(mid: int, filters: Iterable[str]) -> bytes:
    """Asks to hear these topic filters no more."""
    return _packet(UNSUBSCRIBE, mid.to_bytes(2) + b"".join(_field(f.encode()) for f in filters))


def receipt(kind: int, mid: int) -> bytes:
    """PUBACK, PUBREC or PUBCOMP: the message with this packet id is ours to keep."""
    return bytes((kind, 2, mid >> 8, mid & 0xFF))


def _packet(first: int, body: bytes) -> bytes:
    left, length = len(body), bytearray()
    while True:
        left, low = left >> 7, left & 0x7F
        length.append(low | 0x80 if left else low)
        if not left:
            return bytes([first]) + length + body


def _field(content: bytes) -> bytes:
    """Text or bytes with their length before them; at most 65,535 of them."""
    return len(content).to_bytes(2) + content
