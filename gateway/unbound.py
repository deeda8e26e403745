"""Devices that speak and that nobody has bound: kept in memory, written down once a second.

1. Each has its latest values, the times of its first and last message, and its pace.
2. Their number is bounded. When it is full the one that was heard but once goes first, then the one
   that has been quiet for longest; what goes is counted. So a stranger who invents addresses fills
   neither the store nor the list, and what speaks again and again stays in it.
3. New ones are let in a few a second, the rest is counted: inventing addresses costs us nothing.
4. An address that no register could hold (too long, or not to be written down) is counted alone.
5. A device has one row, written at most once a second, in the batch's own transaction.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from gateway.messages import RawMessage
from nightwarden.model.claims import ADDRESS_MAX, NAME_MAX
from nightwarden.model.pace import Pace
from nightwarden.model.readings import DeviceId, Reading
from nightwarden.store import heard as store
from nightwarden.store.engine import Transaction
from nightwarden.store.heard import Heard

MOST = 200
"""A large home has a few hundred devices in all, and binds them."""

NEW_A_SECOND = 20
LONGEST = ADDRESS_MAX + 1 + NAME_MAX
"""Signs of an address with its channel, as a binding may have it."""

WRITE_EVERY = timedelta(seconds=1)


class UnboundDevices:
    """One per gateway; the deciding thread's own.

    Args:
        kept: what the store has of them.
    """

    def __init__(self, kept: Iterable[Heard]) -> None:
        self._heard = {heard.device: heard for heard in kept}
        self._connection: dict[DeviceId, int] = {}
        self._changed: set[DeviceId] = set()
        self._written_at: dict[DeviceId, datetime] = {}
        self._gone: set[DeviceId] = set()
        self._uncounted = 0
        self._second: tuple[datetime | None, int] = (None, 0)

    def note(self, device: DeviceId, readings: Iterable[Reading], message: RawMessage) -> bool:
        """One message of one device.

        Returns:
            Whether this is news that belongs into the quarantine: a device heard for the first
            time, while there is room to tell them apart.
        """
        heard, first = self._heard.get(device), False
        if heard is None:
            roomy = len(self._heard) < MOST
            if not _can_be_kept(device):
                self._uncounted += 1
                return False
            heard = self._let_in(device, message.received_at)
            if heard is None:
                return False
            first = roomy
        news = fresh = False
        for reading in readings:
            before = heard.said.get(reading.quantity)
            news = news or before is None or before[0] != reading.value
            heard.said[reading.quantity] = (reading.value, reading.measured_at)
            fresh = fresh or reading.fresh
        if fresh:
            heard.pace.heard(self._gap_s(heard, message), news=news)
            heard.last_at = message.received_at
            self._connection[device] = message.connection
        self._changed.add(device)
        return first

    def __contains__(self, device: object) -> bool:
        """Whether it is listed."""
        return device in self._heard

    def leave_out(self, bound: Collection[DeviceId]) -> None:
        """These are bound now."""
        for device in self._heard.keys() & bound:
            self._drop(device)

    def save(self, tx: Transaction) -> None:
        """Write what is due at ``tx.now``; :meth:`saved` follows the commit."""
        due = [d for d in self._changed if self._is_due(d, tx.now)]
        store.save(tx, (self._heard[device] for device in due))
        store.forget(tx, self._gone)
        store.count_forgotten(tx, self._uncounted)
        self._saving = (due, set(self._gone), self._uncounted, tx.now)

    _saving: tuple[list[DeviceId], set[DeviceId], int, datetime] | None = None

    def saved(self) -> None:
        """What was last written is on the disk."""
        if self._saving is None:
            return
        due, gone, counted, now = self._saving
        self._saving = None
        self._changed.difference_update(due)
        self._written_at.update(dict.fromkeys(due, now))
        self._gone -= gone
        self._uncounted -= counted

    def _is_due(self, device: DeviceId, now: datetime) -> bool:
        written = self._written_at.get(device)
        return written is None or not written <= now < written + WRITE_EVERY

    def _gap_s(self, heard: Heard, message: RawMessage) -> float | None:
        """The silence before this message; None where we may have missed some of its words."""
        if not heard.pace.messages or self._connection.get(heard.device) != message.connection:
            return None
        return max(0.0, (message.received_at - heard.last_at).total_seconds())

    def _let_in(self, device: DeviceId, at: datetime) -> Heard | None:
        second, count = self._second
        if second is None or not second <= at < second + timedelta(seconds=1):
            second, count = at, 0
        self._second = (second, count + 1)
        if count >= NEW_A_SECOND:
            self._uncounted += 1
            return None
        if len(self._heard) >= MOST:
            self._drop(min(self._heard.values(), key=_dispensable).device)
            self._uncounted += 1
        self._gone.discard(device)
        heard = self._heard[device] = Heard(device, at, at, {}, Pace())
        return heard

    def _drop(self, device: DeviceId) -> None:
        del self._heard[device]
        self._connection.pop(device, None)
        self._written_at.pop(device, None)
        self._changed.discard(device)
        self._gone.add(device)


def _can_be_kept(device: DeviceId) -> bool:
    """A row that the store refuses would cost every batch after it."""
    if len(device.address) > LONGEST:
        return False
    try:
        device.address.encode()
    except UnicodeEncodeError:
        return False
    return True


def _dispensable(heard: Heard) -> tuple[bool, datetime]:
    return heard.pace.messages > 1, heard.last_at
