"""What speaks, when it last spoke and last proved itself; and what could not be read, and why."""

import base64
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.deps import Actor, ReadTx, requires
from api.paging import PageQuery, listed
from nightwarden.model.plan import Liveness
from nightwarden.model.roles import Right
from nightwarden.store import listings
from nightwarden.store.listings import DeviceLine
from nightwarden.store.plan import load_liveness
from nightwarden.store.tables import Quarantine
from nightwarden.wire import rfc3339

router = APIRouter(tags=["devices"])

Seer = Annotated[Actor, Depends(requires(Right.SEE))]


@router.get("/devices")
def list_devices(_actor: Seer, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """Bound devices, heard or not, and heard ones, bound or not; by dialect and address."""
    liveness = load_liveness(tx)
    shown, cursor = page.cut_computed(
        "devices", listings.devices(tx), lambda line: (*line.device,), str, str
    )
    items = [device_json(line, liveness.get(line.device, Liveness()), tx.now) for line in shown]
    return listed(items, cursor)


def speaks(line: DeviceLine, known: Liveness, now: datetime) -> bool:
    """Whether the device has spoken within its supervision interval and not said goodbye."""
    return known.online and _within(known.heard_at, line.supervision_s, now)


def device_json(line: DeviceLine, known: Liveness, now: datetime) -> dict[str, Any]:
    """A device; `live` is null for one that is bound to nothing, since nothing is asked of it."""
    live = speaks(line, known, now) and _within(known.changed_at, line.proof_s, now)
    return {
        "device": str(line.device),
        "dialect": line.device.dialect,
        "address": line.device.address,
        "equipment": line.equipment,
        "kind": line.kind,
        "room": line.room,
        "place": line.place,
        "online": known.online,
        "heard_at": rfc3339(known.heard_at),
        "proved_at": rfc3339(known.changed_at),
        "live": None if line.equipment is None else live,
        "supervision_s": line.supervision_s,
        "proof_s": line.proof_s,
        "bound_at": rfc3339(line.bound_at),
        "duplicates": line.duplicates,
    }


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
