"""The manager's figures as lists; as CSV with `format=csv`, like every list."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Query

from api import figures as working_out
from api.deps import Actor, ReadTx, requires
from api.nouns import noun_router
from api.paging import listed
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import figures, meta

router = noun_router("figures")

Reader = Annotated[Actor, Depends(requires(Right.REVIEW))]
Days = Annotated[int, Query(ge=1, le=400, description="how many days back from now")]


@router.get("/figures/waits")
def get_waits(_actor: Reader, tx: ReadTx, days: Days = 28) -> dict[str, Any]:
    """From raised to delivered, accepted and attended: by shift, zone and hour of the day.

    Median and 95th percentile in seconds. Alerts about kit and drills are left out; there are no
    figures by person.
    """
    rows = figures.answered(tx, tx.now - timedelta(days=days), tx.now)
    found = working_out.waits(rows, load_rules(tx).sections.telling, meta.zone(tx))
    return listed([_waits_json(group) for group in found], None)


@router.get("/figures/mats")
def get_mats(_actor: Reader, tx: ReadTx, days: Days = 28) -> dict[str, Any]:
    """The alarm budget: of each required mat its alerts, care, nuisance, and what to look at."""
    rows = figures.answered(tx, tx.now - timedelta(days=days), tx.now)
    found = working_out.mats(rows, figures.required_mats(tx), figures.nights_recorded(tx, days))
    return listed(
        [
            {
                "room": one.mat.room,
                "place": one.mat.place,
                "needs": one.mat.needs,
                "alerts": one.alerts,
                "per_night": round(one.per_night, 2),
                "care": one.care,
                "nuisance": one.nuisance,
                "nuisance_share": None if one.share is None else round(one.share, 3),
                "suggestion": one.suggestion or None,
            }
            for one in found
        ],
        None,
    )


@router.get("/figures/outages")
def get_outages(_actor: Reader, tx: ReadTx, days: Days = 28) -> dict[str, Any]:
    """For how many minutes of which days the monitor heard nothing."""
    since = tx.now - timedelta(days=days)
    found = working_out.outages(tx, since, tx.now, meta.zone(tx))
    return listed(
        [
            {
                "day": one.day,
                "minutes": round(one.minutes, 2),
                "stretches": one.stretches,
                "longest_s": round(one.longest.total_seconds(), 1),
            }
            for one in found
        ],
        None,
    )


def _waits_json(group: working_out.WaitsOf) -> dict[str, Any]:
    line: dict[str, Any] = {"by": group.by, "group": group.group, "alerts": group.alerts}
    return line | _steps(group.steps)


def _steps(steps: Sequence[working_out.Wait]) -> dict[str, Any]:
    line: dict[str, Any] = {}
    for wait in steps:
        line[f"{wait.step}_median_s"] = _seconds(wait.median)
        line[f"{wait.step}_p95_s"] = _seconds(wait.p95)
        line[f"never_{wait.step}"] = wait.never
    return line


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 1)
