"""One item's entry in the audit, and the word to the rules, whoever changed it."""

from typing import Any

from nightwarden.store import audit, meta, register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Equipment

OF_ONE_ITEM = frozenset(
    {
        "bound",
        "changed",
        "confirmed",
        "ended a permit",
        "extended a permit",
        "issued a permit",
        "mended a fault",
        "moved",
        "paired",
        "reported a fault",
        "retired",
        "set status",
        "tested",
    }
)
"""What changes nothing but the item. Whatever else is done, the whole plan is read again."""


def entered(
    tx: Transaction, actor: str, action: str, tag: str, detail: dict[str, Any]
) -> register.Item:
    """Enter a change of an item, with the version that it made; the item as it is now."""
    note(tx, actor, action, tag, detail)
    return register.item(tx, tag)


def note(tx: Transaction, actor: str, action: str, tag: str, detail: dict[str, Any]) -> None:
    """Enter a change of an item that may be no longer in use."""
    tx.flush()
    if action in OF_ONE_ITEM and "kind" not in detail:
        meta.item_changed(tx, tag)
    else:
        meta.plan_changed(tx)
    version = tx.get_one(Equipment, tag).version
    audit.record(tx, actor, action, f"equipment {tag}", {**detail, "version": version})
