"""Why an alert was raised: the rule, its settings, the readings, the timers, and who was told.

1. Everything is of the alert's own time: the rules' version that it was raised under, and the plan
   that the journal has for that instant. Where the journal does not reach back so far, the register
   as it is now stands in, and the answer says so.
2. Of the readings it has the state before the change, the change, and what was said until it was
   raised; a list is cut rather than endless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from nightwarden.explaining.answers import (
    Paused,
    Quiet,
    Said,
    Sent,
    SettingUsed,
    Span,
    paused,
    quiet,
    said,
    sent,
)
from nightwarden.explaining.settings_used import settings_used
from nightwarden.explaining.steps import Step, steps
from nightwarden.explaining.subjects import Subject, subject_of
from nightwarden.explaining.timers import Timer, timers_of
from nightwarden.model.alerts import AlertRecord
from nightwarden.model.phrases import phrase
from nightwarden.rulesfile.in_force import RulesInForce, load_version
from nightwarden.store import alerts, looking_back, meta
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_plan
from nightwarden.store.tables import ReadingRow
from rules import wording
from rules.rule_words import rule_words

BEFORE = timedelta(minutes=10)
AFTER = timedelta(minutes=2)
"""How far around its cause and its raise an alert's story is told."""

Part = Literal["before", "cause", "until_raised", "after"]


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule, and the version of the home's rules; 0 is the rules as delivered."""

    kind: str
    words: str
    version: int
    applied_by: str | None
    applied_at: datetime | None
    because: str


@dataclass(frozen=True, slots=True)
class LedTo:
    """A reading and its part in the alert."""

    part: Part
    reading: Said


@dataclass(frozen=True, slots=True)
class WhyAlert:
    """The whole answer. ``words`` are sentences, the most important first.

    ``from_journal`` is False where the register as it is now stands in for that of the time.
    """

    words: list[str]
    rule: Rule
    settings: list[SettingUsed]
    timers: list[Timer]
    readings: list[LedTo]
    quiet: list[Quiet]
    pauses: list[Paused]
    deliveries: list[Sent]
    steps: list[Step]
    while_not_watching: bool
    unwatched: list[Span]
    from_journal: bool


def why_alert(tx: Transaction, alert_id: int) -> WhyAlert:
    """Why this alert was raised, and what came of it until ``tx.now``.

    Raises:
        NotFound: there is no such alert.
    """
    alert = alerts.find(tx, alert_id)
    rules = load_version(tx, alert.rule_version)
    kept = looking_back.plan_at(tx, alert.raised_at)
    plan = load_plan(tx) if kept is None else kept[0]
    assert plan is not None, "an alert is of a home that has been applied"
    subject = subject_of(alert.cause, plan)
    since, until = alert.caused_at - BEFORE, alert.raised_at + AFTER
    pauses = looking_back.pauses(tx, alert.cause.place, since, alert.raised_at)
    timers = timers_of(alert, rules, subject, [paused(row) for row in pauses])
    spans = looking_back.unwatched_around(tx, alert.caused_at, alert.raised_at)
    life = alerts.events(tx, [alert.id])[alert.id]
    return WhyAlert(
        words=_words(alert, timers, plan.zone),
        rule=_rule(alert, rules),
        settings=settings_used(
            alert.cause.kind, rules, subject.requirement, subject.items, plan.zone
        ),
        timers=timers,
        readings=_readings(tx, alert, subject),
        quiet=[quiet(row) for row in looking_back.traces(tx, alert.cause.place, since, until)],
        pauses=[paused(row) for row in pauses],
        deliveries=[sent(row) for row in looking_back.deliveries(tx, [alert.id])],
        steps=steps(alert, life, rules.policy),
        while_not_watching=alert.while_not_watching,
        unwatched=[Span(*span) for span in spans if span[1] - span[0] >= meta.PROOF_HOLDS],
        from_journal=kept is not None,
    )


def _rule(alert: AlertRecord, rules: RulesInForce) -> Rule:
    kind = alert.cause.kind
    return Rule(
        kind.value,
        rule_words(kind),
        rules.version,
        rules.applied_by,
        rules.applied_at,
        rules.because,
    )


def _words(alert: AlertRecord, timers: list[Timer], zone: ZoneInfo) -> list[str]:
    so, raised = (_exactly(at, zone) for at in (alert.caused_at, alert.raised_at))
    lasted = alert.raised_at - alert.caused_at
    words = [rule_words(alert.cause.kind)]
    if lasted < timedelta(seconds=1):
        words.append(phrase(f"It became so at {so} and was raised at once."))
    else:
        words.append(
            phrase(f"It became so at {so} and was raised at {raised}, {_span(lasted)} later.")
        )
    words += [timer.words for timer in timers if timer.words]
    if alert.while_not_watching:
        words.append(
            phrase("It happened while not watching: it was raised when the monitor was back.")
        )
    return words


def _exactly(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H:%M:%S}"


def _span(length: timedelta) -> str:
    seconds = length.total_seconds()
    if not 60 <= seconds < 3_600:
        return wording.span(length)
    minutes, rest = divmod(round(seconds), 60)
    words = wording.span(timedelta(minutes=minutes))
    return f"{words} {wording.span(timedelta(seconds=rest))}" if rest else words


def _readings(tx: Transaction, alert: AlertRecord, subject: Subject) -> list[LedTo]:
    rows: dict[int | None, ReadingRow] = {}
    for device in subject.devices:
        for row in looking_back.changes_before(tx, device, alert.caused_at):
            rows[row.id] = row
    since, until = alert.caused_at - BEFORE, alert.raised_at + AFTER
    for row in looking_back.readings_around(tx, subject.devices, since, until):
        rows[row.id] = row
    tags = {tuple(device): tag for device, tag in subject.devices.items()}
    found = sorted(rows.values(), key=lambda row: (row.measured_at, row.id or 0))
    return [
        LedTo(_part(row, alert), said(row, tags.get((row.dialect, row.address)))) for row in found
    ]


def _part(row: ReadingRow, alert: AlertRecord) -> Part:
    if row.measured_at == alert.caused_at:
        return "cause"
    if row.measured_at < alert.caused_at:
        return "before"
    return "until_raised" if row.received_at <= alert.raised_at else "after"
