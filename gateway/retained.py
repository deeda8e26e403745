"""Retained topics that mirror a state: said when they change, and again on every new connection.

Not the outbox: what counts is the latest state alone, which is made anew from the store at any
time, so that nothing need be kept of what was said.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue

from gateway.mqtt import MqttLink
from nightwarden.errors import DeliveryFailed

AT_ONCE = 100
"""Publishes on their way: in a large home there are thousands of topics, and alerts and the loop
test, which leave in their turn, must not wait behind them."""


class Mirror:
    """What the broker retains for us, as far as it has told us that it has it.

    On the deciding thread alone.
    """

    def __init__(self, link: MqttLink) -> None:
        self._link = link
        self._connection = 0
        self._said: dict[str, bytes] = {}
        self._unsure: dict[str, None] = {}  # what may differ, in the order in which it is said
        self._look_at_all = True
        self._under_way = 0
        self._answers: SimpleQueue[tuple[str, bool]] = SimpleQueue()

    def will_differ(self, topic: str) -> None:
        """What is wanted of this topic is about to change."""
        self._unsure[topic] = None

    def all_may_differ(self) -> None:
        """What is wanted is about to be another collection of topics."""
        self._look_at_all = True

    def show(self, wanted: Mapping[str, bytes]) -> None:
        """Publish what the broker does not have; a topic that is wanted no more is cleared.

        Never waits. What fails, and what is too much at once, is published by a later call.

        Args:
            wanted: what changes in it between two calls is told before.
        """
        if not self._link.connected:
            return
        if self._connection != self._link.connections:
            self._connection = self._link.connections
            self._said.clear()
            self._look_at_all = True
        self._hear_answers()
        if self._look_at_all:
            self._look_at_all = False
            gone = self._said.keys() - wanted.keys()
            self._unsure = dict.fromkeys((*self._unsure, *wanted, *sorted(gone)))
        while self._unsure and self._under_way < AT_ONCE:
            topic = next(iter(self._unsure))
            payload = wanted.get(topic, b"")
            if self._said.get(topic) != payload:
                try:
                    receipt = self._link.publish(topic, payload, retain=True)
                except DeliveryFailed:
                    return
                self._said[topic] = payload
                self._under_way += 1
                receipt.add_done_callback(partial(self._note, topic))
            del self._unsure[topic]

    def _note(self, topic: str, receipt: Future[None]) -> None:
        self._answers.put((topic, receipt.exception() is None))

    def _hear_answers(self) -> None:
        try:
            while True:
                topic, taken = self._answers.get_nowait()
                self._under_way -= 1
                if not taken:
                    self._said.pop(topic, None)
                    self._unsure[topic] = None
        except Empty:
            return
