"""The engine at work: made from the store, told what people change, and its inputs kept.

1. An engine is made from what is on the disk: at the start, and anew whenever a batch has failed,
   since what it thought was not kept.
2. It hears of the plan, the pauses and the rules from the store, once a second or when a bell has
   rung; of what people did with alerts before each turn's first message, since the same cause
   again is then another alert.
3. What it is told beside readings goes into the journal in the same transaction, so that the very
   same engine can go through the night again (``nightwarden/store/journal.py``). Whatever had
   fallen due is decided before it is told anything; an engine that was made anew in this turn is
   told first what people did meanwhile. That it was made is noted in its first turn that is kept:
   one that never decided anything is in no record.
4. Timers are lengths of time. When the machine's clock goes back, every instant that the monitor
   has in mind goes back with it (``nightwarden/store/clock_steps.py``), so that a bed exit is not
   raised an hour late. The journal says so in that very transaction: the power may fail before the
   next one, and then nobody would remember by how much.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from gateway.messages import RawMessage
from nightwarden.model.plan import Plan
from nightwarden.model.readings import Reading
from nightwarden.model.staff import Staff
from nightwarden.rulesfile.in_force import RulesInForce, load_rules
from nightwarden.store import alerts, clock_steps, intake, journal, meta, receivers
from nightwarden.store.engine import Transaction
from nightwarden.store.journal import InputKind, Snapshot
from nightwarden.store.plan import plan_and_papers
from rules.decisions import Decision
from rules.engine import Engine
from rules.repeats import with_repeats

SNAPSHOT_EVERY = timedelta(days=1)
STEP = timedelta(seconds=1)
"""Less than this is no step of the clock: messages are stamped by another thread."""

log = logging.getLogger(__name__)


class Interruption(NamedTuple):
    """An engine was made anew: what the one before had reached, and the line that says so."""

    kind: InputKind
    reached: datetime
    body: dict[str, Any]


class EngineRoom:
    """Keeps one home's engine. All of it on the deciding thread.

    Args:
        tx: a writing transaction at the gateway's start.
    """

    def __init__(self, tx: Transaction) -> None:
        self.rules = RulesInForce()
        self._plan_version = -1
        self._heard_on = 0  # the link's connection that the last message came on
        self._answers_seen = 0
        self._snapshot_at: datetime | None = None
        self._made_anew = True
        self._staff: Staff | None = None
        self._unnoted: Interruption | None = None
        reached = meta.instant(tx, meta.REACHED)
        if reached and reached - tx.now > STEP:
            self._set_back(tx, reached)
        self._watched_until = meta.instant(tx, meta.DECIDED_AT)
        self.remake(tx)

    @property
    def now(self) -> datetime:
        """The instant that the engine has reached."""
        return self.engine.now

    @property
    def listening(self) -> int:
        """How many screens, phones and pagers could sound an alert at the last look."""
        return self._staff.listening if self._staff else 0

    def begin(self, tx: Transaction, messages: Sequence[RawMessage]) -> tuple[Decision, ...]:
        """A turn begins; say what lies between it and the one before, if anything does.

        The first message of a new connection ends an outage: from the last proof until now.
        """
        if self._unnoted is not None:
            kind, reached, body = self._unnoted
            body |= journal.plan_body(tx, self.engine.plan, self.rules.version)
            journal.note(tx, kind, reached, body)
            self._unnoted = None
        self._tell_answers(tx)
        decisions: tuple[Decision, ...] = ()
        if self._made_anew:
            decisions, self._made_anew = self.engine.tick(self.engine.now), False
        else:
            self._keep_snapshot(tx)
        for message in messages:
            if message.connection > self._heard_on:
                self._heard_on = message.connection
                since, until = self._watched_until, message.received_at
                if since and since < until:
                    body = {"restarted": False, **_span(since, until)}
                    journal.note(tx, InputKind.UNWATCHED, self.engine.now, body)
                    self.engine.unwatched(since, until)
        return decisions

    def look(self, tx: Transaction) -> tuple[Decision, ...]:
        """What has been changed in the store: the plan, the pauses, the rules, the people."""
        replanned = meta.plan_version(tx) != self._plan_version
        decisions = self._replan(tx) if replanned else ()
        return decisions + self._hear_of_staff(tx)

    def _replan(self, tx: Transaction) -> tuple[Decision, ...]:
        decisions = self.engine.tick(self.engine.now)
        self.settle(tx)  # also what is about to leave the plan
        reached, plan = self.engine.now, self._read_plan(tx)
        decisions += self.engine.replan(plan, tx.now, self.rules.book)
        self._note_plan(tx, plan, reached)
        return decisions

    def proved(self, tx: Transaction) -> None:
        """The loop test has come back: until now we have been listening."""
        self._watched_until = tx.now
        meta.put_instant(tx, meta.DECIDED_AT, tx.now)

    def settle(self, tx: Transaction) -> None:
        """Save what the engine must not forget of this turn."""
        intake.save_memories(tx, self.engine.changed())
        intake.save_repeats(tx, self.engine.repeated())
        meta.put_instant(tx, meta.REACHED, self.engine.now)

    def doubted(self, tx: Transaction, reading: Reading, reached: datetime, ahead: int) -> None:
        """A reading was not believed; ``ahead``: see :func:`nightwarden.store.journal.note`."""
        journal.note(tx, InputKind.DOUBTED, reached, journal.reading_body(reading), ahead=ahead)

    def remake(self, tx: Transaction) -> None:
        """Make the engine of what was kept; since the last proof nobody has been listening.

        Args:
            tx: any transaction.
        """
        self.engine = self._new_engine(tx, self._watched_until)
        since = self._watched_until or tx.now
        reached = meta.instant(tx, meta.REACHED) or since
        body = {"restarted": True, **_span(since, tx.now)}
        self._unnoted = Interruption(InputKind.UNWATCHED, reached, body)
        seen = meta.get(tx, meta.ANSWERS_SEEN)
        self._answers_seen = alerts.last_event(tx) if seen is None else int(seen)
        self._snapshot_at = None

    def set_back(self, tx: Transaction) -> None:
        """The clock says less than the engine has reached: take every instant back with it."""
        self._set_back(tx, self.engine.now)
        self.engine = self._new_engine(tx, watched_until=None)
        self._unnoted = Interruption(InputKind.MADE, tx.now, {"at": tx.now.isoformat()})
        self._watched_until = meta.instant(tx, meta.DECIDED_AT)
        self._snapshot_at = None

    # --- inside ------------------------------------------------------------------

    def _set_back(self, tx: Transaction, reached: datetime) -> None:
        by = reached - tx.now
        log.warning("The clock went back by %s; every running timer keeps its length.", by)
        clock_steps.set_back(tx, by)
        journal.note(tx, InputKind.SET_BACK, reached, {"by_s": by.total_seconds()})

    def _new_engine(self, tx: Transaction, watched_until: datetime | None) -> Engine:
        plan = self._read_plan(tx)
        self._made_anew, self._staff = True, None
        return Engine(
            plan,
            _memories(tx),
            tx.now,
            watched_until=watched_until,
            open_causes=alerts.open_causes(tx),
            book=self.rules.book,
        )

    def _read_plan(self, tx: Transaction) -> Plan:
        """The plan; the rules in force are read with it."""
        self._plan_version = meta.plan_version(tx)
        self.rules = load_rules(tx)
        if problem := self.rules.problem:
            log.critical("The rules file cannot be read; the rules are as delivered: %s", problem)
        plan, self.papers = plan_and_papers(tx)
        assert plan is not None, "a gateway is made when its home has been applied"
        return plan

    def _tell_answers(self, tx: Transaction) -> None:
        latest = alerts.last_event(tx)
        if latest <= self._answers_seen:
            return
        answers = alerts.answers_after(tx, self._answers_seen)
        self._answers_seen = latest
        meta.put(tx, meta.ANSWERS_SEEN, str(latest))
        reached = self.engine.now
        told = (InputKind.ATTENDED, InputKind.CLOSED, InputKind.OPEN_AGAIN)
        for kind, causes in zip(told, answers, strict=True):
            if causes:
                body = journal.causes_body(causes) | {"made_anew": self._made_anew}
                journal.note(tx, kind, reached, body)
        self.engine.closed(answers.closed, reached)
        self.engine.open_again(answers.open_again)

    def _hear_of_staff(self, tx: Transaction) -> tuple[Decision, ...]:
        """How many listen, and when somebody last acted, where that has changed."""
        staff = receivers.staff(tx)
        if staff == self._staff:
            return ()
        self._staff = staff
        decisions = self.engine.tick(self.engine.now)
        journal.note(tx, InputKind.STAFF, self.engine.now, journal.staff_body(staff))
        return decisions + self.engine.learn(staff, tx.now)

    def _note_plan(self, tx: Transaction, plan: Plan, reached: datetime) -> None:
        body = journal.plan_body(tx, plan, self.rules.version)
        journal.note(tx, InputKind.PLAN, reached, body)

    def _keep_snapshot(self, tx: Transaction) -> None:
        if self._snapshot_at is not None and tx.now < self._snapshot_at:
            return
        last = journal.snapshot_before(tx, tx.now)
        self._snapshot_at = tx.now + SNAPSHOT_EVERY
        if last is not None and tx.now < last.at + SNAPSHOT_EVERY:
            self._snapshot_at = last.at + SNAPSHOT_EVERY
            return
        engine = self.engine
        kept = Snapshot(
            plan=engine.plan,
            rules_version=self.rules.version,
            memories=_memories(tx) | engine.memories(),
            standing=alerts.standing(tx),
            last_alert=alerts.last_alert(tx),
            outage=engine.outage,
            staff=self._staff,
        )
        journal.note(tx, InputKind.SNAPSHOT, engine.now, journal.snapshot_body(tx, kept))


def _memories(tx: Transaction) -> dict[str, dict[str, Any]]:
    return with_repeats(intake.load_memories(tx), intake.load_repeats(tx))


def _span(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": since.isoformat(), "until": until.isoformat()}
