"""Phones that were enrolled for Web Push, each by the person who carries it."""

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import Field

from api.deps import Actor, Now, ReadTx, WriteTx, get_parts, requires
from api.nouns import noun_router
from api.routes.channels import channel_json, delivery_json, send_test
from api.routes.equipment_bodies import Body
from api.routes.notices import number_of
from nightwarden.elsewhere import phones
from nightwarden.elsewhere.phones import Subscription
from nightwarden.errors import NotFound, NotPermitted
from nightwarden.model.elsewhere import ChannelKind, Serves
from nightwarden.model.roles import Right
from nightwarden.store import channel_letters, channels
from nightwarden.store.channels import Address
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel

router = noun_router("phones")

Carrier = Annotated[Actor, Depends(requires(Right.ANSWER_ALERTS))]


class Keys(Body):
    """The browser's keys, base64url."""

    p256dh: Annotated[str, Field(max_length=200)]
    auth: Annotated[str, Field(max_length=100)]


class PhoneBody(Body):
    """A phone's name, and what its browser gave as its subscription."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    endpoint: Annotated[str, Field(max_length=2_000)]
    keys: Keys


class ShownBody(Body):
    """The token that came with the message."""

    token: Annotated[str, Field(max_length=100)]


@router.get("/phones/key")
def key(_carrier: Carrier, request: Request) -> dict[str, Any]:
    """The home's public key, which a browser needs to subscribe."""
    return {"key": phones.public_key(get_parts(request).store.folder)}


@router.post("/phones", status_code=201)
def enrol(body: PhoneBody, carrier: Carrier, tx: WriteTx) -> dict[str, Any]:
    """This phone is told what calls the role of the person who is signed in."""
    given = phones.checked(Subscription(body.endpoint, body.keys.p256dh, body.keys.auth))
    address = Address(given.packed(), given.service)
    serves = Serves((carrier.role,))
    return channel_json(channels.enrol_phone(tx, body.name, address, serves, carrier.name))


@router.get("/phones/{phone_id}")
def show(phone_id: str, carrier: Carrier, tx: ReadTx) -> dict[str, Any]:
    """A phone of one's own, and what became of its newest messages."""
    row = own_phone(tx, phone_id, carrier)
    newest = channel_letters.latest(tx, row.id or 0, 5)
    return {**channel_json(row), "deliveries": [delivery_json(letter) for letter in newest]}


@router.post("/phones/{phone_id}/test", status_code=202)
def test(phone_id: str, carrier: Carrier, tx: WriteTx) -> dict[str, Any]:
    """Send a test message to it."""
    return send_test(tx, own_phone(tx, phone_id, carrier), carrier)


@router.post("/phones/{phone_id}/remove")
def remove(phone_id: str, carrier: Carrier, tx: WriteTx) -> dict[str, Any]:
    """It is told nothing any more."""
    row = own_phone(tx, phone_id, carrier)
    channels.remove(tx, row.id or 0, carrier.name)
    return {"id": str(row.id)}


@router.post("/phones/shown/{letter_id}")
def shown(letter_id: str, body: ShownBody, request: Request, now: Now) -> dict[str, Any]:
    """A phone has shown a message. The token that came with it is the proof, not a sign-in."""
    number, store = number_of(letter_id, "message"), get_parts(request).store
    if not phones.proves(store.folder, number, body.token):  # before anything is locked
        raise NotFound("There is no such message.")
    with store.transaction(now) as tx:
        if not channel_letters.shown(tx, number):
            raise NotFound("There is no such message.")
    return {"shown": True}


def own_phone(tx: Transaction, phone_id: str, carrier: Actor) -> Channel:
    """A phone, if the person may act for it: its own, or any for whoever manages.

    Raises:
        NotFound: there is none.
        NotPermitted: it is somebody else's.
    """
    row = channels.find(tx, number_of(phone_id, "phone"))
    if row.kind != ChannelKind.PHONE:
        raise NotFound(f"There is no phone {phone_id}.")
    if row.person != carrier.name and not carrier.may(Right.MANAGE):
        raise NotPermitted(f"That phone is {row.person}'s; ask them or a manager.")
    return row
