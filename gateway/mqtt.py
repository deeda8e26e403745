"""The link to the broker: what comes in is handed on, what goes out gets its receipt.

1. One thread does all the talking, in MQTT 5 or 3.1.1 (``packets.py``, ``packet_reader.py``) over
   a socket of our own (``line.py``): whole packets out of one buffer, and a batch's
   acknowledgements at once. Why no library does it: ``docs/decisions/0020``.
2. The session lives at the broker, under a fixed client id: what we have not acknowledged comes
   again after a crash on either side. Subscriptions are renewed on every connect, because a broker
   that lost its memory would otherwise leave us connected and deaf.
3. QoS 1, never 2: our own digests tell a message that comes again, whatever made it come.
4. Bytes that are not MQTT end the connection and never the link.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import Self

from gateway import packets
from gateway.backoff import PATIENT, Backoff
from gateway.connection import Connection, Lost, silent
from gateway.contest import Contest
from gateway.further_filters import FurtherFilters
from gateway.line import Line
from gateway.messages import RawMessage, Will
from gateway.packet_reader import REFUSALS, UNSUPPORTED, Answer
from gateway.packets import Version
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import DeliveryFailed

LOOKS_EVERY_S = 1.0
STOPS_WITHIN_S = 10.0

HandOn = Callable[[Sequence[RawMessage]], int]

log = logging.getLogger(__name__)


class MqttLink:
    """A connection to the broker that is always there or being made.

    ``connected``: heard, and hearing every filter. ``connections`` counts. ``trouble``: a sentence
    for a person, or None. ``contest``: whether somebody else takes the session; then so says it.
    ``hand_on``, to be set before the start, takes all that came at once, in place of
    ``on_message`` and as that does, and gives how many it had room for.

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
        self.hand_on: HandOn = partial(_first_of, on_message)
        self._on_change = on_change
        self._will = will
        self._backoff = backoff
        self._tls = broker.tls_context()
        self.contest = Contest(broker, client_id)
        self._connection: Connection | None = None
        self._subscribing = 0  # packet id of our own filters' SUBSCRIBE
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

    def ack(self, *messages: RawMessage) -> None:
        """Tells the broker that these are ours to keep; from any thread, never blocks.

        Each leaves once every message before it has been acknowledged too. Nothing happens for
        QoS 0, or when the connection that brought a message is gone: the broker sends it again.
        """
        if (connection := self._connection) is not None:
            number = connection.number
            connection.ack(m for m in messages if m.qos and m.connection == number)

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
        """In MQTT 5; a broker that does not know it closes at once, and is asked in 3.1.1."""
        if not self._connect(Version.MQTT_5) and not self._stopping.is_set():
            self._connect(Version.MQTT_3_1_1)

    def _connect(self, version: Version) -> bool:
        """Makes a connection and holds it; False when nobody understood what we said."""
        try:
            line = Line.to(self._broker, self._tls)
        except OSError as error:
            self.contest.unreachable()
            self._note(self._broker.unreachable(error))
            return True
        connection = Connection(line, self.connections + 1, self._clock, version)
        began, code = time.monotonic(), None
        try:
            user = self._broker.username, self._broker.password
            connection.introduce(self._client_id, user, self._will)
            while not (code or self._is_over(began)):
                for packet in connection.read(LOOKS_EVERY_S):
                    if isinstance(packet, list):
                        self._take(packet, connection)
                    elif packet.kind == packets.CONNACK and code is None:
                        code = packet.codes[0]
                        if not code:
                            self._accepted(connection)
                    elif packet.kind == packets.SUBACK:
                        self._subscribed(packet)
                if self.connected:
                    self._further.follow(connection)
                    self._note(self.contest.sentence(time.monotonic()))
        except Lost as lost:
            log.debug("the connection to the broker at %s: %s", self._broker, lost)
        finally:
            self._give_up(connection)
        if code != 0 and not self._stopping.is_set():
            self._not_accepted(code, version)
        return code is not None and code not in UNSUPPORTED

    def _not_accepted(self, code: int | None, version: Version) -> None:
        if version is Version.MQTT_5 and (code is None or code in UNSUPPORTED):
            return  # perhaps it speaks 3.1.1
        if code is None:
            self._note(f"what listens at {self._broker} does not answer as an MQTT broker.")
        else:
            self._note(self._broker.refusal(REFUSALS.get(code, f"code {code}")))

    def _is_over(self, began: float) -> bool:
        """Nobody answers; or asked to stop, and nothing is left to be said."""
        if quiet := silent(self._connection, began, time.monotonic()):
            self.contest.network_is_silent()
        if self._connection is None:
            return quiet or self._stopping.is_set()
        return quiet or self._connection.has_left

    def _accepted(self, connection: Connection) -> None:
        self.connections += 1
        self._connection = connection
        self.contest.accepted()
        self._further.begin()
        if self._stopping.is_set():  # stop() may have looked a moment too early
            connection.say_goodbye()
        elif self._filters:
            self._subscribing = connection.subscribe(self._filters)
        else:
            self._change(True)

    def _subscribed(self, answer: Answer) -> None:
        granted = [code == 1 for code in answer.codes]
        if self._further.answered(answer.mid, granted) or answer.mid != self._subscribing:
            return
        refused = [f for f, fine in zip(self._filters, granted, strict=True) if not fine]
        if refused:
            self._note(
                f"the broker at {self._broker} does not let us hear {', '.join(refused)} at QoS 1; "
                "allow it in the broker's access list."
            )
        else:
            self._change(True)

    def _take(self, messages: Sequence[RawMessage], connection: Connection) -> None:
        """Hand messages on, however long that takes: the broker holds the next ones back.

        What is not handed on is not acknowledged either.
        """
        if self._connection is None:
            return  # before the connection was accepted: no broker does this
        while messages and not self._stopping.is_set():
            try:
                messages = messages[self.hand_on(messages) :]
            except queue.Full:
                connection.keep_alive()

    def _give_up(self, connection: Connection) -> None:
        accepted, self._connection = self._connection is connection, None
        lost = f"the connection to the broker at {self._broker} {self.contest.how}."
        connection.end(lost)
        if accepted and not self._stopping.is_set():
            if self.connected:
                lost = self.contest.lost(time.monotonic()) or lost
            self._note(lost)
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


def _first_of(take: Callable[[RawMessage], object], messages: Sequence[RawMessage]) -> int:
    take(messages[0])
    return 1
