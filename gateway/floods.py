"""One device that floods harms no other: each topic has a measure, and what goes beyond it waits.

1. A topic may bring :data:`BURST` messages at once, as a bridge does that has kept minutes of them,
   and :data:`RATE` a second from then on; no mat and no sensor says as much.
2. Beyond that only the newest message of the topic is held, and taken in its turn. Those that it
   overtakes are acknowledged unread and counted: states are what they are now, and a fault that
   says five thousand things a second has said none of them.
3. What was passed over is shown, by topic, in quarantine with its count.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.messages import RawMessage

RATE = 20.0
"""Messages a second of one topic, for as long as it likes."""

BURST = 600.0
"""Messages of one topic at once: ten minutes of a mat that speaks every second. What each of them
may cost, when each raises or clears something, must not hold up the other rooms."""

MOST_TOPICS = 20_000
"""Topics whose measure is kept; those that have been quiet are forgotten first."""


@dataclass(slots=True)
class _Measure:
    """What a topic may still bring at ``at`` (monotonic seconds), and the message that waits."""

    left: float
    at: float
    held: RawMessage | None = None

    def refill(self, now: float) -> None:
        self.left = min(BURST, self.left + (now - self.at) * RATE)
        self.at = now


class Floods:
    """The measures of all topics. Not safe to share between threads; the inbox's lock guards it."""

    def __init__(self) -> None:
        self._measures: dict[str, _Measure] = {}
        self._holding: dict[str, _Measure] = {}
        self.passed: list[RawMessage] = []
        """Overtaken and not read: to be acknowledged and counted."""

    def admit(self, message: RawMessage, now: float) -> bool:
        """Whether to take a message now; otherwise it is held, and overtakes the one held before.

        Args:
            message: as it came.
            now: monotonic seconds.
        """
        measure = self._measures.get(message.topic)
        if measure is None:
            self._forget_quiet(now)
            measure = self._measures[message.topic] = _Measure(BURST, now)
        measure.refill(now)
        if measure.held is not None:
            self.passed.append(measure.held)
            measure.held = None
            self._holding.pop(message.topic, None)
        if measure.left >= 1:
            measure.left -= 1
            return True
        measure.held = message
        self._holding[message.topic] = measure
        return False

    def release(self, now: float) -> Iterator[RawMessage]:
        """The held messages whose turn has come."""
        for topic, measure in list(self._holding.items()):
            measure.refill(now)
            if measure.left >= 1 and measure.held is not None:
                measure.left -= 1
                yield measure.held
                measure.held = None
                del self._holding[topic]

    @property
    def holds(self) -> bool:
        """Whether any message waits for its turn."""
        return bool(self._holding)

    def _forget_quiet(self, now: float) -> None:
        if len(self._measures) < MOST_TOPICS:
            return
        for measure in self._measures.values():
            measure.refill(now)
        busy = {t: m for t, m in self._measures.items() if m.left < BURST or m.held}
        self._measures = (
            busy if len(busy) < MOST_TOPICS else {t: m for t, m in busy.items() if m.held}
        )
