"""Who hears what the devices say, and the alerts that come of it."""

import asyncio
import json

from nightwarden.broker_url import BrokerUrl
from simulators.load.home import LoadHome
from simulators.load.ledger import Ledger
from simulators.load.line import LoadLine
from simulators.load.packets import PUBACK, PUBLISH, SUBACK, Packet, subscribe
from simulators.load.sender import SEQ, SEQ_DIGITS

_RETAINED = 0x01


class Receiver:
    """A connection of its own, at QoS 1, which receipts at once whatever came together."""

    def __init__(self, home: LoadHome, ledger: Ledger) -> None:
        self._home, self._ledger = home, ledger
        self._subscribed = asyncio.Event()
        self.line: LoadLine | None = None

    async def open(self, broker: BrokerUrl, client_id: str) -> None:
        """Connect and subscribe; see :meth:`LoadLine.open`."""
        self.line = LoadLine(
            broker, client_id, lambda: subscribe(1, *self._home.filters()), self._take
        )
        await self.line.open()
        await self._subscribed.wait()

    def _take(self, received: bytes, found: list[Packet], now: float) -> None:
        receipts = []
        hear, seq_bytes = self._ledger.hear, len(SEQ)
        for first, begin, end in found:
            if first & 0xF0 != PUBLISH:
                if first == SUBACK:
                    self._subscribed.set()
                continue
            at = begin + 2 + (received[begin] << 8 | received[begin + 1])
            if first & 0x06:
                receipts.append(received[at : at + 2])
                at += 2
            digits = at + seq_bytes
            if received[at:digits] == SEQ:
                hear(int(received[digits : digits + SEQ_DIGITS]), now)
            elif not first & _RETAINED:
                self._alert(received[at:end], now)
        if receipts and self.line is not None:
            head = bytes([PUBACK, 2])
            self.line.write(head + head.join(receipts))

    def _alert(self, payload: bytes, now: float) -> None:
        try:
            told = json.loads(payload)
        except ValueError:
            return
        if isinstance(told, dict) and told.get("kind") == "bed_exit":
            self._ledger.alert(str(told.get("room")), now)
