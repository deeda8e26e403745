"""What the gateway says of its own trouble: floods that were passed over, and messages that wait.

A gateway that cannot keep up takes no more than its inbox holds; the broker keeps the rest, and the
board says so, because what waits is heard late.
"""

from collections import Counter
from collections.abc import Sequence

import orjson

from gateway.floods import RATE
from gateway.inbox import MOST_WAITING
from gateway.messages import RawMessage
from nightwarden.store import intake, meta
from nightwarden.store.engine import Transaction

FLOODS = (
    f"It brings more than {RATE:.0f} messages a second; those counted here were passed over "
    "unread, and only the newest was taken. Look for a fault in the device."
)
STRAINED = MOST_WAITING // 2


class Strain:
    """Gathers what is to be shown, and writes it down once a second."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._newest: dict[str, RawMessage] = {}
        self._said: str | None = None

    def passed_over(self, messages: Sequence[RawMessage]) -> None:
        """These were not read."""
        for message in messages:
            self._counts[message.topic] += 1
            self._newest[message.topic] = message

    def show(self, tx: Transaction, waiting: int) -> None:
        """Write down what was passed over, and whether messages wait."""
        counts, self._counts = self._counts, Counter()
        newest, self._newest = self._newest, {}
        for topic, count in counts.items():
            intake.quarantine(tx, topic, newest[topic].payload, FLOODS, times=count)
        trouble = None
        if waiting > STRAINED:
            trouble = f"{waiting} messages wait to be decided; alerts may come late."
        if trouble != self._said:
            facts = {} if trouble is None else {"trouble": trouble}
            meta.put(tx, meta.GATEWAY, orjson.dumps(facts).decode())
            self._said = trouble
