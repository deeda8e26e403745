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
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import printed_labels, register
from nightwarden.store.engine import Transaction
from nightwarden.store.photos import PhotoFiles
from nightwarden.store.printed_labels import Labelled

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One label on the sheet. ``qr`` is drawn by us, so it goes into the page as it is."""

    code: str
    title: str
    where: str
    qr: Markup


@router.get("/labels")
def show_labels(  # noqa: PLR0913, PLR0917
    page: ViewerPage,
    tx: ReadTx,
    request: Request,
    room: str = "",
    of: str = "items",
    tag: str = "",
    address: str = "",
) -> Response:
    """The labels of a room or of the home, and of its items or its places, ready to print."""
    base = _base(address or f"{request.url.scheme}://{request.url.netloc}")
    made = printed_labels.now(tx)
    lines = [line for line in _lines(tx, made, base) if _wanted(line, room, of, tag)]
    have = len({label.equipment or label.place for label in made})
    there = len(register.items_now(tx)) + len(register.places(tx))
    return draw(
        "labels.html",
        page,
        lines=[line for _, line in lines],
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


def _lines(
    tx: Transaction, made: list[Labelled], base: str
) -> list[tuple[PlaceId | None, PrintedLine]]:
    items = {item.tag: item for item in register.items_now(tx)}
    rank = {room.id: number for number, room in enumerate(register.rooms(tx))}
    found: list[tuple[PlaceId | None, bool, PrintedLine]] = []
    for label in made:
        if label.equipment is None:
            place, title = label.place, "Place"
        elif (item := items.get(label.equipment)) is not None:
            place, title = item.place, item_words(item.kind, item.tag)
        else:
            continue  # retired: its label opens nothing
        code = segno.make(f"{base}/l/{label.code}", error="m", micro=False)
        qr = Markup(code.svg_inline(border=2, omitsize=True))  # noqa: S704
        line = PrintedLine(label.code, title, _where(place), qr)
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


def _wanted(line: tuple[PlaceId | None, PrintedLine], room: str, of: str, tag: str) -> bool:
    place, printed = line
    is_place = printed.title == "Place"
    if tag:
        return printed.title.endswith(f" {tag}")
    if room and (place is None or place.room != room):
        return False
    return of == "all" or is_place is (of == "places")


def _where(place: PlaceId | None) -> str:
    if place is None:
        return "In the store cupboard"
    room = f"Room {place.room}" if place.room[:1].isdigit() else place.room
    return f"{room}, {place.place.replace('-', ' ')}"


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
