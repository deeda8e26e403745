"""Reads ``outcomes`` of a rules file: the home's list of how an alert may end."""

import re
from collections.abc import Sequence
from typing import Any

from nightwarden.homefile.yaml_tree import Path
from nightwarden.model import claims
from nightwarden.rulesfile.document import Document
from rules.outcomes import DEFAULT_OUTCOMES, Outcome, ReviewKind

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEYS = ("words", "tell", "review")
_TEXT = {"type": "string", "pattern": r"\S", "maxLength": claims.TEXT_MAX}

OUTCOMES_SCHEMA: dict[str, Any] = {
    "type": ["object", "null"],
    "minProperties": 1,
    "propertyNames": {"pattern": f"^{_ID.pattern}$"},
    "additionalProperties": {
        "anyOf": [
            _TEXT,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["words"],
                "properties": {
                    "words": _TEXT,
                    "tell": {"type": "array", "items": _TEXT},
                    "review": {"enum": list(ReviewKind)},
                },
            },
        ]
    },
}


def read_outcomes(document: Document, here: Path, given: Any) -> tuple[Outcome, ...]:
    """The outcomes; those as delivered where they cannot be read."""
    if not isinstance(given, dict) or not given:
        document.wrong(here, "is not a mapping; write outcomes: {helped: Helped back, …}")
        return DEFAULT_OUTCOMES
    found = []
    for name, part in given.items():
        if not _ID.fullmatch(name):
            sentence = f'"{name}" is no id; write small letters, digits and _, such as taken_ill'
            document.wrong((*here, name), sentence, of_key=True)
            continue
        found.append(_outcome(document, (*here, name), name, part))
    return tuple(found)


def _outcome(document: Document, here: Path, name: str, part: Any) -> Outcome:
    given: dict[str, Any] = part if isinstance(part, dict) else {"words": part}
    for key in given:
        if key not in _KEYS:
            document.unknown((*here, key), _KEYS)
    at = (*here, "words") if "words" in given and isinstance(part, dict) else here
    words = _text(document, at, given.get("words"))
    tell = given.get("tell") or []
    if not isinstance(tell, list):
        document.wrong((*here, "tell"), "is not a list; write [the manager, the family]")
        tell = []
    told = tuple(_text(document, (*here, "tell", index), whom) for index, whom in enumerate(tell))
    review = given.get("review")
    if review is not None and review not in set(ReviewKind):
        known = ", ".join(ReviewKind)
        document.wrong((*here, "review"), f'"{review}" is no review; there is {known}')
        review = None
    return Outcome(name, words, tuple(dict.fromkeys(told)), review and ReviewKind(review))


def _text(document: Document, here: Path, given: Any) -> str:
    if not isinstance(given, str):
        document.wrong(here, "has no words; say in a line what a person chooses")
        return ""
    try:
        return claims.text(given)
    except ValueError as problem:
        document.wrong(here, str(problem))
        return ""


def outcomes_plain(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The outcomes as the file has them."""
    return {
        one.id: one.words
        if not one.tell and one.review is None
        else {"words": one.words}
        | ({"tell": list(one.tell)} if one.tell else {})
        | ({"review": one.review.value} if one.review else {})
        for one in outcomes
    }
