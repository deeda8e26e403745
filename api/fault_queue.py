"""The open faults in the order in which somebody should see to them, and what each still lacks.

What was reported before goes first, past everything that waits (H11); then what nobody has made
safe meanwhile; then the oldest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.phrases import phrase
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import fault_evidence, faults
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Fault
from nightwarden.wire import rfc3339
from rules.repeated_faults import Repeat, repeats


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault at one instant. ``repeat``: what it repeats, if it does."""

    row: Fault
    now: datetime
    repeat: Repeat | None = None

    @property
    def red(self) -> bool:
        """Whether it is left open with nothing done meanwhile, or came again."""
        return self.row.mended_at is None and (self.repeat is not None or not self.row.interim)

    @property
    def about(self) -> str:
        """The item, or the place that has the fault."""
        kind = (self.row.kind or "").replace("_", " ")
        return f"{kind} {self.row.equipment}".strip() if self.row.equipment else "the place itself"

    @property
    def again(self) -> str:
        """What is said of a repeat; empty for the first report."""
        if self.repeat is None:
            return ""
        if self.repeat.of_item and self.repeat.mended_at is not None:
            return phrase("failed again after it was mended")
        if not self.repeat.of_item and self.repeat.before.tag:
            tag = self.repeat.before.tag
            return phrase(f"the same kind in this room before: {tag}")
        times = self.repeat.times
        return phrase(f"reported {times} times")


def queue(tx: Transaction) -> list[FaultLine]:
    """Every open fault at ``tx.now``, the one to see to first on top."""
    waiting = faults.still_open(tx)
    if not waiting:
        return []
    again = _repeats(tx)
    lines = [FaultLine(row, tx.now, again.get(row.id or 0)) for row in waiting]
    return sorted(lines, key=_urgency)


def by_age(tx: Transaction) -> list[FaultLine]:
    """Every open fault at ``tx.now``, the oldest first."""
    return sorted(queue(tx), key=lambda line: line.row.reported_at)


def line_of(tx: Transaction, row: Fault) -> FaultLine:
    """One fault, open or mended."""
    return FaultLine(row, tx.now, _repeats(tx).get(row.id or 0))


def fault_json(line: FaultLine) -> dict[str, Any]:
    """A fault as the api gives it; ages are in seconds."""
    row, repeat = line.row, line.repeat
    return {
        "id": str(row.id),
        "equipment": row.equipment,
        "kind": row.kind,
        "room": row.room,
        "place": row.place,
        "what": row.what,
        "reported_by": row.reported_by,
        "signed_in": row.signed_in,
        "reported_at": rfc3339(row.reported_at),
        "age_s": round(faults.age(row, line.now).total_seconds(), 3),
        "interim": row.interim,
        "interim_by": row.interim_by,
        "interim_at": rfc3339(row.interim_at),
        "owner": row.owner,
        "owner_since": rfc3339(row.owner_since),
        "red": line.red,
        "times": repeat.times if repeat else 1,
        "repeats": str(repeat.before.id) if repeat else None,
        "failed_again": bool(repeat and repeat.of_item and repeat.mended_at),
        "mended_at": rfc3339(row.mended_at),
        "mended_by": row.mended_by,
        "mended_how": row.mended_how,
        "mended_note": row.mended_note,
    }


def evidence_json(tx: Transaction, row: Fault) -> list[dict[str, Any]]:
    """What has shown since the report that it works, the best first."""
    if row.mended_at is not None:
        return []
    return [
        {"how": each.how, "at": rfc3339(each.at), "words": each.words}
        for each in fault_evidence.evidence(tx, row)
    ]


def _repeats(tx: Transaction) -> dict[int, Repeat]:
    within = load_rules(tx).book.fault_again.within
    return dict(repeats(faults.planned(tx), within))


def _urgency(line: FaultLine) -> tuple[bool, bool, datetime]:
    return line.repeat is None, bool(line.row.interim), line.row.reported_at
