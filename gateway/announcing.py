"""What boards must know besides alerts: which places are watched, and which gaps there are.

Both are computed from the plan and the devices' liveness; only their changes are announced. The
watch table is a picture for the api, which has no engine: it is true as of the last proof.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from nightwarden.model.papers import Papers
from nightwarden.model.plan import Gap
from nightwarden.store import meta, outgoing, watches
from nightwarden.store.engine import Transaction
from nightwarden.store.watches import KeptWatch
from nightwarden.wire import gap_json, rfc3339
from rules.beside_requirements import Calling
from rules.coverage import gaps
from rules.engine import Engine
from rules.watching import WatchView, watch_views

GAPS_ANNOUNCED = "gaps_announced"


class Announcer:
    """Keeps the picture of one home. Begins with what the last gateway had announced."""

    def __init__(self, tx: Transaction) -> None:
        self._watches = watches.load(tx)
        self._gaps = set(orjson.loads(meta.get(tx, GAPS_ANNOUNCED) or "[]"))

    def announce(self, tx: Transaction, engine: Engine, calling: Calling, papers: Papers) -> int:
        """Write down and stream what has changed by ``tx.now``; returns how many changes."""
        liveness = engine.liveness
        changes = self._watches_changed(tx, watch_views(engine.plan, liveness, tx.now))
        found = gaps(engine.plan, liveness, tx.now, engine.book, calling, papers)
        return changes + self._gaps_changed(tx, found)

    def _watches_changed(self, tx: Transaction, views: Iterable[WatchView]) -> int:
        changed, present = [], set()
        for view in views:
            key = (*view.place, view.needs.value)
            present.add(key)
            before = self._watches.get(key)
            since = before.since if before and before.state == view.state else tx.now
            now = KeptWatch(*key, view.state.value, view.why, since, view.until)
            if now != before:
                self._watches[key] = now
                changed.append(now)
        gone = [self._watches.pop(key) for key in sorted(self._watches.keys() - present)]
        watches.put(tx, changed)
        watches.remove(tx, gone)
        for watch in changed:
            outgoing.stream(tx, "watch", _watch_json(watch))
        for watch in gone:
            outgoing.stream(tx, "watch", {**_watch_json(watch), "state": "gone"})
        return len(changed) + len(gone)

    def _gaps_changed(self, tx: Transaction, found: Iterable[Gap]) -> int:
        by_key = {"|".join((*gap.place, gap.needs, gap.state)): gap for gap in found}
        opened = [key for key in by_key if key not in self._gaps]
        closed = sorted(self._gaps - by_key.keys())
        for key in opened:
            outgoing.stream(tx, "gap", {**gap_json(by_key[key], tx.now), "open": True})
        for key in closed:
            room, place, needs, state = key.split("|")
            body = {"room": room, "place": place, "needs": needs, "state": state, "open": False}
            outgoing.stream(tx, "gap", body)
        if opened or closed:
            self._gaps = set(by_key)
            meta.put(tx, GAPS_ANNOUNCED, orjson.dumps(sorted(self._gaps)).decode())
        return len(opened) + len(closed)


def _watch_json(watch: KeptWatch) -> dict[str, Any]:
    times = {"since": rfc3339(watch.since), "until": rfc3339(watch.until)}
    return {**watch._asdict(), **times}
