"""What the catalogues have to hold, read from the Python code.

Babel knows ``_("...")`` in templates and scripts. In Python there is more that a page may say: the
marks of ``nightwarden.model.phrases``, and the sentence of every refusal. Both may be f-strings;
they become phrases with gaps, as ``nightwarden.languages.sentences`` reads them. ``make messages``
(``updating.py``) runs this.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

REFUSALS = frozenset(
    {
        "Invalid", "Conflict", "NotFound", "NotPermitted", "Unauthenticated", "WhoAreYou",
        "TooOften", "LockedOut", "ChangedMeanwhile", "BadQuery", "HTTPException", "ProviderDown",
        "DeliveryFailed", "ValueError",
    }
)  # fmt: skip
"""Errors whose first argument is a sentence for a person, or what completes one: ``ValueError`` of
``nightwarden.model.claims`` says what is wrong with a text that somebody else names."""

MARKS = frozenset({"phrase", "_", "gettext"})
ASKED = {"field": 2, "words_needed": 1, "number_of": 1, "checked": 2}
"""Functions one of whose arguments completes a sentence: "Please give {asked}.", "There is no
{noun} {text}.", "{field}: {problem}." Which argument."""
CHOICES = "choices"
"""The gap for what there is to choose from, as the API writes it: it is not translated."""

VOCABULARY = "vocabulary"
BY_NUMBER, PLURAL, CONTEXT = "by_number", "ngettext", "pgettext"

Message = tuple[int, str, str | tuple[str, ...], list[str]]


def phrases(
    file: BinaryIO,
    keywords: Mapping[str, object],  # noqa: ARG001  (Babel's interface)
    comment_tags: Collection[str],  # noqa: ARG001
    options: Mapping[str, str],  # noqa: ARG001
) -> Iterator[Message]:
    """Every phrase in a Python file (an extraction method of Babel): line, function, text."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            yield from _called(node)
        elif isinstance(node, ast.ClassDef):
            yield from _vocabulary(node)


def _vocabulary(made: ast.ClassDef) -> Iterator[Message]:
    """The values of an enumeration that is marked as one, as people say them."""
    if VOCABULARY not in {_last_name(mark) for mark in made.decorator_list}:
        return
    for line in made.body:
        match line:
            case ast.Assign(value=ast.Constant(value=str(value))):
                yield line.lineno, "gettext", value.replace("_", " "), []


def _called(call: ast.Call) -> Iterator[Message]:
    name = _last_name(call.func)
    line = call.lineno
    if name in MARKS or name in REFUSALS:
        texts = forms(call.args[0]) if call.args else []
        yield from ((line, "gettext", text, []) for text in texts)
    elif name in ASKED and len(call.args) > ASKED[name]:
        yield from ((line, "gettext", text, []) for text in forms(call.args[ASKED[name]]))
    elif name == BY_NUMBER:
        (one, *_), (many, *_) = forms(call.args[1]), forms(call.args[2])
        yield line, "ngettext", (one, many), []
    elif name == PLURAL:
        (one, *_), (many, *_) = forms(call.args[0]), forms(call.args[1])
        yield line, "ngettext", (one, many), []
    elif name == CONTEXT:
        (context, *_), (text, *_) = forms(call.args[0]), forms(call.args[1])
        yield line, "pgettext", (context, text), []


def forms(node: ast.expr) -> list[str]:
    """The phrases that an expression can come to; empty for what is no text of ours.

    A choice between two texts gives both: ``"a" if x else "b"``, also inside an f-string.
    """
    made = [_name_twice(text) for text in _texts(node)]
    return [text for text in made if re.search(r"[^\W\d_]", re.sub(r"\{[^}]*\}", "", text))]


def _texts(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=other):
            return _texts(body) + _texts(other)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined(_texts(left) or [_gap(left)], _texts(right) or [_gap(right)])
        case ast.JoinedStr(values=values):
            made = [""]
            for value in values:
                made = _joined(made, _texts(value))
            return made
        case ast.FormattedValue(value=value):
            return _in_braces(value)
        case _:
            return []


def _in_braces(node: ast.expr) -> list[str]:
    """What stands in a sentence there: our own words where there is a choice of them, else a gap.

    A short word without a letter of ours (a comma, nothing at all) is part of the sentence too.
    """
    if isinstance(node, ast.IfExp):
        return _in_braces(node.body) + _in_braces(node.orelse)
    return _texts(node) or [_gap(node)]


def _joined(firsts: list[str], seconds: list[str]) -> list[str]:
    return [first + second for first in firsts for second in seconds]


def _gap(node: ast.expr) -> str:
    return "{" + re.sub(r"[^a-z_]", "", _last_name(node).lower()).strip("_") + "}"


def _last_name(node: ast.expr) -> str:
    """What an expression is called: ``span`` of ``wording.span(x)``, ``tag`` of ``item.tag``."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr="name" | "value", value=ast.expr() as owner):
            return _last_name(owner) if isinstance(owner, ast.Attribute) else "name"
        case ast.Attribute(attr=name, value=ast.Name(id=owner)) if name.isupper():
            return owner  # Right.REPORT_FAULT
        case ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.Name(id=name)]) if _is_fixed(name):
            return CHOICES
        case ast.Call(func=ast.Attribute(attr="join")):
            return "listed"
        case ast.Call(func=ast.Attribute(attr="replace" | "lower" | "strip", value=owner)):
            return _last_name(owner)
        case ast.Call(func=ast.Name(id="len")):
            return "number"
        case ast.Call(func=ast.Name(id="min" | "str" | "sorted"), args=[first]):
            return _last_name(first)
        case ast.Call(func=func):
            return _last_name(func)
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
        case ast.BinOp(left=first) | ast.BoolOp(values=[first, *_]):
            return _last_name(first)
        case _:
            return "given"


def _is_fixed(name: str) -> bool:
    """A name of an enum or of a constant: what there is to choose from, as the API writes it."""
    return name[:1].isupper()


def _name_twice(text: str) -> str:
    """Gaps of one name are told apart by a number: ``{day} to {day2}``."""
    seen: dict[str, int] = {}

    def numbered(gap: re.Match[str]) -> str:
        name = gap[1] or "given"
        seen[name] = seen.get(name, 0) + 1
        return f"{{{name}{seen[name] if seen[name] > 1 else ''}}}"

    return re.sub(r"\{([a-z_]*)\}", numbered, text)
