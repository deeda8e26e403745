"""One accepted connection to the broker, and what is under way on it.

It lives exactly as long as one paho client, so that nothing of an old connection (acknowledgements,
packet ids, retained publishes on their way) can be sent on a new one.

1. Acknowledgements leave in the order in which the messages came (MQTT-4.6.0-2), whatever the
   order of the calls. rumqttd ends the connection at one out of order, and forgets a message.
2. A broker that receipts nothing of ours for :data:`SILENT_S` while we owe it nothing is no longer
   there, whatever TCP says: a half-open connection is given up long before the keep-alive ends.
3. A publish that was not receipted when the connection ended has failed; the outbox, which is on
   disk, sends it again. If paho did so, an old retained message could overwrite a newer one.
"""

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

from nightwarden.errors import DeliveryFailed

SILENT_S = 8.0
"""The loop test is receipted every two seconds, so this is four of them."""


class Connection:
    """Used by the link's thread and by those that acknowledge and publish.

    Args:
        client: connected and accepted; its ``loop`` is run by the link's thread alone.
        number: counts the link's connections from 1.
    """

    def __init__(self, client: paho.Client, number: int) -> None:
        self.number = number
        self._client = client
        self._lock = threading.Lock()
        self._ended: str | None = None
        self._arrived: OrderedDict[int, bool] = OrderedDict()  # packet id: may be acknowledged
        self._waiting: dict[int, Future[None]] = {}
        self._receipted: list[int] = []
        self._heard_at = self._asked_at = time.monotonic()

    def ack(self, mid: int) -> None:
        """Sends this acknowledgement, and those held back for it, when its turn has come."""
        with self._lock:
            if mid in self._arrived:
                self._arrived[mid] = True
            while self._arrived and self._arrived[next(iter(self._arrived))]:
                first, _ = self._arrived.popitem(last=False)
                self._client.ack(first, qos=1)

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> Future[None]:
        """See :meth:`gateway.mqtt.MqttLink.publish`."""
        receipt: Future[None] = Future()
        receipt.set_running_or_notify_cancel()  # from here on nobody can cancel it under us
        with self._lock:
            if self._ended is not None:
                raise DeliveryFailed(self._ended)
            try:
                sent = self._client.publish(topic, payload, qos, retain)
            except ValueError as error:
                raise DeliveryFailed(f"'{topic}' cannot be sent: {error}", permanent=True) from None
            if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise DeliveryFailed(f"the connection is going: {paho.error_string(sent.rc)}")
            if qos:
                if not self._waiting:
                    self._asked_at = time.monotonic()
                self._waiting[sent.mid] = receipt
                return receipt
        receipt.set_result(None)
        return receipt

    def say_goodbye(self) -> None:
        """Sends DISCONNECT after all that waits to be sent: no will is published."""
        self._client.disconnect()

    # -- the link's thread ---------------------------------------------------------------------

    def arrived(self, message: paho.MQTTMessage) -> None:
        """A message is here; one of QoS 1 has its turn to be acknowledged."""
        if message.qos:
            with self._lock:
                self._arrived[message.mid] = False

    def heard(self) -> None:
        """Something came and has been handed on: the broker is there."""
        self._heard_at = time.monotonic()

    def receipted(self, mid: int) -> None:
        """The broker has one of ours. Only noted: paho holds a lock that a publisher, who holds
        ours, may be waiting for.
        """
        self._receipted.append(mid)
        self.heard()

    def is_silent(self, now: float) -> bool:
        """Whether the broker owes us a receipt, and has said nothing for long; monotonic."""
        if not self._waiting or self._arrived:
            return False
        return now - max(self._asked_at, self._heard_at) > SILENT_S

    def hand_out_receipts(self) -> None:
        """Fulfils what :meth:`receipted` has noted."""
        if not self._receipted:
            return
        with self._lock:  # a publish that is only just being registered is there when we get it
            receipts = [self._waiting.pop(mid, None) for mid in self._receipted]
        self._receipted.clear()
        for receipt in receipts:
            if receipt is not None:
                receipt.set_result(None)

    def end(self, why: str) -> None:
        """Fails what is not receipted, and everything published from now on, with this sentence."""
        self.hand_out_receipts()
        with self._lock:
            self._ended = why
            unsure, self._waiting = list(self._waiting.values()), {}
        for receipt in unsure:
            receipt.set_exception(DeliveryFailed(why))


def silent(connection: Connection | None, began: float, now: float) -> bool:
    """Whether nobody answers at the other end; monotonic seconds.

    Args:
        connection: None as long as it has not been accepted.
        began: when the TCP connection was made.
        now: the present.
    """
    return now - began > SILENT_S if connection is None else connection.is_silent(now)


def the_loop_writes(_: paho.Client, __: Any, ___: Any) -> None:
    """paho asks for somebody to write; our thread, woken by paho's own means, will."""


def topic_of(message: paho.MQTTMessage) -> str:
    """A message's topic; what is not UTF-8 in it is shown as such."""
    try:
        return message.topic
    except UnicodeDecodeError as error:  # the raw topic is nowhere else to be had
        return error.object.decode("utf-8", "replace")
