"""The manager's morning: what is longest open, the figures, and the night drills."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api import drills as trend
from api import figures as working_out
from api.deps import Actor, ReadTx, WriteTx
from api.fault_queue import queue
from api.gaps import gaps_now
from api.outage import outage_now
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from nightwarden.errors import Invalid
from nightwarden.model.phrases import phrase
from nightwarden.model.plan import Gap
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import (
    drills,
    figures,
    notices,
    outside_findings,
    permits,
    register,
    removals,
    stock,
    supplies,
)
from nightwarden.store.outside_findings import days_open
from rules.drills import LASTS

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Manager = Annotated[Actor, Depends(person_with(Right.MANAGE))]

PERIODS = (7, 28, 91)
MOST_DRILLS = 200
MOST_MATS = 10
_AGES = (
    (phrase("up to a day"), 1),
    (phrase("up to a week"), 7),
    (phrase("up to a month"), 31),
    (phrase("up to three months"), 92),
)
OLDER, OLDEST_SHOWN = phrase("older"), 8


@router.get("/manager")
def show_manager(page: ViewerPage, tx: ReadTx) -> Response:
    """What waits for the manager: findings by age on top, then everything that is too late."""
    every = notices.standings(tx, notices.every(tx))
    found = gaps_now(tx)
    return draw(
        "manager.html",
        page,
        gap_ages=_ages(found, page),
        oldest=sorted(found, key=lambda gap: gap.since)[:OLDEST_SHOWN],
        findings=[(row, days_open(row, page.today)) for row in outside_findings.still_open(tx)],
        faults=[line for line in queue(tx) if line.red],
        removals=[each for each in removals.every(tx) if each.overdue(page.today)],
        permits=[each for each in permits.in_force(tx) if each.late],
        notices=[each for each in every if each.open],
        kinds=[each for each in stock.by_kind(tx) if each.below],
        models=stock.models_below(tx),
        supplies=[each for each in supplies.stock(tx) if each.below],
        heating=outage_now(tx, with_rooms=False),
    )


@router.get("/manager/figures")
def show_figures(page: ViewerPage, tx: ReadTx, days: str = "28") -> Response:
    """How long people waited, which mats cry, and when the monitor was off."""
    if days not in {str(period) for period in PERIODS}:
        raise Invalid(f"days: one of {', '.join(map(str, PERIODS))}.")
    since, length = page.now - timedelta(days=int(days)), int(days)
    rows = figures.answered(tx, since, page.now)
    required = figures.required_mats(tx)
    nights = figures.nights_recorded(tx, length)
    mats = working_out.mats(rows, required, nights)
    return draw(
        "figures.html",
        page,
        days=length,
        periods=PERIODS,
        waits=working_out.waits(rows, load_rules(tx).sections.telling, page.zone),
        mats=[one for one in mats if one.alerts][:MOST_MATS],
        per_bed=sum(one.alerts for one in mats) / nights / max(len(required), 1),
        required=len(required),
        nights=nights,
        outages=working_out.outages(tx, since, page.now, page.zone),
        enough=working_out.ENOUGH,
    )


@router.get("/manager/drills")
def show_drills(page: ViewerPage, tx: ReadTx) -> Response:
    """The drill that goes on, those before it, and the trend by week."""
    found = drills.stories(tx, MOST_DRILLS)
    return draw(
        "drills.html",
        page,
        running=next((one for one in found if one.drill.ended_at is None), None),
        before=[one for one in found if one.drill.ended_at is not None][:30],
        weeks=trend.weeks(found, page.zone),
        rooms=[room.id for room in register.rooms(tx)],
        minutes=int(LASTS / timedelta(minutes=1)),
    )


@router.post("/manager/drills")
def ask_for_drill(form: Filled, actor: Manager, tx: WriteTx) -> Response:
    """A drill, now."""
    drills.ask(tx, field(form, "room", "in which room"), LASTS, actor.name)
    return back_to("/manager/drills")


def _ages(found: list[Gap], page: ViewerPage) -> list[tuple[str, int]]:
    """How many gaps are how old, the youngest first."""
    counted = Counter(
        next((word for word, days in _AGES if page.now - gap.since <= timedelta(days=days)), OLDER)
        for gap in found
    )
    return [(word, counted[word]) for word in (*(word for word, _ in _AGES), OLDER)]
