"""What boards must know besides alerts: which places are watched, and which gaps there are.

Both are computed from the plan and the devices' liveness; only their changes are announced. The
watch table is a picture for the api, which has no engine: it is true as of the last proof.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import select

from nightwarden.model.plan import Gap
from nightwarden.store import meta, outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Watch
from nightwarden.wire import gap_json, rfc3339
from rules.coverage import gaps
from rules.engine import Engine
from rules.watching import WatchView, watch_views

GAPS_ANNOUNCED = "gaps_announced"

_WatchKey = tuple[str, str, str]


class Announcer:
    """Keeps the picture of one home. Begins with what the last gateway had announced."""

    def __init__(self, tx: Transaction) -> None:
        rows = tx.exec(select(Watch))
        self._watches: dict[_WatchKey, tuple[str, str, datetime | None]] = {
            (row.room, row.place, row.needs): (row.state, row.why, row.until) for row in rows
        }
        self._gaps = set(orjson.loads(meta.get(tx, GAPS_ANNOUNCED) or "[]"))

    def announce(self, tx: Transaction, engine: Engine) -> int:
        """Write down and stream what has changed by ``tx.now``; returns how many changes."""
        liveness = engine.liveness
        changes = self._watches_changed(tx, watch_views(engine.plan, liveness, tx.now))
        return changes + self._gaps_changed(tx, gaps(engine.plan, liveness, tx.now))

    def _watches_changed(self, tx: Transaction, views: Iterable[WatchView]) -> int:
        changes, present = 0, set()
        for view in views:
            key = (*view.place, view.needs.value)
            present.add(key)
            state = (view.state.value, view.why, view.until)
            before = self._watches.get(key)
            if before == state:
                continue
            self._watches[key] = state
            changes += 1
            row = tx.get(Watch, key)
            if row is None:
                row = Watch(room=key[0], place=key[1], needs=key[2], state="", why="", since=tx.now)
                tx.add(row)
            if before is None or before[0] != state[0]:
                row.since = tx.now
            row.state, row.why, row.until = state
            outgoing.stream(tx, "watch", _watch_json(row))
        for key in self._watches.keys() - present:
            del self._watches[key]
            changes += 1
            gone = tx.get(Watch, key)
            if gone is not None:
                outgoing.stream(tx, "watch", {**_watch_json(gone), "state": "gone"})
                tx.delete(gone)
        return changes

    def _gaps_changed(self, tx: Transaction, found: Iterable[Gap]) -> int:
        by_key = {"|".join((*gap.place, gap.needs, gap.state)): gap for gap in found}
        opened = [key for key in by_key if key not in self._gaps]
        closed = sorted(self._gaps - by_key.keys())
        for key in opened:
            outgoing.stream(tx, "gap", {**gap_json(by_key[key]), "open": True})
        for key in closed:
            room, place, needs, state = key.split("|")
            body = {"room": room, "place": place, "needs": needs, "state": state, "open": False}
            outgoing.stream(tx, "gap", body)
        if opened or closed:
            self._gaps = set(by_key)
            meta.put(tx, GAPS_ANNOUNCED, orjson.dumps(sorted(self._gaps)).decode())
        return len(opened) + len(closed)


def _watch_json(row: Watch) -> dict[str, Any]:
    return {
        "room": row.room,
        "place": row.place,
        "needs": row.needs,
        "state": row.state,
        "why": row.why,
        "since": rfc3339(row.since),
        "until": rfc3339(row.until),
    }
