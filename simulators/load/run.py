"""A load from its first connection to its summary; :mod:`simulators.load` has the policy."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import Invalid
from simulators.load.home import LoadHome
from simulators.load.ledger import Ledger
from simulators.load.receiver import Receiver
from simulators.load.sender import Sender

TICK_S = 0.002
TELL_EVERY_S = 1.0
AWAY_S = 20.0
"""Who gets up is back in bed after so long."""

MOST_WINDOW = 60_000


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """``rate`` messages a second in all; None: as many as the window lets through.

    ``window`` messages may be without a receipt, over ``connections``. ``exits`` a second get up.
    """

    rate: float | None
    duration: timedelta | None
    window: int = 2_000
    connections: int = 8
    exits: float = 1.0
    seed: int = 1
    linger_s: float = 5.0
    """The end waits for what is under way as long as some of it comes within so many seconds."""

    def __post_init__(self) -> None:
        if self.rate is not None and not 0 < self.rate <= 1_000_000:
            raise Invalid(f"--rate {self.rate:g} cannot be played; give 1 to 1000000, or max.")
        if not self.connections <= self.window <= MOST_WINDOW:
            raise Invalid(
                f"--window {self.window} cannot be played; give {self.connections} (one for each "
                f"connection) to {MOST_WINDOW}."
            )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is; ``share`` of its length is over, None where it has no end."""

    seconds: float
    share: float | None
    sent: int
    unreceipted: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load. ``latest_s``: how late the latest message left, behind the rate."""

    plan: LoadPlan
    ledger: Ledger
    seconds: float
    sent_meanwhile: int
    unreceipted: int
    latest_s: float
    falls: int

    @property
    def rate(self) -> float:
        """Messages a second while it lasted."""
        return self.sent_meanwhile / self.seconds if self.seconds else 0.0

    @property
    def kept_up(self) -> bool:
        """Whether the rate that was asked for was reached, to one in twenty."""
        return self.plan.rate is None or self.rate >= 0.95 * self.plan.rate

    def fine(self, *, monitored: bool) -> bool:
        """Whether everything arrived, at the rate, and every exit was raised."""
        arrived = not (self.unreceipted or self.ledger.waiting)
        return arrived and self.kept_up and not (monitored and self.ledger.alerts_due)


class Load:
    """One load.

    Args:
        home: who speaks.
        plan: how much.
        broker: where.
        clock: gives the time that devices claim.
        stop: set it from a signal; the load ends within a tenth of a second.
        tell: is given the progress each second.
    """

    def __init__(
        self,
        home: LoadHome,
        plan: LoadPlan,
        broker: BrokerUrl,
        clock: Clock,
        stop: threading.Event,
        tell: Callable[[Progress], None],
    ) -> None:
        self._home, self._plan, self._broker, self._clock = home, plan, broker, clock
        self._stop, self._tell = stop, tell
        self._ledger = Ledger(base=int(clock().timestamp() * 1_000_000))
        self._began = self._ends = self._latest = 0.0
        self._behind = False
        self._turn_of = 0  # which connection is the next to send
        self._up: list[tuple[float, int]] = []
        self._order = Random(plan.seed).sample(range(home.rooms), home.rooms)  # noqa: S311

    def run(self, *, monitored: bool) -> Outcome:
        """Play it to its end. ``monitored``: somebody raises alerts here, so they are waited for.

        Raises:
            Invalid: the broker cannot be reached, or refuses.
        """
        return asyncio.run(self._run(monitored=monitored))

    async def _run(self, *, monitored: bool) -> Outcome:
        self._loop = asyncio.get_running_loop()
        count = min(self._plan.connections, self._home.devices)
        self._senders = [self._sender(number, count) for number in range(count)]
        receiver = Receiver(self._home, self._ledger)
        name = f"simulated-{self._home.id}"
        try:
            await receiver.open(self._broker, f"{name}-receiver")
            for number, sender in enumerate(self._senders):
                await sender.open(self._broker, f"{name}-{number}")
            seconds = await self._speak()
            sent = self._ledger.sent
            await self._linger(monitored=monitored)
        finally:
            lines = [one for one in (receiver.line, *(s.line for s in self._senders)) if one]
            for line in lines:
                line.close()
            await asyncio.sleep(0)
        unreceipted = sum(sender.unreceipted for sender in self._senders)
        falls = sum(line.falls for line in lines)
        return Outcome(self._plan, self._ledger, seconds, sent, unreceipted, self._latest, falls)

    def _sender(self, number: int, count: int) -> Sender:
        devices = range(number, self._home.devices, count)
        window = self._plan.window // count
        return Sender(self._home, devices, window, self._ledger, self._clock, self._freed)

    async def _speak(self) -> float:
        """Until the end; gives how long that took."""
        self._began = self._loop.time()
        length = self._plan.duration
        self._ends = self._began + length.total_seconds() if length else float("inf")
        told = self._began
        while (now := self._loop.time()) < self._ends and not self._stop.is_set():
            self._get_up_or_lie_down(now)
            self._pump(now)
            if now - told >= TELL_EVERY_S:
                told = now
                self._tell(self._progress(now))
            await asyncio.sleep(TICK_S)
        self._ends = self._loop.time()
        return self._ends - self._began

    def _freed(self) -> None:
        if self._behind and (now := self._loop.time()) < self._ends:
            self._pump(now)

    def _pump(self, now: float) -> None:
        """Send what is due, as far as the windows let it through."""
        rate = self._plan.rate
        rooms = [max(0, sender.room) for sender in self._senders]
        free = sum(rooms)
        due = free
        if rate is not None:
            due = int((now - self._began) * rate) - self._ledger.sent
        self._behind = rate is None or due > free
        if rate is not None and due > 0:
            self._latest = max(self._latest, due / rate)
        total = len(self._senders)
        turn, self._turn_of = self._turn_of, (self._turn_of + max(due, 0)) % total
        for passed in range(total):
            number = (turn + passed) % total
            count = min(rooms[number], -(-due // (total - passed)))
            if count > 0:
                self._senders[number].send(count, now)
                due -= count

    def _get_up_or_lie_down(self, now: float) -> None:
        while self._up and now >= self._up[0][0]:
            self._turn(self._up.pop(0)[1], now, in_bed=True)
        into = now - self._began - self._settled_s
        done = self._ledger.exits
        if done < min(int(into * self._plan.exits), len(self._order)):
            room = self._order[done]
            self._ledger.leave(self._home.room(room), now)
            self._turn(room, now, in_bed=False)
            self._up.append((now + AWAY_S, room))

    @property
    def _settled_s(self) -> float:
        """After so long everybody's mat has said that somebody is in bed."""
        rate = self._plan.rate or 10_000.0
        return self._home.devices / rate + 1.0

    def _turn(self, room: int, now: float, *, in_bed: bool) -> None:
        self._senders[room % len(self._senders)].turn(room, now, in_bed=in_bed)

    async def _linger(self, *, monitored: bool) -> None:
        """Wait for what is under way, as long as something of it still comes."""
        before, since = -1, self._loop.time()
        while self._unfinished(monitored=monitored):
            now, came = self._loop.time(), self._ledger.heard + self._ledger.receipted
            came += self._ledger.to_alert.count
            if came != before:
                before, since = came, now
            elif now - since > self._plan.linger_s:
                return
            await asyncio.sleep(0.01)

    def _unfinished(self, *, monitored: bool) -> bool:
        under_way = self._ledger.waiting or self._ledger.receipted < self._ledger.sent
        return bool(under_way or (monitored and self._ledger.alerts_due))

    def _progress(self, now: float) -> Progress:
        seconds = now - self._began
        length = self._plan.duration
        share = min(1.0, seconds / length.total_seconds()) if length else None
        unreceipted = self._ledger.sent - self._ledger.receipted
        return Progress(seconds, share, self._ledger.sent, unreceipted, self._ledger.waiting)
