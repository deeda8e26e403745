"""What the store need not keep for ever: old readings, what the engine was told beside them,
letters about alerts and ended sign-ins, each as long as the home has said; the stream's past,
settled receipts. And what it keeps a second time, for backtests: the hours before, as runs."""

from datetime import datetime, timedelta

from nightwarden.store import intake, journal, outgoing, protection, retention, stretches
from nightwarden.store.engine import Transaction

KEEP_READINGS = timedelta(days=retention.RULES["readings"].usual)
"""A year and a month, unless the home has said otherwise: last winter's nights can still be
compared with this winter's."""

KEEP_ORDERS = timedelta(days=retention.RULES["orders"].usual)
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
        kept = retention.kept(tx)
        old = {name: tx.now - keep for name, keep in kept.items()}
        more = intake.forget_old(tx, kept["readings"]) > 0
        more |= journal.forget(tx, old["readings"]) > 0
        stretches.forget(tx)
        more |= stretches.make_next(tx)
        more |= protection.forget(tx, old["readings"]) > 0
        more |= outgoing.forget_orders(tx, old["orders"]) > 0
        more |= outgoing.forget_letters(tx, old["letters"]) > 0
        retention.forget_sign_ins(tx, old["sign_ins"])
        self._due_at = tx.now + (AGAIN_AFTER if more else EVERY)
