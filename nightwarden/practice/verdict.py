"""Expected beside actual: what a scenario's record is compared with, and how that is printed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from nightwarden.model.alerts import AlertEvent
from nightwarden.practice.deeds import shortly
from nightwarden.practice.play import Record, since
from nightwarden.practice.scenario import READ, SHOWN, Expectation, Scenario, Sign
from nightwarden.rulesfile.durations import duration_text

NOTHING = "-"
_TOLD = {
    AlertEvent.TOLD_EVERYONE: "everyone",
    AlertEvent.TOLD_SENIOR: "senior",
    AlertEvent.TOLD_MANAGER: "manager",
}
_SIGN_OF = {
    AlertEvent.RAISED: Sign.RAISED,
    AlertEvent.REOPENED: Sign.REOPENED,
    AlertEvent.CAUSE_CLEARED: Sign.CLEARED,
    AlertEvent.ACCEPTED: Sign.ACCEPTED,
    AlertEvent.ATTENDED: Sign.ATTENDED,
    AlertEvent.CLOSED: Sign.CLOSED,
} | dict.fromkeys(_TOLD, Sign.ESCALATED)
NEVER_TWICE = frozenset({Sign.RAISED, Sign.REOPENED})
"""Events that nobody may add unexpected: they call people."""


class Seen(NamedTuple):
    """An event of an alert, at a time since the start."""

    at: timedelta
    sign: Sign
    kind: str
    place: str
    priority: str
    text: str
    told: str


class Row(NamedTuple):
    """One line of the table."""

    met: bool
    window: str
    expected: str
    at: str
    actual: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to print, and whether everything was as expected."""

    rows: tuple[Row, ...]

    @property
    def as_expected(self) -> bool:
        """Whether every row is met."""
        return all(row.met for row in self.rows)

    def lines(self) -> list[str]:
        """The table, aligned: ``=`` met, ``!`` not."""
        head = Row(True, "when", "expected", "at", "actual")
        columns = list(zip(*[head, *self.rows], strict=True))
        window, expected, at = (max(map(len, column)) for column in columns[1:4])
        lines = [f"    {'when':<{window}}  {'expected':<{expected}}  {'at':<{at}}  actual"]
        for row in self.rows:
            mark = "=" if row.met else "!"
            left = f"  {mark} {row.window:<{window}}  {row.expected:<{expected}}"
            lines.append(f"{left}  {row.at:<{at}}  {row.actual}".rstrip())
        return lines


def judge(scenario: Scenario, record: Record) -> Verdict:
    """Compare."""
    left = _seen(scenario, record)
    rows: list[Row] = []
    for one in scenario.expectations:
        if one.sign in READ:
            rows.append(_read(one, record.shown.get(one.line, "")))
        elif one.sign in SHOWN:
            rows.append(_shown(one, record.shown.get(one.line, [])))
        elif one.sign is Sign.QUIET:
            rows.append(_quiet(one, left))
        else:
            rows.append(_event(one, left))
    for at, deed, why in record.undone:
        when = duration_text(at)
        rows.append(Row(False, f"at {when}", deed, when, why))
    ignored = {kind.value for kind in scenario.ignored}
    loud = [s for s in left if s.sign in NEVER_TWICE and s.kind not in ignored]
    rows += [Row(False, NOTHING, NOTHING, duration_text(s.at), _actual(s)) for s in loud]
    return Verdict(tuple(rows))


def _seen(scenario: Scenario, record: Record) -> list[Seen]:
    found = []
    for alert in record.alerts:
        for event in alert["events"]:
            if sign := _SIGN_OF.get(AlertEvent(event["event"])):
                called = [event["detail"].get("told", ""), _TOLD.get(event["event"], "")]
                told = ", ".join(dict.fromkeys(filter(None, called)))
                at = since(scenario.start, event["recorded_at"])
                place = f"{alert['room']}/{alert['place']}"
                words = (alert["kind"], place, alert["priority"], alert["text"], told)
                found.append(Seen(at, sign, *words))
    return sorted(found)


def _event(one: Expectation, left: list[Seen]) -> Row:
    alike = [s for s in left if (s.sign, s.kind) == (one.sign, one.subject) and _there(one, s)]
    met = next((seen for seen in alike if _meets(one, seen)), None)
    nearest = met or next(iter(alike), None)
    if nearest is None:
        return Row(False, _window(one), _expected(one), NOTHING, NOTHING)
    left.remove(nearest)
    return Row(
        met is not None, _window(one), _expected(one), duration_text(nearest.at), _actual(nearest)
    )


def _meets(one: Expectation, seen: Seen) -> bool:
    return (
        one.after <= seen.at <= one.by
        and one.priority in (None, seen.priority)
        and (one.text is None or one.text in seen.text)
        and (one.to is None or one.to in seen.told.split(", "))
    )


def _quiet(one: Expectation, left: list[Seen]) -> Row:
    for seen in left:
        loud = seen.sign in NEVER_TWICE and seen.kind == one.subject and _there(one, seen)
        if loud and one.after <= seen.at <= one.by:
            return Row(False, _window(one), _expected(one), duration_text(seen.at), _actual(seen))
    return Row(True, _window(one), _expected(one), "", "quiet")


def _shown(one: Expectation, found: list[dict[str, Any]]) -> Row:
    states = sorted({str(item["state"]) for item in found})
    at = duration_text(one.by)
    actual = ", ".join(states) or NOTHING
    return Row(one.subject in states, f"at {at}", _expected(one), at, actual)


def _read(one: Expectation, answer: str) -> Row:
    met = (one.text is None or one.text in answer) and (
        one.lacks is None or one.lacks not in answer
    )
    at = duration_text(one.by)
    page = answer.lstrip().startswith("<")
    actual = "it says so" if met else "it does not say so" if page else shortly(answer)
    return Row(met, f"at {at}", _expected(one), at, actual)


def _there(one: Expectation, seen: Seen) -> bool:
    return one.place in ("", seen.place)


def _window(one: Expectation) -> str:
    by = duration_text(one.by)
    return f"{duration_text(one.after)} to {by}" if one.after else f"by {by}"


def _expected(one: Expectation) -> str:
    parts = [one.subject, one.place, one.sign, one.priority]
    parts += [one.text and f'"{one.text}"', one.to and f"to the {one.to}"]
    if one.sign in READ:
        lacks = one.lacks and f'without "{one.lacks}"'
        parts = [one.sign, one.subject, one.text and f'"{one.text}"', lacks]
    elif one.sign in SHOWN:
        parts = [one.sign, one.place, one.subject]
    return " ".join(part for part in parts if part)


def _actual(seen: Seen) -> str:
    told = f" to {seen.told}" if seen.told and seen.sign is Sign.ESCALATED else ""
    return f'{seen.kind} {seen.place} {seen.sign} {seen.priority}{told} "{seen.text}"'
