"""The append-only record, and whether it is whole."""

from typing import Annotated, Any

from fastapi import Depends

from api.deps import Actor, ReadTx, requires
from api.nouns import noun_router
from api.paging import PageQuery, listed
from nightwarden.model.roles import Right
from nightwarden.store import audit, listings
from nightwarden.store.tables import Audit
from nightwarden.wire import rfc3339

router = noun_router("audit")

Auditor = Annotated[Actor, Depends(requires(Right.READ_AUDIT))]


@router.get("/audit")
def list_audit(_actor: Auditor, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Who changed what, latest first; each entry is chained to the one before by its hash."""
    after = page.after("audit", int)
    rows = listings.audit_entries(tx, page.limit + 1, int(after[0]) if after else None)
    shown, cursor = page.cut("audit", rows, lambda row: (row.id or 0,))
    return listed([entry_json(row) for row in shown], cursor)


@router.get("/audit/verify")
def verify_audit(_actor: Auditor, tx: ReadTx) -> dict[str, Any]:
    """Walk the chain: was an entry edited, removed or reordered? Compare `head` with your paper."""
    found = audit.verify(tx)
    return {
        "intact": found.intact,
        "entries": found.entries,
        "head": found.head,
        "broken_at": found.broken_at,
        "reason": found.reason,
        "redacted": found.redacted,
    }


def entry_json(row: Audit) -> dict[str, Any]:
    """One entry of the record."""
    return {
        "id": str(row.id),
        "at": rfc3339(row.at),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "detail": row.detail,
        "previous": row.previous,
        "hash": row.hash,
    }
