"""Every number that a home may set, found by looking at the rules themselves.

A setting is a field of a rule in ``rules.rulebook``, or a time of ``rules.escalation``. Its name,
type, default and meaning are read from there. A rule's docstring has an entry for each field (its
name in double backquotes, a colon, what it means), or else a sentence that names it.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import cache
from typing import Any

from nightwarden.model.alerts import AlertEvent, Priority
from nightwarden.model.phrases import phrase
from nightwarden.rulesfile.bounds import Bound, Value, bound_of
from nightwarden.rulesfile.durations import PATTERN, duration_text, parse_duration
from rules.escalation import DEFAULT_ESCALATION, EscalationPolicy, Ladder
from rules.outcomes import AfterFall
from rules.protected_share import CoverageTarget
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook

Path = tuple[str, ...]
Values = Mapping[Path, Value]
"""A value for each setting, by its path."""

ESCALATION = "escalation"
AFTER_FALL = "after_fall"
COVERAGE = "coverage"
THEN_EVERY = "then_every"
RUNGS = {
    AlertEvent.REPEATED: ("repeat", phrase("sounded again")),
    AlertEvent.TOLD_EVERYONE: ("everyone", phrase("everyone is told")),
    AlertEvent.TOLD_SENIOR: ("senior", phrase("a senior is told")),
    AlertEvent.TOLD_MANAGER: ("manager", phrase("the on-call manager is told")),
}
"""What the rungs of a ladder are called in the file, and what happens at them."""

_PROMISES = {
    "acceptance_holds": "how long a promise to go holds without attendance; then everyone is told",
    "reminder_to_close": "how long after attendance, or the last reminder, somebody is asked "
    "to close the alert",
}
_NUMBER = re.compile(r"[-+]?(\d{1,9}(\.\d{0,6})?|\.\d{1,6})", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Setting:
    """One number, length of time, word or choice. ``path``: ``("hot_surface", "limit_c")``."""

    path: Path
    default: Value
    meaning: str

    @property
    def name(self) -> str:
        """``hot_surface.limit_c``"""
        return ".".join(self.path)

    @property
    def bound(self) -> Bound | None:
        """How far it may go."""
        return bound_of(self.name, self.default)

    @property
    def unit(self) -> str:
        """What it is measured in; empty where it is a plain number, word or choice."""
        if isinstance(self.default, timedelta):
            return "time"
        if self.name.endswith("_c"):
            return "°C"
        return "%" if self.name.endswith("_percent") else ""

    @property
    def sign(self) -> str:
        """The unit as it stands behind a number; a length of time has its own."""
        return "" if self.unit == "time" else f" {self.unit}".rstrip()

    def parse(self, given: Any) -> Value:
        """The value that ``given`` (as ``yaml_tree`` reads it) stands for.

        Raises:
            ValueError: it is not of the right kind or out of bounds; one sentence.
        """
        value = _parsed(given, self.default)
        if self.bound is not None and not isinstance(value, bool | str):
            self._check(value, self.bound)
        return value

    def _check(self, value: Any, bound: Bound) -> None:
        if value < bound.least:
            least = value_text(bound.least)
            raise ValueError(
                f"{value_text(value)} is too small; the least is {least}{self.sign}: {bound.why}"
            )
        if value > bound.most:
            most = value_text(bound.most)
            raise ValueError(
                f"{value_text(value)} is too large; the most is {most}{self.sign}: {bound.why}"
            )

    def schema(self) -> dict[str, Any]:
        """It in JSON Schema."""
        described: dict[str, Any] = {"description": self.meaning, "default": plain(self.default)}
        match self.default:
            case bool():
                return {"type": "boolean", **described}
            case timedelta():
                return {
                    "anyOf": [{"type": "string", "pattern": PATTERN}, {"const": 0}],
                    **described,
                }
            case str():
                return {"type": "string", **described}
            case _:
                kind = "integer" if isinstance(self.default, int) else "number"
                assert self.bound is not None, "a number has a bound"
                low, high = self.bound.least, self.bound.most
                return {"type": kind, "minimum": low, "maximum": high, **described}


def value_text(value: Value) -> str:
    """A value as the file has it."""
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:g}"


def plain(value: Value) -> float | int | bool | str:
    """A value for JSON: a length of time as its text."""
    return duration_text(value) if isinstance(value, timedelta) else value


@cache
def all_settings() -> Mapping[Path, Setting]:
    """Every setting: the rulebook's in its order, escalation, what follows a fall, coverage."""
    every = (*_of_rules(), *_of_escalation(), *_of_reviews(), *_of_coverage())
    return {setting.path: setting for setting in every}


@cache
def defaults() -> Values:
    """The rules as delivered."""
    return {path: setting.default for path, setting in all_settings().items()}


def rulebook_of(values: Values) -> Rulebook:
    """The rulebook that these values make; what is left out has its default."""
    rules = {}
    for part in fields(Rulebook):
        rule = getattr(DEFAULT_RULEBOOK, part.name)
        names = [one.name for one in fields(rule) if (part.name, one.name) in values]
        rules[part.name] = replace(rule, **{name: values[part.name, name] for name in names})
    return Rulebook(**rules)


def escalation_of(values: Values) -> EscalationPolicy:
    """The ladders that these values make; what is left out has its default."""
    every: Mapping[Path, Any] = {**defaults(), **values}
    ladders = {}
    for priority, ladder in DEFAULT_ESCALATION.ladders.items():
        here = (ESCALATION, priority.value)
        rungs = tuple(replace(r, after=every[*here, RUNGS[r.event][0]]) for r in ladder.rungs)
        ladders[priority] = Ladder(rungs, every[*here, THEN_EVERY])
    promises = {name: every[ESCALATION, name] for name in _PROMISES}
    return EscalationPolicy(ladders, **promises)


def after_fall_of(values: Values) -> AfterFall:
    """The times of a review after a fall that these values make."""
    names = [one.name for one in fields(AfterFall) if (AFTER_FALL, one.name) in values]
    given: Mapping[str, Any] = {name: values[AFTER_FALL, name] for name in names}
    return AfterFall(**given)


def coverage_of(values: Values) -> CoverageTarget:
    """The share of required time that these values aim at."""
    names = [one.name for one in fields(CoverageTarget) if (COVERAGE, one.name) in values]
    given: Mapping[str, Any] = {name: values[COVERAGE, name] for name in names}
    return CoverageTarget(**given)


def _of_rules() -> Iterator[Setting]:
    for part in fields(Rulebook):
        rule = getattr(DEFAULT_RULEBOOK, part.name)
        text = inspect.getdoc(type(rule)) or ""
        for one in fields(rule):
            yield Setting((part.name, one.name), getattr(rule, one.name), _meaning(text, one.name))


def _of_escalation() -> Iterator[Setting]:
    for priority in Priority:
        ladder = DEFAULT_ESCALATION.ladders[priority]
        here = (ESCALATION, priority.value)
        for rung in ladder.rungs:
            name, words = RUNGS[rung.event]
            meaning = f"how long after it is raised an unanswered {priority} alert is {words}"
            if name != "repeat":
                meaning = f"how long after a {priority} alert is raised, unanswered, {words}"
            yield Setting((*here, name), rung.after, meaning)
        every = f"past the last of them, an unanswered {priority} alert is sounded again this often"
        yield Setting((*here, THEN_EVERY), ladder.then_every, every)
    for name, meaning in _PROMISES.items():
        yield Setting((ESCALATION, name), getattr(DEFAULT_ESCALATION, name), meaning)


def _of_reviews() -> Iterator[Setting]:
    text, delivered = inspect.getdoc(AfterFall) or "", AfterFall()
    for one in fields(AfterFall):
        meaning = _meaning(text, one.name)
        yield Setting((AFTER_FALL, one.name), getattr(delivered, one.name), meaning)


def _of_coverage() -> Iterator[Setting]:
    text, delivered = inspect.getdoc(CoverageTarget) or "", CoverageTarget()
    for one in fields(CoverageTarget):
        meaning = _meaning(text, one.name)
        yield Setting((COVERAGE, one.name), getattr(delivered, one.name), meaning)


def _meaning(docstring: str, field_name: str) -> str:
    """What a rule's docstring says of a field: its own entry, or the sentence that names it."""
    told = f"``{field_name}``"
    entry = re.search(rf"{told}: (.+?)(?=\n\s*\n|\n``\w+``:|\Z)", docstring, re.DOTALL)
    sentences = re.split(r"(?<=[.:])\s+(?=[A-Z`])|\n\n", docstring)
    naming = next((one for one in sentences if told in one), sentences[0])
    words = entry[1] if entry else naming
    return " ".join(words.replace("``", "`").split()).rstrip(".")


def _parsed(given: Any, default: Value) -> Value:
    wrong = _not_of_a_kind(given, default)
    if wrong is not None:
        raise ValueError(wrong)
    if isinstance(default, bool):
        return bool(given)
    if isinstance(default, timedelta):
        return parse_duration(given)
    if isinstance(default, str):
        return str(given)
    pattern = _WHOLE if isinstance(default, int) else _NUMBER
    if not pattern.fullmatch(given):
        raise ValueError(f'"{given}" is not {_kind_words(default)}, such as {value_text(default)}')
    return int(given) if isinstance(default, int) else float(given)


def _not_of_a_kind(given: Any, default: Value) -> str | None:
    """Why ``given`` cannot even be read as a value like ``default``."""
    if given is None:
        return "has no value; write one after the colon or leave the line out"
    if isinstance(given, dict | list):
        return "is one value; write it after the colon"
    if isinstance(default, bool) and not isinstance(given, bool):
        return f'"{given}" is neither true nor false'
    if isinstance(given, bool) and not isinstance(default, bool):
        return f"{str(given).lower()} is a truth value; this is {_kind_words(default)}"
    return None


def _kind_words(default: Value) -> str:
    match default:
        case timedelta():
            return "a length of time"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case _:
            return "a word"
