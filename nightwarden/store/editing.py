"""Two people edit one thing: the second is told what the first has changed.

An edit names the version that it was made from. Each change writes the version that it made into
its entry of the audit, so that what lies between the two can be told.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import ChangedMeanwhile
from nightwarden.model.phrases import phrase
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Audit

LOOK_BACK = 100_000
"""Entries of the audit to look through; what is older is not somebody's open page."""


def require_version(
    tx: Transaction, subject: str, seen: int | None, present: int, now: Mapping[str, Any]
) -> None:
    """Let an edit pass that was made from the present version, or names none.

    Args:
        subject: as the audit names the thing, such as ``equipment MAT-12``.
        seen: the version that the editor saw.
        present: the thing's version now.
        now: its fields as they are now.

    Raises:
        ChangedMeanwhile: somebody else was quicker.
    """
    if seen is None or seen == present:
        return
    newest = tx.exec(select(col(Audit.id)).order_by(col(Audit.id).desc()).limit(1)).first() or 0
    query = (
        select(Audit)
        .where(col(Audit.id) > newest - LOOK_BACK, Audit.subject == subject)
        .order_by(col(Audit.id).desc())
        .limit(50)
    )
    changes: dict[str, dict[str, Any]] = {}
    for entry in tx.exec(query):
        if int(entry.detail.get("version", present)) <= seen:
            break
        for field in entry.detail:
            if field in now:
                told = {"field": field, "value": now[field], "by": entry.actor}
                changes.setdefault(field, told | {"at": entry.at.isoformat()})
    name = subject.partition(" ")[2]
    if not changes:
        raise ChangedMeanwhile(
            f'"{name}" was changed by somebody else; look at it again.', [], present
        )
    said = ", ".join(
        phrase(f"{one['field']} is now {_shown(one['value'])}") for one in changes.values()
    )
    who = ", ".join(dict.fromkeys(str(one["by"]) for one in changes.values()))
    raise ChangedMeanwhile(
        f'"{name}" was changed by somebody else ({who}): {said}. Nothing of yours was kept; '
        "look at both and save again.",
        list(changes.values()),
        present,
    )


def _shown(value: Any) -> str:
    return phrase("empty") if value is None else f'"{value}"'
