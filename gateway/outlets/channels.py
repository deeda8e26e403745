"""Channels that tell people elsewhere, each on a thread of its own.

1. The deciding thread only puts a letter into a queue. A channel that hangs holds up its own
   letters and nobody else's, and the urgent among them go first.
2. A letter whose lease has run out while its service was being asked is not sent a second time
   beside the first: it is said that nobody answers, and the first may still come through.
3. The receipt says that a service took the message, never that anybody has heard it.
4. A person's phone is told in the language that they chose. The letter in the record is English.
"""

import itertools
import logging
import queue
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import orjson

from nightwarden.clock import Clock
from nightwarden.elsewhere import addresses, phones
from nightwarden.elsewhere.contact import NOBODY
from nightwarden.errors import DeliveryFailed
from nightwarden.languages import ENGLISH, reading_in, said
from nightwarden.model.alerts import Priority
from nightwarden.model.elsewhere import ChannelKind
from nightwarden.model.phrases import phrase
from nightwarden.store.engine import Store, Transaction
from nightwarden.store.outgoing import Leased
from nightwarden.store.tables import Channel, Delivery, User

log = logging.getLogger(__name__)

_ORDER = {priority.value: place for place, priority in enumerate(Priority)}
NO_ANSWER = phrase("the service has not answered yet")


class ChannelOutlet:
    """See :class:`gateway.outbox.Outlet`. Its threads end with the process.

    Args:
        store: where the addresses are; read on the channels' own threads.
        clock: what time it is.
        contact: whom a push service may write to.
    """

    def __init__(self, store: Store, clock: Clock, contact: str = NOBODY) -> None:
        self._store, self._clock, self._contact = store, clock, contact
        self._lines: dict[int, _Line] = {}

    def send(self, letter: Leased) -> Future[None]:
        """Put it into its channel's queue; the result comes when the service has answered."""
        number = int(letter.topic.split("/", 2)[1])
        line = self._lines.get(number)
        if line is None:
            line = self._lines[number] = _Line(self, number)
        return line.put(letter)

    def deliver(self, channel: int, letter: Leased) -> None:
        """Ask the service to take it, on the channel's thread.

        Raises:
            DeliveryFailed: it did not.
        """
        with self._store.reading(self._clock()) as tx:
            row = tx.get(Channel, channel)
            if row is None or row.removed_at is not None:
                raise DeliveryFailed("the channel was removed", permanent=True)
            kind, secret, reads = ChannelKind(row.kind), row.secret, _language(tx, row)
            kept = tx.get(Delivery, letter.id)
            if kept is None or kept.receipted_at is not None:
                raise DeliveryFailed("not needed any more", permanent=True)
        body = orjson.loads(letter.payload)
        urgent = body["priority"] == Priority.HIGH
        if kind is ChannelKind.PHONE:
            phones.public_key(self.data)  # makes the keys that the token needs
            with reading_in(reads):
                body["body"] = said(body["body"])
            proof = {"letter": str(letter.id), "token": phones.token(self.data, letter.id)}
            phones.send(self.data, secret, body | proof, self._contact, urgent=urgent)
        else:
            addresses.send(secret, body["title"], body["body"], urgent=urgent)

    @property
    def data(self) -> Path:
        """The folder in which the keys for phones are."""
        return self._store.folder


def _language(tx: Transaction, row: Channel) -> str:
    """What the owner of a phone has chosen to read; English where nobody has chosen."""
    owner = None if row.person is None else tx.get(User, row.person)
    return (owner and owner.language) or ENGLISH


class _Line:
    """The queue and the thread of one channel."""

    def __init__(self, outlet: ChannelOutlet, number: int) -> None:
        self._outlet, self._number = outlet, number
        self._waiting: queue.PriorityQueue[tuple[int, int, Leased]] = queue.PriorityQueue()
        self._count = itertools.count()
        self._futures: dict[int, Future[None]] = {}
        self._sending: int | None = None
        self._lock = threading.Lock()
        name = f"channel {number}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def put(self, letter: Leased) -> Future[None]:
        with self._lock:
            if self._sending == letter.id:
                raise DeliveryFailed(NO_ANSWER)
            known = self._futures.get(letter.id)
            if known is not None:
                return known
            future: Future[None] = Future()
            self._futures[letter.id] = future
        order = _ORDER.get(orjson.loads(letter.payload)["priority"], len(_ORDER))
        self._waiting.put((order, next(self._count), letter))
        return future

    def _run(self) -> None:
        while True:
            _, _, letter = self._waiting.get()
            with self._lock:
                self._sending = letter.id
            problem: Exception | None = None
            try:
                self._outlet.deliver(self._number, letter)
            except DeliveryFailed as failed:
                problem = failed
            except Exception as fault:
                log.exception("a message over channel %d cannot be sent", self._number)
                problem = DeliveryFailed(f"a fault of ours: {type(fault).__name__}")
            with self._lock:
                self._sending = None
                future = self._futures.pop(letter.id)
            with suppress(Exception):
                if problem is None:
                    future.set_result(None)
                else:
                    future.set_exception(problem)
