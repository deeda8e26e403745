"""The link to the broker: what comes in is handed on, what goes out gets its receipt.

1. One thread, ours, does all the talking; paho only reads and writes, with a new paho client for
   each connection (``connection.py`` says why).
2. The session lives at the broker, under a fixed client id: what we have not acknowledged comes
   again after a crash on either side. Subscriptions are renewed on every connect, because a broker
   that lost its memory would otherwise leave us connected and deaf.
3. QoS 1, never 2: paho confirms a QoS 2 message before the callback has run.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from gateway.backoff import PATIENT, Backoff
from gateway.connection import Connection, silent, the_loop_writes, topic_of
from gateway.contest import Contest
from gateway.further_filters import FurtherFilters
from gateway.messages import RawMessage, Will
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import DeliveryFailed

KEEP_ALIVE_S = 30  # the broker gives us up after 45 s, so a full inbox may hold us up that long
STOPS_WITHIN_S = 10.0

log = logging.getLogger(__name__)


class MqttLink:
    """A connection to the broker that is always there or being made.

    ``connected``: heard, and hearing every filter. ``connections`` counts. ``trouble``: a sentence
    for a person, or None. ``contest``: whether somebody else takes the session; then so says it.

    Args:
        broker: where.
        client_id: fixed, and ours alone: the broker keeps our session under it, and ends the
            connection of whoever had it before.
        filters: topic filters, subscribed at QoS 1.
        clock: stamps what arrives.
        on_message: takes a message, on the link's thread. It may block, which holds the broker
            back; ``queue.Full`` means "no room yet, ask again", so that ``partial(inbox.put,
            timeout=0.5)`` never stands in the way of ``stop``. Anything else that it raises ends
            the link, see :meth:`alive`.
        on_change: told each new value of ``connected``, on the link's thread; must not block.
        will: published by the broker if we vanish.
        backoff: waits between attempts.

    Raises:
        Invalid: the broker's CA file cannot be used.
    """

    def __init__(
        self,
        broker: BrokerUrl,
        client_id: str,
        filters: Sequence[str],
        clock: Clock,
        on_message: Callable[[RawMessage], object],
        *,
        on_change: Callable[[bool], object] | None = None,
        will: Will | None = None,
        backoff: Backoff = PATIENT,
    ) -> None:
        self.connected = False
        self.connections = 0
        self.trouble: str | None = None
        self._broker = broker
        self._client_id = client_id
        self._filters = tuple(filters)
        self._clock = clock
        self._hand_on = on_message
        self._on_change = on_change
        self._will = will
        self._backoff = backoff
        self._tls = broker.tls_context()
        self.contest = Contest(broker, client_id)
        self._connection: Connection | None = None
        self._further = FurtherFilters()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{client_id}", daemon=True)

    def start(self) -> None:
        """Begins to connect, and returns at once. A link is started once."""
        self._thread.start()

    def stop(self) -> None:
        """Says goodbye and ends the thread; no will is published, the session stays."""
        self._stopping.set()
        if (connection := self._connection) is not None:
            connection.say_goodbye()
        if self._thread.is_alive():
            self._thread.join(STOPS_WITHIN_S)
            if self._thread.is_alive():
                log.warning("the link to %s did not end in time", self._broker)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def alive(self) -> bool:
        """Whether the link's thread runs. If not, and nobody stopped it, the process should end."""
        return self._thread.is_alive()

    def ack(self, message: RawMessage) -> None:
        """Tells the broker that this message is ours to keep; from any thread, never blocks.

        It leaves once every message before it has been acknowledged too. Nothing happens for QoS 0,
        or when the connection that brought the message is gone: the broker will send it again.
        """
        connection = self._connection
        if message.qos and connection is not None and connection.number == message.connection:
            connection.ack(message.mid)

    def also_hear(self, filters: Iterable[str]) -> None:
        """Besides ``filters`` hear these and no others; any thread. Refusals are logged."""
        self._further.want(filters)

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> Future[None]:
        """Sends a message; from any thread, never waits for the broker.

        Returns:
            Done when the broker has the message (QoS 0: at once); holds DeliveryFailed when the
            connection ended first. It cannot be cancelled.

        Raises:
            DeliveryFailed: there is no connection; or, permanently, the topic is not one.
        """
        if (connection := self._connection) is None:
            raise DeliveryFailed(self.trouble or f"not connected to the broker at {self._broker}.")
        return connection.publish(topic, payload, qos, retain=retain)

    # -- the link's thread ---------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                if standing_by := self.contest.stand_by(began):
                    self._note(standing_by)
                else:
                    self._hold_one_connection()
                lasted = time.monotonic() - began
                failures = 1 if lasted > self._backoff.longest else failures + 1
                self._stopping.wait(self._backoff.delay(failures))
        except Exception:
            log.exception("the link to %s has failed", self._broker)

    def _hold_one_connection(self) -> None:
        client = self._new_client()
        try:
            client.connect(self._broker.host, self._broker.port, KEEP_ALIVE_S)
        except OSError as error:
            self.contest.unreachable()
            self._note(self._broker.unreachable(error))
            return
        outcome, began = MQTTErrorCode.MQTT_ERR_SUCCESS, time.monotonic()
        try:
            while outcome == MQTTErrorCode.MQTT_ERR_SUCCESS and not self._is_over(began):
                outcome = client.loop(timeout=1.0)
                if self._connection is not None:
                    self._connection.hand_out_receipts()
                if self.connected:
                    self._further.follow(client)
                    self._note(self.contest.sentence(time.monotonic()))
        finally:
            self._give_up(client, refused=outcome == MQTTErrorCode.MQTT_ERR_CONN_REFUSED)

    def _new_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            self._client_id,
            clean_session=False,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,  # we do; so paho does not fall back to MQTT 3.1 either
            manual_ack=True,
        )
        # Without this paho, not running a thread of its own, writes to the socket from whichever
        # thread publishes or acknowledges, and two of them could mix their packets.
        client.on_socket_register_write = the_loop_writes
        client.on_connect, client.on_disconnect = self._on_connect, self.contest.told_why
        client.on_subscribe, client.on_message = self._on_subscribe, self._on_message
        client.on_publish = self._on_publish
        if self._broker.username is not None:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, 1, self._will.retain)
        return client

    def _is_over(self, began: float) -> bool:
        """Nobody answers; or asked to stop, with no connection yet to say goodbye on."""
        if quiet := silent(self._connection, began, time.monotonic()):
            self.contest.network_is_silent()
        return quiet or (self._stopping.is_set() and self._connection is None)

    def _on_connect(self, client: paho.Client, _: Any, __: Any, code: ReasonCode, ___: Any) -> None:
        if code.is_failure:
            self._note(self._broker.refusal(code.getName()))
            return
        self.connections += 1
        self._connection = Connection(client, self.connections)
        self._further.begin()
        if self._stopping.is_set():  # stop() may have looked a moment too early
            self._connection.say_goodbye()
        elif self._filters:
            client.subscribe([(topic_filter, 1) for topic_filter in self._filters])
        else:
            self._change(True)

    def _on_subscribe(
        self, _: paho.Client, __: Any, mid: int, codes: list[ReasonCode], ____: Any
    ) -> None:
        if self._further.answered(mid, (code.value == 1 for code in codes)):
            return
        refused = [f for f, code in zip(self._filters, codes, strict=True) if code.value != 1]
        if refused:
            self._note(
                f"the broker at {self._broker} does not let us hear {', '.join(refused)} at QoS 1; "
                "allow it in the broker's access list."
            )
        else:
            self._change(True)

    def _on_message(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        if (connection := self._connection) is None:
            return  # before the connection was accepted: no broker does this
        connection.arrived(message)
        raw = RawMessage(
            topic=topic_of(message),
            payload=bytes(message.payload),
            received_at=self._clock(),
            mid=message.mid,
            qos=message.qos,
            retain=message.retain,
            dup=message.dup,
            connection=connection.number,
        )
        while not self._stopping.is_set():  # what is not handed on is not acknowledged either
            try:
                self._hand_on(raw)
            except queue.Full:
                continue
            break
        connection.heard()

    def _on_publish(self, _: paho.Client, __: Any, mid: int, ___: Any, ____: Any) -> None:
        if self._connection is not None:
            self._connection.receipted(mid)

    def _give_up(self, client: paho.Client, *, refused: bool) -> None:
        connection, self._connection = self._connection, None
        if (socket := client.socket()) is not None:
            socket.close()
        lost = f"the connection to the broker at {self._broker} {self.contest.how}."
        if connection is not None:
            connection.end(lost)
        if not self._stopping.is_set() and not refused:
            if self.connected:
                lost = self.contest.lost(time.monotonic()) or lost
            silent = f"what listens at {self._broker} does not answer as an MQTT broker."
            self._note(silent if connection is None else lost)
        self._change(False)

    def _change(self, connected: bool) -> None:
        if connected == self.connected:
            return
        self.connected = connected
        if connected:
            self._note(self.contest.sentence(time.monotonic()))
            log.info("connected to the broker at %s", self._broker)
        if self._on_change is not None:
            self._on_change(connected)

    def _note(self, trouble: str | None) -> None:
        if trouble is not None and trouble != self.trouble:
            log.warning("%s", trouble)
        self.trouble = trouble
