"""One stretch of the record in the making: rows of ``reading`` in, news and runs out.

``stretches.py`` says what is news. Made in a twentieth of a second beside the deciding, so it holds
plain lists and numbers; instants are microseconds since :data:`EPOCH`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from nightwarden.model.readings import Quantity

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_NEVER_REPEATED = frozenset({Quantity.ACTION, Quantity.LINK, Quantity.PROOF})


class _Open:
    """A device's run as far as it has come, and what it said last of each quantity."""

    __slots__ = ("at", "last", "received", "seq", "since", "spans")

    def __init__(self, device: int) -> None:
        self.at = [1, 0, device, 0, 0, 0, 0, 0, None, None]
        self.last: dict[str, tuple[float, int]] = {}
        self.spans: dict[str, list[Any]] = {}
        self.received = 0
        self.seq: int | None = None
        self.since = 0


class Digest:
    """One stretch in the making."""

    def __init__(self, length: timedelta) -> None:
        self.devices: list[tuple[str, str]] = []
        self.told: list[list[Any]] = []
        self.last = self.until = 0
        self._length = length // MICROSECOND
        self._from: int | None = None
        self._open: dict[tuple[str, str], _Open] = {}

    def take(  # noqa: PLR0913, PLR0917
        self,
        number: int,
        dialect: str,
        address: str,
        quantity: str,
        value: float | None,
        word: str | None,
        measured_at: str,
        received_at: str,
        fresh: int,
        late: int,
        timed: int,
        seq: int | None,
    ) -> bool:
        """Take a row; False when it belongs to the next stretch."""
        received = _microseconds(received_at)
        if self._from is None:
            self._from = received
        elif received < self.until or received - self._from >= self._length:
            return False  # the clock went back, or the time is over
        measured = received if measured_at == received_at else _microseconds(measured_at)
        self.last, self.until = number, received
        device = self._open.get((dialect, address))
        if device is None:
            device = self._open[dialect, address] = _Open(len(self.devices))
            self.devices.append((dialect, address))
        before = device.last.get(quantity)
        if (
            before is None
            or value is None
            or not fresh
            or late
            or measured < before[1]
            or (seq is None) != (device.seq is None)
            or (seq is not None and not self._in_order(device, seq, received))
            or (value != before[0] and quantity != "temperature")
            or quantity in _NEVER_REPEATED
        ):
            self._close(device)
            flags = fresh | late << 1 | timed << 2
            said = value if word is None else word
            self.told.append(
                [0, number, device.at[2], quantity, said, measured, received, flags, seq]
            )
        else:
            self._extend(device, number, quantity, value, before[0], measured, received, seq)
        if value is not None:
            device.last[quantity] = value, measured
        device.received, device.seq = received, seq
        return True

    def finish(self) -> None:
        """Close every run, and put all in the order of its number."""
        for device in self._open.values():
            self._close(device)
        self.told.sort(key=lambda one: one[1])

    @staticmethod
    def _in_order(device: _Open, seq: int, received: int) -> bool:
        assert device.seq is not None, "both or neither have a number"
        return seq > device.seq or (seq == device.seq and received == device.received)

    @staticmethod
    def _extend(  # noqa: PLR0913, PLR0917
        device: _Open,
        number: int,
        quantity: str,
        value: float,
        before: float,
        measured: int,
        received: int,
        seq: int | None,
    ) -> None:
        run = device.at
        if not device.spans:
            run[1], run[5], run[7], run[8] = number, received, 0, seq
            run[4] = 0
        run[3], run[6], run[9] = number, received, seq
        run[4] += 1  # type: ignore[operator]
        gap = received - device.received
        if gap > run[7]:  # type: ignore[operator]
            run[7] = gap
        span = device.spans.get(quantity)
        if span is None:
            span = [quantity, value, value, 0.0, value, value, measured, measured, received, None]
            device.spans[quantity] = span
        if value != before:
            if value < span[1]:
                span[1] = value
            elif value > span[2]:
                span[2] = value
            step = abs(value - before)
            if step > span[3]:
                span[3] = step
            span[9] = received
        span[5], span[7], span[8] = value, measured, received

    def _close(self, device: _Open) -> None:
        if device.spans:
            self.told.append([*device.at, list(device.spans.values())])
            device.spans = {}


def _microseconds(text: str) -> int:
    return (datetime.fromisoformat(f"{text}+00:00") - EPOCH) // MICROSECOND
