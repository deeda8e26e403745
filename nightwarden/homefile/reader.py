"""Reads a home file, or says everything that is wrong with it: one line an error, each with its
place in the file, so that a person mends it in one go.

A text that is not YAML stops at the first such place, since nothing after it can be believed.
"""

from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from enum import EnumType
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from nightwarden.errors import Invalid
from nightwarden.homefile.agreement import did_you_mean, disagreements
from nightwarden.homefile.shape import HomeFile
from nightwarden.homefile.yaml_tree import Path, Tree, Unreadable, read_tree
from nightwarden.model.phrases import phrase

MAX_BYTES = 24 * 1024 * 1024
"""A home of 1,500 items takes about 0.3 MiB, one of 100,000 takes 16, and 700 to read it."""


def read_home_file(raw: bytes, source: str, now: datetime) -> HomeFile:
    """The home file in ``raw`` (UTF-8 YAML).

    Args:
        raw: at most :data:`MAX_BYTES`.
        source: the file's name, for the errors.
        now: aware; no confirmation may be of a day that has yet to come.

    Raises:
        Invalid: one line an error, ``SOURCE:LINE: rooms[0].places[1].emitter: sentence``, in the
            order of the lines.
    """
    tree = _tree(raw, source)
    home_file, problems = judged(tree, now)
    if problems or home_file is None:
        lines = sorted({(problem.line, str(problem)) for problem in problems})
        raise Invalid("\n".join(f"{source}:{line}: {sentence}" for line, sentence in lines))
    return home_file


class Problem(NamedTuple):
    """One thing that is wrong: at ``path``, or with ``missing`` where ``path`` would be."""

    line: int
    path: Path
    sentence: str
    missing: bool = False

    def __str__(self) -> str:
        around = self.path[:-1] if self.missing else self.path
        return f"{_written(around)}: {self.sentence}" if around else self.sentence


def judged(tree: Tree, now: datetime) -> tuple[HomeFile | None, list[Problem]]:
    """The home file that a tree says, and everything that is wrong with it; None where it cannot
    be one. ``now`` as in :func:`read_home_file`."""
    problems = [
        Problem(line, path, phrase("is there already; a key is written once"))
        for path, line in tree.repeated
    ]
    problems += [
        Problem(tree.line(path), path, sentence) for path, sentence in disagreements(tree, now)
    ]
    home_file: HomeFile | None = None
    try:
        home_file = HomeFile.model_validate(tree.value)
    except ValidationError as found:
        problems += [_located(tree, error) for error in found.errors(include_url=False)]
    return home_file, problems


def _tree(raw: bytes, source: str) -> Tree:
    if len(raw) > MAX_BYTES:
        raise Invalid(f"{source}:1: is larger than {MAX_BYTES >> 20} MiB; that is no home file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise Invalid(f"{source}:{line}: has bytes that are not UTF-8; save it as UTF-8") from None
    try:
        tree = read_tree(text)
    except Unreadable as problem:
        raise Invalid(f"{source}:{problem.line}: {problem}") from None
    if tree.value is None:
        raise Invalid(f"{source}:1: is empty; a home file starts with home:")
    if not isinstance(tree.value, dict):
        line = tree.line(())
        raise Invalid(f"{source}:{line}: is not a mapping; a home file starts with home:")
    return tree


def _located(tree: Tree, error: Any) -> Problem:
    path: Path = error["loc"]
    kind = error["type"]
    line = tree.line(path, of_key=kind == "extra_forbidden")
    if kind == "missing":
        name = path[-1]
        return Problem(line, path, phrase(f'"{name}" is missing') + _help(path), missing=True)
    return Problem(line, path, _sentence(error, path))


def _sentence(error: Any, path: Path) -> str:
    given = error["input"]
    match error["type"]:
        case "value_error":
            return str(error["ctx"]["error"])
        case "extra_forbidden":
            return _not_a_key(str(path[-1]), list(_model_at(path[:-1]).model_fields))
        case _ if given is None:
            return phrase("has no value") + _help(path)
        case "enum":
            return _not_a_word(given, path)
        case "greater_than_equal":
            least = error["ctx"]["ge"]
            return phrase(f"{given} is too small; the least is {least}")
        case "less_than_equal":
            most = error["ctx"]["le"]
            return phrase(f"{given} is too large; the most is {most}")
        case "list_type":
            return phrase("is not a list; start each of its lines with a dash")
        case "model_type" | "model_attributes_type" | "dict_type":
            text = ", ".join(_model_at(path).model_fields)
            return phrase(f"is not a mapping; write {text} with colons")
        case "bool_type":
            return phrase(f'"{given}" is neither true nor false')
        case "string_type" if isinstance(given, bool):
            value = str(given).lower()
            return phrase(
                f'{value} is a truth value in YAML; write "{value}" in quotes if it is a word'
            )
        case "string_type":
            return phrase("is not a text; write one value after the colon")
        case _:
            return str(error["msg"])


def _not_a_key(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, n=1)
    hint, text = f"{did_you_mean(near[0])}? " if near else "", ", ".join(known)
    return phrase("is not known here") + f"; {hint}" + phrase(f"Known are {text}")


def _not_a_word(given: Any, path: Path) -> str:
    field = _field_at(path)
    title = (field.title if field else None) or phrase("word for this")
    words = _enum_words(field.annotation if field else None)
    name = f'"{given}"' if isinstance(given, str) else str(given).lower()
    near = get_close_matches(str(given), words, n=1)
    text = ", ".join(words)
    known = phrase(f"Known are {text}") if near else phrase(f"use {text}")
    hint = f"{did_you_mean(near[0])}? {known}" if near else known
    vowel = title[0] in "aeiou"
    return phrase(f"{name} is not {'an' if vowel else 'a'} {title}") + f"; {hint}"


def _help(path: Path) -> str:
    field = _field_at(path)
    return f": {field.description.rstrip('.')}" if field and field.description else ""


def _model_at(path: Path) -> type[BaseModel]:
    """The class that describes the mapping at ``path``."""
    model: type[BaseModel] = HomeFile
    for key in path:
        if isinstance(key, str) and (field := model.model_fields.get(key)):
            model = next(_classes(field.annotation, BaseModel), model)
    return model


def _field_at(path: Path) -> FieldInfo | None:
    return _model_at(path[:-1]).model_fields.get(str(path[-1])) if path else None


def _enum_words(annotation: Any) -> list[str]:
    found: Any = next((part for part in _leaves(annotation) if isinstance(part, EnumType)), None)
    return [member.value for member in found] if found else []


def _classes(annotation: Any, kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for part in _leaves(annotation):
        if isinstance(part, type) and issubclass(part, kind):
            yield part


def _leaves(annotation: Any) -> Iterator[Any]:
    """The classes in ``list[X]``, ``X | None`` or ``X``."""
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from _leaves(part)


def _written(path: Path) -> str:
    """``rooms[0].places[1].emitter``"""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text
