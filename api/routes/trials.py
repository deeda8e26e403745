"""What other rules would have raised: a backtest, and rules that run in the shadow."""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from api.deps import ReadTx, WriteTx, get_parts
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from api.routes.rules import Given, Manager, Seer
from api.trials import Trials
from nightwarden.backtest.shadow import begin_shadow, promote_shadow, stop_shadow
from nightwarden.backtest.times import instant_of
from nightwarden.errors import Invalid, NotFound
from nightwarden.rulesfile.reader import RulesFile
from nightwarden.store import meta, shadows
from nightwarden.store import trials as kept
from nightwarden.store.tables import RulesShadow
from nightwarden.wire import rfc3339

router = noun_router("rules")

MOST_DAYS = 31
_YAML = {
    "requestBody": {
        "required": True,
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}


def trials(request: Request) -> Trials:
    """Where backtests run."""
    return get_parts(request).trials


Running = Annotated[Trials, Depends(trials)]


@router.post("/backtest", openapi_extra=_YAML)
async def post_backtest(
    given: Given,
    manager: Manager,
    running: Running,
    request: Request,
    since: Annotated[str, Query(alias="from")],
    until: Annotated[str, Query(alias="to")],
) -> Any:
    """What a rules file (the body) would have raised on recorded readings, at most 31 days.

    `from` and `to` are days, or times; without a zone they are the home's. Nothing is changed.
    """
    zone = await run_in_threadpool(_zone, request)
    begin, end = instant_of("from", since, zone), instant_of("to", until, zone, end=True)
    if end - begin > timedelta(days=MOST_DAYS, hours=1):  # one night may have 25 hours
        raise Invalid(f"from, to: at most {MOST_DAYS} days at once; the command line takes more.")
    span = ["--from", begin.isoformat(), "--to", end.isoformat()]
    report = await running.run(["backtest", "--rules", "-", *span], given.text.encode())
    await run_in_threadpool(_keep, request, given, (begin, end), report, manager.name)
    return report


@router.get("/backtests")
def list_backtests(_manager: Manager, tx: ReadTx, page: PageQuery) -> dict[str, Any]:
    """What was tried, newest first: here, and from the manager's page. Reports are apart."""
    after = page.after("backtests", int)
    rows = kept.page(tx, page.limit + 1, int(after[0]) if after else None)
    shown, cursor = page.cut("backtests", rows, lambda row: (row.id or 0,))
    return listed([kept.trial_json(row) for row in shown], cursor)


@router.get("/backtests/{trial_id}")
def get_backtest(trial_id: str, _manager: Manager, tx: ReadTx) -> dict[str, Any]:
    """One with its `report`, as it was given then but for the names and texts of people."""
    if not trial_id.isascii() or not trial_id.isdigit() or int(trial_id[:20]) > LARGEST_ID:
        raise NotFound(f"There is no backtest {trial_id[:20]}.")
    row = kept.find(tx, int(trial_id))
    return kept.trial_json(row) | {"report": row.report}


async def reported(_actor: Seer, running: Running, request: Request) -> Any:
    """What the rules in the shadow would have done differently so far."""
    await run_in_threadpool(_must_run, request)
    return await running.run(["rules", "shadow"])


Reported = Annotated[Any, Depends(reported)]


@router.get("/rules/shadow")
async def get_shadow(report: Reported) -> Any:
    """The rules that run in the shadow, and what would differ so far; 404 when none do."""
    return report


@router.post("/rules/shadow", openapi_extra=_YAML)
def post_shadow(given: Given, actor: Manager, tx: WriteTx) -> dict[str, Any]:
    """Let a rules file (the body) run in the shadow from now on; it raises nothing."""
    return _shadow_json(begin_shadow(tx, given, actor.name))


@router.delete("/rules/shadow")
def delete_shadow(actor: Manager, tx: WriteTx) -> dict[str, Any]:
    """End the shadow run; the rules in force stay as they are."""
    return _shadow_json(stop_shadow(tx, actor.name))


@router.post("/rules/shadow/promote")
def promote(actor: Manager, report: Reported, tx: WriteTx) -> dict[str, Any]:
    """Put the shadow's rules in force: a manager's step; the audit keeps the report's figures."""
    changes = promote_shadow(tx, report["id"], report["figures"], actor.name)
    return {"changes": changes, "figures": report["figures"]}


def _keep(
    request: Request,
    given: RulesFile,
    span: tuple[datetime, datetime],
    report: object,
    actor: str,
) -> None:
    parts = get_parts(request)
    said = f"{span[0].isoformat()} {span[1].isoformat()} {given.text}"
    key = blake2b(said.encode(), digest_size=16).hexdigest()
    with parts.store.transaction(parts.clock()) as tx:
        kept.keep(tx, key, given.because or "a rules file", span, report, actor)


def _shadow_json(shadow: RulesShadow) -> dict[str, Any]:
    return {
        "id": shadow.id,
        "because": shadow.because,
        "begun_by": shadow.begun_by,
        "begun_at": rfc3339(shadow.begun_at),
        "ended_by": shadow.ended_by,
        "ended_at": rfc3339(shadow.ended_at),
    }


def _zone(request: Request) -> str:
    parts = get_parts(request)
    with parts.store.reading(parts.clock()) as tx:
        home = meta.home(tx)
    return "UTC" if home is None else home.timezone


def _must_run(request: Request) -> None:
    parts = get_parts(request)
    with parts.store.reading(parts.clock()) as tx:
        shadows.present(tx)
