"""A resident's data: all of it as one file, and the erasure of the name of one who has left."""

import io
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from api.deps import Actor, Now, ReadTx, WriteTx, get_parts, requires
from api.nouns import noun_router
from api.routes.bodies import Body, Text
from nightwarden.errors import Conflict
from nightwarden.model.roles import Right
from nightwarden.personal import erasing
from nightwarden.personal.erasing import Found
from nightwarden.personal.taking_out import write_resident
from nightwarden.store import retention
from nightwarden.store.engine import Store, Transaction
from nightwarden.wire import rfc3339

router = noun_router("personal data")

Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]

LARGEST_SCRUBBED = 64 << 20
"""A store of this size is written anew in under a second, for which the gateway can wait."""


class DaysBody(Body):
    """For how many days, and why."""

    days: Annotated[int, Field(ge=1, le=100_000)]
    because: Text


class ErasureBody(Body):
    """Why, and further names of theirs to look for. `dry_run`: show what it would replace."""

    because: Text
    also: Annotated[list[Text], Field(max_length=20)] = Field(default_factory=list)
    dry_run: bool = False


@router.get("/personal/former")
def list_former(_actor: Manager, tx: ReadTx) -> dict[str, Any]:
    """Who has left and still has a name here, who left first on top."""
    rows = erasing.former(tx)
    keep = retention.kept(tx)["former_residents"]
    items = [
        {
            "id": row.id,
            "shown_as": row.shown_as,
            "left_at": rfc3339(row.removed_at),
            "erase_due": row.removed_at is not None and row.removed_at + keep <= tx.now,
        }
        for row in rows
    ]
    return {"items": items, "next_cursor": None}


@router.get("/personal/retention")
def get_retention(_actor: Manager, tx: ReadTx) -> dict[str, Any]:
    """For how long each class of data is kept, who said so and why; and what is kept for ever."""
    return {"items": retention_json(tx), "for_ever": retention.FOR_EVER}


@router.put("/personal/retention/{name}")
def set_retention(name: str, wanted: DaysBody, actor: Manager, tx: WriteTx) -> dict[str, Any]:
    """Say for how many days a class of data is kept. What is older goes within minutes."""
    retention.set_days(tx, name, wanted.days, wanted.because, actor.name)
    return {"items": retention_json(tx), "for_ever": retention.FOR_EVER}


@router.get("/residents/{resident}/export")
def export_resident(resident: str, _actor: Manager, tx: ReadTx, request: Request) -> Response:
    """Everything that names or concerns one resident, who lives here or has left: a ZIP of CSV,
    JSON and the photos of their items."""
    return resident_file(tx, request, resident)


@router.post("/residents/{resident}/erase")
async def erase_resident(
    resident: str, wanted: ErasureBody, actor: Manager, request: Request, now: Now
) -> dict[str, Any]:
    """Erase the name of somebody who has left; the record keeps its facts under a pseudonym.

    `replaced` counts by table, `shown` has the texts as they are then, `left` what is not touched
    and a person should look at. `scrubbed` false: the file of the store still has remains of it
    between its rows; `nightwarden personal scrub` writes it anew.
    """
    also = tuple(wanted.also)
    if wanted.dry_run:
        found = await run_in_threadpool(_look, get_parts(request).store, now, resident, also)
        return found_json(found, erased=False, scrubbed=False)
    found, scrubbed = await erase_now(request, now, resident, (wanted.because, also, actor.name))
    return found_json(found, erased=True, scrubbed=scrubbed)


async def erase_now(
    request: Request, now: Any, resident: str, told: tuple[str, tuple[str, ...], str]
) -> tuple[Found, bool]:
    """Erase, ring the others, and write the store anew where that is quickly done."""
    parts = get_parts(request)
    because, also, actor = told

    def work() -> tuple[Found, bool]:
        with parts.store.transaction(now) as tx:
            found = erasing.erase(tx, resident, because, actor, also)
        return found, scrub(parts.store)

    async with parts.writing:
        done = await run_in_threadpool(work)
    parts.hub.ring()
    if parts.bell is not None:
        parts.bell.ring_gateway()
    return done


def scrub(store: Store) -> bool:
    """Write the store anew, if it is small enough for that now; whether it was."""
    file = store.folder / "nightwarden.db"
    if not file.is_file() or file.stat().st_size > LARGEST_SCRUBBED:
        return False
    try:
        store.scrub()
    except Conflict:
        return False
    return True


def resident_file(tx: Transaction, request: Request, ident: str) -> Response:
    """The ZIP as a download."""
    out = io.BytesIO()
    write_resident(tx, get_parts(request).store.folder, ident, out)
    name = "".join(sign for sign in ident if sign.isascii() and (sign.isalnum() or sign in "-_"))
    headers = {"Content-Disposition": f'attachment; filename="resident-{name}.zip"'}
    return Response(out.getvalue(), media_type="application/zip", headers=headers)


def retention_json(tx: Transaction) -> list[dict[str, Any]]:
    """Each class with what holds for it now."""
    given = retention.rows(tx)
    return [
        {
            "name": rule.name,
            "what": rule.what,
            "days": given[rule.name].days if rule.name in given else rule.usual,
            "usual": rule.usual,
            "least": rule.least,
            "most": rule.most,
            "goes_by_itself": rule.acts,
            "because": given[rule.name].because if rule.name in given else None,
            "set_by": given[rule.name].set_by if rule.name in given else None,
            "since": rfc3339(given[rule.name].since) if rule.name in given else None,
        }
        for rule in retention.RULES.values()
    ]


def found_json(found: Found, *, erased: bool, scrubbed: bool) -> dict[str, Any]:
    """What an erasure replaces and leaves."""
    return {
        "erased": erased,
        "pseudonym": found.pseudonym,
        "names": list(found.words),
        "shared": found.shared,
        "replaced": dict(found.replaced),
        "shown": [{"where": where, "text": text} for where, text in found.shown],
        "left": found.left,
        "scrubbed": scrubbed,
    }


def _look(store: Store, now: Any, resident: str, also: tuple[str, ...]) -> Found:
    with store.reading(now) as tx:
        return erasing.look(tx, resident, also)
