"""The account of who was protected: written when something changes, and when the hours end."""

from datetime import timedelta

from nightwarden.store import meta, protection
from nightwarden.store.engine import Transaction
from rules.engine import Engine
from rules.protected_time import Look, brought_up, present_states
from rules.protection import protections


class Accountant:
    """Keeps the account of one home.

    Args:
        proof_holds: how old a loop test may be for a minute to count as watched.
    """

    def __init__(self, proof_holds: timedelta) -> None:
        self._holds = proof_holds

    def keep(self, tx: Transaction, engine: Engine, listening: int) -> int:
        """Bring it up to ``tx.now``; returns for how many places something was written."""
        plan, last = engine.plan, protection.open_spans(tx)
        before = meta.instant(tx, meta.COVERAGE_SEEN_AT)
        look = Look(
            now=tx.now,
            proved_at=meta.instant(tx, meta.PROOF_AT),
            before=before and min(before, tx.now),
            holds=self._holds,
        )
        states = present_states(protections(plan, engine.liveness, listening, tx.now))
        anew = {
            key: spans
            for key, spans in brought_up(plan, last, states, look)
            if (spans != [last[key]] if key in last else spans)
        }
        protection.replace_open(tx, anew)
        meta.put_instant(tx, meta.COVERAGE_SEEN_AT, tx.now)
        return len(anew)
