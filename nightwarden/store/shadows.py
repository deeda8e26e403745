"""The rules file in the shadow of the one in force: at most one, begun and ended by name."""

from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, NotFound
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import RulesShadow

STOPPED = "stopped"
PROMOTED = "promoted"


def present(tx: Transaction) -> RulesShadow:
    """The one that is running.

    Raises:
        NotFound: there is none.
    """
    row = _running(tx)
    if row is None:
        raise NotFound("no rules run in the shadow; begin with `nightwarden rules shadow FILE`")
    return row


def begin(tx: Transaction, text: str, because: str, actor: str) -> RulesShadow:
    """Begin one at ``tx.now``.

    Raises:
        Conflict: one is running already.
    """
    if (row := _running(tx)) is not None:
        raise Conflict(
            f"rules of {row.begun_by} run in the shadow since {row.begun_at:%Y-%m-%d %H:%M} UTC "
            f"({row.because}); stop or promote those first"
        )
    row = RulesShadow(text=text, because=because, begun_by=actor, begun_at=tx.now)
    tx.add(row)
    tx.flush()
    audit.record(tx, actor, "began a shadow run", f"shadow {row.id}", {"because": because})
    return row


def end(tx: Transaction, actor: str, how: str, detail: dict[str, Any]) -> RulesShadow:
    """End the one that is running, at ``tx.now``; ``detail`` is what the audit shall say of it."""
    row = present(tx)
    row.ended_by, row.ended_at, row.ended_how = actor, tx.now, how
    tx.flush()
    audit.record(tx, actor, f"{how} a shadow run", f"shadow {row.id}", detail)
    return row


def _running(tx: Transaction) -> RulesShadow | None:
    return tx.exec(select(RulesShadow).where(col(RulesShadow.ended_at).is_(None))).first()
