"""Why an alert was raised, and why a place was silent, from what was recorded."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from api.deps import ReadTx, Viewer, get_parts
from api.nouns import noun_router
from api.routes.alerts import find_alert
from nightwarden.errors import Conflict
from nightwarden.explaining.alerts import why_alert
from nightwarden.explaining.answers import WhyQuiet, as_json
from nightwarden.explaining.asked_time import asked_instant
from nightwarden.explaining.silence import why_quiet
from nightwarden.model.places import PlaceId
from nightwarden.store import alerts, meta
from nightwarden.store.engine import Transaction

router = noun_router("why")

Asked = Annotated[
    str | None,
    Query(
        max_length=60,
        description="03:12 for the last such minute by the home's clock, or RFC 3339; now if left "
        "out",
    ),
]


async def one_at_a_time(request: Request) -> AsyncIterator[None]:
    """A replay takes a processor for a while: one at a time, so that boards do not wait for it.

    Raises:
        Conflict: one is being answered already.
    """
    looking_back = get_parts(request).looking_back
    if looking_back.locked():
        raise Conflict("Another such question is being answered; ask again in a few seconds.")
    async with looking_back:
        yield


OneAtATime = Depends(one_at_a_time, scope="function")


@router.get("/alerts/{alert_id}/why")
def get_why_alert(alert_id: str, _viewer: Viewer, tx: ReadTx) -> dict[str, Any]:
    """Why an alert was raised, and what came of it.

    `words` are sentences, the most important first. `settings` have where each value came from,
    `readings` their part in it (`before`, `cause`, `until_raised`, `after`), `timers` what had to
    pass, `steps` the ladder since it last began, `deliveries` each attempt to hand it over.
    `from_journal` is false where the register as it is now stands in for that of the time.
    """
    alert = find_alert(tx, alert_id)
    return {"alert": alerts.as_json(tx, [alert])[0], **as_json(why_alert(tx, alert.id))}


@router.get("/places/{room}/{place}/why", dependencies=[OneAtATime])
def get_why_quiet(
    room: str, place: str, _viewer: Viewer, tx: ReadTx, at: Asked = None
) -> dict[str, Any]:
    """Why a place is silent, or was at a minute of the past.

    `words` are sentences, what explains most first. `states` says of each required thing whether it
    was `armed`, `paused`, `off_hours` or `blind`, `watches` what each rule had in mind and which
    timer ran, by a replay of the recording to that instant. `watching` is whether the monitor was,
    `listening` how many could sound an alert. `not_kept` says why there is no replay, where the
    record does not reach back so far.
    """
    return as_json(quiet_at(tx, room, place, at))  # type: ignore[no-any-return]


def quiet_at(tx: Transaction, room: str, place: str, at: str | None) -> WhyQuiet:
    """The answer for a place and a time as somebody wrote it."""
    zone = meta.zone(tx)
    return why_quiet(tx, PlaceId(room, place), asked_instant(at, tx.now, zone))
