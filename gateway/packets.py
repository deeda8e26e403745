"""MQTT packets that we send: 3.1.1, and 5 for the one thing that it can and 3.1.1 cannot.

In MQTT 5 a client says how many messages a broker may have in flight to it. Mosquitto's own default
is 20, and a batch can be no larger than that, each with a commit of its own; a home's own Mosquitto
so need not be set up for us. Everything else we use is the same in both.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum

from gateway.messages import Will

CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 0x20, 0x30, 0x40, 0x50, 0x62, 0x70
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK = 0x82, 0x90, 0xA2, 0xB0
PINGRESP, DISCONNECT = 0xD0, 0xE0
PING, GOODBYE = b"\xc0\x00", b"\xe0\x00"

MOST_BYTES = 268_435_455
"""The longest packet that MQTT has."""

MOST_IN_FLIGHT = 10_000
"""Messages that a broker of MQTT 5 may send us before the first is acknowledged: more than our
inbox holds, so that what we have room for never waits in the broker's queue."""

_WILL, _WILL_QOS_1, _WILL_RETAIN, _PASSWORD, _USERNAME = 0x04, 0x08, 0x20, 0x40, 0x80
_SESSION_NEVER_ENDS = b"\x11\xff\xff\xff\xff"
_RECEIVE_MAXIMUM = b"\x21" + MOST_IN_FLIGHT.to_bytes(2)


class Version(IntEnum):
    """Which MQTT is spoken, by its number on the wire."""

    MQTT_3_1_1 = 4
    MQTT_5 = 5

    @property
    def nothing_more(self) -> bytes:
        """How it writes that a packet has no properties; 3.1.1 has none."""
        return b"\0" if self is Version.MQTT_5 else b""


def connect(
    client_id: str,
    keep_alive_s: int,
    user: tuple[str | None, str | None],
    will: Will | None,
    version: Version,
) -> bytes:
    """Asks for a connection that takes up the session kept under ``client_id``.

    ``user``: name and password. The session is kept for good, as 3.1.1 always does.
    """
    flags, body = 0, _field(client_id.encode())
    if will is not None:
        flags |= _WILL | _WILL_QOS_1 | (_WILL_RETAIN if will.retain else 0)
        body += version.nothing_more + _field(will.topic.encode()) + _field(will.payload)
    for flag, word in zip((_USERNAME, _PASSWORD), user, strict=True):
        if word is not None:
            flags |= flag
            body += _field(word.encode())
    head = _field(b"MQTT") + bytes([version, flags]) + keep_alive_s.to_bytes(2)
    if version is Version.MQTT_5:
        properties = _SESSION_NEVER_ENDS + _RECEIVE_MAXIMUM
        head += bytes([len(properties)]) + properties
    return _packet(0x10, head + body)


def publish(
    topic: str, payload: bytes, mid: int | None, *, retain: bool, version: Version
) -> bytes:
    """A message of QoS 1, or without ``mid`` of QoS 0.

    Raises:
        ValueError: the topic is none, or the message too long; says so.
    """
    name = topic.encode("utf-8", "surrogatepass")
    if not topic or "+" in topic or "#" in topic or "\0" in topic:
        raise ValueError("a topic is not empty and has neither + nor # in it.")
    if any("\ud800" <= sign <= "\udfff" for sign in topic) or len(name) > 0xFFFF:
        raise ValueError("a topic is UTF-8 of at most 65,535 bytes.")
    if len(name) + len(payload) > MOST_BYTES - 5:
        raise ValueError(f"{len(payload)} bytes are more than a message can be long.")
    first = PUBLISH | (0 if mid is None else 2) | (1 if retain else 0)
    number = b"" if mid is None else mid.to_bytes(2)
    return _packet(first, _field(name) + number + version.nothing_more + payload)


def subscribe(mid: int, filters: Sequence[str], version: Version) -> bytes:
    """Asks to hear these topic filters at QoS 1."""
    wanted = b"".join(_field(each.encode()) + b"\x01" for each in filters)
    return _packet(SUBSCRIBE, mid.to_bytes(2) + version.nothing_more + wanted)


def unsubscribe(mid: int, filters: Iterable[str], version: Version) -> bytes:
    """Asks to hear these topic filters no more."""
    gone = b"".join(_field(each.encode()) for each in filters)
    return _packet(UNSUBSCRIBE, mid.to_bytes(2) + version.nothing_more + gone)


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
