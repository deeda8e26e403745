"""The machine's clock goes back: what was to happen in ten minutes still happens in ten minutes.

Timers are kept as instants, because they must outlive a restart. When the clock goes back by an
hour, each of them would come an hour late. So every instant that the monitor still waits for, or
measures from, goes back by as much. What has been recorded keeps the time at which it was recorded;
the audit says that the clock went back, and by how much.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import AlertState
from nightwarden.store import audit, calls, drills, meta, protection, rounds
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import (
    Alert,
    Delivery,
    DeviceState,
    NewestRepeat,
    PauseRow,
    WatchMemory,
)


def set_back(tx: Transaction, by: timedelta) -> None:
    """Take what is waited for back by ``by``; ``tx.now`` is by the clock as it is now."""
    was = tx.now + by
    for device in tx.exec(select(DeviceState)):
        device.memory = moved(device.memory, by)
        device.heard_at = device.heard_at and device.heard_at - by
        device.changed_at = device.changed_at and device.changed_at - by
    for repeat in tx.exec(select(NewestRepeat)):
        repeat.measured_at, repeat.received_at = repeat.measured_at - by, repeat.received_at - by
    for watch in tx.exec(select(WatchMemory)):
        watch.memory = moved(watch.memory, by)
        watch.due_at = watch.due_at and watch.due_at - by
    for alert in tx.exec(select(Alert).where(Alert.state != AlertState.CLOSED)):
        alert.next_step_at = alert.next_step_at and alert.next_step_at - by
    for pause in tx.exec(select(PauseRow).where(col(PauseRow.until) > was)):
        if pause.ended_at is None:
            pause.since, pause.until = pause.since - by, pause.until - by
    rounds.set_back(tx, was, by)
    calls.set_back(tx, was, by)
    drills.set_back(tx, by)
    protection.cut(tx)
    for delivery in tx.exec(select(Delivery).where(col(Delivery.receipted_at).is_(None))):
        delivery.due_at -= by
    for key in (meta.REACHED, meta.DECIDED_AT):
        if (kept := meta.instant(tx, key)) is not None:
            meta.put_instant(tx, key, kept - by)
    meta.plan_changed(tx)
    detail = {"by_s": by.total_seconds(), "was": was.isoformat()}
    audit.record(tx, SYSTEM, "clock went back", "the machine's clock", detail)
    tx.flush()


def moved(memory: Any, by: timedelta) -> Any:
    """A memory as ``rules.moments.packed`` writes it, every instant in it earlier by ``by``."""
    if isinstance(memory, dict):
        return {key: moved(value, by) for key, value in memory.items()}
    if isinstance(memory, list):
        return [moved(value, by) for value in memory]
    if isinstance(memory, str) and memory.startswith("@"):
        return f"@{(datetime.fromisoformat(memory[1:]) - by).isoformat()}"
    return memory
