"""A sheet laid over the register: the home file that the home would have with these rows.

The policy:

1. The register as it is is the ground. A row changes what it names and speaks of nothing else:
   what no row names stays, and nothing is removed because a sheet does not have it.
2. A part that several rows speak of (a room with its places, a resident with requirements) may
   say its own fields in one of them or the same in each.
3. Every value knows its row and column, so that what the home file's reader finds wrong with it
   is told of the cell in which it stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from nightwarden.homefile.agreement import did_you_mean
from nightwarden.homefile.yaml_tree import Path, Tree
from nightwarden.importing.cells import formed
from nightwarden.importing.columns import CLEARED, Column, SheetKind
from nightwarden.importing.sheets import Sheet
from nightwarden.model.phrases import phrase


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with a cell, or with ``column`` empty the row, and what would be right."""

    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What a cell changes: "" is empty."""

    column: str
    before: str
    after: str


@dataclass(slots=True)
class Row:
    """A row on its way into the register. ``cells`` are by the name of their column."""

    number: int
    cells: dict[str, str]
    name: str = ""
    new: bool = False
    changes: list[FieldChange] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)


class SheetTree(Tree):
    """A tree of the register whose parts know the rows that speak of them."""

    def where(self, path: Path) -> str:
        """``in row 7``, or in the register where no row says it."""
        while path and path not in self.lines:
            path = path[:-1]
        number = self.lines.get(path)
        return phrase(f"in row {number}") if path else phrase("in the register")


@dataclass(slots=True)
class Merged:
    """The tree, and the row that speaks of a part or inner part, by its path."""

    tree: SheetTree
    rows: dict[Path, list[Row]]

    def row_of(self, path: Path) -> Row | None:
        """The row to which something at ``path`` belongs."""
        while path and path not in self.rows:
            path = path[:-1]
        return self.rows[path][0] if path else None


def rows_of(sheet: Sheet, kind: SheetKind) -> tuple[list[Row], list[str], list[str]]:
    """The rows by the columns that the kind has; the names of columns that it has not, and what
    is wrong with the names themselves."""
    known: dict[int, Column] = {}
    unknown, wrong = [], []
    for index, header in enumerate(sheet.header):
        column = kind.of_header(header)
        if column is None:
            unknown.extend([header] if header else [])
        elif column in known.values():
            name = column.name
            wrong.append(phrase(f'There are two columns for {name}; the second is "{header}".'))
        else:
            known[index] = column
    needed = {kind.key, *(kind.inner_key if kind.parent else ())}
    missing = sorted(needed - {column.name for column in known.values()})
    wrong += [_no_column(name, kind, unknown) for name in missing]
    rows = []
    for number, cells in sheet.rows:
        said = {known[i].name: text for i, text in enumerate(cells) if i in known and text}
        if said:
            rows.append(Row(number, said))
    return rows, unknown, wrong


def merge(ground: Mapping[str, Any], kind: SheetKind, rows: Sequence[Row]) -> Merged:
    """Lay the rows over the register's tree; rows that cannot be laid get their problems."""
    merging = _Merging(ground, kind)
    for row in rows:
        merging.take(row)
    return merging.done()


class _Merging:
    """Rows one after the other, with the parts that they have touched."""

    def __init__(self, ground: Mapping[str, Any], kind: SheetKind) -> None:
        self._kind = kind
        self._value = {**ground, kind.parts: list(ground[kind.parts])}
        self._parts: dict[str, dict[str, Any]] = {}
        """Touched, in the order of their rows; the others stay as they are."""
        self._present = {
            part[kind.column(kind.key).path[0]]: part for part in self._value[kind.parts]
        }
        self._said: dict[tuple[Any, ...], tuple[str, int]] = {}
        self._first: dict[tuple[Any, ...], Row] = {}

    def take(self, row: Row) -> None:
        kind = self._kind
        key = row.cells.get(kind.key, "")
        row.name = " ".join([key, *(row.cells.get(name, "") for name in kind.inner_key)]).strip()
        if problem := self._key_problem(key):
            row.problems.append(problem)
            return
        inner_key = tuple(self._formed(row, name) for name in kind.inner_key)
        inner = kind.inner is not None and any(inner_key)
        if problem := self._row_problem(row, key, inner_key if inner else None):
            row.problems.append(problem)
            return
        part = self._touched(key, row)
        self._lay(row, part, [c for c in kind.columns if not c.inner], key)
        if inner:
            self._lay_inner(row, part, key, inner_key)
        self._first.setdefault((key,), row)

    def done(self) -> Merged:
        """Parts keep their order, with what rows name of equipment last: where two claim one
        device, the row is the second."""
        kind, field_name = self._kind, self._kind.column(self._kind.key).path[0]
        listed = [self._parts.get(part[field_name], part) for part in self._value[kind.parts]]
        new = [part for key, part in self._parts.items() if key not in self._present]
        if kind.parts == "equipment":
            listed = [part for part in listed if part[field_name] not in self._parts]
            new = list(self._parts.values())
        self._value[kind.parts] = [*listed, *new]
        merged = Merged(SheetTree(self._value), {})
        for index, part in enumerate(self._value[kind.parts]):
            self._trace(merged, (kind.parts, index), part[field_name], part)
        return merged

    def _trace(self, merged: Merged, path: Path, key: str, part: dict[str, Any]) -> None:
        if (row := self._first.get((key,))) is None:
            return
        merged.rows[path] = [row]
        merged.tree.lines[path] = row.number
        if self._kind.inner is None:
            return
        names = [self._kind.column(name).path[0] for name in self._kind.inner_key]
        for index, inner in enumerate(part.get(self._kind.inner, ())):
            found = self._first.get((key, *(inner.get(name) for name in names)))
            if found is not None:
                here = (*path, self._kind.inner, index)
                merged.rows[here] = [found]
                merged.tree.lines[here] = found.number

    def _key_problem(self, key: str) -> CellProblem | None:
        kind = self._kind
        if not key or key in CLEARED:
            name = kind.key
            return CellProblem(name, phrase(f'"{name}" is empty; it says what the row is about.'))
        if kind.parent and key not in self._present:
            near = get_close_matches(key, self._present, n=1)
            hint = f"{did_you_mean(near[0])}?" if near else phrase("import the residents first.")
            return CellProblem(kind.key, phrase(f'There is no resident "{key}"') + f"; {hint}")
        return None

    def _row_problem(
        self, row: Row, key: str, inner_key: tuple[str, ...] | None
    ) -> CellProblem | None:
        kind = self._kind
        asked = [c.name for c in kind.columns if c.inner and row.cells.get(c.name)]
        if inner_key is None and asked and kind.inner is not None:
            name, value = kind.inner_key[0], asked[0]
            said = phrase(f'"{name}" is empty, and {value} says something of one.')
            return CellProblem(name, said)
        if inner_key is not None and not all(inner_key):
            name = kind.inner_key[inner_key.index("")]
            value = ", ".join(kind.inner_key)
            return CellProblem(name, phrase(f'"{name}" is empty; a row names {value}.'))
        whole = (key, *(inner_key or ()))
        if (kind.inner is None or inner_key is not None) and whole in self._first:
            name, number = row.name, self._first[whole].number
            return CellProblem("", phrase(f"{name} is in row {number} already; it has one row."))
        for column in kind.columns:
            text = row.cells.get(column.name)
            if text in CLEARED and column.lasting:
                said = phrase("is a record, which no sheet takes back; leave the cell empty.")
                return CellProblem(column.name, said)
            before = self._said.get((key, column.name))
            if text and before and not column.inner and before[0] != text:
                return CellProblem(column.name, _said_otherwise(*before, kind.key))
        return None

    def _touched(self, key: str, row: Row) -> dict[str, Any]:
        if key not in self._parts:
            kept = self._present.get(key)
            field_name = self._kind.column(self._kind.key).path[0]
            self._parts[key] = deepcopy(kept) if kept is not None else {field_name: key}
            row.new = kept is None
        return self._parts[key]

    def _lay_inner(self, row: Row, part: dict[str, Any], key: str, named: tuple[str, ...]) -> None:
        kind = self._kind
        assert kind.inner is not None
        names = [kind.column(name).path[0] for name in kind.inner_key]
        listed: list[dict[str, Any]] = part.setdefault(kind.inner, [])
        found = next((each for each in listed if tuple(map(each.get, names)) == named), None)
        row.new = found is None
        if found is None:
            found = dict(zip(names, named, strict=True))
            listed.append(found)
        self._first[(key, *named)] = row
        self._lay(row, found, [c for c in kind.columns if c.inner], key)

    def _lay(self, row: Row, part: dict[str, Any], columns: list[Column], whose: str) -> None:
        for column, text in self._values(row, columns):
            told = (whose, column.name)
            if not column.inner and told in self._said:
                continue
            self._said[told] = (row.cells.get(column.name, text), row.number)
            before = _at(part, column.path)
            after = None if text in CLEARED else formed(text, column.reads)
            if before == after:
                continue
            _put(part, column, after)
            row.changes.append(FieldChange(column.name, before or "", after or ""))

    def _values(self, row: Row, columns: list[Column]) -> Iterator[tuple[Column, str]]:
        """The cells of these columns; room and place as one where the kind has both as one."""
        own = {column.name: column for column in columns}
        keys = {self._kind.key, *self._kind.inner_key}
        split = [name for name in ("room", "place") if name in own and own[name].path == ("at",)]
        for name, column in own.items():
            text = row.cells.get(name)
            if text and name not in keys and name not in split:
                yield column, text
        told = [row.cells.get(name, "") for name in split]
        if split and any(told) and not row.cells.get("at"):
            text = "-" if set(told) <= {"", *CLEARED} else "/".join(told)
            yield own["at"], text

    def _formed(self, row: Row, name: str) -> str:
        text = row.cells.get(name, "")
        return "" if text in CLEARED else formed(text, self._kind.column(name).reads)


def _at(part: Mapping[str, Any], path: Sequence[str]) -> str | None:
    value: Any = part
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return None if value is None else str(value)


def _put(part: dict[str, Any], column: Column, value: str | None) -> None:
    *groups, last = column.path
    if value is None and column.whole:
        part.pop(column.path[0], None)
        return
    group = part
    for key in groups:
        group = group.setdefault(key, {})
    if value is None:
        group.pop(last, None)
        if groups and not group:
            part.pop(groups[0], None)
    else:
        group[last] = value


def _said_otherwise(value: str, number: int, name: str) -> str:
    return phrase(f'is "{value}" in row {number} for the same {name}.')


def _no_column(name: str, kind: SheetKind, unknown: Sequence[str]) -> str:
    text = ", ".join([name, *kind.column(name).also[:3]])
    near = get_close_matches(name, unknown, n=1)
    if near:
        value = near[0]
        return phrase(f'There is no column "{name}"; is it "{value}"? Write {text}.')
    return phrase(f'There is no column "{name}"; write {text} above it.')
