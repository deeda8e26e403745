"""The bench's way to whoever plays a practice home, and its ear for the messages as they travel.

1. There is no connection until somebody with the right to it opens the bench of a practice home.
2. It hears every topic, at QoS 0, only while the bench is looked at, and keeps the newest few
   hundred messages in memory: the bytes as they came, for who wants to follow one.
3. An order is sent once and waited for; who does not answer plays nothing.
"""

import secrets
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from api.bell import KEEP_ALIVE_S, RETRY_S, BrokerAddress
from nightwarden.bench.orders import BenchTopics, Order, read_object
from nightwarden.clock import Clock
from nightwarden.errors import Conflict
from nightwarden.model.phrases import phrase

ANSWERS_WITHIN_S = 5.0
LISTENS_FOR_S = 60.0
KEPT = 600
LONGEST_KEPT = 2_000
STALE = timedelta(seconds=6)
CONNECTS_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class Travelled:
    """A message as it came through the broker at ``at``; its bytes are cut at 2,000."""

    at: datetime
    topic: str
    payload: bytes
    size: int
    retained: bool

    @property
    def words(self) -> str:
        """The bytes as a person reads them: text where they are text, else in hexadecimal."""
        try:
            return self.payload.decode()
        except UnicodeDecodeError:
            return self.payload.hex(" ")


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an order."""

    at: datetime
    by: str
    said: str
    ok: bool


class Bench:
    """One home's bench. ``address`` None: the api has no broker, and so no bench."""

    def __init__(self, address: BrokerAddress | None, clock: Clock) -> None:
        self._address, self._clock = address, clock
        self._topics: BenchTopics | None = None
        self._client: paho.Client | None = None
        self._looked_at = 0.0
        self._listening = False
        self._ring: deque[Travelled] = deque(maxlen=KEPT)
        self._state: dict[str, Any] = {}
        self._power: dict[str, Any] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._opening = threading.Lock()
        self.log: deque[Said] = deque(maxlen=8)

    def attend(self, home: str) -> None:
        """Somebody looks at the bench of this practice home.

        Raises:
            Conflict: the api was started without a broker.
        """
        if self._address is None:
            raise Conflict("The pages were started without a broker: the bench has nobody to ask.")
        self._looked_at = monotonic()
        with self._opening:
            if self._client is None:
                self._topics = BenchTopics(home)
                self._client = self._connect(self._address)
            if not self._listening and self._client.is_connected():
                self._listening = True
                self._client.subscribe("#", qos=0)

    def stop(self) -> None:
        """Say goodbye, if it was ever opened."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()

    @property
    def state(self) -> dict[str, Any]:
        """What whoever plays the devices last told, within a few seconds; else empty."""
        return self._state if self._new(self._state) else {}

    @property
    def power(self) -> dict[str, Any]:
        """The same of whoever runs the processes: the demo."""
        return self._power if self._new(self._power) else {}

    def travelled(self, address: str) -> list[Travelled]:
        """The newest messages whose topic names this address, oldest first."""
        return [one for one in tuple(self._ring) if f"/{address}/" in f"/{one.topic}/"]

    def order(self, order: Order) -> str:
        """Give an order and wait for the answer, up to five seconds; the sentence that came.

        Raises:
            Conflict: nobody answers, or whoever does says why not.
        """
        assert self._client is not None, "somebody attends"
        assert self._topics is not None, "somebody attends"
        said = self._ask(self._client, self._topics.of(order), order)
        ok, sentence = bool(said.get("ok")), str(said.get("said", ""))
        if not said:
            sentence = phrase(
                "Nobody who plays this home answered. The demo does, and `nightwarden simulate "
                "--bench`; faults of whole processes and the reset are the demo's alone."
            )
        self.log.appendleft(Said(order.at, order.by, sentence, ok))
        if not ok:
            raise Conflict(sentence)
        return sentence

    # --- inside ------------------------------------------------------------------

    def _ask(self, client: paho.Client, topic: str, order: Order) -> dict[str, Any]:
        with self._news:
            self._news.wait_for(client.is_connected, CONNECTS_WITHIN_S)
            if not client.is_connected():
                return {"said": phrase("The broker is away; wait until it is back.")}
            client.publish(topic, order.payload(), qos=1)
            self._news.wait_for(lambda: order.id in self._answers, ANSWERS_WITHIN_S)
            return self._answers.pop(order.id, {})

    def _new(self, told: dict[str, Any]) -> bool:
        try:
            return abs(self._clock() - datetime.fromisoformat(told["at"])) < STALE
        except (KeyError, TypeError, ValueError):
            return False

    def _connect(self, address: BrokerAddress) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"nightwarden-bench-{secrets.token_hex(4)}",
            clean_session=True,
        )
        if address.username is not None:
            client.username_pw_set(address.username, address.password)
        if address.tls is not None:
            client.tls_set_context(address.tls)
        client.reconnect_delay_set(*RETRY_S)
        client.on_connect = self._connected
        client.on_message = self._heard
        client.connect_async(address.host, address.port, KEEP_ALIVE_S)
        client.loop_start()
        return client

    def _connected(self, client: paho.Client, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        if reason.is_failure or self._topics is None:
            return
        topics = self._topics
        for one in (topics.state, topics.power_state, topics.done):
            client.subscribe(one, qos=0)
        self._listening = monotonic() - self._looked_at < LISTENS_FOR_S
        if self._listening:
            client.subscribe("#", qos=0)
        with self._news:
            self._news.notify_all()

    def _heard(self, client: paho.Client, _u: Any, message: paho.MQTTMessage) -> None:
        topics = self._topics
        assert topics is not None, "it is connected"
        if message.topic.startswith(topics.root):
            self._told(topics, message)
        elif monotonic() - self._looked_at > LISTENS_FOR_S:
            self._listening = False
            client.unsubscribe("#")
            self._ring.clear()
        elif "/device/" in message.topic or not message.topic.startswith("nightwarden/"):
            bytes_, size = bytes(message.payload[:LONGEST_KEPT]), len(message.payload)
            self._ring.append(Travelled(self._clock(), message.topic, bytes_, size, message.retain))

    def _told(self, topics: BenchTopics, message: paho.MQTTMessage) -> None:
        body = read_object(bytes(message.payload))
        with self._news:
            if message.topic == topics.state:
                self._state = body
            elif message.topic == topics.power_state:
                self._power = body
            elif message.topic == topics.done:
                if len(self._answers) > KEPT:
                    self._answers.clear()
                self._answers[str(body.get("id"))] = body
            self._news.notify_all()
