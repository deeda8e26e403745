"""What keeps an item from being signed off: it measured too hot, and nothing cooler since (H13)."""

from datetime import datetime

from nightwarden.model.checks import CheckKind, CheckOutcome
from nightwarden.model.phrases import phrase
from nightwarden.store import checks
from nightwarden.store.engine import Transaction


def too_hot(tx: Transaction, tag: str, at: datetime | None = None) -> str | None:
    """Why an item may not be confirmed in place, in words; None where it may.

    Args:
        tx: a transaction.
        tag: the item.
        at: judge what was known until then; None is now.
    """
    last = checks.latest(tx, tag, CheckKind.TOUCH_TEMPERATURE)
    if last is None or last.outcome != CheckOutcome.FAILED or (at is not None and last.at > at):
        return None
    measured = last.answers.get("temperature_c")
    return phrase(
        f"it measured {measured} °C on {last.at:%-d %b %Y}; "
        "put it right and measure again with the heating on"
    )
