"""Trying another dwell for one mat on the recorded nights, on demand, one at a time."""

from hashlib import blake2b
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.deps import Actor, ReadTx, get_parts
from api.dwell_trials import DWELLS_S, DwellResult, nights_before, result_of, with_dwell
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from nightwarden.errors import Invalid, NotFound
from nightwarden.model.places import MATS, EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import figures, meta, trials
from nightwarden.store.engine import Transaction

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Manager = Annotated[Actor, Depends(person_with(Right.MANAGE))]


class Trial:
    """One backtest to be run: its rules, its nights, and the name that its result is kept by."""

    def __init__(self, tx: Transaction, needs: EquipmentKind, dwell_s: int) -> None:
        self.text = with_dwell(load_rules(tx), needs, dwell_s)
        self.since, self.until = nights_before(tx.now, meta.zone(tx))
        said = f"{self.since.isoformat()} {self.until.isoformat()} {self.text}"
        self.key = blake2b(said.encode(), digest_size=16).hexdigest()
        self.what = f"a dwell of {dwell_s} s for each {needs.replace('_', ' ')}"


@router.get("/manager/trials/{room}/{place}/{needs}")
def show_trials(room: str, place: str, needs: str, page: ViewerPage, tx: ReadTx) -> Response:
    """What was tried of this mat so far, and what may be."""
    kind = _mat(needs)
    required = figures.required_mats(tx)
    mat = next((one for one in required if one[:3] == (room, place, needs)), None)
    if mat is None:
        raise NotFound(f"No {needs.replace('_', ' ')} is required at {room}/{place}.")
    results = list[DwellResult]()
    untried = []
    for dwell_s in DWELLS_S:
        report = trials.report_of(tx, Trial(tx, kind, dwell_s).key)
        if report is None:
            untried.append(dwell_s)
        else:
            results.append(result_of(report, room, place, kind, dwell_s))
    since, until = nights_before(page.now, page.zone)
    return draw(
        "trials.html",
        page,
        mat=mat,
        results=results,
        untried=untried,
        since=since,
        until=until,
    )


@router.post("/manager/trials/{room}/{place}/{needs}")
async def run_trial(  # noqa: PLR0913, PLR0917
    room: str, place: str, needs: str, form: Filled, actor: Manager, request: Request
) -> Response:
    """Run the backtest of one dwell; its result is kept until the next night is over."""
    kind, dwell = _mat(needs), field(form, "dwell", "which dwell")
    if dwell not in {str(seconds) for seconds in DWELLS_S}:
        raise Invalid(f"dwell: one of {', '.join(map(str, DWELLS_S))} seconds.")
    trial, known = await run_in_threadpool(_trial, request, kind, int(dwell))
    if not known:
        span = ["--from", trial.since.isoformat(), "--to", trial.until.isoformat()]
        arguments = ["backtest", "--rules", "-", *span]
        report = await get_parts(request).trials.run(arguments, trial.text.encode())
        await run_in_threadpool(_keep, request, trial, report, actor.name)
    return back_to("/manager/trials/" + "/".join(quote(p, safe="") for p in (room, place, needs)))


def _trial(request: Request, kind: EquipmentKind, dwell_s: int) -> tuple[Trial, bool]:
    """The trial, and whether its result is kept already."""
    parts = get_parts(request)
    with parts.store.reading(parts.clock()) as tx:
        trial = Trial(tx, kind, dwell_s)
        return trial, trials.report_of(tx, trial.key) is not None


def _keep(request: Request, trial: Trial, report: object, actor: str) -> None:
    parts = get_parts(request)
    with parts.store.transaction(parts.clock()) as tx:
        trials.keep(tx, trial.key, trial.what, (trial.since, trial.until), report, actor)


def _mat(needs: str) -> EquipmentKind:
    if needs not in MATS:
        raise NotFound("Only a mat has a dwell.")
    return EquipmentKind(needs)
