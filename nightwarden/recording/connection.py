"""A visitor's connection to a broker: an own client id, a clean session, nothing left behind."""

import secrets
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid

KEEP_ALIVE_S = 30
ANSWERS_WITHIN_S = 5.0
UNDER_WAY = 20
"""Messages that the broker has and has not confirmed; paho's own figure, and below rumqttd's."""


class Visit:
    """One connection, driven by whoever calls :meth:`attend`; it is not made again by itself.

    The broker hands a visitor its own copy of each message, so that whatever becomes of it here is
    nothing to the gateway's session.

    Args:
        broker: where.
        purpose: the first part of the client id; the rest is chance.
        on_message: is given each message, inside :meth:`attend`.
    """

    def __init__(
        self,
        broker: BrokerUrl,
        purpose: str,
        on_message: Callable[[paho.MQTTMessage], None] = lambda _message: None,
    ) -> None:
        self._broker = broker
        self._answers: list[ReasonCode] = []
        self._granted: list[ReasonCode] = []
        self._waiting: set[int] = set()
        self._trouble = MQTTErrorCode.MQTT_ERR_SUCCESS
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            f"nightwarden-{purpose}-{secrets.token_hex(4)}",
            clean_session=True,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = ANSWERS_WITHIN_S
        client.max_inflight_messages_set(UNDER_WAY)
        client.max_queued_messages_set(0)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = lambda _client, _data, message: on_message(message)
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if (context := broker.tls_context()) is not None:
            client.tls_set_context(context)
        self._client = client

    @property
    def stands(self) -> bool:
        """Whether the connection is there."""
        return not self._trouble and self._client.is_connected()

    @property
    def unconfirmed(self) -> int:
        """Messages at QoS 1 that the broker has not confirmed yet."""
        return len(self._waiting)

    def open(self) -> None:
        """Connect.

        Raises:
            Invalid: nothing answers, or not as a broker does, or it refuses us.
        """
        try:
            self._client.connect(self._broker.host, self._broker.port, KEEP_ALIVE_S)
        except OSError as problem:
            hint = "start one, or name another with --broker"
            raise Invalid(f"{self._broker.unreachable(problem)[:-1]}; {hint}.") from None
        self._trouble = MQTTErrorCode.MQTT_ERR_SUCCESS
        self._until(lambda: bool(self._answers))
        if not self._answers:
            raise Invalid(f"what listens at {self._broker} does not answer as an MQTT broker.")
        if self._answers[0].is_failure:
            raise Invalid(self._broker.refusal(self._answers[0].getName()))

    def subscribe(self, filters: Sequence[str]) -> None:
        """Hear these topic filters, at QoS 1.

        Raises:
            Invalid: the broker does not let us.
        """
        self._granted.clear()
        self._client.subscribe([(one, 1) for one in filters])
        self._until(lambda: bool(self._granted))
        if not self._granted:
            raise self.lost()
        answers = zip(filters, self._granted, strict=False)
        refused = [one for one, code in answers if code.is_failure]
        if refused:
            raise Invalid(
                f"the broker at {self._broker} does not let us hear {', '.join(refused)}; use a "
                "user that may, such as the gateway's."
            )

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Send a message; at QoS 1 it counts as unconfirmed until the broker has it."""
        sent = self._client.publish(topic, payload, qos, retain)
        if qos:
            self._waiting.add(sent.mid)

    def attend(self, timeout: float) -> bool:
        """Serve the connection for up to ``timeout`` seconds; whether it still stands."""
        if not self._trouble:
            self._trouble = self._client.loop(max(0.0, timeout))
        return self.stands

    def lost(self) -> Invalid:
        """What to say when the connection ended."""
        return Invalid(f"the connection to the broker at {self._broker} was lost.")

    def close(self) -> None:
        """Say goodbye."""
        if self.stands:
            self._client.disconnect()
            self._client.loop(0.1)
        if (socket := self._client.socket()) is not None:
            socket.close()

    def _until(self, done: Callable[[], bool]) -> None:
        deadline = monotonic() + ANSWERS_WITHIN_S
        while not done() and not self._trouble and monotonic() < deadline:
            self._trouble = self._client.loop(0.1)

    def _on_connect(self, _c: paho.Client, _d: Any, _f: Any, code: ReasonCode, _p: Any) -> None:
        self._answers.append(code)

    def _on_subscribe(
        self, _c: paho.Client, _d: Any, _mid: int, codes: list[ReasonCode], _p: Any
    ) -> None:
        self._granted = codes

    def _on_publish(self, _c: paho.Client, _d: Any, mid: int, _code: Any, _p: Any) -> None:
        self._waiting.discard(mid)
