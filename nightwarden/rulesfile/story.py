"""Reads a test of rules: a home, its rules, and a night told step by step.

``home`` and ``rules`` are each either the name of a file, looked for beside this one, or the file
itself as a block (``home: |``); their errors have the lines of the text they stand in. A step is
a reading of a device, what a person does (``pause`` a place, take an item off with a ``permit``,
leave a ``heater``, say that either is ``back``, report a ``fault``, set a ``round`` every 15
minutes, or have ``seen`` the place on it), or what must have been raised since the expectation
before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.shape import HomeFile
from nightwarden.homefile.yaml_tree import Path as Where
from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.readings import HUBS, DeviceId, Quantity
from nightwarden.rulesfile.document import Document
from nightwarden.rulesfile.reader import read_rules_file
from nightwarden.rulesfile.settings import rulebook_of
from nightwarden.rulesfile.story_parts import file_of, part_of, places_of, start_of
from nightwarden.rulesfile.story_values import READS, duration, near_word, truth, word_of
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook

_KEYS = ("home", "rules", "start", "steps")
_PLAIN_STEP = ("at", "device", "measured", "retained", "expect", "tick", "for", "by")
_DEEDS = ("pause", "permit", "heater", "back", "fault", "round", "seen")
_STAFF = ("listening", "waiting")
_EXPECTATION = ("kind", "place", "priority", "text")


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert that must have been raised; None: whatever it is."""

    kind: AlertKind
    place: str
    priority: Priority | None = None
    text: str | None = None

    def __str__(self) -> str:
        parts = [self.kind.value, self.place, self.priority, self.text and f'"{self.text}"']
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Said:
    """What a device says: its quantities, when it measured them, and whether it is kept news."""

    device: DeviceId
    values: dict[Quantity, bool | float | str]
    measured: timedelta | None = None
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a person does: ``pause`` a place, have an item off with a ``permit``, leave a ``heater``
    somewhere, or set a ``round`` of a place, for a time; say that the item is ``back``, report a
    ``fault`` of it, or say that the place was ``seen``."""

    deed: str
    subject: str
    length: timedelta
    by: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something at a time after the start; if nothing is in it: time passes, no more.

    ``listening``: so many screens and phones can sound an alert from here on. ``waiting``: an
    alert about a person waits from here on, and nobody does anything; or none waits.
    """

    line: int
    at: timedelta
    said: Said | None = None
    expected: tuple[Expected, ...] | None = None
    done: Done | None = None
    listening: int | None = None
    waiting: bool | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A test of rules, ready to be run."""

    source: str
    start: datetime
    home: HomeFile
    book: Rulebook = DEFAULT_RULEBOOK
    steps: tuple[Step, ...] = ()


def read_story(path: Path) -> Story:
    """The story in the file ``path``.

    Raises:
        Invalid: one line an error, ``SOURCE:LINE: steps[0].at: sentence``.
    """
    raw = file_of(path, str(path))
    document = Document(raw, str(path), "test of rules")
    for key in document.value:
        if key not in _KEYS:
            document.unknown((key,), _KEYS)
    for key in ("home", "start", "steps"):
        if document.value.get(key) is None:
            document.wrong((), f'"{key}" is missing')
    start = start_of(document)
    document.refuse_if_wrong()
    text, source = part_of(document, "home", path)
    home = read_home_file(text, source, start)
    book = DEFAULT_RULEBOOK
    if document.value.get("rules") is not None:
        book = rulebook_of(read_rules_file(*part_of(document, "rules", path)).sets)
    steps = _Steps(document, home).read()
    document.refuse_if_wrong()
    return Story(str(path), start, home, book, steps)


class _Steps:
    """Reads the steps; what is wrong with them is noted in the document."""

    def __init__(self, document: Document, home: HomeFile) -> None:
        self._document = document
        self._places = places_of(home)
        bound = [item.device.device for item in home.equipment if item.device]
        self._items = [item.tag for item in home.equipment]
        self._reached = timedelta()
        self._devices = {device.address: device for device in (*sorted(HUBS), *bound)}

    def read(self) -> tuple[Step, ...]:
        given = self._document.value["steps"]
        if not isinstance(given, list):
            self._document.wrong(("steps",), "is not a list; start each step with a dash")
            return ()
        return tuple(self._step(("steps", number), one) for number, one in enumerate(given))

    def _step(self, path: Where, content: Any) -> Step:
        line = self._document.tree.line(path)
        if not isinstance(content, dict):
            self._document.wrong(path, "is not a step; write {at: 10s, …}")
            return Step(line, self._reached)
        self._reached = at = self._at(path, content)
        known = [
            *_PLAIN_STEP,
            *_DEEDS,
            *_STAFF,
            *(q.value for q in Quantity if q is not Quantity.PROOF),
        ]
        for key in content:
            if key not in known:
                self._document.unknown((*path, key), known)
        expected = self._expected((*path, "expect"), content) if "expect" in content else None
        if expected is not None and "device" in content:
            self._document.wrong(path, "says and expects; write them as two steps")
        said = self._said(path, content) if "device" in content else None
        if not content.keys() & {"device", "expect", "tick", *_DEEDS, *_STAFF}:
            self._document.wrong(path, "has neither a device nor expect, nor tick: true")
        listening = self._taken(path, content, "listening", int)
        waiting = self._taken(path, content, "waiting", truth)
        return Step(line, at, said, expected, self._done(path, content), listening, waiting)

    def _done(self, path: Where, content: dict[str, Any]) -> Done | None:
        deed = next((deed for deed in _DEEDS if deed in content), None)
        if deed is None:
            return None
        of_place = deed in ("pause", "round", "seen")
        known = dict.fromkeys(self._places if of_place else self._items)
        subject = str(content[deed])
        if subject not in known:
            what = "place" if of_place else "item"
            hint = near_word(subject, known)
            self._document.wrong((*path, deed), f'there is no {what} "{subject}"{hint}')
        if deed not in ("back", "fault", "seen") and "for" not in content:
            self._document.wrong(path, '"for" is missing: for how long, such as 10m')
        length = self._taken(path, content, "for", duration)
        return Done(deed, subject, length or timedelta(), str(content.get("by", "a carer")))

    def _at(self, path: Where, content: dict[str, Any]) -> timedelta:
        if "at" not in content:
            self._document.wrong(path, '"at" is missing: the time since the start, such as 10s')
        at: timedelta | None = self._taken(path, content, "at", duration)
        if at is not None and at < self._reached:
            self._document.wrong((*path, "at"), "is before the step above it")
        return self._reached if at is None else at

    def _said(self, path: Where, content: dict[str, Any]) -> Said | None:
        address = content["device"]
        device = self._devices.get(str(address))
        if device is None:
            hint = near_word(str(address), self._devices)
            self._document.wrong((*path, "device"), f'no item has a device "{address}"{hint}')
            return None
        values = {
            quantity: self._taken(path, content, quantity.value, READS[quantity])
            for quantity in Quantity
            if quantity in content and quantity in READS
        }
        if not values:
            self._document.wrong(path, f"says nothing; write one of {', '.join(READS)}")
        measured = self._taken(path, content, "measured", duration)
        retained = bool(self._taken(path, content, "retained", truth))
        return Said(device, {q: v for q, v in values.items() if v is not None}, measured, retained)

    def _expected(self, path: Where, content: dict[str, Any]) -> tuple[Expected, ...]:
        given = content["expect"]
        if given == "none":
            return ()
        if not (isinstance(given, list) and given):
            self._document.wrong(
                path, "is none, or a list such as [{kind: bed_exit, place: 12/bed}]"
            )
            return ()
        return tuple(
            one
            for number, part in enumerate(given)
            if (one := self._expectation((*path, number), part)) is not None
        )

    def _expectation(self, path: Where, part: Any) -> Expected | None:
        if not (isinstance(part, dict) and {"kind", "place"} <= part.keys()):
            self._document.wrong(path, "needs a kind and a place: {kind: bed_exit, place: 12/bed}")
            return None
        for key in part:
            if key not in _EXPECTATION:
                self._document.unknown((*path, key), _EXPECTATION)
        if part["place"] not in self._places:
            hint = near_word(str(part["place"]), dict.fromkeys(self._places))
            self._document.wrong((*path, "place"), f'there is no place "{part["place"]}"{hint}')
        kind = self._taken(path, part, "kind", word_of(AlertKind))
        priority = self._taken(path, part, "priority", word_of(Priority))
        text = self._taken(path, part, "text", str)
        return None if kind is None else Expected(kind, str(part["place"]), priority, text)

    def _taken(
        self, path: Where, content: dict[str, Any], key: str, read: Callable[[Any], Any]
    ) -> Any:
        """The value under ``key`` as ``read`` takes it; None where it is missing or wrong."""
        if key not in content:
            return None
        try:
            return read(content[key])
        except ValueError as problem:
            self._document.wrong((*path, key), str(problem))
            return None
