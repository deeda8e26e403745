"""A YAML text of ours and everything that is wrong with it: one line an error, in their order.

``nightwarden.homefile.yaml_tree`` does the reading; so a rules file keeps to the same part of YAML
as a home file does.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from nightwarden.errors import Invalid
from nightwarden.homefile.yaml_tree import Path, Tree, Unreadable, read_tree

MAX_BYTES = 256 * 1024
"""Every setting with a reason takes about 4 KiB."""


class Document:
    """A text as read, and what was found wrong with it so far.

    Args:
        raw: UTF-8 YAML, at most :data:`MAX_BYTES`.
        source: its name, for the errors.
        what: what it ought to be, such as "rules file".

    Raises:
        Invalid: it cannot be read at all; ``SOURCE:LINE: sentence``.
    """

    def __init__(self, raw: bytes, source: str, what: str) -> None:
        self.source = source
        self._problems: set[tuple[int, str]] = set()
        self.tree = _tree(raw, source, what)
        self.value: dict[str, Any] = self.tree.value or {}
        for path, line in self.tree.repeated:
            self._problems.add((line, f"{written(path)}: is there already; a key is written once"))

    def wrong(self, path: Path, sentence: str, *, of_key: bool = False) -> None:
        """Note what is wrong at ``path``; an empty path is the document itself."""
        name = f"{written(path)}: " if path else ""
        self._problems.add((self.tree.line(path, of_key=of_key), f"{name}{sentence}"))

    def unknown(self, path: Path, known: Iterable[str]) -> None:
        """Note that the key at the end of ``path`` is not one of those ``known``."""
        known = list(known)
        near = get_close_matches(str(path[-1]), known, n=1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        self.wrong(path, f"is not known here; {hint}Known are {', '.join(known)}", of_key=True)

    def refuse_if_wrong(self) -> None:
        """End here if anything was wrong.

        Raises:
            Invalid: one line for everything that was noted.
        """
        if self._problems:
            lines = [f"{self.source}:{line}: {said}" for line, said in sorted(self._problems)]
            raise Invalid("\n".join(lines))


def written(path: Path) -> str:
    """``steps[0].expect[1].kind``"""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def _tree(raw: bytes, source: str, what: str) -> Tree:
    if len(raw) > MAX_BYTES:
        raise Invalid(f"{source}:1: is larger than {MAX_BYTES >> 10} KiB; that is no {what}")
    try:
        tree = read_tree(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise Invalid(f"{source}:{line}: has bytes that are not UTF-8; save it as UTF-8") from None
    except Unreadable as problem:
        said = str(problem).replace("home file", what)
        raise Invalid(f"{source}:{problem.line}: {said}") from None
    if tree.value is not None and not isinstance(tree.value, dict):
        raise Invalid(f"{source}:{tree.line(())}: is not a mapping; write keys with colons")
    return tree
