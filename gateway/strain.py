"""What the gateway says of its own trouble: floods that were passed over, and messages that wait.

1. A gateway that cannot keep up takes no more than its inbox holds; the broker keeps the rest, and
   the board says so, because what waits is heard late.
2. What was passed over stands in quarantine with its count: of a device that floods by its topic,
   of strangers (``strangers.py``) by the first level of their topics, since they invent the rest.
   Health and boards say so while it goes on.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from gateway import strangers
from gateway.floods import RATE
from gateway.inbox import MOST_WAITING
from gateway.messages import RawMessage
from nightwarden.store import intake, meta
from nightwarden.store.engine import Transaction

FLOODS = (
    f"It brings more than {RATE:.0f} messages a second; those counted here were passed over "
    "unread, and only the newest was taken. Look for a fault in the device."
)
STRANGERS = (
    f"More than {strangers.RATE:.0f} messages a second came for no device of this home; those "
    "counted here were passed over, and this is the newest. See who may write at the broker."
)
_SENTENCES = {
    FLOODS: f"{{}} brings more than {RATE:.0f} messages a second; only its newest is taken. "
    "Look for a fault in the device.",
    STRANGERS: f"More than {strangers.RATE:.0f} messages a second come on {{}} for no device of "
    "this home, and are passed over. See who may write at the broker.",
}
"""The same for health and boards, where the topic stands nowhere else."""

MOST_ROOTS = 20
"""Lines for strangers at a time; where they invent first levels too, the rest is one line."""

STRAINED = MOST_WAITING // 2
LATE = timedelta(seconds=2)
"""A message of our own that is under way so long has others before it, most of them at the broker,
which hands over few that are not acknowledged."""

GOES_ON = timedelta(seconds=5)
"""A flood is over when nothing has been passed over for as long."""

LONG_S = 0.1
LONGEST_REST_S = 0.2


def give_way(took_s: float) -> None:
    """Rest after a long turn. People's answers wait for the store too, and SQLite has no queue:
    without a gap between our transactions they would wait until they fail.
    """
    if took_s > LONG_S:
        time.sleep(min(took_s / 4, LONGEST_REST_S))


class _Line(NamedTuple):
    """Where in quarantine something is counted."""

    topic: str
    reason: str


class Strain:
    """Gathers what is to be shown, and writes it down once a second."""

    def __init__(self) -> None:
        self._counts: Counter[_Line] = Counter()
        self._newest: dict[_Line, RawMessage] = {}
        self._last: dict[str, tuple[datetime, _Line]] = {}
        self._said: str | None = ""  # nobody knows what the gateway before this one said last
        self._written: tuple[Counter[_Line], str | None] | None = None

    def passed_over(self, messages: Sequence[RawMessage]) -> None:
        """These were not read: their topics flood."""
        for message in messages:
            self._count(_Line(message.topic, FLOODS), message)

    def strange(self, messages: Sequence[RawMessage]) -> None:
        """These were read and nothing was made of them: strangers bring too much."""
        for message in messages:
            line = _Line(f"{message.topic.partition('/')[0]}/#", STRANGERS)
            if line not in self._counts and len(self._counts) >= MOST_ROOTS:
                line = _Line("#", STRANGERS)
            self._count(line, message)

    def _count(self, line: _Line, message: RawMessage) -> None:
        self._counts[line] += 1
        self._newest[line] = message
        self._last[line.reason] = message.received_at, line

    def show(self, tx: Transaction, waiting: int, wait: timedelta) -> None:
        """Write down what was passed over, and whether messages wait.

        Args:
            tx: a writing transaction; :meth:`committed` says that it was kept.
            waiting: messages in the inbox.
            wait: how long the oldest loop test has been under way, or the oldest message here.
        """
        counts = Counter(self._counts)
        for line, count in counts.items():
            payload = self._newest[line].payload
            intake.quarantine(tx, line.topic, payload, line.reason, times=count)
        trouble = _waits(waiting, wait) or self._floods(tx.now)
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
        self._newest = {line: m for line, m in self._newest.items() if line in self._counts}

    def _floods(self, now: datetime) -> str | None:
        for at, line in self._last.values():
            if abs(now - at) < GOES_ON:
                return _SENTENCES[line.reason].format(line.topic)
        return None


def _waits(waiting: int, wait: timedelta) -> str | None:
    if waiting > STRAINED:
        return f"{waiting} messages wait to be decided; alerts may come late."
    if wait > LATE:
        return (
            f"Messages wait {wait.total_seconds():.0f} s to be decided, most of them at the "
            "broker; alerts come late by as much."
        )
    return None
