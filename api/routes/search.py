"""Finding a thing of the home by words."""

from typing import Annotated, Any

from fastapi import Query

from api.deps import ReadTx, Viewer
from api.nouns import noun_router
from api.paging import listed
from nightwarden.store import search as searching

router = noun_router("search")


@router.get("/search")
def search(
    _viewer: Viewer, tx: ReadTx, q: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """Rooms, places, residents, items, alerts, faults and notices that have every word of `q`."""
    found = searching.search(tx, q)
    return listed([{**one._asdict(), "what": one.what.value} for one in found], None)
