"""Telling people elsewhere: the manager's page of channels, and a person's page of their own phone.

An address is typed once and never shown again. A test message is sent by the gateway, as every
other; the page looks again by itself until there is a result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Actor, ReadTx, WriteTx, requires
from api.pages.asking import PageRoute, field
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.routes.channels import STEPS, delivery_json, send_test
from api.routes.notices import number_of
from api.routes.phones import own_phone
from nightwarden.elsewhere import addresses
from nightwarden.errors import Invalid
from nightwarden.model.alerts import Priority
from nightwarden.model.elsewhere import ChannelKind, Serves, Step
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Right, Role, may
from nightwarden.store import channel_letters, channels
from nightwarden.store.channels import Address
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel, Delivery

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]
Carrier = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]

SHOWN = 5
"""Messages of a channel on the page; the API gives more."""

STEP_WORDS = {
    Step.RAISED: phrase("as soon as an alert is raised"),
    Step.EVERYONE: phrase("when everyone is told"),
    Step.SENIOR: phrase("when a senior is told"),
    Step.MANAGER: phrase("when the on-call manager is told"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A channel and its newest messages, newest first."""

    row: Channel
    letters: list[Delivery]

    @property
    def said(self) -> list[dict[str, Any]]:
        """The messages as the API gives them."""
        return [delivery_json(letter) for letter in self.letters]

    @property
    def waiting(self) -> bool:
        """Whether the result of the newest is still to come."""
        return bool(self.letters) and self.letters[0].receipted_at is None

    @property
    def tested(self) -> bool:
        """Whether a service has ever taken something."""
        return self.row.taken_at is not None


async def every_field(request: Request) -> Mapping[str, list[str]]:
    """The fields of a form in which one name may come several times."""
    form = await request.form()
    return {name: [str(value) for value in form.getlist(name)] for name in form}


ManyFields = Annotated[Mapping[str, list[str]], Depends(every_field)]


def _line(tx: Transaction, row: Channel) -> Line:
    return Line(row, channel_letters.latest(tx, row.id or 0, SHOWN))


@router.get("/channels")
def show_channels(page: ViewerPage, _manager: Manager, tx: ReadTx) -> Response:
    """Every channel and phone, with a test for each, and the form that makes one."""
    lines = [_line(tx, row) for row in channels.present(tx)]
    return draw(
        "channels.html",
        page,
        lines=lines,
        waiting=any(line.waiting for line in lines),
        zones=channels.zones(tx),
        roles=[role for role in Role if may(role, Right.ANSWER_ALERTS)],
        priorities=list(Priority),
        steps={step.name.lower(): words for step, words in STEP_WORDS.items()},
        step_words=STEP_WORDS,
    )


@router.post("/channels")
def add(form: ManyFields, manager: Manager, tx: WriteTx) -> Response:
    """A new channel."""
    one = {name: values[0] for name, values in form.items()}
    name = field(one, "name", "the channel a name, such as Texts to the on-call manager")
    typed = field(one, "address", "the address")
    address = Address(typed, addresses.service_of(typed))
    row = channels.add(tx, name, address, _serves(form), manager.name)
    return back_to(f"/channels#c{row.id}")


@router.post("/channels/{channel_id}/change")
def change(channel_id: str, form: ManyFields, manager: Manager, tx: WriteTx) -> Response:
    """What it serves from now on; an empty address leaves the one that it has."""
    number, typed = number_of(channel_id, "channel"), form.get("address", [""])[0].strip()
    address = Address(typed, addresses.service_of(typed)) if typed else None
    channels.change(tx, number, _serves(form), address, manager.name)
    return back_to(f"/channels#c{number}")


@router.post("/channels/{channel_id}/test")
def test(channel_id: str, manager: Manager, tx: WriteTx) -> Response:
    """Send a test message."""
    row = channels.find(tx, number_of(channel_id, "channel"))
    send_test(tx, row, manager)
    return back_to(f"/channels#c{row.id}")


@router.post("/channels/{channel_id}/remove")
def remove(channel_id: str, manager: Manager, tx: WriteTx) -> Response:
    """It is told nothing any more."""
    channels.remove(tx, number_of(channel_id, "channel"), manager.name)
    return back_to("/channels")


@router.get("/phone")
def show_phone(page: ViewerPage, carrier: Carrier, tx: ReadTx) -> Response:
    """The phones of the person who is signed in, and how to enrol this one."""
    mine = [row for row in channels.present(tx, ChannelKind.PHONE) if row.person == carrier.name]
    lines = [_line(tx, row) for row in mine]
    waiting = any(line.waiting for line in lines)
    return draw("phone.html", page, lines=lines, waiting=waiting)


@router.post("/phone/{phone_id}/test")
def test_phone(phone_id: str, carrier: Carrier, tx: WriteTx) -> Response:
    """Send it a test message."""
    row = own_phone(tx, phone_id, carrier)
    send_test(tx, row, carrier)
    return back_to(f"/phone#c{row.id}")


@router.post("/phone/{phone_id}/remove")
def remove_phone(phone_id: str, carrier: Carrier, tx: WriteTx) -> Response:
    """It is told nothing any more."""
    row = own_phone(tx, phone_id, carrier)
    channels.remove(tx, row.id or 0, carrier.name)
    return back_to("/phone")


def _serves(form: Mapping[str, list[str]]) -> Serves:
    step = form.get("from_step", ["raised"])[0]
    if step not in STEPS:
        raise Invalid("Choose from which step it is told.")
    try:
        roles = tuple(Role(value) for value in form.get("role", []))
        priorities = tuple(Priority(value) for value in form.get("priority", []))
    except ValueError:
        raise Invalid("Choose roles and priorities from the list.") from None
    zones = tuple(zone for zone in form.get("zone", []) if zone)
    return Serves(roles, zones, priorities, STEPS[step], form.get("names", [""])[0] == "yes")
