"""What the numbers must agree on: two of them may each be fine and be nonsense together.

1. Within a rule, numbers that mark one scale stand in the order that the defaults stand in: what
   clears an alert is on the safe side of what raises it.
2. A bed exit is raised before *not back in bed* is.
3. A ladder is climbed upwards, and no ladder calls anybody sooner than that of a person does: a
   flat battery never wakes a manager before somebody on the floor does.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from nightwarden.model.alerts import Priority
from nightwarden.rulesfile.settings import (
    ESCALATION,
    RUNGS,
    Path,
    Values,
    all_settings,
    defaults,
    value_text,
)

_ONE_SCALE = (
    ("clear_c", "limit_c"),
    ("limit_c", "at_once_c"),
    ("urgent_percent", "warn_percent"),
    ("warn_percent", "changed_percent"),
)
_MAY_BE_EQUAL = {("limit_c", "at_once_c")}


class Disagreement(NamedTuple):
    """``paths``: the two that disagree; ``sentence`` says what would be right."""

    paths: tuple[Path, Path]
    sentence: str


def disagreements(values: Values) -> Iterator[Disagreement]:
    """Every two settings of ``values`` (all of them, defaults included) that disagree."""
    for low, high, may_be_equal in _orders():
        given: tuple[Any, Any] = values[low], values[high]
        if given[0] > given[1] or (given[0] == given[1] and not may_be_equal):
            below = "at most" if may_be_equal else "less than"
            yield Disagreement(
                (low, high),
                f"{'.'.join(low)} ({value_text(given[0])}) has to be {below} "
                f"{'.'.join(high)} ({value_text(given[1])})",
            )


def _orders() -> Iterator[tuple[Path, Path, bool]]:
    """Pairs of settings, the smaller first, and whether they may be equal."""
    known = all_settings()
    for rule in dict.fromkeys(path[0] for path in known):
        for pair in _ONE_SCALE:
            paths: list[Path] = [(rule, name) for name in pair]
            if all(path in known for path in paths):
                low, high = sorted(paths, key=_as_delivered)
                yield low, high, pair in _MAY_BE_EQUAL
    yield ("bed_exit", "dwell"), ("not_back_in_bed", "after"), False
    names = [name for name, _ in RUNGS.values()]
    for priority in Priority:
        for before, after in pairwise(names):
            yield (ESCALATION, priority, before), (ESCALATION, priority, after), False
        if priority is not Priority.HIGH:
            for name in names:
                yield (ESCALATION, Priority.HIGH, name), (ESCALATION, priority, name), True


def _as_delivered(path: Path) -> Any:
    return defaults()[path]
