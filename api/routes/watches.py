"""Watches: whether each place is watched now, and why not where it is not."""

from typing import Any

from api.deps import ReadTx, Viewer
from api.nouns import noun_router
from api.paging import PageQuery, listed
from nightwarden.store import listings
from nightwarden.store.tables import Watch
from nightwarden.wire import rfc3339

router = noun_router("watches")


@router.get("/watches")
def list_watches(_viewer: Viewer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Every watch as the gateway last saw it; true only while `GET /health` is not 503."""
    shown, cursor = page.cut_computed(
        "watches",
        listings.watches(tx),
        lambda watch: (watch.room, watch.place, watch.needs),
        *(str, str, str),
    )
    return listed([watch_json(watch) for watch in shown], cursor)


def watch_json(watch: Watch) -> dict[str, Any]:
    """A watch, with times in RFC 3339."""
    return {
        "room": watch.room,
        "place": watch.place,
        "needs": watch.needs,
        "state": watch.state,
        "why": watch.why,
        "since": rfc3339(watch.since),
        "until": rfc3339(watch.until),
    }
