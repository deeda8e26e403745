"""Devices: who speaks, binding one to an item in two steps, and the press that proves it.

The two steps need no JavaScript: first where and what, from the places that wait for such a device;
then the tag, the sense and the paces, each proposed with its reason.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, ReadTx, WriteTx
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.devices_view import (
    devices_at,
    kinds_to_choose,
    places_by_room,
    senses,
    unbound_line,
    waiting_for,
)
from api.pages.drawing import back_to, draw
from api.pages.press_view import press_at
from api.pages.surroundings import ViewerPage
from api.routes.equipment import place_of
from nightwarden import binding
from nightwarden.errors import Invalid
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, Mount
from nightwarden.model.roles import Right
from nightwarden.store import register, upkeep
from nightwarden.store.binding import proposed_tag, unbound_device
from nightwarden.store.plan import load_plan

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]


@router.get("/devices")
def show_devices(page: ViewerPage, tx: ReadTx) -> Response:
    """Unbound devices, the one heard last on top, and those of the register."""
    return draw("devices.html", page, devices=devices_at(tx))


@router.get("/devices/fragment")
def show_devices_alone(page: ViewerPage, tx: ReadTx) -> Response:
    """The part of the page that renews itself."""
    return draw("devices_live.html", page, devices=devices_at(tx))


@router.get("/devices/bind")
def choose(
    page: ViewerPage, tx: ReadTx, device: str, at: str = "", kind: str = "", tag: str = ""
) -> Response:
    """The first step, or the second when it is known where and what."""
    heard = unbound_device(tx, device)
    line = unbound_line(heard, tx.now)
    if not (at and kind):
        waiting = waiting_for(load_plan(tx), heard)
        places, kinds = places_by_room(tx), kinds_to_choose(heard)
        choices = {"waiting": waiting, "places": places, "kinds": kinds}
        return draw("bind_where.html", page, heard=heard, line=line, choices=choices)
    place, wanted = place_of(at), _kind(kind)
    assert place is not None, "the text is not empty"
    item = register.item(tx, tag) if tag else None
    return draw(
        "bind.html",
        page,
        place=place,
        kind=wanted,
        item=item,
        tag=tag or proposed_tag(tx, wanted, place),
        mounts=list(Mount) if wanted is EquipmentKind.TEMPERATURE_SENSOR else [],
        senses=senses(heard, wanted),
        proposed=binding.proposed(heard, wanted),
        heard=heard,
        line=line,
    )


@router.post("/devices/bind")
def bind(form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Bind it, and go on to the press."""
    asked = binding.Asked(
        device=field(form, "device", "the device"),
        tag=field(form, "tag", "the tag on the label"),
        kind=_kind(field(form, "kind", "what it is")),
        mount=_mount(form.get("mount")),
        place=place_of(field(form, "at", "where it stands")),
        inverted=form.get("inverted") == "yes",
        supervision_s=_seconds(form.get("supervision_min"), 60, phrase("how often it must speak")),
        proof_s=_seconds(form.get("proof_h"), 3600, phrase("how often it must prove itself")),
    )
    return back_to(f"{_item_path(binding.bind(tx, asked, actor.name).tag)}/press")


@router.get("/equipment/{tag}/press")
def show_press(tag: str, page: ViewerPage, tx: ReadTx) -> Response:
    """Press it: the page says when it was seen."""
    return draw("press.html", page, press=press_at(tx, tag))


@router.get("/equipment/{tag}/press/fragment")
def show_press_alone(tag: str, page: ViewerPage, tx: ReadTx) -> Response:
    """The part of the page that renews itself."""
    return draw("press_live.html", page, press=press_at(tx, tag))


@router.post("/equipment/{tag}/unbind")
def unbind(tag: str, actor: Keeper, tx: WriteTx, request: Request) -> Response:  # noqa: ARG001
    """The wrong device: nothing speaks for the item from here on."""
    upkeep.bind(tx, tag, None, actor.name)
    return back_to("/devices")


def _item_path(tag: str) -> str:
    return f"/equipment/{quote(tag, safe='')}"


def _kind(text: str) -> EquipmentKind:
    if text not in set(EquipmentKind):
        raise Invalid(f'There is no kind of equipment "{text}"; choose one from the list.')
    return EquipmentKind(text)


def _mount(text: str | None) -> Mount | None:
    if not text:
        return None
    if text not in set(Mount):
        raise Invalid("Please choose from the list where the sensor sits.")
    return Mount(text)


def _seconds(text: str | None, unit: int, asked: str) -> int | None:
    if not text:
        return None
    try:
        return round(float(text.replace(",", ".")) * unit)
    except (ValueError, OverflowError):
        raise Invalid(f'"{text}" is no number; please say {asked} in figures.') from None
