"""What was sent, what the broker receipted, and what a receiver heard of it.

Every message has a number, and its ``seq`` is that number after the instant at which the load
began, in microseconds: so it goes on rising from one load to the next, as a device's must.
"""

from array import array
from dataclasses import dataclass, field

from simulators.load.latencies import Latencies

_REMEMBERED = 1 << 20
"""The instants of so many messages are kept; none is on its way for longer."""


@dataclass(slots=True)
class Ledger:
    """``base`` is the ``seq`` of message 0. Instants are of the event loop's clock, in seconds."""

    base: int
    sent: int = 0
    receipted: int = 0
    heard: int = 0
    twice: int = 0
    strange: int = 0
    to_receipt: Latencies = field(default_factory=Latencies)
    to_receiver: Latencies = field(default_factory=Latencies)
    to_alert: Latencies = field(default_factory=Latencies)
    exits: int = 0
    _sent_at: "array[float]" = field(default_factory=lambda: array("d", bytes(8 * _REMEMBERED)))
    _seen: bytearray = field(default_factory=bytearray)
    _left_at: dict[str, float] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Sent and not heard by the receiver."""
        return self.sent - self.heard

    @property
    def alerts_due(self) -> int:
        """Bed exits of which no alert has been heard."""
        return len(self._left_at)

    def send(self, count: int, now: float) -> int:
        """``count`` messages go out ``now``; gives the number of the first."""
        first = self.sent
        self.sent += count
        self._seen += bytes(count)
        for number in range(first, first + count):
            self._sent_at[number % _REMEMBERED] = now
        return first

    def receipt(self, number: int, now: float) -> None:
        """The broker has it."""
        self.receipted += 1
        self.to_receipt.add(now - self._sent_at[number % _REMEMBERED])

    def hear(self, seq: int, now: float) -> None:
        """The receiver has it; once more counts as twice."""
        number = seq - self.base
        if not 0 <= number < self.sent:
            self.strange += 1
        elif self._seen[number]:
            self.twice += 1
        else:
            self._seen[number] = 1
            self.heard += 1
            self.to_receiver.add(now - self._sent_at[number % _REMEMBERED])

    def leave(self, room: str, now: float) -> None:
        """Somebody gets up in ``room``."""
        self.exits += 1
        self._left_at[room] = now

    def alert(self, room: str, now: float) -> None:
        """The alert of a bed exit in ``room`` has come; later words about it count no more."""
        left = self._left_at.pop(room, None)
        if left is not None:
            self.to_alert.add(now - left)
