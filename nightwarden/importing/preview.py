"""What a sheet would do, row by row, and doing it.

The policy:

1. The preview is made by the home file's own reader and plan: what it lists is what ``apply``
   writes, in one transaction, as the person who confirms it.
2. A row that cannot be read is left out only where the person says so; else nothing is applied.
3. A preview has a mark. A confirmation that names one is refused if the same sheet would by now
   do anything else, and hears who has changed what since.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from nightwarden.errors import ChangedMeanwhile, Invalid
from nightwarden.homefile import plan
from nightwarden.homefile.agreement import disagreements
from nightwarden.homefile.reader import Problem, judged
from nightwarden.homefile.shape import HomeFile
from nightwarden.homefile.writer import home_tree
from nightwarden.importing.columns import KINDS, SheetKind
from nightwarden.importing.merging import (
    CellProblem,
    FieldChange,
    Merged,
    Row,
    SheetTree,
    merge,
    rows_of,
)
from nightwarden.importing.sheets import Sheet
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Audit

OF_THE_REGISTER = ("equipment ", "resident ", "place ", "home ", "model ", "room ")
"""How the subjects of the audit begin that a sheet can meet."""
MOST_TOLD = 10


class RowState(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class RowSeen:
    """A row of the preview, by the number that stands beside it in the sheet."""

    number: int
    name: str
    state: RowState
    changes: tuple[FieldChange, ...] = ()
    problems: tuple[CellProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sheet would do. ``lines`` are those of the plan; ``unused`` are columns that the
    kind has not; ``mark`` is what a confirmation names."""

    of: str
    name: str
    rows: tuple[RowSeen, ...]
    lines: tuple[str, ...]
    unused: tuple[str, ...]
    mark: str
    home_file: HomeFile

    def count(self, state: RowState) -> int:
        """How many rows are so."""
        return sum(row.state is state for row in self.rows)


def kind_of(of: str) -> SheetKind:
    """The kind of sheet of that name.

    Raises:
        Invalid: there is none.
    """
    if of not in KINDS:
        raise Invalid(f'"{of[:40]}" is no kind of sheet; use one of {", ".join(KINDS)}.')
    return KINDS[of]


def preview(tx: Transaction, kind: SheetKind, sheet: Sheet) -> Preview:
    """What the sheet would do to the register as it is.

    Raises:
        Invalid: a column that names the rows is missing, or the register itself is no home file.
        NotFound: there is no home yet.
    """
    ground = home_tree(tx)
    rows, unknown, wrong = rows_of(sheet, kind)
    if wrong:
        raise Invalid(f"{sheet.name}: {' '.join(wrong)}")
    home_file, lines = _laid(tx, ground, kind, rows)
    seen = tuple(_seen(row) for row in rows)
    mark = f"{_newest_entry(tx)}-{_digest(kind.of, seen, lines)}"
    return Preview(kind.of, sheet.name, seen, lines, tuple(unknown), mark, home_file)


def apply(
    tx: Transaction,
    kind: SheetKind,
    sheet: Sheet,
    actor: str,
    *,
    mark: str | None = None,
    skip_unreadable: bool = False,
) -> Preview:
    """Take the sheet into the register, and say what that was.

    Args:
        mark: of the preview that was seen; None: whatever it does now.
        skip_unreadable: leave rows out that cannot be read.

    Raises:
        Invalid: rows cannot be read; one line each. See also :func:`preview`.
        ChangedMeanwhile: the sheet would do something else than ``mark`` showed.
    """
    seen = preview(tx, kind, sheet)
    if mark is not None:
        require_mark(tx, mark, seen.mark)
    if not skip_unreadable and seen.count(RowState.UNREADABLE):
        raise Invalid("\n".join(unreadable(seen)))
    detail = {"sheet": sheet.name, "rows": len(sheet.rows)}
    if left_out := seen.count(RowState.UNREADABLE):
        detail["rows_left_out"] = left_out
    deed = plan.Deed(f"imported {kind.of}", detail)
    plan.apply(tx, seen.home_file, actor, deed)
    return seen


def unreadable(seen: Preview) -> list[str]:
    """A line for each thing that cannot be read: ``row 7, kind: …``."""
    return [
        f"{seen.name}, row {row.number}{f', {each.column}' if each.column else ''}: {each.sentence}"
        for row in seen.rows
        for each in row.problems
    ]


def require_mark(tx: Transaction, shown: str, present: str) -> None:
    """Let a confirmation pass that was shown what would be done now.

    Raises:
        ChangedMeanwhile: it was shown something else.
    """
    entry, _, digest = shown.partition("-")
    if digest and digest == present.partition("-")[2]:
        return
    since = int(entry) if entry.isascii() and entry.isdigit() and len(entry) < 19 else 0
    query = select(Audit).where(col(Audit.id) > since).order_by(col(Audit.id).desc())
    changes: list[dict[str, Any]] = []
    for row in tx.exec(query.limit(1_000)):
        if row.subject.startswith(OF_THE_REGISTER) and len(changes) < MOST_TOLD:
            told = {"field": row.subject, "value": row.action, "by": row.actor}
            changes.append(told | {"at": row.at.isoformat()})
    said = "; ".join(f"{one['by']} {one['value']} {one['field']}" for one in changes)
    raise ChangedMeanwhile(
        f"The register was changed since this preview was made{f' ({said})' if said else ''}. "
        "Nothing was applied; look at the new preview.",
        changes,
        _newest_entry(tx),
    )


def mark_of(tx: Transaction, lines: Iterable[str]) -> str:
    """The mark of a plan that is not a sheet's, such as a home file's."""
    return f"{_newest_entry(tx)}-{_digest('home', (), tuple(lines))}"


def _laid(
    tx: Transaction, ground: Mapping[str, Any], kind: SheetKind, rows: list[Row]
) -> tuple[HomeFile, tuple[str, ...]]:
    """The home file with every row that can be read, and the lines of its plan.

    A row may be unreadable only because another is, so it is laid anew until all that is left fits.
    """
    known = {sentence for _, sentence in disagreements(SheetTree(ground), tx.now)}
    while True:
        readable = [row for row in rows if not row.problems]
        for row in readable:
            row.changes.clear()
        merged = merge(ground, kind, readable)
        home_file, problems = judged(merged.tree, tx.now)
        fresh = [one for one in problems if one.sentence not in known or merged.row_of(one.path)]
        if _tell(merged, kind, fresh) or any(row.problems for row in readable):
            continue
        if fresh or home_file is None:
            raise Invalid(f"The register cannot be read as a home file: {(fresh or problems)[0]}")
        try:
            return home_file, tuple(str(change) for change in plan.plan(tx, home_file))
        except Invalid as problem:
            if not _tell_of_plan(readable, str(problem)):
                raise


def _tell_of_plan(rows: list[Row], sentence: str) -> bool:
    """What the plan refuses begins with the name of what it is about."""
    for row in rows:
        if sentence.startswith(f"{row.name} "):
            row.problems.append(CellProblem("", sentence))
            return True
    return False


def _tell(merged: Merged, kind: SheetKind, problems: list[Problem]) -> bool:
    """Write each problem beside the row that it comes from; whether there was any such."""
    told = False
    for problem in problems:
        row = merged.row_of(problem.path)
        if row is not None:
            found = CellProblem(_column(kind, problem.path, row), _mended(problem.sentence))
            told = True
            if found not in row.problems:
                row.problems.append(found)
    return told


def _column(kind: SheetKind, path: tuple[str | int, ...], row: Row) -> str:
    """The column that stands for a path in the home file: those of its cells that the row has."""
    inner = kind.inner is not None and len(path) > 3 and path[2] == kind.inner
    rest = path[4:] if inner else path[2:]
    fitting = [
        column
        for column in kind.columns
        if column.inner is inner and rest and column.path[: len(rest)] == rest[: len(column.path)]
    ]
    exact = [column.name for column in fitting if column.path == rest]
    names = exact or [column.name for column in fitting]
    return ", ".join([name for name in names if name in row.cells] or names[:1])


def _mended(sentence: str) -> str:
    """The reader's words as a sentence with its end."""
    asks = "did you mean" in sentence and sentence.endswith('"')
    return sentence if sentence.endswith((".", "?")) else f"{sentence}{'?' if asks else '.'}"


def _seen(row: Row) -> RowSeen:
    if row.problems:
        return RowSeen(row.number, row.name, RowState.UNREADABLE, (), tuple(row.problems))
    state = RowState.NEW if row.new else RowState.CHANGED if row.changes else RowState.SAME
    return RowSeen(row.number, row.name, state, tuple(row.changes))


def _newest_entry(tx: Transaction) -> int:
    return tx.exec(select(func.max(Audit.id))).one() or 0


def _digest(of: str, rows: tuple[RowSeen, ...], lines: tuple[str, ...]) -> str:
    shown: list[Any] = [of, [row_json(row) for row in rows], lines]
    return blake2b(json.dumps(shown).encode(), digest_size=12).hexdigest()


def row_json(row: RowSeen) -> dict[str, Any]:
    """A row as the API gives it."""
    return {
        "row": row.number,
        "name": row.name,
        "state": row.state.value,
        "changes": [
            {"column": one.column, "before": one.before, "after": one.after} for one in row.changes
        ],
        "problems": [{"column": one.column, "sentence": one.sentence} for one in row.problems],
    }
