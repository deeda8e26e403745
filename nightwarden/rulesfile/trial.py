"""Runs a story through the rules' own engine, on a clock that only the story turns.

The home is applied to a store that is thrown away, so that the engine sees it exactly as a running
monitor would. Each expectation is compared with everything raised since the one before; what is
raised after the last one, and expected by nobody, is a difference too.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from nightwarden.homefile import plan
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan, ReportedFault
from nightwarden.model.readings import Reading
from nightwarden.model.rounds import Round
from nightwarden.model.staff import Staff
from nightwarden.model.watches import Pause
from nightwarden.rulesfile.durations import duration_text
from nightwarden.rulesfile.story import Done, Expected, Said, Step, Story
from nightwarden.store.engine import open_store
from nightwarden.store.plan import load_plan
from rules.decisions import Decision, Raise
from rules.engine import Engine

_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to print, and whether everything was as expected."""

    lines: tuple[str, ...]
    as_expected: bool


def run_story(story: Story) -> Outcome:
    """Run ``story`` to its last step and compare."""
    night = _Night(story)
    lines: list[str] = []
    checked = wrong = 0
    for step in story.steps:
        night.take(step)
        if step.expected is not None:
            checked += 1
            different = _compared(step, night.raised_since(), story)
            wrong += bool(different)
            lines += different
    if left := night.raised_since():
        wrong += 1
        checked += 1
        lines += [f"{story.source}: after the last expectation", *_table(_paired((), left))]
    said = f"{checked} expectations" if checked != 1 else "1 expectation"
    verdict = f"{wrong} of {said} not met" if wrong else f"{said}, all met"
    return Outcome((*lines, f"{story.source}: {verdict}"), not wrong)


class _Night:
    """An engine at work, its deadlines kept on time, and what it raised."""

    def __init__(self, story: Story) -> None:
        self._start = self._now = story.start
        self._plan = _plan_of(story)
        self._engine = Engine(self._plan, {}, self._now, book=story.book)
        self._raised: list[Raise] = []
        self._staff = Staff(listening=1)
        self._note(self._engine.tick(self._now))

    def take(self, step: Step) -> None:
        """Let time pass until the step, then do what it says."""
        self._until(self._start + step.at)
        if step.said is not None:
            for reading in self._readings(step.said):
                self._note(self._engine.hear(reading, self._now).decisions)
            self._note(self._engine.tick(self._now))
        if step.done is not None:
            self._plan = _after(self._plan, step.done, self._now)
            self._note(self._engine.replan(self._plan, self._now))
            self._note(self._engine.tick(self._now))
        if step.listening is not None or step.waiting is not None:
            self._learn(step)

    def _learn(self, step: Step) -> None:
        staff = self._staff
        if step.listening is not None:
            staff = staff._replace(listening=step.listening)
        if step.waiting is not None:
            since = self._now if step.waiting else None
            staff = staff._replace(waiting_since=since)
        self._staff = staff
        self._note(self._engine.learn(staff, self._now))

    def raised_since(self) -> list[Raise]:
        """What was raised since this was last asked."""
        raised, self._raised = self._raised, []
        return raised

    def _until(self, end: datetime) -> None:
        while (due := self._engine.next_deadline) is not None and due <= end:
            self._now = max(self._now, due)
            self._note(self._engine.tick(self._now))
        self._now = end

    def _readings(self, said: Said) -> Iterable[Reading]:
        timed = said.measured is not None
        measured_at = self._start + said.measured if said.measured is not None else self._now
        for quantity, value in said.values.items():
            fresh = not said.retained
            yield Reading(said.device, quantity, value, measured_at, self._now, fresh, timed)

    def _note(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            self._raised += [effect for effect in decision.effects if isinstance(effect, Raise)]
        self._engine.changed()  # what was raised counts as open from here on


def _after(plan: Plan, done: Done, now: datetime) -> Plan:
    """The plan once a person has done this."""
    until = now + done.length
    if done.deed == "pause":
        place = PlaceId(*done.subject.split("/"))
        pause = Pause(place, now, until, done.by, "care in progress")
        return replace(plan, pauses=(*plan.pauses, pause))
    if done.deed in ("round", "seen"):
        return replace(plan, rounds=_rounds_after(plan, done, now))
    (item,) = (item for item in plan.items if item.tag == done.subject)
    if done.deed == "fault":
        made = ReportedFault(
            len(plan.faults) + 1, item.place, item.tag, item.kind.value, "not as it was", now
        )
        return replace(plan, faults=(*plan.faults, made))
    if done.deed == "heater":
        then = replace(item, lent_to=done.by, due_back=until)
    elif done.deed == "permit":
        then = replace(
            item, permit_since=now, permit_until=until, permit_by=done.by, worked_on_at=None
        )
    else:
        back = replace(item, permit_since=None, permit_until=None, due_back=None)
        then = replace(back, worked_on_at=now)
    return replace(plan, items=tuple(then if each is item else each for each in plan.items))


def _rounds_after(plan: Plan, done: Done, now: datetime) -> tuple[Round, ...]:
    place = PlaceId(*done.subject.split("/"))
    if done.deed == "round":
        every = timedelta(minutes=15)
        made = Round(len(plan.rounds) + 1, place, now, now + done.length, every, done.by)
        return (*plan.rounds, made)
    return tuple(
        replace(one, last_tick_at=now) if one.place == place else one for one in plan.rounds
    )


def _plan_of(story: Story) -> Plan:
    with tempfile.TemporaryDirectory(prefix="nightwarden-") as folder:
        store = open_store(Path(folder) / "story.db")
        try:
            with store.transaction(story.start) as tx:
                plan.apply(tx, story.home, "a test of rules")
                made = load_plan(tx)
        finally:
            store.close()
    assert made is not None, "the home was applied just now"
    return made


def _compared(step: Step, raised: list[Raise], story: Story) -> list[str]:
    """Nothing when it is as expected, else both beside each other under the step's line."""
    pairs = _paired(step.expected or (), raised)
    if all(mark == "=" for mark, _, _ in pairs):
        return []
    return [f"{story.source}:{step.line}: at {duration_text(step.at)}", *_table(pairs)]


def _paired(expected: tuple[Expected, ...], raised: list[Raise]) -> list[tuple[str, str, str]]:
    """A mark, what was expected and what was raised: ``=`` met, ``!`` differs or is missing."""
    left, pairs = list(raised), []
    missed: list[Expected] = []
    for one in expected:
        found = next((effect for effect in left if _meets(effect, one)), None)
        if found is None:
            missed.append(one)
        else:
            left.remove(found)
            pairs.append(("=", str(one), _shown(found)))
    for one in missed:
        near = next((effect for effect in left if _same_cause(effect, one)), None)
        if near is not None:
            left.remove(near)
        pairs.append(("!", str(one), _NOTHING if near is None else _shown(near)))
    return pairs + [("!", _NOTHING, _shown(effect)) for effect in left]


def _same_cause(effect: Raise, one: Expected) -> bool:
    return effect.cause.kind is one.kind and str(effect.cause.place) == one.place


def _meets(effect: Raise, one: Expected) -> bool:
    return (
        _same_cause(effect, one)
        and one.priority in (None, effect.priority)
        and (one.text is None or one.text in effect.text)
    )


def _shown(effect: Raise) -> str:
    return f'{effect.cause.kind} {effect.cause.place} {effect.priority} "{effect.text}"'


def _table(pairs: list[tuple[str, str, str]]) -> list[str]:
    width = max(len("expected"), *(len(expected) for _, expected, _ in pairs))
    head = f"    {'expected':<{width}}  raised"
    return [head, *(f"  {mark} {left:<{width}}  {right}" for mark, left, right in pairs)]
