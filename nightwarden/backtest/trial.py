"""A backtest: what rules would have raised over a recorded stretch, beside what was raised then."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from nightwarden.backtest.comparison import (
    Comparison,
    Raised,
    compare,
    raised_again,
    really_raised,
)
from nightwarden.backtest.recording import Beginning, beginning
from nightwarden.backtest.replay import CLOSED_AFTER, OtherRules, Replay
from nightwarden.errors import Invalid
from nightwarden.model.alerts import AlertKind, AlertRecord, Cause
from nightwarden.rulesfile.in_force import RulesInForce, load_version
from nightwarden.rulesfile.reader import RulesFile
from nightwarden.rulesfile.settings import rulebook_of
from nightwarden.store import alerts, journal, meta, rule_files
from nightwarden.store.engine import Transaction
from rules.deadlines import NEVER

NOT_OF_THE_RULES = frozenset(
    {
        AlertKind.ESCALATION_STUCK,
        AlertKind.PRESS_TEST_MISSED,
        AlertKind.DRILL,
        AlertKind.CHANNEL_LOST,
    }
)
"""Raised beside the rules, by what no replay runs: they are no part of a comparison."""

NOT_APPLIED = -1
"""The version of rules that were never in force."""


@dataclass(frozen=True, slots=True)
class RulesChange:
    """Rules that came into force within the stretch."""

    at: datetime
    version: int
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it. Times are aware, UTC.

    ``rules``: the name of the other rules, None for those that were in force. ``recorded_from``:
    from when there is a recording, ``since`` or later. ``unwatched``: when nothing could be heard.
    """

    since: datetime
    until: datetime
    zone: ZoneInfo
    rules: str | None
    recorded_from: datetime
    comparison: Comparison
    unwatched: tuple[tuple[datetime, datetime], ...]
    changes: tuple[RulesChange, ...]
    closed_after: timedelta
    readings: int
    passed_over: int

    @property
    def really(self) -> list[Raised]:
        """What was raised then, in order."""
        ours = [pair[0] for pair in self.comparison.same]
        return sorted([*ours, *self.comparison.missed], key=lambda alert: alert.raised_at)

    @property
    def again(self) -> list[Raised]:
        """What these rules raise, in order."""
        theirs = [pair[1] for pair in self.comparison.same]
        return sorted([*theirs, *self.comparison.added], key=lambda alert: alert.raised_at)


def backtest(
    tx: Transaction, rules: RulesFile | None, since: datetime, until: datetime
) -> Backtest:
    """Run rules over what was recorded from ``since`` until ``until`` (aware, UTC).

    Args:
        tx: a reading transaction; it stays open for as long as this takes.
        rules: the other rules; None runs those that were in force.
        since: where to begin; without a recording as old, where the recording begins.
        until: where to end; where the engine had come by then, if it was off.

    Raises:
        Invalid: the times are in the wrong order, or nothing was recorded then.
    """
    asked, until = until, journal.reached_by(tx, min(until, tx.now))
    home = meta.home(tx)
    if home is None:
        raise Invalid("there is no home yet; `nightwarden apply FILE` makes one")
    if since >= asked or since >= tx.now:
        raise Invalid("--from must be before --to, and before now")
    begin = beginning(tx, since)
    if begin is None or begin.at >= until:
        when = "nothing yet" if begin is None else f"nothing before {begin.at:%Y-%m-%d %H:%M} UTC"
        raise Invalid(f"there is no recording of that time: the store has {when}")
    recorded_from = max(since, begin.at)
    really = _really(tx, begin, until)
    other = None
    if rules is not None:
        other = OtherRules(not_applied(rules), recorded_from, _open_until(really))
    replayed = Replay(tx, begin, rules_of(tx), other).run(until)
    ours = [really_raised(a) for a in really if a.id > begin.snapshot.last_alert]
    ours = [alert for alert in ours if alert.cause.kind not in NOT_OF_THE_RULES]
    theirs = [raised_again(alert) for alert in replayed.alerts]
    return Backtest(
        since=since,
        until=until,
        zone=ZoneInfo(home.timezone),
        rules=None if rules is None else rules.source,
        recorded_from=recorded_from,
        comparison=compare(ours, theirs, recorded_from),
        unwatched=tuple(_long_enough(replayed.unwatched, recorded_from)),
        changes=tuple(
            RulesChange(row.applied_at, row.version, row.applied_by, row.because)
            for row in rule_files.applied_between(tx, recorded_from, until)
        ),
        closed_after=CLOSED_AFTER,
        readings=replayed.readings,
        passed_over=replayed.passed_over,
    )


def not_applied(rules: RulesFile) -> RulesInForce:
    """A rules file as if it were in force."""
    return RulesInForce(
        version=NOT_APPLIED,
        book=rulebook_of(rules.sets),
        values=rules.values,
        sets=rules.sets,
        text=rules.text,
        because=rules.because or "",
    )


def rules_of(tx: Transaction) -> Callable[[int], RulesInForce]:
    """The rules of a version, each read once."""
    return cache(lambda version: load_version(tx, version))


def _really(tx: Transaction, begin: Beginning, until: datetime) -> list[AlertRecord]:
    """Every alert that was open where it begins or was raised later, in the order of raising."""
    snapshot = begin.snapshot
    standing = [alert.id for alert in snapshot.standing]
    found = alerts.raised_after(tx, snapshot.last_alert, standing)
    return [alert for alert in found if alert.raised_at <= until]


def _open_until(really: list[AlertRecord]) -> Callable[[Cause, datetime], datetime]:
    spans: dict[Cause, list[tuple[datetime, datetime]]] = defaultdict(list)
    for alert in really:
        spans[alert.cause].append((alert.raised_at, alert.closed_at or NEVER))

    def open_until(cause: Cause, at: datetime) -> datetime:
        closings = (closed for raised, closed in spans[cause] if raised <= at < closed)
        return next(closings, at)

    return open_until


def _long_enough(
    spans: list[tuple[datetime, datetime]], since: datetime
) -> list[tuple[datetime, datetime]]:
    """What nobody could hear for as long as a board takes to say so; overlaps are one."""
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if end - begin < meta.PROOF_HOLDS or end <= since:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
