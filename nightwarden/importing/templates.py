"""A sheet to fill in: empty with its columns, or with what the register has, to be changed."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

from nightwarden import spreadsheet
from nightwarden.homefile.writer import home_tree
from nightwarden.importing.columns import Column, SheetKind
from nightwarden.store.engine import Transaction

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rows_now(tx: Transaction, kind: SheetKind) -> Iterator[list[str]]:
    """The register as rows of this kind of sheet.

    Raises:
        NotFound: there is no home yet.
    """
    columns = shown_columns(kind)
    for part in home_tree(tx)[kind.parts]:
        inner = part.get(kind.inner, []) if kind.inner else []
        for number, each in enumerate(inner or ([] if kind.parent else [{}])):
            yield [
                _said(each if column.inner else part, column)
                if column.inner or column.name == kind.key or number == 0
                else ""
                for column in columns
            ]


def shown_columns(kind: SheetKind) -> list[Column]:
    """The columns of a template: room and place stand in ``at``, where a kind has both as one."""
    return [c for c in kind.columns if c.path != ("at",) or c.name == "at"]


def as_csv(kind: SheetKind, rows: Iterator[list[str]]) -> bytes:
    """A template as CSV, which a spreadsheet opens as UTF-8."""
    header = [column.name for column in shown_columns(kind)]
    return b"\xef\xbb\xbf" + "".join(spreadsheet.lines(header, rows)).encode()


def as_xlsx(kind: SheetKind, rows: Iterator[list[str]]) -> bytes:
    """A template as a spreadsheet: every cell a text, and a second sheet that explains columns."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = kind.of
    columns = shown_columns(kind)
    page.append([column.name for column in columns])
    for number, row in enumerate(rows, 2):
        for index, text in enumerate(row, 1):
            if text:
                cell = page.cell(number, index, text)
                cell.data_type, cell.number_format = "s", "@"  # never a formula
    page.freeze_panes = "B2"
    for index, column in enumerate(columns, 1):
        letter = page.cell(1, index).column_letter
        page.column_dimensions[letter].width = max(12, len(column.name) + 2)
    words = book.create_sheet("columns")
    words.append(["column", "also read as", "reads", "example"])
    for column in kind.columns:
        words.append([column.name, ", ".join(column.also), column.reads.value, column.example])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _said(part: Mapping[str, Any], column: Column) -> str:
    value: Any = part
    for key in column.path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
