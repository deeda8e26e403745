"""The floor view: the night at a glance on a picture of the floor, live.

Each room is a mark with its number, a shape and a word; what it says is what its tile on the board
says. Rooms are put on the picture by dragging, or by two numbers where there is no JavaScript.
"""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from api.deps import Actor, ReadTx, WriteTx, get_parts
from api.gaps import judged
from api.health import last_proof
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.room_tiles import RoomTile, room_tiles
from api.pages.surroundings import ViewerPage
from api.photos import FormPhoto
from api.routes.notices import number_of
from api.routes.photos import AS_A_PICTURE
from nightwarden.errors import Invalid, NotFound
from nightwarden.model.roles import Right
from nightwarden.store import alerts, floors, register
from nightwarden.store.engine import Transaction
from nightwarden.store.photos import PhotoFiles
from nightwarden.store.tables import FloorPlan

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]

MARK_W, MARK_H = 118, 62
"""A room's mark in the units of the picture, which is :data:`WIDTH` wide."""
WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """A room on the picture; ``x`` and ``y`` are its middle in the picture's units."""

    tile: RoomTile
    x: float
    y: float
    share_x: float
    share_y: float


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor at one instant."""

    plan: FloorPlan
    height: int
    marks: list[Mark]
    proved: bool


@router.get("/floors")
def show_floors(page: ViewerPage, tx: ReadTx) -> Response:
    """The first floor, or how to bring one in."""
    found = floors.every(tx)
    if found:
        return _show(page, tx, found[0].id or 0)
    return draw("floors_none.html", page)


@router.get("/floors/{number}")
def show_floor(number: str, page: ViewerPage, tx: ReadTx) -> Response:
    """One floor."""
    return _show(page, tx, number_of(number, "floor"))


@router.get("/floors/{number}/fragment")
def floor_fragment(number: str, page: ViewerPage, tx: ReadTx) -> Response:
    """What renews itself."""
    return draw("floor_live.html", page, floor=floor_at(tx, number_of(number, "floor")))


@router.get("/floors/{number}/picture")
def floor_picture(number: str, _page: ViewerPage, tx: ReadTx, request: Request) -> Response:
    """The picture itself, a JPEG."""
    row = floors.find(tx, number_of(number, "floor"))
    path = PhotoFiles(get_parts(request).store.folder).path(row.digest)
    if not path.is_file():
        raise NotFound(f"The picture of floor {number} is not in the data folder.")
    return FileResponse(path, media_type="image/jpeg", headers=AS_A_PICTURE)


@router.post("/floors")
def add_floor(form: Filled, actor: Keeper, photo: FormPhoto, tx: WriteTx) -> Response:
    """A picture of a floor: JPEG, PNG or WebP, drawn anew like a photo."""
    if photo is None:
        raise Invalid("photo: choose a picture of the floor, a JPEG or PNG.")
    name = field(form, "name", "what the floor is called")
    row = floors.add(tx, name, photo.digest, (photo.width, photo.height), actor.name)
    return back_to(f"/floors/{row.id}#place")


@router.post("/floors/{number}/rooms")
def place_room(number: str, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Put a room at a spot, in per cent from the left and from the top; or take it off."""
    floor, room = number_of(number, "floor"), field(form, "room", "which room")
    if form.get("off"):
        floors.take_off(tx, floor, room, actor.name)
    else:
        floors.place(tx, floor, room, _share(form, "x"), _share(form, "y"), actor.name)
    return back_to(f"/floors/{quote(number, safe='')}#place")


@router.post("/floors/{number}/put-away")
def put_away(number: str, actor: Keeper, tx: WriteTx) -> Response:
    """The picture is not shown any more."""
    floors.put_away(tx, number_of(number, "floor"), actor.name)
    return back_to("/floors")


def floor_at(tx: Transaction, number: int) -> Floor:
    """The floor at ``tx.now``.

    Raises:
        NotFound: there is no such floor.
    """
    plan, home = floors.find(tx, number), judged(tx)
    proved = last_proof(tx).fresh
    height = round(WIDTH * plan.height / plan.width)
    found = room_tiles(tx, home, alerts.open_alerts(tx), proved=proved) if home else []
    tiles = {tile.room: tile for tile in found}
    marks = [
        Mark(
            tiles[spot.room],
            round(min(max(spot.x * WIDTH, MARK_W / 2), WIDTH - MARK_W / 2), 1),
            round(min(max(spot.y * height, MARK_H / 2), height - MARK_H / 2), 1),
            spot.x,
            spot.y,
        )
        for spot in floors.spots(tx, number)
        if spot.room in tiles
    ]
    return Floor(plan, height, marks, proved)


def _show(page: ViewerPage, tx: Transaction, number: int) -> Response:
    on_floors = floors.placed(tx)
    return draw(
        "floor.html",
        page,
        floor=floor_at(tx, number),
        floors=floors.every(tx),
        rooms=[room.id for room in register.rooms(tx)],
        left=[room.id for room in register.rooms(tx) if room.id not in on_floors],
    )


def _share(form: Filled, name: str) -> float:
    text = form.get(name, "").strip().replace(",", ".")
    try:
        return float(text) / 100
    except ValueError:
        raise Invalid(f"{name}: write per cent of the picture, such as 25.") from None
