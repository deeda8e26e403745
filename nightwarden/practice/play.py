"""Plays a scenario from its start to its end, and keeps what came of it.

The clock goes from one thing to the next: a step, a repeated message, a timer of the program's, a
look at what is shown. In between it stands, so that an hour in which nothing happens is over at
once, and everything is raised at the very second at which it falls due (in a scenario of more than
a day within half an hour; devices and people are always on time).
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightwarden.practice.befallen import arriving, befallen
from nightwarden.practice.deeds import act, call, looked_at
from nightwarden.practice.home import PracticeHome
from nightwarden.practice.in_words import in_words
from nightwarden.practice.running_gateway import PROOF_HOLDS
from nightwarden.practice.scenario import (
    SHOWN,
    BrokerRestart,
    Call,
    Deed,
    Expectation,
    GatewayPower,
    Listening,
    Publish,
    Say,
    Scenario,
    Step,
    What,
    Wire,
)
from simulators.wire import WireMessage

USUAL_STRIDE = timedelta(minutes=2)
STRIDES = 12
"""A long scenario goes in longer strides; what falls due is never strode over."""

STAFF_STRIDE = timedelta(seconds=30)
STAFF_LOOKED_AT = timedelta(minutes=5)
"""Nothing is due when a screen falls silent: for so long after a change it is looked more often."""

SHORTEST_STRIDE = timedelta(seconds=1)
SHORTEST_OF_DAYS = timedelta(minutes=30)
"""In a scenario of more than a day: a timer of the program's may be late by as much."""

SMOOTH_S = 0.2
"""At a given speed the clock is turned so often, in seconds on the wall."""


@dataclass(slots=True)
class Record:
    """What came of a scenario: every alert with its events, and what was shown when looked at."""

    alerts: list[dict[str, Any]] = field(default_factory=list)
    shown: dict[int, Any] = field(default_factory=dict)
    """By the line of the expectation."""
    undone: list[tuple[timedelta, str, str]] = field(default_factory=list)
    """What a person could not do, and why."""


Tell = Callable[[timedelta, str], None]
Watch = Callable[[timedelta, Record], None]
_Due = tuple[timedelta, int, Any]
"""When, in which order, and what: a step, a look, a repetition or a message."""


class Play:
    """One scenario in one home.

    Args:
        scenario: what to play.
        home: its home, at the start.
        speed: times faster than reality; None: as fast as it can.
        tell: is given what happens, with the time since the start.
        watch: is given the record so far, whenever something has come of it.
    """

    def __init__(
        self,
        scenario: Scenario,
        home: PracticeHome,
        speed: float | None = None,
        tell: Tell = lambda _at, _line: None,
        watch: Watch | None = None,
    ) -> None:
        self._scenario, self._home, self._speed, self._tell = scenario, home, speed, tell
        self._watch = watch
        self._queue: list[_Due] = []
        self._order = 0
        self._messages: Iterator[WireMessage] | None = None  # with faults: what devices say
        self._turns: dict[Any, int] = {}  # a device's: who says something new repeats no longer
        self._stride = min(max(USUAL_STRIDE, scenario.lasts / STRIDES), PROOF_HOLDS)
        days = scenario.lasts > timedelta(days=1)
        self._shortest = SHORTEST_OF_DAYS if days else SHORTEST_STRIDE
        self._staff_changed = timedelta.min
        self._told: set[tuple[str, int]] = set()
        self.record = Record()

    def run(self) -> Record:
        """Play it to its end."""
        if befallen(self._scenario):
            self._messages = arriving(self._scenario, self._home.devices)
        for step in self._scenario.steps:
            if self._messages is None or not isinstance(step.what, Say):
                self._put(step.at, step)
        self._put_next_message()
        for one in self._scenario.expectations:
            if one.sign in SHOWN:
                self._put(one.by, one)
        self._go_to(timedelta())
        while self._now < self._scenario.lasts:
            self._go_to(self._next())
        self.record.alerts = self._home.api.every("/alerts?state=all")
        return self.record

    @property
    def _now(self) -> timedelta:
        return self._home.clock() - self._scenario.start

    def _next(self) -> timedelta:
        ends = [self._scenario.lasts, self._now + self._longest()]
        if self._queue:
            ends.append(self._queue[0][0])
        if (due := self._home.due_at()) is not None:
            ends.append(max(due - self._scenario.start, self._now + self._shortest))
        return max(min(ends), self._now)

    def _longest(self) -> timedelta:
        if self._speed is None:
            recent = self._now - STAFF_LOOKED_AT < self._staff_changed
            return STAFF_STRIDE if recent else self._stride
        return timedelta(seconds=self._speed * SMOOTH_S)

    def _go_to(self, at: timedelta) -> None:
        if self._speed is not None:
            self._home.devices.pause((at - self._now).total_seconds() / self._speed)
        self._home.turn_to(self._scenario.start + at)
        if not (self._queue and self._queue[0][0] <= at):
            self._tell_alerts(at)
            return
        looks = []
        while self._queue and self._queue[0][0] <= at:
            _, _, what = heapq.heappop(self._queue)
            if isinstance(what, Expectation):
                looks.append(what)
            else:
                self._happens(what)
        self._home.settle()
        for one in looks:
            self.record.shown[one.line] = looked_at(self._home.api, one)
        self._tell_alerts(at)
        if looks and self._watch is not None:
            self._watch(at, self.record)

    def _put(self, at: timedelta, what: Any) -> None:
        self._order += 1
        heapq.heappush(self._queue, (at, self._order, what))

    def _put_next_message(self) -> None:
        """One at a time, before whatever a person does at its time."""
        if self._messages is not None and (message := next(self._messages, None)) is not None:
            heapq.heappush(self._queue, (message.at - self._scenario.start, 0, message))

    def _happens(self, what: Any) -> None:
        if isinstance(what, WireMessage):
            self._tell(self._now, _as_it_came(what))
            self._home.devices.pass_on(what)
            self._put_next_message()
            return
        if isinstance(what, Step):
            self._tell(what.at, in_words(what.what))
            what = what.what
            if (who := _speaker(what)) is not None:
                self._turns[who] = self._turns.get(who, 0) + 1
        elif self._turns.get(_speaker(what[0])) != what[1]:
            return  # a repetition of what is no longer so
        else:
            what = what[0]
        self._do(what)
        if isinstance(what, Say | Publish) and what.every is not None:
            self._put(self._now + what.every, (what, self._turns[_speaker(what)]))

    def _do(self, what: What) -> None:
        home = self._home
        match what:
            case Say():
                home.devices.say(what)
            case Publish():
                home.devices.publish(what)
            case Wire():
                home.devices.handle(what.deed, what.device)
            case Listening():
                home.listening = what.count
                self._staff_changed = self._now
            case BrokerRestart():
                home.restart_broker()
            case GatewayPower(on=True):
                home.start_gateway(forgotten=what.forgotten)
            case GatewayPower():
                home.settle()
                home.stop_gateway()
            case Deed() | Call():
                home.settle()
                done = act(home.api, home.clock(), what) if isinstance(what, Deed) else ""
                done = call(home.api, what) if isinstance(what, Call) else done
                if done:
                    self.record.undone.append((self._now, in_words(what), done))

    def _tell_alerts(self, at: timedelta) -> None:
        if self._speed is None:
            return
        told = len(self._told)
        self.record.alerts = self._home.api.every("/alerts?state=all")
        for alert in reversed(self.record.alerts):
            for number, event in enumerate(alert["events"]):
                if (alert["id"], number) not in self._told:
                    self._told.add((alert["id"], number))
                    self._tell(at, f"  {event['event']}: {alert['text']}")
        if len(self._told) > told and self._watch is not None:
            self._watch(at, self.record)


def _speaker(what: What) -> Any:
    """Whose turn it is: a device's, or that of a topic."""
    match what:
        case Say() | Wire():
            return what.device
        case Publish():
            return what.topic
    return None


def since(start: datetime, text: str) -> timedelta:
    """The time since ``start`` of an instant in RFC 3339."""
    return datetime.fromisoformat(text) - start


def _as_it_came(message: WireMessage) -> str:
    who = message.sender.address
    if message.parting is not None or message.by_will:
        return f"{who} is gone"
    return f"{who} says {message.payload().decode()}"
