"""What another client could bring: MQTT packets read off a socket in bulk, and nothing else.

paho reads a packet in three pieces and asks the system before each; this takes whatever the socket
has, finds the packets in it, and sends all of their acknowledgements at once. It is no client: it
keeps no session, pings nobody and believes the broker.
"""

import socket
from multiprocessing.connection import Connection

from benchmarks.big_home import ALL_DEVICES
from nightwarden.broker_url import BrokerUrl

CONNECT = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04bare"
PUBLISH = 0x30
AT_ONCE = 65536


def acknowledge(parent: "Connection[int, int]", broker: str) -> None:
    """Tells the parent whenever as many messages as it last asked for have been acknowledged."""
    url = BrokerUrl.parse(broker)
    left, rest = 0, b""
    with socket.create_connection((url.host, url.port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wanted = ALL_DEVICES.encode()
        body = b"\x00\x01" + len(wanted).to_bytes(2) + wanted + b"\x01"
        line.sendall(CONNECT)
        line.recv(4)
        line.sendall(b"\x82" + bytes([len(body)]) + body)
        line.recv(5)
        parent.send(0)
        while received := line.recv(AT_ONCE):
            acks, rest = _acknowledgements(rest + received)
            line.sendall(acks)
            for _ in range(len(acks) // 4):
                left = (left or parent.recv()) - 1
                if not left:
                    parent.send(1)


def _acknowledgements(received: bytes) -> tuple[bytes, bytes]:
    """A PUBACK for each whole packet in there, and the bytes of the one that is not."""
    acks, at, end = bytearray(), 0, len(received)
    while at + 2 <= end:
        length, shift, body = 0, 0, at + 1
        while body < end:
            length |= (received[body] & 0x7F) << shift
            body, shift = body + 1, shift + 7
            if received[body - 1] < 0x80:
                break
        else:
            break
        if body + length > end:
            break
        if received[at] & 0xF0 == PUBLISH and received[at] & 0x06:
            topic_ends = body + 2 + int.from_bytes(received[body : body + 2])
            acks += b"\x40\x02" + received[topic_ends : topic_ends + 2]
        at = body + length
    return bytes(acks), received[at:]
