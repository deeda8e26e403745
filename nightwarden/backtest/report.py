"""A backtest in words: what changes, by kind, place and night, and each alert that differs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from nightwarden.backtest.comparison import Raised
from nightwarden.backtest.nights import night_of, nights_between
from nightwarden.backtest.picture import terminal_picture
from nightwarden.backtest.shadow import ShadowReport
from nightwarden.backtest.trial import Backtest
from nightwarden.wire import rfc3339


def report_lines(test: Backtest) -> list[str]:
    """The report for a terminal."""
    return [
        *_heading(test),
        "",
        *_kinds(test),
        "",
        *_places(test),
        "",
        *_care(test),
        *_differing(test, "Missed: raised then, and not by these rules", "-", missed=True),
        *_differing(test, "Added: raised by these rules alone", "+", missed=False),
        "",
        *terminal_picture(test),
    ]


def report_json(test: Backtest) -> dict[str, Any]:
    """The report as JSON. Times RFC 3339, UTC; ``nights`` by the date of their evening."""
    found = test.comparison
    return {
        "since": rfc3339(test.since),
        "until": rfc3339(test.until),
        "recorded_from": rfc3339(test.recorded_from),
        "rules": test.rules,
        "readings": test.readings,
        "assumption": _assumption(test),
        "not_watching": [
            {"since": rfc3339(since), "until": rfc3339(until)} for since, until in test.unwatched
        ],
        "rules_changes": [
            {"at": rfc3339(c.at), "version": c.version, "by": c.by, "because": c.because}
            for c in test.changes
        ],
        "kinds": [
            {"kind": kind, "raised": ours, "these": theirs, "missed": missed, "added": added}
            for kind, ours, theirs, missed, added in _counts(test)
        ],
        "nights": list(_nights(test)),
        "outcomes": dict(Counter(a.outcome or "open" for a in test.really)),
        "same": len(found.same),
        "later": list(_later(test)),
        "missed": [_alert_json(alert) for alert in found.missed],
        "added": [_alert_json(alert) for alert in found.added],
    }


def shadow_json(report: ShadowReport) -> dict[str, Any]:
    """The report of a shadow as JSON; ``report`` is null while nothing was recorded since."""
    begun = report.shadow
    return {
        "id": report.number,
        "begun_at": rfc3339(begun.begun_at),
        "begun_by": begun.begun_by,
        "because": begun.because,
        "text": begun.text,
        "figures": report.figures,
        "report": None if report.found is None else report_json(report.found),
    }


def _heading(test: Backtest) -> Iterator[str]:
    rules = test.rules or "the rules in force then"
    span = f"{_local(test, test.since)} to {_local(test, test.until)}"
    yield f"Backtest of {rules} over {span} ({test.zone.key}); {test.readings} readings"
    if test.recorded_from > test.since:
        yield f"  Recorded only from {_local(test, test.recorded_from)} on; before it, nothing."
    for since, until in test.unwatched:
        yield f"  NOT WATCHING from {_local(test, since)} to {_local(test, until)}."
    for change in test.changes:
        yield (
            f"  Rules version {change.version} came into force on {_local(test, change.at)} "
            f"({change.by}: {change.because})."
        )
    if assumption := _assumption(test):
        yield f"  {assumption}"


def _assumption(test: Backtest) -> str | None:
    if test.rules is None:
        return None
    minutes = int(test.closed_after.total_seconds() // 60)
    return (
        "People answered what was really raised; an alert that only these rules raise counts as "
        f"closed {minutes} minutes after its cause has cleared."
    )


def _kinds(test: Backtest) -> Iterator[str]:
    yield f"{'Alerts':24}{'raised':>8}{'these rules':>13}{'missed':>8}{'added':>8}"
    rows = list(_counts(test))
    for kind, ours, theirs, missed, added in rows:
        yield f"  {kind:22}{ours:>8}{theirs:>13}{missed:>8}{added:>8}"
    sums = [sum(row[column] for row in rows) for column in range(1, 5)]  # type: ignore[misc]
    yield f"  {'all':22}{sums[0]:>8}{sums[1]:>13}{sums[2]:>8}{sums[3]:>8}"


def _counts(test: Backtest) -> Iterator[tuple[str, int, int, int, int]]:
    found = test.comparison
    sides = [
        Counter(alert.cause.kind for alert in alerts)
        for alerts in (test.really, test.again, found.missed, found.added)
    ]
    for kind in sorted({kind for side in sides for kind in side}):
        yield (str(kind), sides[0][kind], sides[1][kind], sides[2][kind], sides[3][kind])


def _places(test: Backtest) -> Iterator[str]:
    """Alerts a night, by place and kind."""
    nights = max(len(list(nights_between(test.recorded_from, test.until, test.zone))), 1)
    ours, theirs = (Counter(map(_where, alerts)) for alerts in (test.really, test.again))
    yield f"Alerts a night, over {nights} night{'s' if nights != 1 else ''}"
    for room, place, resident, kind in sorted(ours.keys() | theirs.keys()):
        before, after = ours[room, place, resident, kind], theirs[room, place, resident, kind]
        who = f"Room {room} {place}" + (f" · {resident}" if resident else "")
        yield f"  {who:38} {kind:22}{before / nights:>7.1f} -> {after / nights:.1f}"


def _where(alert: Raised) -> tuple[str, str, str, str]:
    kind, place, _ = alert.cause
    return (*place, alert.resident or "", str(kind))


def _nights(test: Backtest) -> Iterator[dict[str, Any]]:
    sides = {
        "raised": test.really,
        "these": test.again,
        "missed": test.comparison.missed,
        "added": test.comparison.added,
    }
    counted: dict[str, Counter[tuple[str, tuple[str, str, str, str]]]] = {
        side: Counter((night_of(a.raised_at, test.zone).isoformat(), _where(a)) for a in alerts)
        for side, alerts in sides.items()
    }
    for key in sorted({key for side in counted.values() for key in side}):
        night, (room, place, resident, kind) = key
        yield {
            "night": night,
            "room": room,
            "place": place,
            "resident": resident or None,
            "kind": kind,
            **{side: count[key] for side, count in counted.items()},
        }


def _later(test: Backtest) -> Iterator[dict[str, Any]]:
    """What both raise and these rules raise later, by how many seconds."""
    for ours, theirs in test.comparison.same:
        seconds = (theirs.raised_at - ours.raised_at).total_seconds()
        if seconds > 0:
            yield {**_alert_json(ours), "seconds": round(seconds, 3)}


def _care(test: Backtest) -> Iterator[str]:
    yield from _outcomes("Of what was raised", test.really)
    if test.comparison.missed:
        yield from _outcomes("Of what these rules miss", test.comparison.missed)


def _outcomes(words: str, alerts: Iterable[Raised]) -> Iterator[str]:
    alerts = list(alerts)
    care = sum(alert.led_to_care for alert in alerts)
    outcomes = Counter(alert.outcome or "not closed" for alert in alerts)
    listed = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
    yield f"{words}, {care} of {len(alerts)} led to care" + (f" ({listed})." if listed else ".")


def _differing(test: Backtest, words: str, sign: str, *, missed: bool) -> Iterator[str]:
    alerts = test.comparison.missed if missed else test.comparison.added
    yield ""
    yield f"{words}: {len(alerts) or 'none'}"
    for alert in alerts:
        how = f"; {alert.outcome}" if alert.outcome else ""
        yield (
            f"  {sign} {_local(test, alert.raised_at)}  {alert.text} "
            f"({alert.cause.kind}, {alert.priority}{how})"
        )


def _alert_json(alert: Raised) -> dict[str, Any]:
    kind, place, subject = alert.cause
    return {
        "kind": kind,
        "room": place.room,
        "place": place.place,
        "subject": subject,
        "resident": alert.resident,
        "priority": alert.priority,
        "text": alert.text,
        "caused_at": rfc3339(alert.caused_at),
        "raised_at": rfc3339(alert.raised_at),
        "outcome": alert.outcome,
    }


def _local(test: Backtest, instant: datetime) -> str:
    return f"{instant.astimezone(test.zone):%Y-%m-%d %H:%M:%S}"
