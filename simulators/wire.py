"""One MQTT message of a simulated device, before anybody has said it."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple, Self

from nightwarden.model.readings import DeviceId

Body = str | bytes | Mapping[str, Any] | Sequence[Any] | Callable[[datetime], bytes]


class Will(NamedTuple):
    """What the broker publishes, at QoS 1, when a line breaks without goodbye."""

    topic: str
    payload: bytes
    retain: bool = True


class Parting(Enum):
    """How a connection ends; nothing is said then."""

    GOODBYE = "goodbye"  # DISCONNECT: the broker says no will
    CUT = "cut"  # the line breaks: the broker says the will that was left with it
    BROKER_GONE = "broker gone"  # the broker itself falls, and all lines with it: no will


class WireMessage(NamedTuple):
    """What ``sender`` says at the simulated instant ``at`` (aware, UTC).

    ``body`` is a text, bytes, something for JSON, or a function of the device's clock that gives
    the bytes: for those that write the time in a way of their own, or number what they send.
    ``time_field`` names the field of a JSON body that carries the device's own clock. It is put
    in by :meth:`payload`, because the clock on the wall at sending is not the simulated one.

    ``by_will`` marks what the broker says for a device that fell away without goodbye: whoever
    plays the message cuts that device's connection, or says it itself. ``opens_with`` is the will
    that the device leaves when it connects to say this, where that is another than the last time.
    ``parting``: nothing is said; the sender's connection ends here, if it has one to itself.
    ``late`` is how long the message has been under way: the device's clock was at an earlier time.
    """

    at: datetime
    sender: DeviceId
    topic: str
    body: Body
    kind: str
    qos: int = 1
    retain: bool = False
    time_field: str | None = None
    by_will: bool = False
    opens_with: Will | None = None
    parting: Parting | None = None
    late: timedelta = timedelta()

    @property
    def of_the_line(self) -> bool:
        """Whether this is about the connection, and not said by the device itself."""
        return self.by_will or self.parting is not None

    def arriving(self, at: datetime) -> Self:
        """The same message, which comes ``at`` this later instant (simulated, aware)."""
        return self._replace(at=at, late=self.late + (at - self.at))

    def payload(self, sent_at: datetime | None = None, speed: float = 1.0) -> bytes:
        """The bytes on the wire, with the device's clock at ``sent_at`` (default: ``at``).

        ``speed``: how much faster than it is simulated the play goes, for what was under way.
        """
        said_at = (sent_at or self.at) - self.late / speed
        if callable(self.body):
            return self.body(said_at)
        if isinstance(self.body, str):
            return self.body.encode()
        if isinstance(self.body, bytes):
            return self.body
        body: Any = self.body
        if self.time_field is not None and isinstance(body, Mapping):
            body = {**body, self.time_field: rfc3339(said_at)}
        return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def as_json(body: Mapping[str, Any]) -> bytes:
    """JSON as boards print it: in the order given, without spaces."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def rfc3339(at: datetime) -> str:
    """``2026-11-01T22:15:00.000Z``: milliseconds, UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
