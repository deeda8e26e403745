"""Small facts about the store, and the counter that tells the gateway to read the plan again."""

import secrets
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
from sqlmodel import select

from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Home

PLAN_VERSION = "plan_version"
PLAN_CHANGES = "plan_changes"
BESIDE = "#"
"""In place of an item's tag, which cannot be this: nothing of the register has changed."""
CHANGES_KEPT = 32
"""So many changes can lie between two looks at the plan, and only what changed is read again."""

DECIDED_AT = "decided_at"
"""Until when the gateway has been listening, as its last loop test shows; ISO form."""

REACHED = "reached"
"""The instant that the engine had reached in the last turn that was kept; ISO form."""

ANSWERS_SEEN = "answers_seen"
"""The last step of an alert's life that the engine knows of; what people did later it must hear."""

PROOF_AT = "proof_at"
"""When the last loop test that came back had been sent; ISO form, written by the gateway."""

COVERAGE_SEEN_AT = "coverage_seen_at"
"""When the gateway last looked who was protected; ISO form."""

PROOF_HOLDS = timedelta(seconds=6)
"""Three loop tests missed: a board turns to NOT WATCHING within 10 s of the gateway's death."""

GATEWAY = "gateway"
"""What the gateway says of itself: JSON, with ``trouble`` where it has any."""

BROKER_STATE = "broker_state"
BROKER_CONNECTED = "connected"
"""What the gateway keeps under :data:`BROKER_STATE` while all is well; else a sentence."""


DEADMAN = "deadman"
"""What the auditor keeps of the dead-man's switch: JSON, whether one is set and its trouble."""


def get(tx: Transaction, key: str) -> str | None:
    """The value kept under ``key``; straight from the driver, since every turn asks some."""
    row = tx.sql.exec_driver_sql("SELECT value FROM meta WHERE key = ?", (key,)).first()
    return None if row is None else str(row[0])


def put(tx: Transaction, key: str, value: str) -> None:
    """Keep ``value`` under ``key``."""
    tx.sql.exec_driver_sql(
        "INSERT INTO meta (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def instant(tx: Transaction, key: str) -> datetime | None:
    """The instant kept under ``key``."""
    kept = get(tx, key)
    return None if kept is None else datetime.fromisoformat(kept)


def put_instant(tx: Transaction, key: str, at: datetime) -> None:
    """Keep an instant under ``key``."""
    put(tx, key, at.isoformat())


def plan_version(tx: Transaction) -> int:
    """How often the plan (register, requirements, pauses) has changed."""
    return int(get(tx, PLAN_VERSION) or 0)


def plan_changed(tx: Transaction) -> None:
    """Call in the transaction of every change that the rules must hear of."""
    _plan_changed(tx, "")


def item_changed(tx: Transaction, tag: str) -> None:
    """The same, where nothing but one item has changed and it stands where it stood."""
    _plan_changed(tx, tag)


def beside_changed(tx: Transaction) -> None:
    """The same, where only what comes and goes by itself has: a pause, a round."""
    _plan_changed(tx, BESIDE)


def plan_changes(tx: Transaction) -> list[tuple[str, str]]:
    """The latest changes of the plan, the oldest first: a mark that no other change has, and the
    item that alone has changed, or an empty text."""
    kept = get(tx, PLAN_CHANGES)
    return [(mark, tag) for mark, tag in orjson.loads(kept)] if kept else []


def _plan_changed(tx: Transaction, tag: str) -> None:
    put(tx, PLAN_VERSION, str(plan_version(tx) + 1))
    changes = [*plan_changes(tx)[1 - CHANGES_KEPT :], (secrets.token_hex(8), tag)]
    put(tx, PLAN_CHANGES, orjson.dumps(changes).decode())


def home(tx: Transaction) -> Home | None:
    """The home of this store; None before the first ``apply``."""
    return tx.exec(select(Home)).first()


def zone(tx: Transaction) -> ZoneInfo:
    """The home's time zone; UTC before there is a home."""
    known = home(tx)
    return ZoneInfo("UTC" if known is None else known.timezone)


def today(tx: Transaction) -> date:
    """The day that it is now on the home's calendar."""
    return tx.now.astimezone(zone(tx)).date()
