"""One connection to the broker, and what is under way on it.

It lives exactly as long as one TCP connection, so that nothing of an old one (acknowledgements,
packet ids, retained publishes on their way) can be sent on a new one.

1. Acknowledgements leave in the order in which the messages came (MQTT-4.6.0-2), whatever the
   order of the calls. rumqttd ends the connection at one out of order, and forgets a message.
2. A broker that owes us an answer and says nothing for :data:`SILENT_S`, while we owe it none, is
   no longer there, whatever TCP says: a half-open connection is given up long before the
   keep-alive ends.
3. A publish that was not receipted when the connection ended has failed; the outbox, which is on
   disk, sends it again. If we did so, an old retained message could overwrite a newer one.
4. A message of QoS 2, which we never ask for but a session may still hold, is acknowledged in its
   own way; should the broker bring it twice, it is a duplicate like any other.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice, takewhile

from gateway import packets
from gateway.line import Line
from gateway.messages import RawMessage, Will
from gateway.packet_reader import RECEIVE_MAXIMUM, SERVER_KEEP_ALIVE, Answer, Malformed, Reader
from gateway.packets import Version
from nightwarden.clock import Clock
from nightwarden.errors import DeliveryFailed

KEEP_ALIVE_S = 30
"""The broker gives us up after 45 s without a word."""

SILENT_S = 8.0
"""The loop test is receipted every two seconds, so this is four of them."""

MOST_UNDER_WAY = 20
"""Our own messages without a receipt; those beyond it wait here, in their order. A broker of MQTT 5
may say a lower number."""

_REFUSED = 0x80
_LAST_MID = 0xFFFF
_NOT_YET = b""


log = logging.getLogger(__name__)


class Lost(Exception):
    """The connection is over; says how it ended."""


class Connection:
    """Used by the link's thread and by those that acknowledge and publish.

    Args:
        line: connected; its ``turn`` is called by the link's thread alone.
        number: counts the link's accepted connections from 1; this one's if it is accepted.
        clock: stamps what arrives.
        version: of MQTT, in which to ask for the connection.
    """

    def __init__(self, line: Line, number: int, clock: Clock, version: Version) -> None:
        self.number = number
        self._line = line
        self._reader = Reader(clock, number, version)
        self._most_under_way = MOST_UNDER_WAY
        self._ping_after_s = KEEP_ALIVE_S / 2
        self._lock = threading.Lock()
        self._ended: str | None = None
        self._leaving = False
        self._arrived: dict[int, bytes] = {}  # packet id: its acknowledgement once it may leave
        self._under_way: dict[int, Future[None]] = {}
        self._queued: deque[bytes] = deque()
        self._asked: dict[int, int] = {}  # a subscription's packet id: how many filters
        self._last_mid = 0
        self._pinged = self._refused = False
        self._heard_at = self._asked_at = self._sent_at = time.monotonic()

    def ack(self, messages: Iterable[RawMessage]) -> None:
        """Sends these acknowledgements, and those held back for them, when their turn has come."""
        with self._lock:
            arrived = self._arrived
            for message in messages:
                if message.mid in arrived:
                    kind = packets.PUBACK if message.qos == 1 else packets.PUBREC
                    arrived[message.mid] = packets.receipt(kind, message.mid)
            leaving = list(takewhile(len, arrived.values()))
            for mid in list(islice(arrived, len(leaving))):
                del arrived[mid]
            if leaving:
                self._send(b"".join(leaving))

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> Future[None]:
        """See :meth:`gateway.mqtt.MqttLink.publish`."""
        receipt: Future[None] = Future()
        receipt.set_running_or_notify_cancel()  # from here on nobody can cancel it under us
        with self._lock:
            if self._ended is not None:
                raise DeliveryFailed(self._ended)
            mid = self._free_mid() if qos else None
            version = self._reader.version
            try:
                packet = packets.publish(topic, payload, mid, retain=retain, version=version)
            except ValueError as error:
                raise DeliveryFailed(f"'{topic}' cannot be sent: {error}", permanent=True) from None
            if mid is not None:
                self._expect_an_answer()
                self._under_way[mid] = receipt
                if len(self._under_way) > self._most_under_way:
                    self._queued.append(packet)
                    return receipt
            self._send(packet)
        if not qos:
            receipt.set_result(None)
        return receipt

    def say_goodbye(self) -> None:
        """Sends DISCONNECT after all that waits to be sent: no will is published."""
        with self._lock:
            self._leaving = True
            self._send(packets.GOODBYE)

    # -- the link's thread ---------------------------------------------------------------------

    def introduce(
        self, client_id: str, user: tuple[str | None, str | None], will: Will | None
    ) -> None:
        """Sends CONNECT; ``user``: name and password."""
        with self._lock:
            version = self._reader.version
            self._send(packets.connect(client_id, KEEP_ALIVE_S, user, will, version))

    def subscribe(self, filters: Sequence[str]) -> int:
        """Asks to hear these at QoS 1; the packet id of the answer."""
        with self._lock:
            mid = self._free_mid()
            self._asked[mid] = len(filters)
            self._send(packets.subscribe(mid, filters, self._reader.version))
            return mid

    def unsubscribe(self, filters: Sequence[str]) -> None:
        """Asks to hear these no more."""
        with self._lock:
            mid = self._free_mid()
            self._send(packets.unsubscribe(mid, filters, self._reader.version))

    def read(self, timeout: float) -> Iterator[list[RawMessage] | Answer]:
        """What the broker has said; waits up to ``timeout`` seconds for it.

        Messages that came at once are given at once. Answers that concern this connection alone
        are dealt with, and given too.

        Raises:
            Lost: the connection has ended, or what came over it is not MQTT.
        """
        try:
            received = self._line.turn(timeout)
            if received:
                yield from self._packets(received)
                self._heard_at = time.monotonic()  # what blocked us meanwhile was not the broker
                self._pinged = False
        except (OSError, Malformed) as problem:
            raise Lost(str(problem)) from problem
        self.keep_alive()

    def keep_alive(self) -> None:
        """Sends what waits, and a ping when we have been quiet for long.

        Raises:
            Lost: the connection has ended.
        """
        try:
            if time.monotonic() - self._sent_at > self._ping_after_s:
                with self._lock:
                    self._expect_an_answer()
                    self._pinged = True
                    self._send(packets.PING)
            self._line.flush()
        except OSError as problem:
            raise Lost(str(problem)) from problem

    def is_silent(self, now: float) -> bool:
        """Whether the broker owes us an answer, and has said nothing for long; monotonic."""
        if not (self._under_way or self._pinged) or self._arrived:
            return False
        return now - max(self._asked_at, self._heard_at) > SILENT_S

    @property
    def has_left(self) -> bool:
        """Whether our goodbye is said."""
        return self._leaving and self._line.idle

    def end(self, why: str) -> None:
        """Fails what is not receipted, and everything published from now on, with this sentence."""
        with self._lock:
            self._ended = why
            unsure, self._under_way = list(self._under_way.values()), {}
            self._line.close()
        for receipt in unsure:
            receipt.set_exception(DeliveryFailed(why))

    # -- inside --------------------------------------------------------------------------------

    def _packets(self, received: bytes) -> Iterator[list[RawMessage] | Answer]:
        messages: list[RawMessage] = []
        malformed: Malformed | None = None
        try:
            for packet in self._reader.feed(received):
                if isinstance(packet, RawMessage):
                    messages.append(packet)
                    continue
                if messages:
                    yield self._arriving(messages)
                    messages = []
                self._take(packet)
                yield packet
        except Malformed as problem:
            malformed = problem
        if messages:
            yield self._arriving(messages)
        if malformed is not None:
            raise malformed

    def _arriving(self, messages: list[RawMessage]) -> list[RawMessage]:
        with self._lock:
            self._arrived.update(dict.fromkeys([m.mid for m in messages if m.qos], _NOT_YET))
        return messages

    def _take(self, answer: Answer) -> None:
        match answer.kind:
            case packets.PUBACK:
                self._receipted(answer)
            case packets.PUBREL:
                with self._lock:
                    self._send(packets.receipt(packets.PUBCOMP, answer.mid))
            case packets.SUBACK:
                codes = len(answer.codes)
                if self._asked.pop(answer.mid, codes) != codes:
                    raise Malformed(f"a SUBACK of {codes} codes for another number of filters")
            case packets.CONNACK:
                limits = answer.limits or {}
                self._ping_after_s = limits.get(SERVER_KEEP_ALIVE, KEEP_ALIVE_S) / 2
                self._most_under_way = min(limits.get(RECEIVE_MAXIMUM, 0xFFFF), MOST_UNDER_WAY)
            case packets.DISCONNECT:
                raise ConnectionResetError(f"the broker ends it, code 0x{answer.codes.hex()}")

    def _receipted(self, answer: Answer) -> None:
        with self._lock:
            receipt = self._under_way.pop(answer.mid, None)
            if receipt is not None and self._queued:
                self._send(self._queued.popleft())
        if answer.codes >= bytes([_REFUSED]) and not self._refused:
            self._refused = True
            log.warning("the broker does not let us publish something; see its access list.")
        if receipt is not None:
            receipt.set_result(None)

    def _expect_an_answer(self) -> None:
        if not (self._under_way or self._pinged):
            self._asked_at = time.monotonic()

    def _free_mid(self) -> int:
        while True:
            self._last_mid = self._last_mid % _LAST_MID + 1
            if self._last_mid not in self._under_way and self._last_mid not in self._asked:
                return self._last_mid

    def _send(self, packet: bytes) -> None:
        if self._ended is None:
            self._sent_at = time.monotonic()
            self._line.send(packet)


def silent(connection: Connection | None, began: float, now: float) -> bool:
    """Whether nobody answers at the other end; monotonic seconds.

    Args:
        connection: None as long as it has not been accepted.
        began: when the TCP connection was made.
        now: the present.
    """
    return now - began > SILENT_S if connection is None else connection.is_silent(now)
