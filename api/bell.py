"""The doorbell between the two processes, over MQTT.

The store is the truth; a ring only says "look now". The gateway rings us after its commits and we
ring it after ours. Both look once a second anyway, so a ring that is lost costs a second, and this
bell may be as simple as it is: QoS 0, a clean session, nothing kept and nothing waited for. With
no broker at all the api goes on working.
"""

import logging
import secrets
import ssl
from collections.abc import Callable
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from nightwarden.wire import Topics

log = logging.getLogger(__name__)

OUR_RING = Topics("+").ring_api
"""Any home's: the store may have no home yet, and a stray ring costs one look."""

KEEP_ALIVE_S = 15
RETRY_S = (1, 5)
"""Shortest and longest wait between attempts; a broker on site is back in seconds or not at all."""


class BrokerAddress(NamedTuple):
    """Where the broker is and who we are to it. ``tls`` None: in the clear."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None


class Bell:
    """Rings the gateway and hears its rings; connects by itself, as often as it takes."""

    def __init__(self, broker: BrokerAddress, home: Callable[[], str | None]) -> None:
        """``home`` gives the id of the home, None before there is one; asked until there is."""
        self._home = home
        self._ring_topic: str | None = None
        self._on_ring: Callable[[], object] = lambda: None
        # A name of its own each time: two apis at one broker must not throw each other out.
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"nightwarden-api-{secrets.token_hex(4)}",
            clean_session=True,
        )
        if broker.username is not None:
            self._client.username_pw_set(broker.username, broker.password)
        if broker.tls is not None:
            self._client.tls_set_context(broker.tls)
        self._client.reconnect_delay_set(*RETRY_S)
        self._client.on_connect = self._connected
        self._client.on_message = self._heard
        self._client.connect_async(broker.host, broker.port, KEEP_ALIVE_S)

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return self._client.is_connected()

    def start(self, on_ring: Callable[[], object]) -> None:
        """Begin to connect. ``on_ring`` is called on the bell's own thread and must not block."""
        self._on_ring = on_ring
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye; returns within about a second."""
        self._client.disconnect()
        self._client.loop_stop()

    def ring_gateway(self) -> None:
        """Tell the gateway to look; call it after the commit. Never blocks, never fails."""
        if not self._client.is_connected():
            return
        if self._ring_topic is None and (home := self._home()) is not None:
            self._ring_topic = Topics(home).ring_gateway
        if self._ring_topic is not None:
            self._client.publish(self._ring_topic, b"", qos=0)

    def _connected(
        self, client: paho.Client, _userdata: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            log.warning("the broker refuses the api's bell: %s", reason)
            return
        client.subscribe(OUR_RING, qos=0)
        self._on_ring()  # whatever rang while we were away

    def _heard(self, _client: paho.Client, _userdata: Any, _message: paho.MQTTMessage) -> None:
        self._on_ring()
