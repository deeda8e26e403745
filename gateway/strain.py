"""What the gateway says of its own trouble: floods that were passed over, and messages that wait.

A gateway that cannot keep up takes no more than its inbox holds; the broker keeps the rest, and the
board says so, because what waits is heard late.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

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
LATE = timedelta(seconds=2)
"""A message of our own that is under way so long has others before it, most of them at the broker,
which hands over few that are not acknowledged."""


LONG_S = 0.1
LONGEST_REST_S = 0.2


def give_way(took_s: float) -> None:
    """Rest after a long turn. People's answers wait for the store too, and SQLite has no queue:
    without a gap between our transactions they would wait until they fail.
    """
    if took_s > LONG_S:
        time.sleep(min(took_s / 4, LONGEST_REST_S))


class Strain:
    """Gathers what is to be shown, and writes it down once a second."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._newest: dict[str, RawMessage] = {}
        self._said: str | None = None
        self._written: tuple[Counter[str], str | None] | None = None

    def passed_over(self, messages: Sequence[RawMessage]) -> None:
        """These were not read."""
        for message in messages:
            self._counts[message.topic] += 1
            self._newest[message.topic] = message

    def show(self, tx: Transaction, waiting: int, wait: timedelta) -> None:
        """Write down what was passed over, and whether messages wait.

        Args:
            tx: a writing transaction; :meth:`committed` says that it was kept.
            waiting: messages in the inbox.
            wait: how long the oldest loop test has been under way.
        """
        counts = Counter(self._counts)
        for topic, count in counts.items():
            intake.quarantine(tx, topic, self._newest[topic].payload, FLOODS, times=count)
        trouble = _trouble(waiting, wait)
        if trouble != self._said:
            facts = {} if trouble is None else {"trouble": trouble}
            meta.put(tx, meta.GATEWAY, orjson.dumps(facts).decode())
        self._written = counts, trouble

    def committed(self) -> None:
        """What was shown last is on the disk; what is not is shown again."""
        if self._written is None:
            return
        counts, self._said = self._written
        self._written = None
        self._counts -= counts
        self._newest = {t: m for t, m in self._newest.items() if t in self._counts}


def _trouble(waiting: int, wait: timedelta) -> str | None:
    if waiting > STRAINED:
        return f"{waiting} messages wait to be decided; alerts may come late."
    if wait > LATE:
        return (
            f"Messages wait {wait.total_seconds():.0f} s to be decided, most of them at the "
            "broker; alerts come late by as much."
        )
    return None
