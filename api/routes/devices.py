"""What speaks, when it last spoke and last proved itself; and what could not be read, and why."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.nouns import noun_router
from api.paging import PageQuery, listed
from api.routes.equipment import item_json, place_of
from nightwarden import binding
from nightwarden.model.places import EquipmentKind, Mount
from nightwarden.model.plan import Liveness
from nightwarden.model.roles import Right
from nightwarden.store import listings, outputs
from nightwarden.store.binding import likely_kinds
from nightwarden.store.heard import Heard, unbound_devices
from nightwarden.store.listings import DeviceLine
from nightwarden.store.outputs import Told
from nightwarden.store.plan import load_liveness
from nightwarden.store.tables import Quarantine
from nightwarden.wire import rfc3339

router = noun_router("devices")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Keeper = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class NewBinding(BaseModel):
    """A device that was heard, and the item that it is to speak for.

    For an item that is in the register already `equipment` is enough; for a new one `kind` and `at`
    are. What is left out is as proposed.
    """

    model_config = ConfigDict(extra="forbid")

    device: Annotated[Text, Field(description="DIALECT:ADDRESS, or DIALECT:ADDRESS#CHANNEL")]
    equipment: Text | None = None
    kind: EquipmentKind | None = None
    mount: Mount | None = None
    at: Annotated[Text | None, Field(description="ROOM/PLACE")] = None
    reads: Annotated[dict[Text, Text] | None, Field(max_length=2)] = None
    inverted: bool = False
    supervision_s: int | None = None
    proof_s: int | None = None


@router.get("/devices")
def list_devices(
    _actor: Seer, tx: ReadTx, page: PageQuery, bound: bool | None = None
) -> dict[str, Any]:
    """Bound devices, heard or not, and heard ones, bound or not; by dialect and address."""
    liveness = load_liveness(tx)
    unbound = {heard.device: heard for heard in unbound_devices(tx)}
    lines = {line.device: line for line in listings.devices(tx)}
    for device, heard in unbound.items():
        before = lines.get(device, DeviceLine(device))
        lines[device] = replace(before, heard_at=heard.last_at)
    wanted = [
        line
        for _, line in sorted(lines.items())
        if bound is None or bound is (line.equipment is not None)
    ]
    shown, cursor = page.cut_computed("devices", wanted, lambda line: (*line.device,), str, str)
    told = outputs.told(tx)
    items = [
        device_json(line, liveness.get(line.device, Liveness()), tx.now)
        | _heard_json(unbound.get(line.device))
        | {"told": _told_json(told.get(line.device))}
        for line in shown
    ]
    return listed(items, cursor)


@router.post("/devices/bindings", status_code=201)
def bind_device(new: NewBinding, actor: Keeper, tx: WriteTx) -> dict[str, Any]:
    """Bind a device that was heard to an item; unverified until it has shown a real change."""
    asked = binding.Asked(
        device=new.device,
        tag=new.equipment,
        kind=new.kind,
        mount=new.mount,
        place=place_of(new.at),
        reads=new.reads,
        inverted=new.inverted,
        supervision_s=new.supervision_s,
        proof_s=new.proof_s,
    )
    item = binding.bind(tx, asked, actor.name)
    return item_json(item) | {"next_step": f"{binding.how_to_prove(item.kind)}."}


def speaks(line: DeviceLine, known: Liveness, now: datetime) -> bool:
    """Whether the device has spoken within its supervision interval and not said goodbye."""
    return known.online and _within(known.heard_at, line.supervision_s, now)


def device_json(line: DeviceLine, known: Liveness, now: datetime) -> dict[str, Any]:
    """A device; `live` is null for one that is bound to nothing, since nothing is asked of it."""
    live = speaks(line, known, now) and _within(known.changed_at, line.proof_s, now)
    return {
        "device": str(line.device),
        "dialect": line.device.dialect,
        "address": line.device.whole.address,
        "channel": line.device.channel,
        "equipment": line.equipment,
        "kind": line.kind,
        "room": line.room,
        "place": line.place,
        "online": known.online,
        "heard_at": rfc3339(line.heard_at),
        "proved_at": rfc3339(known.changed_at),
        "live": None if line.equipment is None else live,
        "supervision_s": line.supervision_s,
        "proof_s": line.proof_s,
        "bound_at": rfc3339(line.bound_at),
        "duplicates": line.duplicates,
    }


def _heard_json(heard: Heard | None) -> dict[str, Any]:
    """What an unbound device says and how often, and how it would be bound; nothing of others."""
    if heard is None:
        return {"says": None, "pace": None, "proposed": None}
    supervision = binding.supervision(heard)
    said = sorted(heard.said.items())
    kinds = likely_kinds(frozenset(heard.said))
    return {
        "says": {q.value: {"value": v, "measured_at": rfc3339(at)} for q, (v, at) in said},
        "pace": {
            "first_heard_at": rfc3339(heard.first_at),
            "messages": heard.pace.messages,
            "typical_s": heard.pace.typical_s,
            "longest_s": heard.pace.longest_s,
        },
        "proposed": {
            "kinds": [kind.value for kind in kinds],
            "supervision_s": supervision.seconds,
            "why": supervision.why,
        },
    }


def _told_json(told: Told | None) -> dict[str, Any] | None:
    """What a sounder or light was last told, and since when it is so; None for other devices."""
    return None if told is None else {"on": told.on, "since": rfc3339(told.since)}


@router.get("/quarantine")
def list_quarantine(_actor: Seer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Messages, and parts of messages, that were not believed, latest first."""
    after = page.after("quarantine", int)
    rows = listings.quarantine(tx, page.limit + 1, int(after[0]) if after else None)
    shown, cursor = page.cut("quarantine", rows, lambda row: (row.id or 0,))
    return listed([quarantine_json(row) for row in shown], cursor)


def quarantine_json(row: Quarantine) -> dict[str, Any]:
    """`payload` is for reading, `payload_base64` is what came, cut at 4 KiB; `size` is whole."""
    return {
        "id": str(row.id),
        "received_at": rfc3339(row.received_at),
        "last_at": rfc3339(row.last_at),
        "times": row.times,
        "topic": row.topic,
        "reason": row.reason,
        "dialect": row.dialect,
        "address": row.address,
        "size": row.size,
        "payload": row.payload.decode("utf-8", "replace"),
        "payload_base64": base64.b64encode(row.payload).decode(),
    }


def _within(at: datetime | None, seconds: int | None, now: datetime) -> bool:
    return at is not None and seconds is not None and now - at <= timedelta(seconds=seconds)
