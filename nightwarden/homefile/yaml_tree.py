"""YAML text as plain values that remember their lines.

Read from the parser's events rather than loaded, for three reasons:

1. Every key and value keeps its line, so that every error can name one.
2. A scalar keeps its source text: ``id: 012`` is "012" and ``on:`` is the word "on". Only ``null``,
   ``true`` and ``false`` become more than text.
3. Anchors, aliases, tags and directives are refused as they appear, so that no small file can
   grow into a large one, and no value comes from elsewhere than its line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.reader import ReaderError

from nightwarden.model.phrases import phrase

Path = tuple[str | int, ...]
"""Where something stands: ``("rooms", 0, "places", 1, "emitter")``."""

MAX_DEPTH = 16
"""A home file is 6 deep; what is deeper than this was not written by a person."""

_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: truth for truth in (True, False) for word in (str(truth), str(truth).lower())
}
_WORDS |= {"TRUE": True, "FALSE": False}


class Unquoted(str):
    """A scalar without quotes: its source text, which another reader may take for a number."""

    __slots__ = ()


class Unreadable(Exception):
    """The text cannot be read beyond ``line`` (from 1)."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(slots=True)
class Tree:
    """A document. ``value`` is made of dict, list, str, bool and None; lines count from 1."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    key_lines: dict[Path, int] = field(default_factory=dict)
    repeated: list[tuple[Path, int]] = field(default_factory=list)
    """Keys that were there already, with the line of their repetition."""

    def line(self, path: Path, *, of_key: bool = False) -> int:
        """The line of the value at ``path``, or of the nearest thing around it that is there."""
        if of_key and path in self.key_lines:
            return self.key_lines[path]
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def where(self, path: Path) -> str:
        """``in line 7``, for a sentence about something else."""
        number = self.line(path)
        return phrase(f"in line {number}")


def read_tree(text: str) -> Tree:
    """Read one YAML 1.2 document; an empty one has the value None.

    Raises:
        Unreadable: the text is not YAML, or uses a part of it that home files do without.
    """
    _refuse_directives(text)
    builder = _Builder(text)
    try:
        return builder.build()
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else builder.line
        raise Unreadable(line, _in_words(problem)) from problem
    except ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1
        raise Unreadable(line, phrase("has a control character in it; remove it")) from problem
    except (YAMLError, ValueError, OverflowError) as problem:  # an escape beyond Unicode
        said = phrase("is not YAML that can be read; look for a \\")
        raise Unreadable(builder.line, said) from problem


def _refuse_directives(text: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("%"):
            raise Unreadable(number, phrase('a directive ("%…") is not read here; remove the line'))
        if line.strip() and not line.startswith("#"):
            return


def _in_words(problem: MarkedYAMLError) -> str:
    said = str(problem.problem)
    if "'\\t'" in said:
        return phrase("a tab cannot indent YAML; use spaces")
    text = f"{problem.context} {said}" if problem.context else said
    return phrase(f"is not YAML: {text}; look for a missing quote, bracket or colon")


class _Builder:
    """Turns the parser's events into a tree."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self._tree = Tree()
        self.line = 1

    def build(self) -> Tree:
        event = self._next()
        while isinstance(event, StreamStartEvent | DocumentStartEvent):
            event = self._next()
        if not isinstance(event, StreamEndEvent):
            self._tree.value = self._node(event, ())
            while isinstance(event := self._next(), DocumentEndEvent):
                pass
            if not isinstance(event, StreamEndEvent):
                said = phrase("a second document starts here; a home file is one")
                raise Unreadable(self.line, said)
        return self._tree

    def _next(self) -> Any:
        event = next(self._events)
        self.line = event.start_mark.line + 1
        return event

    def _node(self, event: Any, path: Path) -> Any:
        self._refuse_indirection(event)
        self._tree.lines[path] = self.line
        if len(path) > MAX_DEPTH:
            said = phrase(f"is nested more than {MAX_DEPTH} deep; a home file is 6")
            raise Unreadable(self.line, said)
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, MappingStartEvent)
        return self._mapping(path)

    def _sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            values.append(self._node(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            self._refuse_indirection(event)
            if not isinstance(event, ScalarEvent):
                raise Unreadable(self.line, phrase("a key must be a word, not a list or mapping"))
            here = (*path, str(event.value))
            if event.value in values:
                self._tree.repeated.append((here, self.line))
            else:
                self._tree.key_lines[here] = self.line
            values[str(event.value)] = self._node(self._next(), here)
        return values

    def _refuse_indirection(self, event: Any) -> None:
        if isinstance(event, AliasEvent):
            name = event.anchor
            raise Unreadable(self.line, phrase(f'an alias ("*{name}") is not read; write it out'))
        if event.anchor is not None:
            name = event.anchor
            raise Unreadable(self.line, phrase(f'an anchor ("&{name}") is not read; remove it'))
        if event.ctag is not None:
            name = event.ctag
            raise Unreadable(self.line, phrase(f'a tag ("{name}") is not read; remove it'))


def _scalar(event: ScalarEvent) -> str | bool | None:
    if event.style is not None:
        return str(event.value)
    return _WORDS[event.value] if event.value in _WORDS else Unquoted(event.value)
