"""MQTT connections of simulated devices, many of them, without a thread each.

paho can be driven from outside: one caller attends all connections in turn. A device that loses
power must vanish without DISCONNECT, so that the broker publishes its will; that is
:meth:`Line.cut`.
"""

import select
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random
from time import monotonic
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid
from simulators.wire import Will

KEEPALIVE_S = 30
ANSWER_S = 5.0
RETRY_S = (1.0, 20.0)


class Line:
    """One connection. After :meth:`open` it is kept up until it is cut or closed."""

    def __init__(self, broker: BrokerUrl, client_id: str, will: Will | None) -> None:
        self.refusal: str | None = None
        self.answered = False
        self._kept: dict[str, bytes] = {}
        self._hears: dict[str, Callable[[bytes], None]] = {}
        self._unconfirmed: set[int] = set()
        self._wanted = False
        self._retry_at = 0.0
        self._failures = 0
        self._broker = broker
        self._rng = Random(client_id)  # noqa: S311  (jitter)
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=True)
        client.connect_timeout = 2.0
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.max_queued_messages_set(0)
        if (context := broker.tls_context()) is not None:
            client.tls_set_context(context)
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        self._client = client

    @property
    def up(self) -> bool:
        """Whether the broker has accepted this connection and it stands."""
        return self._client.is_connected()

    @property
    def missing(self) -> bool:
        """Whether this connection should stand and does not."""
        return self._wanted and not self.up

    @property
    def unconfirmed(self) -> int:
        """Messages at QoS 1 that the broker has not yet confirmed."""
        return len(self._unconfirmed)

    def open(self) -> None:
        """Call the broker; :attr:`up` tells when it has answered.

        Raises:
            OSError: nothing answers there.
        """
        self._wanted, self.answered = True, False
        self._client.connect(self._broker.host, self._broker.port, KEEPALIVE_S)

    def say(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> bool:
        """Publish. At QoS 1 a message waits for the connection; at QoS 0 False means lost."""
        if retain:
            self._kept[topic] = payload
        told = self._client.publish(topic, payload, qos=qos, retain=retain)
        if qos:
            self._unconfirmed.add(told.mid)
        return bool(qos) or told.rc == mqtt.MQTT_ERR_SUCCESS

    def hear(self, topic: str, told: Callable[[bytes], None]) -> None:
        """Whenever the connection stands, give what is said on ``topic`` to ``told``."""
        self._hears[topic] = told
        if self.up:
            self._client.subscribe(topic, qos=1)

    def cut(self) -> None:
        """Vanish: the socket ends without DISCONNECT, so the broker publishes the will."""
        self._wanted = False
        self._kept.clear()
        self._unconfirmed.clear()
        sock = self.handle()
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            self._client.loop_read()

    def close(self) -> None:
        """Say goodbye; no will is published."""
        self._wanted = False
        self._client.disconnect()

    def reopen_if_cut(self, will: Will | None = None) -> bool:
        """Power is back: call the broker again, leaving a new will if given. Whether it was cut."""
        if self._wanted:
            return False
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        self._wanted, self.answered, self._retry_at = True, False, 0.0
        self.retry(monotonic())
        return True

    def retry(self, now: float) -> None:
        """Call the broker again if the connection should stand and does not, and it is time.

        Failures are retried after 1 to 20 s, doubling, with jitter; ``now`` is monotonic.
        """
        if self.handle() is not None or not self._wanted or now < self._retry_at:
            return
        least, most = RETRY_S
        self._retry_at = now + min(most, least * 2**self._failures) * self._rng.uniform(0.5, 1.0)
        self._failures = min(self._failures + 1, 6)
        with suppress(OSError):
            self._client.connect(self._broker.host, self._broker.port, KEEPALIVE_S)

    def handle(self) -> Any:
        """The socket to wait on, None without one."""
        return self._client.socket()

    def wants_to_write(self) -> bool:
        """Whether bytes wait for the socket."""
        return self._client.want_write()

    def read(self) -> None:
        """Take what the socket has."""
        self._client.loop_read()

    def write(self) -> None:
        """Give the socket what waits."""
        self._client.loop_write()

    def keep_alive(self) -> None:
        """Ping when it is time."""
        self._client.loop_misc()

    def _on_connect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        self.answered = True
        self.refusal = str(reason) if reason.is_failure else None
        if reason.is_failure:
            return
        self._failures = 0
        for topic in self._hears:
            self._client.subscribe(topic, qos=1)
        # A broker that restarted may have forgotten them, and a will may have been said meanwhile.
        for topic, payload in list(self._kept.items()):
            self.say(topic, payload, qos=1, retain=True)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if (told := self._hears.get(message.topic)) is not None:
            told(bytes(message.payload))

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, _reason: ReasonCode, _props: Any
    ) -> None:
        self.answered = True

    def _on_publish(
        self, _client: mqtt.Client, _data: Any, mid: int, _reason: ReasonCode, _props: Any
    ) -> None:
        self._unconfirmed.discard(mid)


class Exchange:
    """All lines of a play, attended by one caller. ``progress`` is told of breaks, in words."""

    def __init__(
        self, lines: Iterable[Line], broker: BrokerUrl, progress: Callable[[str], None]
    ) -> None:
        self._lines = tuple(lines)
        self._broker = broker
        self._progress = progress
        self._pinged = 0.0
        self._broken = False

    @property
    def unconfirmed(self) -> int:
        """Messages at QoS 1 that the broker has not yet confirmed."""
        return sum(line.unconfirmed for line in self._lines)

    def open(self) -> None:
        """Connect all lines and wait for the broker's answers.

        Raises:
            Invalid: nothing answers at the address, or the broker refuses the connection.
        """
        try:
            for line in self._lines:
                line.open()
        except OSError as error:
            hint = "start one, or name another with --broker"
            raise Invalid(f"{self._broker.unreachable(error)[:-1]}; {hint}") from error
        self.attend_until(lambda: all(line.answered for line in self._lines), ANSWER_S)
        for line in self._lines:
            if line.refusal is not None:
                raise Invalid(self._broker.refusal(line.refusal))
            if not line.up:
                raise Invalid(
                    f"what answers at {self._broker} does not speak MQTT as a broker does"
                )

    def attend(self, timeout: float) -> None:
        """Serve the connections for up to ``timeout`` seconds: one round of reads and writes."""
        self._keep(monotonic())
        called = {line.handle(): line for line in self._lines if line.handle() is not None}
        writing = [handle for handle, line in called.items() if line.wants_to_write()]
        readable, writable, _ = select.select(list(called), writing, [], max(0.0, timeout))
        for handle in readable:
            called[handle].read()
        for handle in writable:
            called[handle].write()

    def attend_until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Serve the connections until ``done()``, at most ``seconds``; whether it is done."""
        deadline = monotonic() + seconds
        while not done():
            if monotonic() > deadline:
                return False
            self.attend(0.05)
        return True

    def close(self) -> None:
        """Say goodbye on every line that stands."""
        for line in self._lines:
            line.close()

    def _keep(self, now: float) -> None:
        """Once a second: pings, calls to a broker that went away, and a word about it."""
        if now - self._pinged < 1.0:
            return
        self._pinged = now
        for line in self._lines:
            line.keep_alive()
            line.retry(now)
        missing = any(line.missing and line.answered for line in self._lines)
        if missing is not self._broken:
            self._broken = missing
            word = "does not answer; trying again" if missing else "is back"
            self._progress(f"the broker at {self._broker} {word}")
