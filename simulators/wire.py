"""One MQTT message of a simulated device, before anybody has said it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from nightwarden.model.readings import DeviceId


class WireMessage(NamedTuple):
    """What ``sender`` says at the simulated instant ``at`` (aware, UTC).

    ``time_field`` names the field of a JSON body that carries the device's own clock. It is put
    in by :meth:`payload`, because the clock on the wall at sending is not the simulated one.

    ``by_will`` marks what the broker says for a device that fell away without goodbye: whoever
    plays the message cuts that device's connection, or says it itself.
    """

    at: datetime
    sender: DeviceId
    topic: str
    body: str | Mapping[str, Any] | Sequence[Any]
    kind: str
    qos: int = 1
    retain: bool = False
    time_field: str | None = None
    by_will: bool = False

    def payload(self, sent_at: datetime | None = None) -> bytes:
        """The bytes on the wire, with the device's clock at ``sent_at`` (default: ``at``)."""
        if isinstance(self.body, str):
            return self.body.encode()
        body: Any = self.body
        if self.time_field is not None and isinstance(body, Mapping):
            body = {**body, self.time_field: rfc3339(sent_at or self.at)}
        return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def rfc3339(at: datetime) -> str:
    """``2026-11-01T22:15:00.000Z``: milliseconds, UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
