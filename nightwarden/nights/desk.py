"""The product in one thread and without a store: dialects, bindings, rules and alerts.

It mirrors ``gateway/intake.py`` and ``gateway/answering.py`` in what decides whether an alert is
raised, climbs, is answered and ends; every change goes through ``rules.alert_life``
(``tests/integration/test_nights_and_gateway.py`` compares the two on one night). A month of nights
would take an hour through the store: that is measured elsewhere, and tested.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from gateway.bindings import Bindings
from gateway.dialects import dialects, owner
from gateway.dialects.base import Dialect, Learner
from gateway.messages import RawMessage
from nightwarden.errors import Conflict, Unreadable
from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import (
    AlertEvent,
    AlertKind,
    AlertRecord,
    AlertState,
    Cause,
    EventRecord,
    Priority,
    more_urgent,
)
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.model.readings import Quantity, Reading
from nightwarden.model.staff import Staff
from nightwarden.model.watches import Pause
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.wire import alert_json
from rules import alert_life
from rules.decisions import Clear, Decision, Raise
from rules.engine import Engine
from rules.hearing import Standing

_URGENT = frozenset({Priority.HIGH, Priority.MEDIUM})
_ABOUT_STAFF = frozenset({AlertKind.NOBODY_LISTENING, AlertKind.NOBODY_ANSWERS})


@dataclass(slots=True)
class Kept:
    """One alert with every step of its life."""

    alert: AlertRecord
    steps: list[EventRecord] = field(default_factory=list)

    def times(self, *events: AlertEvent) -> list[datetime]:
        """When these happened, by the monitor's clock."""
        return [step.recorded_at for step in self.steps if step.event in events]


class Desk:
    """One home's monitor, from ``now`` (aware, UTC) on.

    Args:
        plan: the home's.
        rules: in force.
        now: when it starts.
        listening: how many screens and phones can sound an alert.
        without: a kind of alert that it shall not raise, to see what notices.
    """

    def __init__(
        self,
        plan: Plan,
        rules: RulesInForce,
        now: datetime,
        listening: int,
        without: AlertKind | None = None,
    ) -> None:
        self._rules, self._without, self._listening = rules, without, listening
        self._tongues = dialects(plan.home)
        self._owners: dict[str, Dialect] = {}
        self._bindings = Bindings(plan.items)
        self._places = {item.device: item.place for item in plan.items if item.device}
        self.engine = Engine(plan, {}, now, book=rules.book)
        self.alerts: dict[int, Kept] = {}
        self._open: dict[Cause, int] = {}
        self._steps: list[tuple[datetime, int]] = []
        self._changed: dict[int, None] = {}
        self._acted_at: datetime | None = None
        self.readings = 0
        self.not_believed: Counter[str] = Counter()
        self.said_empty: dict[PlaceId, list[datetime]] = defaultdict(list)
        """When a mat was heard to say that it is empty, by its place."""
        self._learn(now)
        self._carry_out(self.engine.tick(now), now)

    @property
    def due(self) -> datetime | None:
        """When something is due without news: a rule's deadline, or an alert's next step."""
        ladder = self._steps[0][0] if self._steps else None
        rule = self.engine.next_deadline
        return min(filter(None, (ladder, rule)), default=None)

    def go_to(self, now: datetime) -> None:
        """Decide what is due by ``now``, each at its own time."""
        while (due := self.due) is not None and due <= now:
            at = max(due, self.engine.now)
            self._carry_out(self.engine.tick(at), at)
            self._climb(at)

    def hear(self, message: RawMessage) -> None:
        """One message off the wire, as its ``received_at`` has come."""
        dialect = self._owners.get(message.topic) or owner(self._tongues, message.topic)
        if dialect is None:
            self.not_believed["no dialect owns its topic"] += 1
            return
        self._owners[message.topic] = dialect
        try:
            heard = dialect.read(message)
        except Unreadable as problem:
            self.not_believed[str(problem)] += 1
            return
        if heard.lessons and isinstance(dialect, Learner):
            for lesson in heard.lessons:
                dialect.learn(lesson)
        for doubt in heard.problems:
            self.not_believed[doubt.reason] += 1
        readings, _ = self._bindings.heard_by_items(heard.readings)
        for reading in readings:
            self._take(reading)

    def answer(self, number: int, event: AlertEvent, who: str, now: datetime, outcome: str) -> bool:
        """Somebody accepts, attends or closes an alert; False when its state does not allow it."""
        kept = self.alerts[number]
        try:
            after = alert_life.change(
                kept.alert, event, who, now, self._rules.policy, outcome or None
            )
        except Conflict:
            return False
        self._keep(kept, after, event, who, now)
        if event is AlertEvent.CLOSED:
            del self._open[kept.alert.cause]
            self.engine.changed()  # what was raised counts as open from here on
            self.engine.closed([kept.alert.cause], now)
        self._acted_at = now
        self._learn(now)
        return True

    def pause(self, place: PlaceId, who: str, now: datetime, length: timedelta) -> None:
        """Care in progress: the watches of a place raise nothing for so long."""
        plan = self.engine.plan
        pause = Pause(place, now, now + length, who, "care in progress")
        self._carry_out(self.engine.replan(replace(plan, pauses=(*plan.pauses, pause)), now), now)
        self._acted_at = now

    @property
    def has_news(self) -> bool:
        """Whether an alert has changed since :meth:`changed` was last asked."""
        return bool(self._changed)

    def changed(self) -> list[dict[str, Any]]:
        """The contract's JSON of every alert that has changed since the last call."""
        changed, self._changed = self._changed, {}
        kept = (self.alerts[number] for number in changed)
        return [alert_json(one.alert, one.steps[-1:]) for one in kept]

    # --- inside ------------------------------------------------------------------

    def _take(self, reading: Reading) -> None:
        self.readings += 1
        hearing = self.engine.hear(reading, reading.received_at)
        if reading.quantity is Quantity.OCCUPANCY and reading.value is False:
            self.said_empty[self._places[reading.device]].append(reading.received_at)
        if hearing.standing is Standing.IMPLAUSIBLE:
            self.not_believed[hearing.why] += 1
        if hearing.decisions:
            self._carry_out(hearing.decisions, self.engine.now)

    def _carry_out(self, decisions: Iterable[Decision], now: datetime) -> None:
        for decision in decisions:
            for effect in decision.effects:
                if isinstance(effect, Raise):
                    if effect.cause.kind is not self._without:
                        self._raise(effect, now)
                else:
                    self._clear(effect, now)

    def _raise(self, effect: Raise, now: datetime) -> None:
        standing = self._open.get(effect.cause)
        if standing is not None:
            self._raise_again(self.alerts[standing], effect, now)
            return
        draft = AlertRecord(
            id=len(self.alerts) + 1,
            cause=effect.cause,
            priority=effect.priority,
            state=AlertState.RAISED,
            resident=effect.resident,
            text=effect.text,
            action=effect.action,
            caused_at=effect.caused_at,
            raised_at=now,
            while_not_watching=effect.unwatched,
            rule_version=self._rules.version,
        )
        draft = replace(draft, next_step_at=alert_life.first_step_at(draft, self._rules.policy))
        kept = self.alerts[draft.id] = Kept(draft)
        self._open[effect.cause] = draft.id
        self._keep(kept, draft, AlertEvent.RAISED, SYSTEM, now)
        self._learn(now)

    def _raise_again(self, kept: Kept, effect: Raise, now: datetime) -> None:
        standing = kept.alert
        worse = more_urgent(effect.priority, standing.priority)
        if not worse and standing.cleared_at is None and standing.state is not AlertState.ATTENDED:
            return
        event = AlertEvent.WORSENED if worse else AlertEvent.REOPENED
        after = alert_life.change(
            standing, event, SYSTEM, now, self._rules.policy, priority=effect.priority
        )
        after = replace(after, text=effect.text, while_not_watching=effect.unwatched)
        self._keep(kept, after, event, SYSTEM, now)
        self._learn(now)

    def _clear(self, effect: Clear, now: datetime) -> None:
        number = self._open.get(effect.cause)
        if number is None or self.alerts[number].alert.cleared_at is not None:
            return
        kept, event = self.alerts[number], AlertEvent.CAUSE_CLEARED
        after = alert_life.change(kept.alert, event, SYSTEM, effect.at, self._rules.policy)
        self._keep(kept, after, event, SYSTEM, now)

    def _climb(self, now: datetime) -> None:
        """Take every alert whose next step is due one step on."""
        while self._steps and self._steps[0][0] <= now:
            at, number = heappop(self._steps)
            kept = self.alerts[number]
            if kept.alert.next_step_at == at and kept.alert.state is not AlertState.CLOSED:
                event = alert_life.due_event(kept.alert, self._rules.policy)
                after = alert_life.change(kept.alert, event, SYSTEM, now, self._rules.policy)
                self._keep(kept, after, event, SYSTEM, now)

    def _keep(
        self, kept: Kept, after: AlertRecord, event: AlertEvent, who: str, now: datetime
    ) -> None:
        kept.alert = after
        kept.steps.append(EventRecord(event, now, now, who))
        self._changed[after.id] = None
        if after.next_step_at is not None and after.state is not AlertState.CLOSED:
            heappush(self._steps, (after.next_step_at, after.id))

    def _learn(self, now: datetime) -> None:
        """Tell the rules how many hear, who acted last, and what waits."""
        waiting = (self.alerts[number].alert for number in self._open.values())
        unanswered = (
            one.raised_at
            for one in waiting
            if one.priority in _URGENT
            and one.state is not AlertState.ATTENDED
            and one.cause.kind not in _ABOUT_STAFF
        )
        staff = Staff(self._listening, self._acted_at, min(unanswered, default=None))
        self._carry_out(self.engine.learn(staff, now), now)
