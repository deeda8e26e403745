"""Finds words on a page that no translator will ever see.

It reads a template as Jinja does, follows where in the HTML each piece of text lands, and names
what a reader would see and what is not marked with ``_()`` or ``{% trans %}``.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

SEEN_ATTRIBUTES = frozenset(
    {"aria-label", "title", "placeholder", "alt", "summary", "label", "data-asked"}
)
MARKS = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
PROPER = frozenset(
    {"Nightwarden", "SHA-256", "QR", "PIN", "CSV", "PDF", "ZIP", "MQTT", "YAML", "°C", "MHRA"}
)
"""What is written alike everywhere."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE = re.compile(r"\S*\d\S*|\S+://\S*")
"""``res-14``, ``NatPSA/2026/001``, ``ntfys://``: an example of a code is no word."""
_UNSEEN = re.compile(r"<(script|style|code|svg|pre)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_ENTITY = re.compile(r"&\w+;")


def unmarked(environment: Environment, file: Path) -> list[str]:
    """What stands in ``file`` for readers and is in no catalogue, each with its line."""
    tree = environment.parse(file.read_text(encoding="utf-8"))
    html, found = "", []
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                html += node.data
                found += [f"{node.lineno}: {text}" for text in _bare(node.data, html)]
            elif _is_seen(html):
                found += [f"{node.lineno}: {text}" for text in _constants(node)]
    return found


def _bare(piece: str, html: str) -> Iterator[str]:
    """Words of a piece of HTML between tags, and in attributes that are read out."""
    before = html[: len(html) - len(piece)]
    whole = _ENTITY.sub(" ", _UNSEEN.sub("<x>", piece))
    if _in_tag(before):  # the end of a tag whose attribute may be seen
        inside, _, whole = whole.partition(">")
        if _is_seen(before):
            yield from _words(inside.partition('"')[0])
    for name, value in re.findall(r'([\w-]+)="([^"]*)', whole):
        if name in SEEN_ATTRIBUTES:
            yield from _words(value)
    for text in re.sub(r"<[^>]*(>|$)", "\n", whole).split("\n"):
        yield from _words(text)


def _words(text: str) -> Iterator[str]:
    if any(word not in PROPER for word in _WORD.findall(_CODE.sub("", text))):
        yield text.strip()


def _in_tag(html: str) -> bool:
    return html.rfind("<") > html.rfind(">")


def _is_seen(html: str) -> bool:
    """Whether what comes next is text, or the value of an attribute that is read out."""
    if not _in_tag(html):
        opened = re.findall(r"<(/?)(script|style|code|pre)\b", html)
        return not (opened and not opened[-1][0])
    attribute = re.search(r'([\w-]+)="[^"]*$', html)
    return attribute is not None and attribute[1] in SEEN_ATTRIBUTES


def _constants(node: nodes.Node) -> Iterator[str]:
    """Texts that an expression may come to, without those that it only asks or compares with."""
    match node:
        case nodes.Const(value=str(text)):
            yield from _words(text)
        case nodes.Call(node=nodes.Name(name=name)) if name in MARKS:
            return
        case nodes.CondExpr():
            yield from _constants(node.expr1)
            if node.expr2 is not None:
                yield from _constants(node.expr2)
        case nodes.Concat():
            for one in node.nodes:
                yield from _constants(one)
        case nodes.Add() | nodes.Or() | nodes.And() | nodes.Mod():
            yield from _constants(node.left)
            yield from _constants(node.right)
        case nodes.Filter(node=nodes.Node() as inner):
            yield from _constants(inner)
        case nodes.MarkSafeIfAutoescape() | nodes.MarkSafe():
            yield from _constants(node.expr)
        case _:
            return
