"""What a broker sends us, MQTT 3.1.1 or 5: bytes in, packets out.

1. Whole packets are found in one buffer, whatever the pieces in which the bytes came.
2. Bytes that are not MQTT are :class:`Malformed`, and nothing else is raised: the connection is
   given up and made anew, because after such bytes nobody knows where the next packet begins.
3. Of a message longer than :data:`LONGEST` the beginning is kept and the rest passes by unread:
   what somebody publishes must not fill our memory. It is longer than any dialect reads.
4. A topic that is not UTF-8 costs nothing but the signs that are none.
5. What MQTT 5 says of a message in properties is passed over: nothing there is for us. A broker
   that answers a CONNECT of MQTT 5 in the form of 3.1.1 goes on in 3.1.1.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from gateway import packets
from gateway.messages import RawMessage
from gateway.packets import Version
from nightwarden.clock import Clock

LONGEST = 8 * 1024 * 1024
"""Bytes of a packet that are kept: twice what the embedded broker lets through."""

LONGEST_ANSWER = 64 * 1024
"""Of a packet that is no message; a reason in words may be as long."""

REFUSALS = {
    1: "Unsupported protocol version",
    2: "Client identifier not valid",
    3: "Server unavailable",
    4: "Bad user name or password",
    5: "Not authorized",
    0x84: "Unsupported protocol version",
    0x85: "Client identifier not valid",
    0x86: "Bad user name or password",
    0x87: "Not authorized",
    0x88: "Server unavailable",
    0x89: "Server busy",
    0x8A: "Banned",
}
"""What the codes of a CONNACK mean, in 3.1.1 and in 5; 0 is welcome."""

UNSUPPORTED = (1, 0x84)
"""The broker does not speak the version that we spoke."""

_ANSWER_BYTES = {
    packets.CONNACK: 2,
    packets.PUBACK: 2,
    packets.PUBREL: 2,
    packets.SUBACK: 3,
    packets.UNSUBACK: 2,
    packets.PINGRESP: 0,
    packets.DISCONNECT: 0,
}
"""How long each is at the least, and in 3.1.1 exactly, but for SUBACK."""

_MAY_BE_LONGER = frozenset(_ANSWER_BYTES) - {packets.PINGRESP}

_PROPERTY_BYTES = {
    0x11: 4,
    0x13: 2,
    0x21: 2,
    0x22: 2,
    0x24: 1,
    0x25: 1,
    0x27: 4,
    0x28: 1,
    0x29: 1,
    0x2A: 1,
}
"""The properties of a CONNACK that are numbers; the others are texts."""

_PAIR = 0x26
SERVER_KEEP_ALIVE, RECEIVE_MAXIMUM = 0x13, 0x21


class Malformed(Exception):
    """What came is not MQTT; says what it was."""


class Answer(NamedTuple):
    """A packet that is no message: its kind, its packet id (0 where it has none), its codes.

    ``limits``: what a CONNACK of MQTT 5 says in numbers, by property.
    """

    kind: int
    mid: int = 0
    codes: bytes = b""
    limits: dict[int, int] | None = None


class Reader:
    """Bytes of one connection in, its packets out.

    Args:
        clock: stamps each message as its bytes have come.
        connection: the connection's number, for its messages.
        version: that CONNECT was sent in; then what the broker speaks.
    """

    def __init__(self, clock: Clock, connection: int, version: Version) -> None:
        self.version = version
        self._clock = clock
        self._connection = connection
        self._begun = b""  # of a packet that is not whole yet
        self._passing = 0  # bytes still to come of a packet that was cut

    def feed(self, received: bytes) -> Iterator[RawMessage | Answer]:
        """The packets that end with these bytes, in their order.

        Raises:
            Malformed: after the packets that came before it.
        """
        received_at = self._clock()  # what came at once came at one instant
        data = self._begun + received if self._begun else received
        end = len(data)
        at = min(self._passing, end)
        self._passing -= at
        while end - at >= 2:
            first, length, body = data[at], data[at + 1], at + 2
            if length > 0x7F:
                length, body = _number(data, at + 1, end)
                if not body:
                    break
            is_message = first & 0xF0 == packets.PUBLISH
            if not (is_message or self._may_be(first, length)):
                raise Malformed(f"a packet of kind 0x{first:02x} and {length} bytes")
            stop = body + min(length, LONGEST)
            if stop > end:
                break
            if is_message:
                yield self._message(data, first, body, stop, received_at)
            else:
                yield self._answer(first, data[body:stop])
            at = body + length
            if at > end:
                self._passing, at = at - end, end
        self._begun = data[at:]

    def _message(
        self, data: bytes, first: int, body: int, stop: int, received_at: datetime
    ) -> RawMessage:
        qos = first >> 1 & 3
        begin = body + 2
        topic_ends = begin + (data[body] << 8 | data[body + 1]) if begin <= stop else begin
        at = topic_ends + 2 if qos else topic_ends
        if at > stop or begin > stop or qos == 3:
            raise Malformed("a PUBLISH whose parts do not fit into it")
        mid = data[topic_ends] << 8 | data[topic_ends + 1] if qos else 0
        if qos and not mid:
            raise Malformed("a PUBLISH without a packet id")
        if self.version is Version.MQTT_5:
            if at < stop and not data[at]:  # nearly always: no properties
                at += 1
            else:
                cut = stop - body == LONGEST  # properties without end may be all that is here
                at = (
                    stop if cut and not _fits(data, at, stop) else _after_properties(data, at, stop)
                )
        return RawMessage(
            data[begin:topic_ends].decode("utf-8", "replace"),
            data[at:stop],
            received_at,
            mid,
            qos,
            first & 1 == 1,
            first & 8 == 8,
            self._connection,
        )

    def _may_be(self, first: int, length: int) -> bool:
        """Whether a broker sends such a packet; known before all of it is here."""
        least, newer = _ANSWER_BYTES.get(first), self.version is Version.MQTT_5
        if least is None or (first == packets.DISCONNECT and not newer):
            return False
        longer = first == packets.SUBACK or (newer and first in _MAY_BE_LONGER)
        return least <= length <= LONGEST_ANSWER if longer else length == least

    def _answer(self, first: int, said: bytes) -> Answer:
        newer = self.version is Version.MQTT_5
        if first == packets.CONNACK:
            if newer and len(said) == 2:
                self.version = Version.MQTT_3_1_1
            return Answer(first, 0, said[1:2], _numbers(said[2:]) if len(said) > 2 else None)
        if first == packets.DISCONNECT:
            return Answer(first, 0, said[:1])
        mid, at = int.from_bytes(said[:2]), 2
        if newer and first in (packets.SUBACK, packets.UNSUBACK) and len(said) > 2:
            at = _after_properties(said, 2, len(said))
        return Answer(first, mid, said[at:] if first == packets.SUBACK else said[at : at + 1])


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of one to four bytes, and where it ends; 0, 0: not all of it is here."""
    number = 0
    for place, byte in enumerate(data[at : min(at + 4, end)]):
        number |= (byte & 0x7F) << (7 * place)
        if byte <= 0x7F:
            return number, at + place + 1
    if end - at >= 4:
        raise Malformed("a length of more than four bytes")
    return 0, 0


def _fits(data: bytes, at: int, end: int) -> bool:
    length, begin = _number(data, at, end)
    return bool(begin) and begin + length <= end


def _after_properties(data: bytes, at: int, end: int) -> int:
    """Where what follows the properties begins."""
    if not _fits(data, at, end):
        raise Malformed("properties that do not fit into their packet")
    length, begin = _number(data, at, end)
    return begin + length


def _numbers(said: bytes) -> dict[int, int]:
    """The properties of a CONNACK that are numbers."""
    end = _after_properties(said, 0, len(said))
    _, at = _number(said, 0, end)
    found: dict[int, int] = {}
    while at < end:
        name, at = said[at], at + 1
        if size := _PROPERTY_BYTES.get(name):
            found[name] = int.from_bytes(said[at : at + size])
            at += size
        else:
            for _ in range(2 if name == _PAIR else 1):
                at += 2 + int.from_bytes(said[at : at + 2])
    if at > end:
        raise Malformed("a property that does not fit into its packet")
    return found
