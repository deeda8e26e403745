"""Devices that speak: bed exits at set instants, and the others' heartbeats beside them.

Exits are published when they are due, whether or not earlier ones have arrived: a slow answer
must not slow the questions down, or it would hide behind them.
"""

import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.big_home import mat_topic, sensor_topic
from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid

PATIENCE_S = 15.0


class Devices:
    """Publishes for any device at QoS 1; each message carries the next number."""

    def __init__(self, broker: str) -> None:
        url = BrokerUrl.parse(broker)
        # Past every number of an earlier connection, or the messages would count as late ones.
        self._numbers = itertools.count(time.monotonic_ns() // 1000)
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.max_inflight_messages_set(0)
        self.client.connect(url.host, url.port)
        self.client.loop_start()

    def say(self, topic: str, **body: Any) -> paho.MQTTMessageInfo:
        """Hand a message to the connection; it is on its way when this returns."""
        payload = json.dumps({**body, "seq": next(self._numbers)})
        return self.client.publish(topic, payload, qos=1)

    def press(self, rooms: Sequence[str]) -> None:
        """Somebody lies in each of these beds; the broker knows when this returns."""
        sent = [self.say(mat_topic(name), occupancy=True) for name in rooms]
        for message in sent:
            message.wait_for_publish(PATIENCE_S)

    def exits(self, rooms: Sequence[str], every_s: float, seed: int) -> dict[str, float]:
        """One bed after the other is left; gives the instant just before each was published.

        The pace wavers by a tenth of a step, so that it never falls in step with a timer.
        """
        waver = random.Random(seed)  # the same in every run
        begin = time.monotonic()
        left: dict[str, float] = {}
        for number, name in enumerate(rooms):
            _sleep_until(begin + every_s * (number + waver.uniform(-0.1, 0.1)))
            left[name] = time.monotonic()
            self.say(mat_topic(name), occupancy=False)
        return left

    def close(self) -> None:
        """Go, when everything has been sent."""
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def devices(broker: str) -> Iterator[Devices]:
    """Devices on a connection of their own."""
    found = Devices(broker)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def background(broker: str, rooms: Sequence[str], rate: float) -> Iterator[None]:
    """While this lasts, these rooms' devices send ``rate`` heartbeats a second, evenly.

    Raises:
        Invalid: this machine could not keep to the rate, so that the figures mean something else.
    """
    if rate <= 0:
        yield
        return
    processes = get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_beat, args=(theirs, broker, rooms, rate), daemon=True)
    process.start()
    try:
        ours.recv()
        began = time.monotonic()
        yield
        lasted = time.monotonic() - began
        ours.send(None)
        sent: int = ours.recv()
        if sent < 0.95 * rate * lasted:
            raise Invalid(f"Only {sent / lasted:.0f} of {rate:.0f} messages a second were sent.")
    finally:
        process.terminate()
        process.join()
        process.close()


def _beat(parent: "Connection[Any, Any]", broker: str, rooms: Sequence[str], rate: float) -> None:
    with devices(broker) as beating:
        parent.send(None)
        begin = time.monotonic()
        for sent, name in enumerate(itertools.cycle(rooms)):
            _sleep_until(begin + sent / rate)
            if sent % 2:
                beating.say(mat_topic(name), occupancy=True)
            else:
                beating.say(sensor_topic(name), temperature=20.0 + sent % 50 / 10)
            if parent.poll():
                parent.send(sent + 1)
                return


def _sleep_until(instant: float) -> None:
    time.sleep(max(0.0, instant - time.monotonic()))
