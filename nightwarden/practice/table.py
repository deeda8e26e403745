"""The table of the pack in ``docs/scenarios.md``: what each shows, and what it fails without."""

from collections.abc import Iterable

from nightwarden.practice.scenario import Scenario
from nightwarden.rulesfile.durations import duration_text

HEAD = "| id | what it shows | kind | lasts | fails without it |\n|---|---|---|---|---|\n"


def row(scenario: Scenario, *, fails_without: bool) -> str:
    """One line; ``fails_without``: played with its kind broken, it was not as expected."""
    kind = f"[`{scenario.kind}`](alarms.md#{scenario.kind})"
    proved = "yes" if fails_without else "NO"
    length = duration_text(scenario.lasts)
    return f"| {scenario.id} | {scenario.title} | {kind} | {length} | {proved} |\n"


def table(rows: Iterable[str]) -> str:
    """All of it."""
    return HEAD + "".join(rows)
