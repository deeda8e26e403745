"""The state of the rules at an instant: the very engine, as it was then, or as it is now.

1. For now it is made from the memories that the gateway has saved, as the gateway would make it.
2. For the past it goes through the recording from the newest snapshot before it
   (``nightwarden/backtest/``), through a day and a half of it at most. Where there is none so near,
   nobody knows any more, and ``why_not`` says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightwarden.backtest.recording import Beginning
from nightwarden.backtest.replay import Replay
from nightwarden.backtest.trial import rules_of
from nightwarden.explaining.answers import Quiet
from nightwarden.model.phrases import phrase
from nightwarden.model.places import PlaceId
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, intake, journal
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_plan
from rules.decisions import Decision, Raise
from rules.engine import Engine
from rules.repeats import with_repeats

FURTHEST = timedelta(hours=36)
"""A snapshot is kept each day; one that is older than this is too far away to go on from."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """An engine at an instant, or why there is none. ``quiet``: what it decided there lately
    that raised nothing."""

    engine: Engine | None
    quiet: list[Quiet]
    why_not: str | None = None


class _ReplayOfAPlace(Replay):
    """Keeps what was decided at one place since an instant and raised nothing."""

    def __init__(self, tx: Transaction, begin: Beginning, place: PlaceId, since: datetime) -> None:
        self.quiet: list[Quiet] = []
        self._place, self._since = place, since
        super().__init__(tx, begin, rules_of(tx))

    def _carry_out(self, decisions: Iterable[Decision], at: datetime) -> None:
        decisions = list(decisions)
        for one in decisions:
            told = any(isinstance(effect, Raise) for effect in one.effects)
            if one.place == self._place and at >= self._since and not told:
                self.quiet.append(Quiet(at, one.kind.value, one.reason.value))
        super()._carry_out(decisions, at)


def engine_now(tx: Transaction) -> Engine | None:
    """The rules as they stand at ``tx.now``, from what the gateway has saved; None without a home.

    What is a moment overdue, because the gateway has not looked yet, counts as done.
    """
    plan = load_plan(tx)
    if plan is None:
        return None
    memories = with_repeats(intake.load_memories(tx), intake.load_repeats(tx))
    return Engine(
        plan,
        memories,
        tx.now,
        open_causes=alerts.open_causes(tx),
        book=load_rules(tx).book,
    )


def engine_at(tx: Transaction, place: PlaceId, at: datetime, since: datetime) -> Recalled:
    """The rules as they stood at ``at``, with what was decided at ``place`` from ``since`` on."""
    line = journal.snapshot_before(tx, at)
    if line is None:
        first = journal.first_snapshot(tx)
        why = phrase("The record of what the rules knew is empty.")
        if first is not None:
            when = f"{first.at:%Y-%m-%d %H:%M}"
            why = phrase(f"The record of what the rules knew begins at {when} UTC.")
        return Recalled(None, [], why)
    if at - line.at > FURTHEST:
        when = f"{line.at:%Y-%m-%d %H:%M}"
        return Recalled(None, [], phrase(f"The rules' last snapshot before then is of {when} UTC."))
    begin = Beginning(line, journal.snapshot_of(tx, line.body))
    replay = _ReplayOfAPlace(tx, begin, place, since)
    replay.run(at)
    return Recalled(replay.engine, replay.quiet)
