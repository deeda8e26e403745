"""One alert as one file: what was heard, the rules, each step, every delivery; chained, verifiable.

1. **Whole.** From the readings that came before it to its outcome, in the order of time.
2. **Chained.** Each entry has the SHA-256 of itself and of the hash before it, as the audit has:
   an entry that was edited, removed or exchanged later does not fit. The canonical form is JSON
   with sorted keys, no spaces, UTF-8.
3. **Verifiable without us.** ``docs/evidence.md`` has the few lines of Python that do it, and the
   file says so. ``audit`` ties it to the home's own record, whose newest entries at the time it
   names.
4. What somebody corrected later is an entry of its own; nothing in it is changed.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from nightwarden.canonical import digest
from nightwarden.model.alerts import AlertRecord
from nightwarden.store import alerts, audit, listings, meta, period, register, rule_files
from nightwarden.store.engine import Transaction
from nightwarden.store.listings import Window
from nightwarden.store.period import Period
from nightwarden.wire import rfc3339

BEFORE = timedelta(minutes=10)
AFTER = timedelta(minutes=5)
MOST_READINGS = 2000
"""Of one device; a flapping mat says more than anybody reads, and the file then says how many."""

GENESIS = "0" * 64
VERIFY = "docs/evidence.md of Nightwarden has a few lines of Python that verify this file"

Entry = dict[str, Any]


def incident(tx: Transaction, number: int, made_by: str) -> dict[str, Any]:
    """The file of an alert.

    Raises:
        NotFound: there is no such alert.
    """
    record = alerts.find(tx, number)
    home = meta.home(tx)
    [shown] = alerts.as_json(tx, [record])
    steps = shown.pop("events")
    entries = [*_readings(tx, record)]
    entries += [{"kind": "step", "at": step["at"], "what": step, "order": 1} for step in steps]
    entries += [*_deliveries(tx, number)]
    entries.sort(key=lambda entry: (entry["at"] or "", entry.pop("order")))
    rules = rule_files.version(tx, record.rule_version)
    first: list[Entry] = [
        {"kind": "alert", "at": shown["raised_at"], "what": shown},
        {
            "kind": "rules",
            "at": None if rules is None else rfc3339(rules.applied_at),
            "what": {
                "version": record.rule_version,
                "text": None if rules is None else rules.text,
                "applied_by": None if rules is None else rules.applied_by,
                "because": "as delivered" if rules is None else rules.because,
            },
        },
    ]
    chained = chain([*first, *entries])
    verified = audit.verify(tx)
    return {
        "format": 1,
        "home": None if home is None else home.id,
        "alert": number,
        "made_at": rfc3339(tx.now),
        "made_by": made_by,
        "verify": VERIFY,
        "audit": {
            "entries": verified.entries,
            "head": verified.head,
            "intact": verified.intact,
        },
        "entries": chained,
        "head": chained[-1]["hash"],
    }


def chain(entries: list[Entry]) -> list[Entry]:
    """The entries with ``previous`` and ``hash``."""
    previous, chained = GENESIS, []
    for entry in entries:
        content = {**entry, "previous": previous}
        previous = digest(content)
        chained.append({**content, "hash": previous})
    return chained


def _readings(tx: Transaction, record: AlertRecord) -> Iterator[Entry]:
    """What the devices said that stand at the alert's place now or stood there then."""
    since, until = record.caused_at - BEFORE, (record.closed_at or tx.now) + AFTER
    tags = {
        one.equipment
        for one in period.placements(tx, Period(since, until))
        if (one.room, one.place) == record.cause.place
    }
    for item in register.items_now(tx):
        if item.tag in tags and item.device is not None:
            found = listings.readings_of(tx, item.device, Window(since, until), MOST_READINGS + 1)
            for row in reversed(found[:MOST_READINGS]):
                said = {
                    "equipment": item.tag,
                    "device": str(item.device),
                    "quantity": row.quantity,
                    "value": row.number if row.word is None else row.word,
                    "measured_at": rfc3339(row.measured_at),
                    "received_at": rfc3339(row.received_at),
                    "late": row.late,
                    "fresh": row.fresh,
                }
                yield {
                    "kind": "reading",
                    "at": rfc3339(row.received_at),
                    "what": said,
                    "order": 0,
                }
            if len(found) > MOST_READINGS:
                cut = {"equipment": item.tag, "earlier_left_out": True, "kept": MOST_READINGS}
                yield {"kind": "readings", "at": rfc3339(since), "what": cut, "order": 0}


def _deliveries(tx: Transaction, number: int) -> Iterator[Entry]:
    for row in period.deliveries(tx, number):
        said = {
            "outlet": row.outlet,
            "topic": row.topic,
            "attempts": row.attempts,
            "receipted_at": rfc3339(row.receipted_at),
            "last_error": row.last_error,
            "sha256": hashlib.sha256(row.payload).hexdigest(),
        }
        yield {"kind": "delivery", "at": rfc3339(row.created_at), "what": said, "order": 2}
