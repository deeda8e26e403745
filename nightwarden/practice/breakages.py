"""Ways of breaking the program on purpose, to see which scenario notices.

Most scenarios are about a kind of alert, and are proved by a gateway that does not raise it
(``running_gateway.py``). What keeps a thing quiet, what a page shows and what a person may not do
need a break of their own: each here puts something useless in the place of one function or value
of the program, for as long as one scenario is played.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gateway.messages import RawMessage
from rules.hearing import Standing
from rules.surfaces import Reach


@dataclass(frozen=True, slots=True)
class Breakage:
    """``where`` is ``module:name`` or ``module:Class.name``; ``spoil`` makes of what stands there
    what shall stand there instead."""

    words: str
    where: str
    spoil: Callable[[Any], Any]


def _always(value: Any) -> Callable[[Any], Any]:
    """A function that gives this, whatever it is asked."""
    return lambda _whole: lambda *_args, **_named: value


def _as_if_fresh(take: Callable[..., Any]) -> Callable[..., Any]:
    def taken(self: Any, tx: Any, messages: Sequence[RawMessage]) -> Any:
        return take(self, tx, [message._replace(retain=False) for message in messages])

    return taken


BREAKAGES: Mapping[str, Breakage] = {
    "after_upset": Breakage(
        "no bed is named when every bed is to be looked at",
        "api.routes.rounds:watched_places",
        _always([]),
    ),
    "believing": Breakage(
        "what comes late, comes again or cannot be is taken for news",
        "rules.liveness:DeviceWatch.weigh",
        _always((Standing.BELIEVED, "")),
    ),
    "covers": Breakage(
        "a cover that was confirmed counts for nothing",
        "rules.watch_set:WatchSet._reach",
        _always(Reach.OPEN),
    ),
    "rearm": Breakage(
        "a mat's time to be ready again is not known",
        "rules.watching:ready_again_at",
        _always(None),
    ),
    "retained": Breakage(
        "what the broker repeats counts as just said",
        "gateway.intake:Intake.take",
        _as_if_fresh,
    ),
    "round_sheet": Breakage(
        "the sheet of paper names nobody", "api.pages.rounds:_of_places", _always([])
    ),
}
"""By the name that a scenario gives under ``broken``."""


@contextmanager
def broken(name: str | None) -> Iterator[None]:
    """The program with this breakage in it; None: whole."""
    if name is None:
        yield
        return
    breakage = BREAKAGES[name]
    module, _, path = breakage.where.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, last = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    whole = owner.__dict__[last]
    setattr(owner, last, breakage.spoil(whole))
    try:
        yield
    finally:
        setattr(owner, last, whole)
