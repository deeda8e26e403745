"""Agency staff: codes that let one in for a shift, and who is here."""

from typing import Annotated, Any

from anyio import from_thread
from fastapi import Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from api.deps import Actor, ReadTx, WriteTx, get_parts, requires
from api.nouns import noun_router
from nightwarden.errors import Invalid
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import guests, meta
from nightwarden.store.engine import Transaction
from nightwarden.wire import rfc3339

router = noun_router("guests")

Senior = Annotated[Actor, Depends(requires(Right.LET_IN_GUESTS))]


class Stay(BaseModel):
    """Until which shift's end: one of the `stays` of `GET /guests`."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime


@router.get("/guests")
def list_guests(_senior: Senior, tx: ReadTx) -> dict[str, Any]:
    """The guests who are here, and the shifts (`stays`) for which one may be let in now."""
    here = [
        {"name": row.name, "role": row.role, "until": rfc3339(row.guest_until)}
        for row in guests.present_guests(tx)
    ]
    stays = [{"shift": stay.shift, "until": rfc3339(stay.ends_at)} for stay in stays_now(tx)]
    return {"items": here, "next_cursor": None, "stays": stays}


@router.post("/guests", status_code=201)
def give_code(wanted: Stay, senior: Senior, tx: WriteTx) -> dict[str, Any]:
    """A code that lets one guest in, once, within ten minutes; it is told this once."""
    ends = next((s.ends_at for s in stays_now(tx) if s.ends_at == wanted.until), None)
    if ends is None:
        raise Invalid("until: one of the stays of GET /guests; the shift before may have ended.")
    code = guests.give_code(tx, ends, senior.name)
    return {
        "code": code,
        "valid_until": rfc3339(tx.now + guests.CODE_LASTS),
        "until": rfc3339(ends),
    }


@router.post("/guests/{name}/end", status_code=204)
def end(name: str, senior: Senior, tx: WriteTx, request: Request) -> None:
    """A guest goes home before the shift ends."""
    guests.end(tx, name, senior.name)
    from_thread.run_sync(get_parts(request).hub.ask_again)


def stays_now(tx: Transaction) -> list[guests.Stay]:
    """The shifts for which a guest may be let in at ``tx.now``."""
    shifts = load_rules(tx).sections.telling.shifts
    return guests.stays([(shift.name, shift.hours) for shift in shifts], tx.now, meta.zone(tx))
