"""A scenario as it is played, a JSON object a line: for a page that shows it while it runs."""

import json
from collections.abc import Callable
from datetime import timedelta

from nightwarden.practice.pack import Stage
from nightwarden.practice.play import Record
from nightwarden.practice.scenario import Scenario, Sign
from nightwarden.practice.verdict import Verdict, judge
from nightwarden.rulesfile.durations import duration_text

SHOWN_WITHIN = timedelta(seconds=12)
FASTEST = 10_000.0


def speed_to_watch(scenario: Scenario) -> float:
    """So fast that somebody who watches is done in about 12 s."""
    return min(max(scenario.lasts / SHOWN_WITHIN, 1.0), FASTEST)


def play_as_lines(
    stage: Stage, scenario: Scenario, speed: float, out: Callable[[str], None]
) -> bool:
    """Play it, and write what happens and what stands so far; whether all was as expected.

    Each line has ``passed``, the time since the start; and ``happened``, a sentence, or ``rows``:
    each with ``state`` (met, waiting, missed), ``when``, ``expected``, ``at``, ``actual``. The
    last line has ``as_expected``.
    """

    def write(at: timedelta, **said: object) -> None:
        out(json.dumps({"passed": duration_text(at), **said}))

    def stands(at: timedelta, record: Record) -> None:
        write(at, rows=rows_at(scenario, judge(scenario, record), at))

    stands(timedelta(), Record())
    played = stage.play(
        scenario,
        speed=speed,
        tell=lambda at, line: write(at, happened=line.strip()),
        watch=stands,
    )
    rows = rows_at(scenario, played.verdict, scenario.lasts)
    write(scenario.lasts, rows=rows, as_expected=played.verdict.as_expected)
    return played.verdict.as_expected


def rows_at(scenario: Scenario, verdict: Verdict, at: timedelta) -> list[dict[str, str]]:
    """The table when so much time has passed: what may still come is waited for."""
    found = []
    for number, row in enumerate(verdict.rows):
        state = "met" if row.met else "missed"
        if number < len(scenario.expectations):
            one = scenario.expectations[number]
            to_come = not row.met or one.sign is Sign.QUIET
            if to_come and at < min(one.by, scenario.lasts):
                state = "waiting"
        found.append(
            {
                "state": state,
                "when": row.window,
                "expected": row.expected,
                "at": row.at,
                "actual": row.actual,
            }
        )
    return found
