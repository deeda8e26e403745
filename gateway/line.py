"""A TCP connection, perhaps over TLS, that one thread runs and any thread may give bytes to.

1. Nobody but the running thread touches the socket: TLS bears no second one, and packets that two
   threads write at once would mix.
2. Whoever gives bytes never waits for the other side. What waits is sent with as few calls as the
   system lets us, and so a whole batch's acknowledgements leave together.
"""

import selectors
import socket
import ssl
import threading
from typing import Self

from nightwarden.broker_url import BrokerUrl

CONNECTS_WITHIN_S = 5.0
AT_ONCE = 65_536

_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Line:
    """Bytes to and from one broker.

    Args:
        connection: made, and not yet used.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._waits = bytearray()
        self._lock = threading.Lock()
        self._woken = False
        self._bell, self._ear = socket.socketpair()
        self._ear.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._interest = selectors.EVENT_READ
        self._selector.register(connection, self._interest)
        self._selector.register(self._ear, selectors.EVENT_READ)

    @classmethod
    def to(cls, broker: BrokerUrl, tls: ssl.SSLContext | None) -> Self:
        """Connects; with ``tls`` the broker's certificate has been checked.

        Raises:
            OSError: it cannot be reached, or its certificate is not to be trusted.
        """
        plain = socket.create_connection((broker.host, broker.port), CONNECTS_WITHIN_S)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is None:
                return cls(plain)
            return cls(tls.wrap_socket(plain, server_hostname=broker.host))
        except BaseException:
            plain.close()
            raise

    def send(self, packets: bytes) -> None:
        """Send these bytes after all that waits; from any thread, never blocks."""
        with self._lock:
            self._waits += packets
            if self._woken:
                return
            self._woken = True
            self._bell.send(b"\0")

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be sent."""
        return not self._waits

    # -- the running thread --------------------------------------------------------------------

    def turn(self, timeout: float) -> bytes:
        """Send what waits and give what has come; empty after ``timeout`` seconds without any.

        Raises:
            OSError: the connection has ended.
        """
        self.flush()
        interest = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._waits else 0)
        if interest != self._interest:
            self._selector.modify(self._socket, interest)
            self._interest = interest
        found = {key.fileobj: events for key, events in self._selector.select(timeout)}
        if self._ear in found:
            with self._lock:
                self._ear.recv(AT_ONCE)
                self._woken = False
        self.flush()
        if found.get(self._socket, 0) & selectors.EVENT_READ:
            return self._received()
        return b""

    def flush(self) -> None:
        """Send as much of what waits as goes now.

        Raises:
            OSError: the connection has ended.
        """
        with self._lock:
            try:
                while self._waits:
                    del self._waits[: self._socket.send(self._waits)]
            except _NOT_NOW:
                return

    def _received(self) -> bytes:
        received = b""
        try:
            received = self._socket.recv(AT_ONCE)
            if not received:
                raise ConnectionResetError("the other side has closed the connection")
            if isinstance(self._socket, ssl.SSLSocket):
                while left := self._socket.pending():  # decrypted already: no select shows it
                    received += self._socket.recv(left)
        except _NOT_NOW:
            pass
        return received

    def close(self) -> None:
        """End it; what waits is not sent."""
        self._selector.close()
        for end in (self._socket, self._bell, self._ear):
            end.close()
