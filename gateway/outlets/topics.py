"""Alerts as retained MQTT topics: for pagers, corridor lights and whatever else the home has."""

from concurrent.futures import Future

from gateway.mqtt import MqttLink
from nightwarden.store.outgoing import Leased


class TopicOutlet:
    """Publishes a letter on its topic at QoS 1; the broker's acknowledgement is the receipt."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link

    def send(self, letter: Leased) -> Future[None]:
        """Begin to publish; see :class:`gateway.outbox.Outlet`."""
        return self._link.publish(letter.topic, letter.payload, retain=letter.retain)
