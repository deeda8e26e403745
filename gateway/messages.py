"""A message as it came off the wire, before anybody has read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class RawMessage(NamedTuple):
    """What the link puts into the inbox.

    ``received_at`` is aware, UTC. ``connection`` counts the link's connections: an
    acknowledgement belongs to the connection that brought the message, because a broker may use
    the same ``mid`` for another one after a reconnect.
    """

    topic: str
    payload: bytes
    received_at: datetime
    mid: int = 0
    qos: int = 0
    retain: bool = False
    dup: bool = False
    connection: int = 0


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes for us when we vanish without a goodbye; QoS 1."""

    topic: str
    payload: bytes
    retain: bool = True
