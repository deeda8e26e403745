"""The search: one box on every page, answered with everything that its words find."""

from urllib.parse import quote

from fastapi import APIRouter, Response

from api.deps import ReadTx
from api.pages.drawing import draw
from api.pages.surroundings import Surroundings, ViewerPage
from nightwarden.errors import Invalid
from nightwarden.languages import said
from nightwarden.model.roles import Right
from nightwarden.store.search import MOST_FOUND, Found, What, search

router = APIRouter(include_in_schema=False)

LONGEST = 200


@router.get("/search")
def show_search(page: ViewerPage, tx: ReadTx, q: str = "") -> Response:
    """What was found, best first."""
    if len(q) > LONGEST:
        raise Invalid(f"q: at most {LONGEST} letters.")
    found = search(tx, q)
    lines = [(one, *in_words(one), link(one, page)) for one in found]
    return draw("search.html", page, asked=q.strip(), found=lines, most=MOST_FOUND)


def in_words(found: Found) -> tuple[str, str]:
    """What was found and what is known of it, in the reader's language; names stay as they are."""
    label, more = found.label, found.more
    if found.what in {What.RESIDENT, What.NOTICE}:
        return label, said(more)
    if found.what is What.PLACE:
        label = " · ".join(map(said, label.split(" · ")))
    parts = (", ".join(map(said, part.split(", "))) for part in more.split(" · "))
    return label if found.what is What.ITEM else said(label), " · ".join(parts)


def link(found: Found, page: Surroundings) -> str:
    """The page of what was found; of a resident the plan for those who may see it."""
    key = quote(found.key, safe="")
    room = f"/rooms/{quote(found.room or '', safe='')}"
    match found.what:
        case What.ROOM | What.PLACE:
            return room
        case What.RESIDENT:
            papers = page.actor is not None and page.actor.may(Right.SEE_PAPERS)
            return f"/residents/{key}" if papers else room
        case What.ITEM:
            return f"/equipment/{key}"
        case _:
            return f"/{found.what.value}s/{key}"
