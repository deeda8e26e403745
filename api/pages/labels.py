"""Labels to print: a sheet of 21 on A4, each with its code, tag, room and short words."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import quote, urlsplit

import segno
from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from api.deps import Actor, ReadTx, WriteTx, get_parts
from api.pages.asking import Filled, PageRoute, person_with
from api.pages.drawing import back_to, draw
from api.pages.label_view import item_words
from api.pages.surroundings import ViewerPage
from api.routes.photos import picture_file
from nightwarden.errors import Invalid
from nightwarden.languages import gettext, said
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import printed_labels, register
from nightwarden.store.engine import Transaction
from nightwarden.store.photos import PhotoFiles
from nightwarden.store.printed_labels import Labelled

router = APIRouter(route_class=PageRoute, include_in_schema=False)

A_PART = 210
"""Ten sheets: drawing a code takes some milliseconds, and a large home has thousands."""

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One label on the sheet."""

    code: str
    title: str
    where: str
    tag: str | None
    """None: it is a place's."""


@router.get("/labels")
def show_labels(  # noqa: PLR0913, PLR0917
    page: ViewerPage,
    tx: ReadTx,
    request: Request,
    room: str = "",
    of: str = "items",
    tag: str = "",
    address: str = "",
    part: int = 1,
) -> Response:
    """The labels of a room or of the home, and of its items or its places, ready to print."""
    base = _base(address or f"{request.url.scheme}://{request.url.netloc}")
    made = printed_labels.now(tx)
    wanted = [line for line in _lines(tx, made) if _wanted(line, room, of, tag)]
    parts = max(-(-len(wanted) // A_PART), 1)
    part = min(max(part, 1), parts)
    shown = wanted[(part - 1) * A_PART : part * A_PART]
    have = len({label.equipment or label.place for label in made})
    there = len(register.items_now(tx)) + len(register.places(tx))
    return draw(
        "labels.html",
        page,
        lines=[(line, _qr(f"{base}/l/{line.code}")) for _, line in shown],
        wanted=len(wanted),
        part=part,
        parts=parts,
        rooms=[one.id for one in register.rooms(tx)],
        room=room,
        of=of,
        base=base,
        only_here=_only_here(base),
        lacking=max(there - have, 0),
    )


@router.post("/labels")
def make_missing(form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Give every item and place that has no label a code."""
    printed_labels.make_missing(tx, actor.name)
    goes_to = form.get("goes_to", "/labels")
    return back_to(goes_to)


@router.post("/labels/replace")
def replace(form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """A label is lost or worn."""
    fresh = printed_labels.replace(tx, form.get("code", ""), actor.name)
    tag = f"&tag={quote(fresh.equipment, safe='')}" if fresh.equipment else "&of=places"
    return back_to(f"/labels?address={tag}")


@router.get("/equipment/{tag}/check")
def check_item(tag: str, page: ViewerPage, tx: ReadTx) -> Response:
    """The page of an item's label, for whoever did not scan it."""
    item = register.item(tx, tag)
    label = printed_labels.of_item(tx, tag)
    if label is not None:
        return back_to(f"/l/{label.code}")
    return draw("label_none.html", page, item=item)


@router.get("/photos/{number}")
def show_photo(
    number: str, page: ViewerPage, tx: ReadTx, request: Request, size: str = ""
) -> Response:
    """A photo as a picture and nothing else; ``?size=small`` is its thumbnail."""
    assert page.viewer is not None
    files = PhotoFiles(get_parts(request).store.folder)
    return picture_file(tx, files, number, small=size == "small")


def _lines(tx: Transaction, made: list[Labelled]) -> list[tuple[PlaceId | None, PrintedLine]]:
    items = {item.tag: item for item in register.items_now(tx)}
    rank = {room.id: number for number, room in enumerate(register.rooms(tx))}
    found: list[tuple[PlaceId | None, bool, PrintedLine]] = []
    for label in made:
        if label.equipment is None:
            place, title = label.place, gettext("Place")
        elif (item := items.get(label.equipment)) is not None:
            place, title = item.place, item_words(item.kind, item.tag)
        else:
            continue  # retired: its label opens nothing
        line = PrintedLine(label.code, title, _where(place), label.equipment)
        found.append((place, label.equipment is None, line))
    found.sort(
        key=lambda one: (
            one[1],
            rank.get(one[0].room, len(rank)) if one[0] else len(rank) + 1,
            one[2].where,
            one[2].title,
        )
    )
    return [(place, line) for place, _, line in found]


def _qr(address: str) -> Markup:
    """The code as a drawing that goes into the page as it is, since it is ours."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(border=2, omitsize=True))  # noqa: S704


def _wanted(line: tuple[PlaceId | None, PrintedLine], room: str, of: str, tag: str) -> bool:
    place, printed = line
    if tag:
        return printed.tag == tag
    if room and (place is None or place.room != room):
        return False
    return of == "all" or (printed.tag is None) is (of == "places")


def _where(place: PlaceId | None) -> str:
    if place is None:
        return gettext("In the store cupboard")
    numbered = place.room[:1].isdigit()
    room = gettext("Room {room}").format(room=place.room) if numbered else place.room
    return f"{room}, {said(place.place.replace('-', ' '))}"


def _base(address: str) -> str:
    """Where phones find these pages; Invalid when it is no address of a web server."""
    parts = urlsplit(address.strip())
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(address) > 100:
        raise Invalid("Write the address as phones use it, such as https://nightwarden.local.")
    return f"{parts.scheme}://{parts.netloc}"


def _only_here(base: str) -> bool:
    """Whether the address means the machine that it is typed on."""
    host = urlsplit(base).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
