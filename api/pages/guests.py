"""Agency staff: a senior gives a code, the guest types it with a name and a PIN, and is in.

A minute for both: one tap and a PIN for the senior, a name and a PIN for the guest.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urljoin

from anyio import from_thread
from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, Now, ReadTx, WriteTx, get_parts, require_same_origin
from api.errors import status_of
from api.guesses import guess
from api.pages.asking import SECRET, Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.qr import qr
from api.pages.signin import place_of, signed_in_answer
from api.pages.surroundings import OpenPage, Surroundings, ViewerPage
from api.routes.guests import stays_now
from nightwarden.errors import Conflict, Invalid, NightwardenError, TooOften, Unauthenticated
from nightwarden.model.roles import Right
from nightwarden.store import guests
from nightwarden.store.sessions import Opening

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Senior = Annotated[Actor, Depends(person_with(Right.LET_IN_GUESTS))]


@router.get("/guests")
def show(page: ViewerPage, tx: ReadTx) -> Response:
    """Who is here as a guest, and the buttons that let one in. A screen asks who you are."""
    return draw("guests.html", page, stays=stays_now(tx), guests=guests.present_guests(tx))


@router.post("/guests")
def give_code(
    request: Request, form: Filled, page: ViewerPage, senior: Senior, tx: WriteTx
) -> Response:
    """A code, shown this once: as digits to type, and as a picture for the guest's own phone."""
    ends_at = _chosen(form, stays_now(tx))
    code = guests.give_code(tx, ends_at, senior.name)
    link = urljoin(str(request.base_url), f"guest?code={code}")
    return draw("guest_code.html", page, code=code, picture=qr(link), ends_at=ends_at)


@router.post("/guests/end")
def end(request: Request, form: Filled, senior: Senior, tx: WriteTx) -> Response:
    """A guest goes home early."""
    guests.end(tx, field(form, "guest", "the guest"), senior.name)
    from_thread.run_sync(get_parts(request).hub.ask_again)
    return back_to("/guests")


@router.get("/guest")
def ask(page: OpenPage, code: str = "") -> Response:
    """The guest's form. To look spends nothing."""
    return _form(page, code)


@router.post("/guest")
def let_in(request: Request, form: Filled, page: OpenPage, now: Now) -> Response:
    """Spend the code, and sign the guest in."""
    require_same_origin(request)
    store, name = get_parts(request).store, form.get("name", "").strip()
    code, pin = form.get("code", ""), form.get(SECRET, "")
    try:
        with guess(request, now), store.transaction(now) as tx:
            guest = guests.let_in(tx, code, name, pin)
    except (Unauthenticated, TooOften, Invalid, Conflict) as refusal:
        return _form(page, code, name, refusal)
    with store.transaction(now) as tx:
        place = place_of(request, form.get("shared"), now)
        return signed_in_answer(request, tx, guest, Opening(place, "guest"), "/")


def _chosen(form: Filled, stays: list[guests.Stay]) -> datetime:
    for stay in stays:
        if stay.ends_at.isoformat() == form.get("until"):
            return stay.ends_at
    raise Invalid("Please choose a shift from the list; the one before may have ended.")


def _form(
    page: Surroundings, code: str, name: str = "", refusal: NightwardenError | None = None
) -> Response:
    return draw(
        "guest.html",
        page,
        HTTPStatus.OK if refusal is None else status_of(refusal),
        refusal="" if refusal is None else str(refusal),
        code=code[:20],
        named=name[:60],
    )
