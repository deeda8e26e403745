"""The few packets of MQTT 3.1.1 that a load needs, as bytes; and how they are found in a stream.

https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html
"""

from collections.abc import Iterator
from typing import NamedTuple

CONNACK, PUBLISH, PUBACK, SUBACK = 0x20, 0x30, 0x40, 0x90
PING, GOODBYE = b"\xc0\x00", b"\xe0\x00"
AT_LEAST_ONCE = 0x02
AGAIN = 0x08
"""The flag of a message that is sent a second time."""

LAST_ID = 65_535
IDS = tuple(number.to_bytes(2) for number in range(LAST_ID + 1))
"""Packet ids as they are written; 0 is none."""


class Packet(NamedTuple):
    """One packet: its first byte, and where its variable header begins and its payload ends."""

    first: int
    begin: int
    end: int


def connect(client_id: str, user: str | None, password: str | None, keepalive_s: int) -> bytes:
    """A clean session."""
    flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    body = _text("MQTT") + bytes([4, flags]) + keepalive_s.to_bytes(2) + _text(client_id)
    body += b"".join(_text(word) for word in (user, password) if word is not None)
    return _packet(0x10, body)


def subscribe(packet_id: int, *filters: str) -> bytes:
    """At QoS 1."""
    return _packet(0x82, IDS[packet_id] + b"".join(_text(each) + b"\x01" for each in filters))


def publish_head(topic: str, payload_bytes: int) -> bytes:
    """All of a PUBLISH at QoS 1 that stands before its packet id."""
    named = _text(topic)
    return bytes([PUBLISH | AT_LEAST_ONCE]) + _length(len(named) + 2 + payload_bytes) + named


def packets(received: bytes) -> Iterator[Packet]:
    """The whole packets in there; where the last ends, the bytes of one that is not begin.

    Raises:
        ValueError: what is received is no MQTT.
    """
    at, end = 0, len(received)
    while at + 2 <= end:
        length, body = received[at + 1], at + 2
        if length & 0x80:
            found = _long_length(received, at + 1)
            if found is None:
                return
            length, body = found
        if body + length > end:
            return
        at_next = body + length
        yield Packet(received[at], body, at_next)
        at = at_next


def _long_length(received: bytes, at: int) -> tuple[int, int] | None:
    length = 0
    for place in range(4):
        if at + place >= len(received):
            return None
        byte = received[at + place]
        length |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return length, at + place + 1
    raise ValueError("a packet's length has more than four bytes")


def _packet(first: int, body: bytes) -> bytes:
    return bytes([first]) + _length(len(body)) + body


def _length(number: int) -> bytes:
    written = bytearray()
    while True:
        number, low = divmod(number, 128)
        written.append(low | (0x80 if number else 0))
        if not number:
            return bytes(written)


def _text(word: str) -> bytes:
    encoded = word.encode()
    return len(encoded).to_bytes(2) + encoded
