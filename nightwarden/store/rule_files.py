"""The versions of the home's rules file. One is in force: the last that was applied.

The text is kept as it was written, comments and all; what it means is for
``nightwarden.rulesfile``, which knows the rules. Version 0 is the rules as delivered, without a
file.
"""

from datetime import datetime

from sqlmodel import col, select

from nightwarden.store.engine import Transaction
from nightwarden.store.tables import RuleFile


def latest(tx: Transaction) -> RuleFile | None:
    """The version in force; None while the rules are as delivered."""
    return tx.exec(select(RuleFile).order_by(col(RuleFile.version).desc()).limit(1)).first()


def add(tx: Transaction, text: str, by: str, because: str) -> RuleFile:
    """Keep ``text`` as the next version, applied at ``tx.now``; the caller tells the audit."""
    before = latest(tx)
    row = RuleFile(
        version=1 if before is None else before.version + 1,
        text=text,
        applied_by=by,
        applied_at=tx.now,
        because=because,
    )
    tx.add(row)
    tx.flush()
    return row


def version(tx: Transaction, number: int) -> RuleFile | None:
    """One version, as it was applied; None when there is none of this number."""
    return tx.get(RuleFile, number)


def applied_between(tx: Transaction, since: datetime, until: datetime) -> list[RuleFile]:
    """The versions that were applied from ``since`` until before ``until``, the oldest first."""
    query = (
        select(RuleFile)
        .where(col(RuleFile.applied_at) >= since, col(RuleFile.applied_at) < until)
        .order_by(col(RuleFile.version))
    )
    return list(tx.exec(query))
