"""What the store need not keep for ever: old readings, what the engine was told beside them and
letters about alerts; the stream's past, settled receipts. And what it keeps a second time, for
backtests: the hours before these, as runs."""

from datetime import datetime, timedelta

from nightwarden.store import intake, journal, outgoing, protection, stretches
from nightwarden.store.engine import Transaction

KEEP_READINGS = timedelta(days=400)
"""A year and a month: last winter's nights can still be compared with this winter's."""

KEEP_ORDERS = timedelta(days=30)
"""A siren that sounds is told so twice a minute."""

SETTLED_AFTER = timedelta(seconds=2)
"""An acknowledgement handed to the link this long ago has left it."""

EVERY = timedelta(minutes=10)
AGAIN_AFTER = timedelta(seconds=1)
"""While there is more to forget than one transaction should."""


class Tidying:
    """Tidies a little at a time, so that no batch waits for it."""

    def __init__(self) -> None:
        self._due_at: datetime | None = None

    def forget(self, tx: Transaction) -> None:
        """Forget what is due at ``tx.now``; cheap when nothing is."""
        intake.forget_receipts(tx, tx.now - SETTLED_AFTER)
        if self._due_at is not None and tx.now < self._due_at:
            return
        outgoing.trim_stream(tx)
        more = intake.forget_old(tx, KEEP_READINGS) > 0
        more |= journal.forget(tx, tx.now - KEEP_READINGS) > 0
        stretches.forget(tx)
        more |= stretches.make_next(tx)
        more |= protection.forget(tx, tx.now - KEEP_READINGS) > 0
        more |= outgoing.forget_orders(tx, tx.now - KEEP_ORDERS) > 0
        more |= outgoing.forget_letters(tx, tx.now - KEEP_READINGS) > 0
        self._due_at = tx.now + (AGAIN_AFTER if more else EVERY)
