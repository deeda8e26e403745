"""Manual rounds on the pages: set, ticked, ended; and the sheet of paper for a night without us."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.gaps import gaps_now
from api.pages.asking import Filled, PageRoute, as_kept, field, person_with
from api.pages.drawing import back_to, draw, stated
from api.pages.surroundings import ViewerPage
from api.routes import rounds as walking
from nightwarden.errors import Invalid
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, WATCHES_A_PERSON, GapState, PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.roles import Right
from nightwarden.model.rounds import Seen
from nightwarden.store import meta, register, rounds
from nightwarden.store.plan import load_plan

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Setter = Annotated[Actor, Depends(person_with(Right.SET_ROUND))]
Looker = Annotated[Actor, Depends(person_with(Right.ANSWER_ALERTS))]

UNPROTECTED = phrase("nothing else protects this place")
ROUND_HOURS = (1, 2, 4, 8, 12)
SEEN_WORDS = {
    Seen.ASLEEP: phrase("Asleep"),
    Seen.AWAKE: phrase("Awake"),
    Seen.OUT: phrase("Up, and well"),
    Seen.BATHROOM: phrase("In the bathroom"),
    Seen.WITH_CARER: phrase("With a carer"),
    Seen.AWAY: phrase("Not in the house"),
}
BY_HAND = frozenset(
    {
        GapState.MISSING,
        GapState.FAULTY,
        GapState.NO_NIGHT_PLAN,
        GapState.NO_ESCALATION,
        GapState.PAST_END_DATE,
        GapState.WRONG_ROOM,
        GapState.UNVERIFIED,
    }
)
"""Gaps that eyes can stand in for until they are closed; a decision does not lift them off."""
BOXES = 16
"""Times across a sheet of A4 on its side."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One place on the paper."""

    place: PlaceId
    resident: str
    why: str


@router.post("/places/{room}/{place}/round")
def set_round(room: str, place: str, form: Filled, actor: Setter, tx: WriteTx) -> Response:
    """A round of this place from now on, for some hours."""
    every = _number(form, "every_minutes", phrase("how often"))
    hours = _number(form, "hours", phrase("for how many hours"))
    wanted = walking.RoundRequest.model_construct(
        every_minutes=every,
        until=tx.now + timedelta(hours=hours),
        reason=as_kept(field(form, "reason", "a reason"), UNPROTECTED),
    )
    walking.set_round(room, place, wanted, actor, tx)
    return back_to("/")


@router.post("/rounds/after-upset")
def after_upset(actor: Setter, tx: WriteTx) -> Response:
    """Every bed is looked at once."""
    walking.after_upset(walking.Upset(reason=phrase("after an upset")), actor, tx)
    return back_to("/")


@router.post("/rounds/{round_id}/ticks")
def tick(round_id: str, form: Filled, actor: Looker, tx: WriteTx) -> Response:
    """I have looked in."""
    said = field(form, "seen", "how you found them")
    if said not in {seen.value for seen in Seen}:
        raise Invalid("Please choose how you found them from the list.")
    wall = form.get("looked_at", "").strip()
    at = _looked_at(tx, wall) if wall else None
    given = walking.Tick(seen=Seen(said), note=form.get("note", "")[:500], at=at)
    walking.tick(round_id, given, actor, tx)
    return back_to("/")


@router.post("/rounds/{round_id}/end")
def end(round_id: str, actor: Setter, tx: WriteTx) -> Response:
    """The round is over."""
    walking.end(round_id, actor, tx)
    return back_to("/")


@router.get("/rounds/sheet")
def show_sheet(page: ViewerPage, tx: ReadTx, every: int = 15, beds: str = "all") -> Response:
    """A sheet to print: the rounds that are set, or every place at which somebody is watched."""
    every = 30 if every == 30 else 15
    plan = load_plan(tx)
    if beds == "gaps":
        lines = _of_gaps(tx)
    else:
        lines = _of_rounds(tx, plan) if beds == "rounds" else _of_places(plan)
    rank = {room.id: number for number, room in enumerate(register.rooms(tx))}
    lines.sort(key=lambda line: (rank.get(line.place.room, len(rank)), line.place.place))
    times = _times(page.now, timedelta(minutes=every))
    return draw("round_sheet.html", page, lines=lines, times=times, every=every, beds=beds)


def _of_places(plan: Plan | None) -> list[SheetLine]:
    if plan is None:
        return []
    required = {r.place: r for r in plan.requirements if r.needs in MATS}
    return [SheetLine(place, one.resident, f"{one.hours}") for place, one in required.items()]


def _of_gaps(tx: ReadTx) -> list[SheetLine]:
    """Whom to look in on because something there is not covered, once a place."""
    lines: dict[PlaceId, SheetLine] = {}
    for gap in gaps_now(tx):
        seen_to = gap.state is GapState.UNVERIFIED and gap.needs not in WATCHES_A_PERSON
        if gap.state in BY_HAND and not seen_to:
            words = stated(gap.needs, gap.state)
            lines.setdefault(gap.place, SheetLine(gap.place, gap.resident or "", words))
    return list(lines.values())


def _of_rounds(tx: ReadTx, plan: Plan | None) -> list[SheetLine]:
    residents = plan.residents if plan else {}
    return [
        SheetLine(PlaceId(row.room, row.place), residents.get(row.room, ""), row.reason)
        for row in rounds.running(tx)
    ]


def _times(now: datetime, every: timedelta) -> list[datetime]:
    """The next full quarters or half hours."""
    past = timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    first = now - past % every
    return [first + every * number for number in range(1, BOXES + 1)]


def _looked_at(tx: WriteTx, wall: str) -> datetime:
    """The last time that the home's clock said this, such as 02:15."""
    local = tx.now.astimezone(meta.zone(tx))
    try:
        said = time.fromisoformat(wall)
    except ValueError:
        raise Invalid(f'"{wall[:20]}" is not a time of the clock, such as 02:15.') from None
    looked = local.replace(hour=said.hour, minute=said.minute, second=0, microsecond=0)
    return looked if looked <= local else looked - timedelta(days=1)


def _number(form: Filled, name: str, asked: str) -> int:
    given = field(form, name, asked)
    if not given.isascii() or not given.isdigit():
        raise Invalid(f'"{given[:20]}" is not a whole number; please give {asked}.')
    return int(given[:4])
