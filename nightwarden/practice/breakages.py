"""Ways of breaking the program on purpose, to see which scenario notices.

Most scenarios are about a kind of alert, and are proved by a gateway that does not raise it
(``running_gateway.py``). What keeps a thing quiet, what a page shows and what a person may not do
need a break of their own: each here puts something useless in the place of one function or value
of the program, for as long as one scenario is played.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
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


def _tells_nobody(open_review: Callable[..., Any]) -> Callable[..., Any]:
    def opened(tx: Any, alert: Any, asked: Any, actor: str) -> Any:
        return open_review(tx, alert, replace(asked, to_tell=()), actor)

    return opened


def _without_entry_time(as_json: Callable[..., Any]) -> Callable[..., Any]:
    def told(*given: Any) -> dict[str, Any]:
        return {**as_json(*given), "recorded_at": None}

    return told


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
    "entry_time": Breakage(
        "when a check was written down is not told",
        "api.routes.checks:check_json",
        _without_entry_time,
    ),
    "fault_queue": Breakage(
        "the queue of open faults is empty", "api.routes.faults:queue", _always([])
    ),
    "findings": Breakage(
        "no finding from outside is listed",
        "nightwarden.store.outside_findings:still_open",
        _always([]),
    ),
    "heaters": Breakage(
        "nobody asks whose a heater is, or until when", "rules.paper_gaps:_heater", _always(())
    ),
    "night_plan": Breakage(
        "a resident without a night plan is no gap", "rules.paper_gaps:_no_night_plan", _always(())
    ),
    "notices_match": Breakage(
        "a notice matches no item", "nightwarden.store.notices:_concerned", _always(False)
    ),
    "notices_unread": Breakage(
        "nobody is asked to read a notice", "nightwarden.store.notices:unread", _always([])
    ),
    "pairings": Breakage(
        "a pad with another transmitter counts as tried",
        "rules.coverage:_by_pairing",
        _always(None),
    ),
    "plan_words": Breakage(
        "the plan's own words are left out of an alert",
        "rules.wording:todo",
        lambda _whole: lambda _own, standard: standard,
    ),
    "presence": Breakage(
        "a button in the room shows nobody's presence", "gateway.presence:attend", _always(0)
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
    "reviews": Breakage(
        "a fall is not compared with those before",
        "nightwarden.store.reviews:_similar",
        _always(None),
    ),
    "round_sheet": Breakage(
        "the sheet of paper names nobody", "api.pages.rounds:_of_places", _always([])
    ),
    "shift_presses": Breakage(
        "a press as the shift begins counts for nothing",
        "nightwarden.maintenance.presses:presses",
        _always([]),
    ),
    "short_pauses": Breakage(
        "a carer may pause a watch for as long as they like",
        "api.routes.places:SHORT_MINUTES",
        lambda _whole: 480,
    ),
    "sign_off": Breakage(
        "what measured too hot may be signed off", "nightwarden.store.upkeep:too_hot", _always(None)
    ),
    "stock": Breakage(
        "no line of the stock is counted", "api.routes.stock:stock_json", _always({"items": []})
    ),
    "whom_to_tell": Breakage(
        "nobody is named who must be told of a fall",
        "nightwarden.store.reviews:open_review",
        _tells_nobody,
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
