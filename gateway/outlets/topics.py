"""Alerts as retained MQTT topics: for pagers, corridor lights and whatever else the home has.

Each letter about an alert carries its number, ``"delivery": {"id", "attempt", "repeat"}``: one that
was sent again because no receipt came has the number of its twin, so that a pager can drop it.
"""

from concurrent.futures import Future

import orjson

from gateway.mqtt import MqttLink
from nightwarden.store.outgoing import Leased


class TopicOutlet:
    """Publishes a letter on its topic at QoS 1; the broker's acknowledgement is the receipt."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link

    def send(self, letter: Leased) -> Future[None]:
        """Begin to publish; see :class:`gateway.outbox.Outlet`."""
        return self._link.publish(letter.topic, tagged(letter), retain=letter.retain)


def tagged(letter: Leased) -> bytes:
    """An alert's JSON object with the letter's number in it; anything else as it is."""
    if not letter.of_alert or not letter.payload.endswith(b"}"):
        return letter.payload
    attempt = letter.attempt
    tag = {"id": str(letter.id), "attempt": attempt, "repeat": attempt > 1}
    return letter.payload[:-1] + b',"delivery":' + orjson.dumps(tag) + b"}"
