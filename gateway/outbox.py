"""What must reach somebody: leased, sent, receipted; a lease that runs out is sent again.

A crash between sending and the receipt repeats a delivery rather than losing it. An outlet
is one way of telling people: the retained MQTT topics, and channels elsewhere.
"""

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

from nightwarden.errors import DeliveryFailed
from nightwarden.store import channel_letters, outgoing
from nightwarden.store.channel_letters import Failure
from nightwarden.store.engine import Transaction
from nightwarden.store.outgoing import Leased

_Told = TypeVar("_Told")

log = logging.getLogger(__name__)


class Outlet(Protocol):
    """A way of telling people."""

    def send(self, letter: Leased) -> Future[None]:
        """Begin to send; the result comes when the other side has it. Never blocks.

        Raises:
            DeliveryFailed: it cannot be sent now, or ever.
        """
        ...


class Outbox:
    """Deliveries of one gateway. ``lease`` and ``settle`` inside transactions, ``send`` between.

    Args:
        outlets: by the name that a delivery carries.
    """

    def __init__(self, outlets: Mapping[str, Outlet]) -> None:
        self._outlets = outlets
        self._receipts: SimpleQueue[int] = SimpleQueue()
        self._failures: SimpleQueue[Failure] = SimpleQueue()
        self._under_way: set[int] = set()

    def lease(self, tx: Transaction) -> list[tuple[str, Leased]]:
        """Take what is due, for a time."""
        return [(name, letter) for name in self._outlets for letter in outgoing.lease(tx, name)]

    def send(self, letters: list[tuple[str, Leased]]) -> None:
        """Hand each letter to its outlet; what fails stays leased and is sent again later."""
        for name, letter in letters:
            try:
                sent = self._outlets[name].send(letter)
            except DeliveryFailed as problem:
                log.warning("delivery %s over %s: %s", letter.id, name, problem)
                self._failures.put(Failure(letter.id, str(problem), problem.permanent))
                continue
            if name == "mqtt":
                self._under_way.add(letter.id)
            sent.add_done_callback(partial(self._note, letter.id))

    def settle(self, tx: Transaction) -> int:
        """Write down the receipts that have come, and the failures; returns how many receipts."""
        arrived, failures = _all(self._receipts), _all(self._failures)
        if arrived:
            outgoing.receipted(tx, arrived)
            channel_letters.taken(tx, arrived)
        if failures:
            channel_letters.failed(tx, failures)
        return len(arrived)

    @property
    def under_way(self) -> int:
        """How many letters the broker has and has not yet answered for."""
        return len(self._under_way)

    def _note(self, number: int, done: Future[None]) -> None:
        problem = done.exception()
        if problem is None:
            self._receipts.put(number)
        else:
            final = isinstance(problem, DeliveryFailed) and problem.permanent
            self._failures.put(Failure(number, str(problem), final))
        self._under_way.discard(number)


def _all(queue: "SimpleQueue[_Told]") -> "list[_Told]":
    found = []
    with suppress(Empty):
        while True:
            found.append(queue.get_nowait())
    return found
