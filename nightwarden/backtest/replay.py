"""An engine goes through what was recorded, under the rules that were in force or under others.

1. It is told everything in the order in which the gateway's engine was told it, and whatever falls
   due is decided at its own instant. So with the rules that were in force it raises exactly what
   was raised.
2. Other rules come into force at the beginning of the stretch that is asked for, as if they had
   been applied there: timers that were running keep their start.
3. People answered what was really raised. An alert that only the other rules raise has nobody to
   close it: it counts as closed some minutes after its cause has cleared (``Assumption``).

A little over 300 lines, because the order in which the engine is told things is one story.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightwarden.backtest.alert_list import AlertList, ReplayedAlert
from nightwarden.backtest.recording import Beginning, Part, Recording
from nightwarden.model.alerts import Cause
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.model.runs import Run
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.store import clock_steps, journal
from nightwarden.store.engine import Transaction
from nightwarden.store.journal import Input, InputKind
from rules.decisions import Decision
from rules.engine import Engine
from rules.repeats import with_repeats

CLOSED_AFTER = timedelta(minutes=10)
"""After its cause has cleared, an alert that nobody was there to close counts as closed."""


@dataclass(frozen=True, slots=True)
class OtherRules:
    """Rules that were not in force, from an instant on.

    ``open_until``: until when an alert of a cause was really open that was open at an instant, so
    that what people did with it counts; the instant itself when none was.
    """

    rules: RulesInForce
    since: datetime
    open_until: Callable[[Cause, datetime], datetime]
    closed_after: timedelta = CLOSED_AFTER


@dataclass(slots=True)
class Replayed:
    """What came of a replay, from where it began."""

    begun_at: datetime
    alerts: list[ReplayedAlert] = field(default_factory=list)
    unwatched: list[tuple[datetime, datetime]] = field(default_factory=list)
    readings: int = 0
    passed_over: int = 0
    memories: dict[str, dict[str, Any]] = field(default_factory=dict)


class Replay:
    """One engine on its way through a recording.

    Args:
        tx: a reading transaction, open for as long as the replay goes on.
        begin: where it begins.
        rules_of: the rules of a version, as they were in force.
        other: rules to come into force instead; None for those that were.
        in_full: hear every reading, instead of passing over runs that cannot matter.
    """

    def __init__(
        self,
        tx: Transaction,
        begin: Beginning,
        rules_of: Callable[[int], RulesInForce],
        other: OtherRules | None = None,
        *,
        in_full: bool = False,
    ) -> None:
        self._tx = tx
        self._in_full = in_full
        self._begin = begin
        self._rules_of = rules_of
        self._other = other
        self._changed_over = self._made_anew = False
        snapshot = begin.snapshot
        self._rules = rules_of(snapshot.rules_version)
        self._kept = {key: dict(memory) for key, memory in snapshot.memories.items()}
        self._alerts = AlertList(snapshot.standing)
        self._unanswered: list[tuple[datetime, int, ReplayedAlert]] = []
        self._waited = 0
        self._replayed = Replayed(begin.at)
        self._under = (begin.line.body["plan"], begin.line.body["rules"])
        self._make_engine(snapshot.plan, begin.at, None)
        if snapshot.outage:
            self._engine.unwatched(*snapshot.outage)
        if snapshot.staff:
            self._carry_out(self._engine.learn(snapshot.staff, begin.at), begin.at)

    @property
    def engine(self) -> Engine:
        """The engine, where it has got to."""
        return self._engine

    def run(self, until: datetime) -> Replayed:
        """Go through everything until ``until`` (aware, UTC)."""
        recording = Recording(self._tx, self._begin, until, in_full=self._in_full)
        for part in recording.parts():
            whole = part.runs and self._must_hear_all(part)
            self._go_through(recording, recording.every(part) if whole else part)
        self._go_to(until)
        self._keep()
        done = self._replayed
        done.alerts, done.memories = self._alerts.raised, self._kept
        return done

    def _must_hear_all(self, part: Part) -> bool:
        """Whether something comes among the readings after which a run is no longer sure."""
        self._go_to(self._engine.now)  # what an engine that was made anew found at its start
        engine, until = self._engine, part.until
        assert until is not None, "a stretch has an end"
        ages, other = engine.confirmations_age_at, self._other
        if ages is not None and ages <= until:
            return True
        if other and not self._changed_over and other.since <= until:
            return True
        return any(
            line.kind in (InputKind.UNWATCHED, InputKind.SET_BACK, InputKind.MADE)
            or (line.kind is InputKind.PLAN and self._other_plan(line))
            for line in part.lines
        )

    def _other_plan(self, line: Input) -> bool:
        return (line.body["plan"], line.body["rules"]) != self._under

    def _go_through(self, recording: Recording, part: Part) -> None:
        """Readings and lines by position; a run that somebody wants to hear is taken apart."""
        steady = not part.runs or self._nothing_opens(part)
        doubted = {
            tuple(line.body["device"]) for line in part.lines if line.kind is InputKind.DOUBTED
        }
        lines, apart = deque(part.lines), list[tuple[int, Reading]]()
        for position, heard in part.heard:
            while apart and apart[0][0] < position:
                number, reading = heapq.heappop(apart)
                self._take_until(lines, number)
                self._hear(reading)
            self._take_until(lines, position)
            if isinstance(heard, Reading):
                self._hear(heard)
            elif heard.device in doubted or not self._pass_over(heard, steady=steady):
                for one in recording.of_run(heard):
                    heapq.heappush(apart, one)
                self._hear(heapq.heappop(apart)[1])
        while apart:
            number, reading = heapq.heappop(apart)
            self._take_until(lines, number)
            self._hear(reading)
        for line in lines:
            self._take(line)

    def _take_until(self, lines: deque[Input], position: int) -> None:
        """The lines that stand before the reading at ``position``."""
        while lines and lines[0].after_reading < position:
            self._take(lines.popleft())

    def _pass_over(self, run: Run, *, steady: bool) -> bool:
        self._go_to(run.since)
        if not self._engine.pass_over(run, steady=steady):
            return False
        self._replayed.readings += run.readings
        self._replayed.passed_over += run.readings
        return True

    def _nothing_opens(self, part: Part) -> bool:
        """Whether no cover switch says anything new in this stretch."""
        said: set[DeviceId] = set()
        for _, heard in part.heard:
            if isinstance(heard, Reading) and heard.quantity is Quantity.CONTACT:
                device = self._engine.device(heard.device)
                last = device and device.memory.last.get(Quantity.CONTACT)
                if heard.device in said or not last or last[0] != heard.value:
                    return False
                said.add(heard.device)
        return True

    # --- what the engine is told ---------------------------------------------------

    def _hear(self, reading: Reading) -> None:
        self._go_to(reading.received_at)
        self._replayed.readings += 1
        decisions = self._engine.hear(reading, reading.received_at).decisions
        if decisions:
            self._carry_out(decisions, self._engine.now)

    def _take(self, line: Input) -> None:
        if not line.body.get("made_anew"):
            self._go_to(line.reached)
        match line.kind:
            case InputKind.PLAN:
                self._replan(line)
            case InputKind.CLOSED:
                causes = journal.causes_of(line.body)
                self._alerts.close(causes, line.at)
                self._engine.closed(causes, line.reached)
            case InputKind.OPEN_AGAIN:
                causes = journal.causes_of(line.body)
                self._alerts.open_again(causes)
                self._engine.open_again(causes)
            case InputKind.ATTENDED:
                self._alerts.attended(journal.causes_of(line.body))
            case InputKind.STAFF:
                decisions = self._engine.learn(journal.staff_of(line.body), line.at)
                self._carry_out(decisions, line.at)
            case InputKind.DOUBTED:
                self._hear(journal.reading_of(line.body))
            case InputKind.UNWATCHED:
                self._unwatched(line)
            case InputKind.SET_BACK:
                self._keep()
                self._set_back(line.body["by_s"])
                if "plan" in line.body:  # as an earlier Nightwarden wrote it
                    self._anew(line, line.at, None)
            case InputKind.MADE:
                self._anew(line, datetime.fromisoformat(line.body["at"]), None)
            case InputKind.SNAPSHOT:
                pass

    def _replan(self, line: Input) -> None:
        self._keep()
        plan = self._plan_of(line)
        decisions = self._engine.replan(plan, line.at, self._rules.book)
        self._carry_out(decisions, line.at)

    def _unwatched(self, line: Input) -> None:
        since, until = (datetime.fromisoformat(line.body[name]) for name in ("since", "until"))
        self._replayed.unwatched.append((since, until))
        if not line.body["restarted"]:
            self._engine.unwatched(since, until)
            return
        self._keep()
        self._set_back(line.body.get("set_back_s", 0))  # as an earlier Nightwarden wrote it
        self._anew(line, until, since)

    def _anew(self, line: Input, now: datetime, watched_until: datetime | None) -> None:
        self._make_engine(self._plan_of(line), now, watched_until)

    def _plan_of(self, line: Input) -> Plan:
        plan, version = journal.plan_of(self._tx, line.body)
        self._under = (line.body["plan"], version)
        if not self._changed_over:
            self._rules = self._rules_of(version)
        return plan

    # --- time ----------------------------------------------------------------------

    def _go_to(self, instant: datetime) -> None:
        """Decide what falls due until ``instant``, each at its own time."""
        other = self._other
        if other and not self._changed_over and instant >= other.since:
            self._decide_until(other.since)
            self._changed_over = True
            self._rules = other.rules
            at = self._engine.now
            decisions = self._engine.replan(self._engine.plan, at, other.rules.book)
            self._carry_out(decisions, at)
        if self._unanswered:
            self._close_unanswered(instant)
        self._decide_until(instant)

    def _decide_until(self, instant: datetime) -> None:
        engine = self._engine
        if self._made_anew:
            self._made_anew = False
            self._carry_out(engine.tick(engine.now), engine.now)
        due = engine.next_deadline
        while due is not None and due <= instant:
            due = max(due, engine.now)
            if decisions := engine.tick(due):
                self._carry_out(decisions, due)
            due = engine.next_deadline

    def _close_unanswered(self, instant: datetime) -> None:
        """The assumption on alerts that nobody was there to close."""
        other, unanswered = self._other, self._unanswered
        assert other is not None, "people answered what was raised by the rules that were in force"
        while unanswered and unanswered[0][0] <= instant:
            due, _, alert = heapq.heappop(unanswered)
            self._decide_until(due)
            if not self._alerts.waits(alert, due - other.closed_after):
                continue
            if (until := other.open_until(alert.cause, due)) > due:
                self._await_answer(alert, until)  # it is really open: what people do with it counts
                continue
            self._alerts.close([alert.cause], due)
            self._engine.closed([alert.cause], due)

    def _await_answer(self, alert: ReplayedAlert, due: datetime) -> None:
        self._waited += 1
        heapq.heappush(self._unanswered, (due, self._waited, alert))

    # --- inside --------------------------------------------------------------------

    def _make_engine(self, plan: Plan, now: datetime, watched_until: datetime | None) -> None:
        self._engine = Engine(
            plan,
            self._kept,
            now,
            watched_until=watched_until,
            open_causes=self._alerts.open_causes,
            book=self._rules.book,
        )
        self._made_anew = True

    def _keep(self) -> None:
        changed = self._engine.changed()
        self._kept.update({key: memory for key, (memory, _) in changed.items()})
        self._kept = with_repeats(self._kept, self._engine.repeated())

    def _set_back(self, by_s: float) -> None:
        if by_s:
            by = timedelta(seconds=by_s)
            self._kept = {key: clock_steps.moved(kept, by) for key, kept in self._kept.items()}

    def _carry_out(self, decisions: Iterable[Decision], at: datetime) -> None:
        cleared = self._alerts.carry_out(decisions, at, self._rules.version)
        if self._changed_over and self._other:
            for alert in cleared:
                assert alert.cleared_at is not None, "it was cleared just now"
                self._await_answer(alert, alert.cleared_at + self._other.closed_after)
