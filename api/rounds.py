"""The rounds that go on, as the board and the api show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.store import meta, receivers, rounds
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_liveness, load_plan
from nightwarden.store.rounds import round_json, round_of
from nightwarden.store.tables import RoundRow
from rules.protection import Protection, protections


@dataclass(frozen=True, slots=True)
class DueRound:
    """One round at one instant. ``watched_again``: the place is protected, so it may end."""

    row: RoundRow
    due_at: datetime
    now: datetime
    resident: str
    watched_again: bool

    @property
    def late(self) -> bool:
        """Whether the look was due by now."""
        return self.now >= self.due_at

    def as_json(self) -> dict[str, Any]:
        """For the api."""
        return {
            **round_json(self.row),
            "resident": self.resident or None,
            "late_s": round((self.now - self.due_at).total_seconds(), 3),
            "watched_again": self.watched_again,
        }


def due_list(tx: Transaction) -> list[DueRound]:
    """Every round that goes on, the one that is due first on top."""
    found = rounds.running(tx)
    plan = load_plan(tx) if found else None
    if plan is None:
        return []
    seen = protected_now(tx, plan)
    lacking = {one.requirement.place for one in seen if one.reasons}
    protected = {one.requirement.place for one in seen} - lacking
    return [
        DueRound(
            row=row,
            due_at=round_of(row).due_at,
            now=tx.now,
            resident=plan.residents.get(row.room, ""),
            watched_again=not row.once and _place(row) in protected,
        )
        for row in found
    ]


def protected_now(tx: Transaction, plan: Plan) -> list[Protection]:
    """Every person who must be watched at ``tx.now``, by what the gateway has last saved.

    Nobody is protected without a fresh proof; then there is nothing in the list.
    """
    proof = meta.instant(tx, meta.PROOF_AT)
    if proof is None or abs(tx.now - proof) > meta.PROOF_HOLDS:
        return []
    listening = receivers.staff(tx).listening
    return list(protections(plan, load_liveness(tx), listening, tx.now))


def _place(row: RoundRow) -> PlaceId:
    return PlaceId(row.room, row.place)
