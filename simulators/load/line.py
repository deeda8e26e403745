"""A connection to the broker that takes and gives bytes in large pieces, and comes back."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid
from simulators.load.packets import CONNACK, GOODBYE, PING, Packet, connect, packets

KEEPALIVE_S = 60
PING_EVERY_S = 20.0
ANSWERS_WITHIN_S = 10.0
RETRY_S = 0.5
_REFUSALS = {4: "Bad user name or password", 5: "Not authorized"}


class LoadLine(asyncio.Protocol):
    """One connection, with a clean session.

    Args:
        broker: where.
        client_id: of its own at this broker.
        greet: what to write when the broker has accepted the connection, each time.
        take: is given what came, its whole packets, and the instant.
    """

    def __init__(
        self,
        broker: BrokerUrl,
        client_id: str,
        greet: Callable[[], bytes],
        take: Callable[[bytes, list[Packet], float], None],
    ) -> None:
        self.up = False
        self.falls = 0
        self._broker, self._client_id, self._greet, self._take = broker, client_id, greet, take
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._over = False
        self._answered: asyncio.Future[None] = self._loop.create_future()
        self._ping: asyncio.TimerHandle | None = None
        self._again: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, and wait for the broker's answer.

        Raises:
            Invalid: it cannot be reached, does not answer, or refuses.
        """
        try:
            await self._call()
            await asyncio.wait_for(self._answered, ANSWERS_WITHIN_S)
        except TimeoutError as error:
            raise Invalid(f"what answers at {self._broker} does not speak MQTT.") from error
        except OSError as error:
            hint = "start one, or name another with --broker"
            raise Invalid(f"{self._broker.unreachable(error)[:-1]}; {hint}.") from error

    def write(self, written: bytes) -> None:
        """Send; what is written while the connection is down is lost."""
        if self._transport is not None:
            self._transport.write(written)

    def close(self) -> None:
        """Say goodbye."""
        self._over = True
        self.write(GOODBYE)
        if self._transport is not None:
            self._transport.close()
        if self._ping is not None:
            self._ping.cancel()
        if self._again is not None:
            self._again.cancel()

    # --- what asyncio calls ------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket stands; MQTT begins."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._rest = transport, b""
        user, password = self._broker.username, self._broker.password
        self.write(connect(self._client_id, user, password, KEEPALIVE_S))

    def data_received(self, data: bytes) -> None:
        """Whole packets are taken, what is left waits for more."""
        now = self._loop.time()
        received = self._rest + data if self._rest else data
        try:
            found = list(packets(received))
        except ValueError:
            self._refuse(Invalid(f"what answers at {self._broker} does not speak MQTT."))
            return
        self._rest = received[found[-1].end :] if found else received
        if found and found[0].first == CONNACK:
            self._accepted(received[found[0].begin + 1])
            del found[0]
        if found:
            self._take(received, found, now)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Call again, unless it is over."""
        self._transport = None
        if not self._answered.done():
            self._refuse(Invalid(f"the broker at {self._broker} ended the connection at once."))
        elif self.up and not self._over:
            self.falls += 1
        self.up = False
        if self._ping is not None:
            self._ping.cancel()
        if not self._over and self._answered.exception() is None:
            self._again = self._loop.create_task(self._call_again())

    # --- inside ------------------------------------------------------------------

    async def _call(self) -> None:
        tls = self._broker.tls_context()
        await self._loop.create_connection(
            lambda: self, self._broker.host, self._broker.port, ssl=tls
        )

    async def _call_again(self) -> None:
        while self._transport is None and not self._over:
            await asyncio.sleep(RETRY_S)
            with suppress(OSError):
                await self._call()

    def _accepted(self, code: int) -> None:
        if code:
            reason = _REFUSALS.get(code, f"code {code}")
            self._refuse(Invalid(self._broker.refusal(reason)))
            return
        self.up = True
        self.write(self._greet())
        self._keep_alive()
        if not self._answered.done():
            self._answered.set_result(None)

    def _keep_alive(self) -> None:
        self._ping = self._loop.call_later(PING_EVERY_S, self._keep_alive)
        self.write(PING)

    def _refuse(self, problem: Invalid) -> None:
        if not self._answered.done():
            self._answered.set_exception(problem)
        if self._transport is not None:
            self._transport.close()
