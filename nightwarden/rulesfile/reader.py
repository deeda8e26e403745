"""Reads a rules file, or says everything that is wrong with it: one line an error, with its line.

What the file does not set has its default, so an empty file is the rules as delivered.
"""

from dataclasses import dataclass, field
from typing import Any

from nightwarden.model import claims
from nightwarden.rulesfile.agreement import disagreements
from nightwarden.rulesfile.bounds import Value
from nightwarden.rulesfile.document import Document
from nightwarden.rulesfile.sections import SECTIONS, Sections, read_sections
from nightwarden.rulesfile.settings import Path, Values, all_settings, defaults

BECAUSE = "because"


@dataclass(frozen=True, slots=True)
class RulesFile:
    """A rules file as read: what it sets, why, and its text."""

    sets: Values
    because: str | None
    text: str
    source: str
    sections: Sections = field(default_factory=Sections)

    @property
    def values(self) -> Values:
        """A value for every setting."""
        return {**defaults(), **self.sets}


def read_rules_file(raw: bytes, source: str) -> RulesFile:
    """The rules file in ``raw`` (UTF-8 YAML).

    Args:
        raw: at most :data:`nightwarden.rulesfile.document.MAX_BYTES`.
        source: the file's name, for the errors.

    Raises:
        Invalid: one line an error, ``SOURCE:LINE: hot_surface.limit_c: sentence``, in the order of
            the lines.
    """
    document = Document(raw, source, "rules file")
    content = dict(document.value)
    because = _because(document, content)
    sections = read_sections(document, content)
    sets: dict[Path, Value] = {}
    _walk(document, content, (), sets)
    for found in disagreements({**defaults(), **sets}):
        # A disagreement is told where the file made it; a default is on no line of it.
        here = max(found.paths, key=lambda path: document.tree.key_lines.get(path, 0))
        document.wrong(here, found.sentence)
    document.refuse_if_wrong()
    return RulesFile(sets, because, raw.decode("utf-8-sig"), source, sections)


def _because(document: Document, content: dict[str, Any]) -> str | None:
    if BECAUSE not in content:
        return None
    given = content.pop(BECAUSE)
    if not isinstance(given, str):
        document.wrong((BECAUSE,), "is not a text; say in a line why the numbers are what they are")
        return None
    try:
        return claims.text(given)
    except ValueError as problem:
        document.wrong((BECAUSE,), str(problem))
        return None


def _walk(document: Document, content: dict[str, Any], here: Path, sets: dict[Path, Value]) -> None:
    """Take up what is set in the mapping at ``here``."""
    settings = all_settings()
    depth = len(here)
    known = dict.fromkeys(p[depth] for p in settings if p[:depth] == here and len(p) > depth)
    for key, given in content.items():
        path = (*here, key)
        if key not in known:
            document.unknown(path, known if here else [*known, *SECTIONS, BECAUSE])
        elif path in settings:
            try:
                sets[path] = settings[path].parse(given)
            except ValueError as problem:
                document.wrong(path, str(problem))
        elif isinstance(given, dict):
            _walk(document, given, path, sets)
        elif given is not None:  # `bed_exit:` with nothing after it sets nothing
            document.wrong(path, f"is not a mapping; write {_example(path)}")


def _example(path: Path) -> str:
    inside = [p[len(path)] for p in all_settings() if p[: len(path)] == path]
    return f"{path[-1]}: {{{inside[0]}: …}}"
