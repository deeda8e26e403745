"""Devices that share a connection: messages encoded at once, and a window of unreceipted ones."""

from array import array
from collections.abc import Callable, Sequence

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from simulators.load.home import LoadHome
from simulators.load.ledger import Ledger
from simulators.load.line import LoadLine
from simulators.load.packets import AGAIN, IDS, LAST_ID, PUBACK, Packet, publish_head
from simulators.wire import rfc3339

SEQ = b'{"seq":'
SEQ_DIGITS = 16
_AT = b',"at":"%s"'
_IN_BED, _OUT = b',"occupancy": true}', b',"occupancy":false}'
_WARMTH = b',"temperature":%.1f}'
"""As long as one another at every value, so that a message's length is known beforehand."""


class Sender:
    """Some of the home's devices.

    Args:
        home: whose they are.
        devices: their numbers.
        window: so many messages may be without a receipt.
        ledger: counts.
        clock: gives the time that devices claim.
        freed: is called when receipts have come.
    """

    def __init__(
        self,
        home: LoadHome,
        devices: Sequence[int],
        window: int,
        ledger: Ledger,
        clock: Clock,
        freed: Callable[[], None],
    ) -> None:
        if len(str(ledger.base)) != SEQ_DIGITS:
            raise ValueError(f"a seq has {SEQ_DIGITS} digits, or a message is longer than it says")
        self._window, self._ledger, self._clock, self._freed = window, ledger, clock, freed
        self._mats = [number < home.rooms for number in devices]
        self._places = {number: place for place, number in enumerate(devices)}
        self._heads = [publish_head(home.topic(n), _bytes_of(n < home.rooms)) for n in devices]
        self._out: set[int] = set()
        self._unreceipted: dict[int, bytes] = {}
        self._numbers = array("q", bytes(8 * (LAST_ID + 1)))
        self._next = self._id = 0
        self.line: LoadLine | None = None

    async def open(self, broker: BrokerUrl, client_id: str) -> None:
        """Connect; see :meth:`LoadLine.open`."""
        self.line = LoadLine(broker, client_id, self._say_again, self._take)
        await self.line.open()

    @property
    def room(self) -> int:
        """How many messages may be sent now."""
        if self.line is None or not self.line.up:
            return 0
        return self._window - len(self._unreceipted)

    @property
    def unreceipted(self) -> int:
        """Sent, and not receipted by the broker."""
        return len(self._unreceipted)

    def send(self, count: int, now: float) -> None:
        """The next ``count`` devices in turn say how they are; no more than :attr:`room`."""
        total = len(self._heads)
        places = [(self._next + n) % total for n in range(count)]
        self._next = (self._next + count) % total
        self._write(places, now)

    def turn(self, device: int, now: float, *, in_bed: bool) -> None:
        """Somebody lies down on a mat or gets up, which it says at once."""
        place = self._places[device]
        (self._out.discard if in_bed else self._out.add)(place)
        self._write([place], now)

    def _write(self, places: Sequence[int], now: float) -> None:
        first = self._ledger.send(len(places), now)
        begin = self._ledger.base + first
        at = _AT % rfc3339(self._clock()).encode()
        in_bed, out = at + _IN_BED, at + _OUT
        warm = at + _WARMTH % (20 + first % 50 / 10)
        heads, mats, absent, packet_id = self._heads, self._mats, self._out, self._id
        unreceipted, numbers = self._unreceipted, self._numbers
        written = []
        for offset, place in enumerate(places):
            packet_id = packet_id % LAST_ID + 1
            while packet_id in unreceipted:
                packet_id = packet_id % LAST_ID + 1
            end = warm if not mats[place] else out if place in absent else in_bed
            packet = b"%b%b%b%d%b" % (heads[place], IDS[packet_id], SEQ, begin + offset, end)
            unreceipted[packet_id] = packet
            numbers[packet_id] = first + offset
            written.append(packet)
        self._id = packet_id
        if self.line is not None:
            self.line.write(b"".join(written))

    def _take(self, received: bytes, found: list[Packet], now: float) -> None:
        for first, begin, _ in found:
            if first == PUBACK:
                packet_id = received[begin] << 8 | received[begin + 1]
                if self._unreceipted.pop(packet_id, None) is not None:
                    self._ledger.receipt(self._numbers[packet_id], now)
        self._freed()

    def _say_again(self) -> bytes:
        """What was without a receipt when the connection broke, as MQTT has it."""
        return b"".join(bytes([one[0] | AGAIN]) + one[1:] for one in self._unreceipted.values())


def _bytes_of(mat: bool) -> int:  # noqa: FBT001
    """How long the payload of a mat is, or of a sensor."""
    at = len(_AT % b"2026-11-24T10:00:00.000Z")
    return len(SEQ) + SEQ_DIGITS + at + len(_IN_BED if mat else _WARMTH % 20.0)
