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


class Mirror:
    """What the broker retains for us, as far as it has told us that it has it."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link
        self._connection = 0
        self._said: dict[str, bytes] = {}
        self._failed: SimpleQueue[str] = SimpleQueue()

    def show(self, wanted: Mapping[str, bytes]) -> None:
        """Publish what the broker does not have; a topic that is wanted no more is cleared.

        Never waits. What fails is published again by a later call.
        """
        if not self._link.connected:
            return
        if self._connection != self._link.connections:
            self._connection = self._link.connections
            self._said.clear()
        self._forget_failed()
        gone = dict.fromkeys(self._said.keys() - wanted.keys(), b"")
        for topic, payload in {**wanted, **gone}.items():
            if self._said.get(topic) == payload:
                continue
            try:
                receipt = self._link.publish(topic, payload, retain=True)
            except DeliveryFailed:
                return
            self._said[topic] = payload
            receipt.add_done_callback(partial(self._note, topic))

    def _note(self, topic: str, receipt: Future[None]) -> None:
        if receipt.exception() is not None:
            self._failed.put(topic)

    def _forget_failed(self) -> None:
        try:
            while True:
                self._said.pop(self._failed.get_nowait(), None)
        except Empty:
            return
