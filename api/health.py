"""Is the home being watched at this moment? One answer for health, boards, stream and metrics.

1. Only the gateway's own loop test counts: a synthetic reading that went through the broker, the
   gateway, the rules and the store. No fresh proof, no watching, whatever else looks well.
2. ``degraded`` says that alerts are raised and something around them needs a hand.
3. A proof from the future is none: somebody moved the clock, and its age cannot be known.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
from sqlmodel import col, func, select

from nightwarden.model.alerts import AlertState
from nightwarden.model.phrases import by_number, phrase
from nightwarden.store import meta
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert, HistoryCursor
from nightwarden.wire import rfc3339

STEP_LATE = timedelta(seconds=30)
"""An escalation that is this much overdue is not merely waiting for its turn."""

MIB = 1024 * 1024
LEAST_FREE = 16 * MIB
"""With less room than this on its disk the store is said to need a hand, before it is full."""

Status = Literal["watching", "degraded", "not_watching"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, and what was found, as a sentence."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The last loop test; ``age_s`` is None when there has been none that can be believed."""

    at: datetime | None
    age_s: float | None

    @property
    def fresh(self) -> bool:
        """Whether it still holds."""
        return self.age_s is not None and self.age_s <= meta.PROOF_HOLDS.total_seconds()


@dataclass(frozen=True, slots=True)
class Health:
    """What ``GET /health`` answers."""

    status: Status
    proof: Proof
    checks: dict[str, Check]

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "status": self.status,
            "proof_age_s": self.proof.age_s,
            "proof_at": rfc3339(self.proof.at),
            "checks": {
                name: {"ok": check.ok, "detail": check.detail}
                for name, check in self.checks.items()
            },
        }


def last_proof(tx: Transaction) -> Proof:
    """The last loop test as the gateway committed it."""
    at = _instant(meta.get(tx, meta.PROOF_AT))
    if at is None:
        return Proof(None, None)
    age = tx.now - at
    if age < -meta.PROOF_HOLDS:
        return Proof(at, None)
    return Proof(at, round(max(age.total_seconds(), 0.0), 3))


def health(tx: Transaction) -> Health:
    """Whether the home is watched at ``tx.now``, and what stands in the way if not."""
    proof = last_proof(tx)
    checks = {
        "proof": _proof_check(proof),
        "gateway": _gateway(tx, proof),
        "broker": _broker(tx),
        "store": _store(tx),
        "home": _home(tx),
        "escalation": _escalation(tx),
        "history": _history(tx),
        "deadman": _deadman(tx),
    }
    if not proof.fresh:
        return Health("not_watching", proof, checks)
    well = all(check.ok for check in checks.values())
    return Health("watching" if well else "degraded", proof, checks)


def _proof_check(proof: Proof) -> Check:
    if proof.at is None:
        return Check(False, phrase("No loop test has come through since this store was made."))
    if proof.age_s is None:
        return Check(
            False, phrase("The last loop test lies in the future; check the machine's clock.")
        )
    detail = phrase(f"The last loop test came through {proof.age_s:.1f} s ago.")
    return Check(proof.fresh, detail)


def _gateway(tx: Transaction, proof: Proof) -> Check:
    """``gateway`` is what the gateway says of itself: JSON, with ``trouble`` where it has any."""
    facts = _facts(meta.get(tx, meta.GATEWAY))
    if trouble := facts.get("trouble"):
        return Check(False, str(trouble))
    if not proof.fresh:
        return Check(
            False, phrase("The gateway gives no sign of life; see whether its process runs.")
        )
    return Check(True, "The gateway decides and writes.")


def _broker(tx: Transaction) -> Check:
    """``broker_state`` is ``connected``, ``connecting``, or what is the matter, as a sentence."""
    state = meta.get(tx, meta.BROKER_STATE)
    if state is None:
        return Check(False, phrase("The gateway has not yet been connected to a broker."))
    if state == meta.BROKER_CONNECTED:
        return Check(True, "The gateway is connected to the broker.")
    if state == "connecting":
        return Check(False, phrase("The gateway is connecting to the broker."))
    return Check(False, state)


def _store(tx: Transaction) -> Check:
    """Whether its file can be written and its disk has room; who locks it is not seen here."""
    path = tx.sql.engine.url.database or ""
    try:
        disk = os.statvfs(path)
    except OSError as problem:
        return Check(False, phrase(f"The store at {path} cannot be looked at: {problem.strerror}."))
    free = disk.f_bavail * disk.f_frsize
    mib = free // MIB
    if not os.access(path, os.W_OK):
        return Check(False, phrase(f"The store at {path} cannot be written: it is read-only."))
    if free < LEAST_FREE:
        return Check(
            False,
            phrase(
                f"The store's disk has {mib} MiB left; without room nothing can be decided. "
                "Make room, or put the store on a larger disk."
            ),
        )
    return Check(True, "The store can be written and its disk has room.")


def _home(tx: Transaction) -> Check:
    home = meta.home(tx)
    if home is None:
        return Check(
            False, phrase("No home file has been applied yet, so there is nothing to watch.")
        )
    return Check(True, f"{home.name} is the home.")


def _escalation(tx: Transaction) -> Check:
    late = select(func.count()).where(
        Alert.state != AlertState.CLOSED, col(Alert.next_step_at) < tx.now - STEP_LATE
    )
    count = tx.exec(late).one()
    if count:
        words = by_number(
            count,
            f"{count} alert waits for an escalation that is overdue.",
            f"{count} alerts wait for an escalation that is overdue.",
        )
        return Check(False, words)
    return Check(True, "No escalation is overdue.")


def _history(tx: Transaction) -> Check:
    for sink in tx.exec(select(HistoryCursor).where(col(HistoryCursor.failed_since).is_not(None))):
        since = rfc3339(sink.failed_since)
        return Check(
            False,
            phrase(
                f"Readings wait for {sink.sink} since {since}: {sink.last_error}; none is lost."
            ),
        )
    return Check(True, "Nothing waits for the long history.")


def _deadman(tx: Transaction) -> Check:
    facts = _facts(meta.get(tx, meta.DEADMAN))
    if not facts.get("set"):
        return Check(True, "No dead-man's switch is set.")
    if trouble := facts.get("trouble"):
        return Check(False, str(trouble))
    return Check(True, "The dead-man's switch is fed while all is well.")


def _facts(text: str | None) -> dict[str, Any]:
    try:
        facts = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else None
