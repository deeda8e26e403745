"""Channels that tell people elsewhere: what each serves, a test, what became of its messages."""

from typing import Annotated, Any

import orjson
from fastapi import Depends
from pydantic import Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import listed
from api.routes.equipment_bodies import Body
from api.routes.notices import number_of
from nightwarden.elsewhere import addresses
from nightwarden.model.alerts import Priority
from nightwarden.model.elsewhere import Serves, Step
from nightwarden.model.roles import Right, Role
from nightwarden.store import channel_letters, channels
from nightwarden.store.channels import Address
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel, Delivery
from nightwarden.wire import rfc3339

router = noun_router("channels")

Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]

STEPS = {step.name.lower(): step for step in Step}


class ServesBody(Body):
    """Whom and what it serves; no zone is every zone, and names stay in the house."""

    roles: Annotated[list[Role], Field(min_length=1)]
    zones: Annotated[list[str], Field(max_length=50, default_factory=list)]
    priorities: Annotated[list[Priority], Field(default_factory=lambda: list(Priority))]
    from_step: Annotated[str, Field(pattern="^(raised|everyone|senior|manager)$")] = "raised"
    names: bool = False

    def serves(self) -> Serves:
        """As the register has it."""
        return Serves(
            tuple(self.roles),
            tuple(self.zones),
            tuple(self.priorities),
            STEPS[self.from_step],
            self.names,
        )


class ChannelBody(ServesBody):
    """A new channel: its name, and its address as Apprise writes it, which is never shown again."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    address: Annotated[str, Field(min_length=1, max_length=addresses.LONGEST)]


class ChangeBody(ServesBody):
    """What it serves from now on; without an address the one that it has stays."""

    address: Annotated[str, Field(min_length=1, max_length=addresses.LONGEST)] | None = None


@router.get("/channels")
def list_channels(_manager: Manager, tx: ReadTx) -> dict[str, Any]:
    """Every channel and phone: what it serves, and whether its service takes what it is sent."""
    return listed([channel_json(row) for row in channels.present(tx)], None)


@router.post("/channels", status_code=201)
def add(body: ChannelBody, manager: Manager, tx: WriteTx) -> dict[str, Any]:
    """A new channel."""
    address = Address(body.address.strip(), addresses.service_of(body.address))
    return channel_json(channels.add(tx, body.name, address, body.serves(), manager.name))


@router.put("/channels/{channel_id}")
def change(channel_id: str, body: ChangeBody, manager: Manager, tx: WriteTx) -> dict[str, Any]:
    """What it serves from now on."""
    number = number_of(channel_id, "channel")
    address = None
    if body.address is not None:
        address = Address(body.address.strip(), addresses.service_of(body.address))
    return channel_json(channels.change(tx, number, body.serves(), address, manager.name))


@router.post("/channels/{channel_id}/remove")
def remove(channel_id: str, manager: Manager, tx: WriteTx) -> dict[str, Any]:
    """It is told nothing any more; its address is forgotten."""
    row = channels.remove(tx, number_of(channel_id, "channel"), manager.name)
    return {"id": str(row.id), "removed_at": rfc3339(row.removed_at)}


@router.post("/channels/{channel_id}/test", status_code=202)
def test(channel_id: str, manager: Manager, tx: WriteTx) -> dict[str, Any]:
    """Send a test message. Its result is among the channel's deliveries soon after."""
    return send_test(tx, channels.find(tx, number_of(channel_id, "channel")), manager)


@router.get("/channels/{channel_id}/deliveries")
def deliveries(channel_id: str, _manager: Manager, tx: ReadTx) -> dict[str, Any]:
    """The newest messages over a channel: attempts, taken by the service, shown by the phone."""
    row = channels.find(tx, number_of(channel_id, "channel"))
    found = channel_letters.latest(tx, row.id or 0)
    return listed([delivery_json(letter) for letter in found], None)


def send_test(tx: Transaction, row: Channel, actor: Actor) -> dict[str, Any]:
    """Write the test message, with the audit."""
    channels.note_test(tx, row, actor.name)
    return {"delivery": str(channel_letters.write_test(tx, row))}


def channel_json(row: Channel) -> dict[str, Any]:
    """A channel without its address."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "name": row.name,
        "service": row.service,
        "roles": row.roles,
        "zones": row.zones,
        "priorities": row.priorities,
        "from_step": Step(row.from_step).name.lower(),
        "names": row.names,
        "person": row.person,
        "set_by": row.set_by,
        "set_at": rfc3339(row.set_at),
        "taken_at": rfc3339(row.taken_at),
        "failing_since": rfc3339(row.failing_since),
        "failing_why": row.failing_why,
    }


def delivery_json(row: Delivery) -> dict[str, Any]:
    """A message and what became of it. ``taken_at`` is the service's word, not a person's."""
    ended = row.receipted_at is not None
    taken = ended and row.last_error is None
    return {
        "id": str(row.id),
        "alert": None if row.alert is None else str(row.alert),
        "said": orjson.loads(row.payload)["body"],
        "written_at": rfc3339(row.created_at),
        "attempts": row.attempts,
        "state": "taken" if taken else "not_taken" if ended else "waiting",
        "taken_at": rfc3339(row.receipted_at) if taken else None,
        "shown_at": rfc3339(row.shown_at),
        "why": row.last_error,
    }
