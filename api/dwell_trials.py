"""Other dwells tried on the recorded nights: what a longer one would spare, and what it would cost.

A dwell spares alerts of somebody who is back at once, and makes every other one late by as long; an
exit that is over before the dwell is never raised. Both are shown, with what the missed ones were
closed with. Nothing is ever applied from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api.figures import KIND_OF
from nightwarden.backtest.comparison import NO_CARE
from nightwarden.model.places import EquipmentKind
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.rulesfile.writer import rules_text

DWELLS_S = (3, 5, 10)
NIGHTS = 7
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class DwellResult:
    """One dwell at one mat over the nights that were tried.

    ``missed`` were raised then and would not be, of them ``care`` led to care and ``falls`` were
    found on the floor. ``late``: raised by both, and how much later at most, in seconds.
    """

    dwell_s: int
    raised: int
    these: int
    missed: int
    care: int
    falls: int
    late: int
    latest_s: float
    recorded_from: str


def with_dwell(rules: RulesInForce, needs: EquipmentKind, dwell_s: int) -> str:
    """The rules in force as a file, with another dwell for this kind of mat."""
    section, lines, inside = f"{KIND_OF[needs].value}:", [], False
    for line in rules_text(rules).splitlines():
        inside = line == section if not line.startswith(" ") else inside
        dwell = inside and line.startswith("  dwell:")
        lines.append(f"  dwell: {dwell_s}s" if dwell else line)
    return "\n".join(lines) + "\n"


def nights_before(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From noon to noon of the home: the last :data:`NIGHTS` nights that are over (aware)."""
    here = now.astimezone(zone)
    last = here.date() if here.time() >= _NOON else here.date() - timedelta(days=1)
    until = datetime.combine(last, _NOON, zone)
    return until - timedelta(days=NIGHTS), until


def result_of(
    report: Mapping[str, Any], room: str, place: str, needs: EquipmentKind, dwell_s: int
) -> DwellResult:
    """What a backtest's report (``nightwarden backtest --json``) says of one mat."""
    where = {"room": room, "place": place, "kind": KIND_OF[needs].value}

    def own(name: str) -> Sequence[Mapping[str, Any]]:
        return [row for row in report[name] if all(row[key] == where[key] for key in where)]

    nights, missed, late = own("nights"), own("missed"), own("later")
    return DwellResult(
        dwell_s,
        sum(row["raised"] for row in nights),
        sum(row["these"] for row in nights),
        len(missed),
        sum(bool(row["outcome"]) and row["outcome"] not in NO_CARE for row in missed),
        sum(row["outcome"] == "found_on_floor" for row in missed),
        len(late),
        max((row["seconds"] for row in late), default=0.0),
        report["recorded_from"],
    )
