"""A file as a sheet of texts: CSV in any of its usual forms, or the first sheet of an .xlsx.

The policy:

1. What a file is, its bytes say. Another one (an old .xls, a picture) is refused in one sentence.
2. Everything is bounded before it is read: bytes, rows, columns, the length of a cell, and what
   a spreadsheet unpacks to, which its own directory of parts does not get to say.
3. A formula is never computed: what the spreadsheet last computed is taken.
"""

import base64
import csv
import io
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nightwarden.errors import Invalid
from nightwarden.importing.cells import text_of, unmarked

LARGEST_SHEET = 8 << 20
"""8 MiB: 20,000 items with all their columns take about 3."""
MOST_ROWS = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 2_000
UNPACKED = 96 << 20
MOST_PARTS = 1_000
_XML = (".xml", ".rels", ".vml")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Texts by row. ``rows`` have the number that the person sees beside them, from 1."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(raw: bytes, name: str) -> Sheet:
    """The sheet in ``raw``, its first row that is not empty as its header.

    Raises:
        Invalid: it is too large, or nothing that can be read as a table.
    """
    if len(raw) > LARGEST_SHEET:
        raise Invalid(f"{name} is larger than {LARGEST_SHEET >> 20} MiB; send it in parts.")
    if raw.startswith(b"PK\x03\x04"):
        lines = _of_spreadsheet(raw, name)
    elif raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid(f"{name} is an old spreadsheet (.xls); save it as .xlsx or CSV.")
    else:
        lines = _of_csv(raw, name)
    return _bounded(lines, name)


def packed(sheet: Sheet) -> str:
    """The sheet as a text that a form can carry between the preview and the confirmation."""
    content = json.dumps([sheet.name, sheet.header, sheet.rows], ensure_ascii=False)
    return base64.b64encode(zlib.compress(content.encode(), 9)).decode()


def unpacked(text: str) -> Sheet:
    """The sheet of :func:`packed`.

    Raises:
        Invalid: it is none.
    """
    try:
        unzip = zlib.decompressobj()
        content = unzip.decompress(base64.b64decode(text, validate=True), 4 * LARGEST_SHEET)
        name, header, rows = json.loads(content)
        kept = [(int(number), tuple(map(str, cells))) for number, cells in rows]
        return Sheet(str(name), tuple(map(str, header)), tuple(kept))
    except (ValueError, TypeError, zlib.error):
        raise Invalid("The preview did not come back whole; choose the file again.") from None


def _bounded(lines: Iterable[tuple[int, list[str]]], name: str) -> Sheet:
    header: tuple[str, ...] | None = None
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise Invalid(f"{name}, row {number}: there are more than {MOST_COLUMNS} columns.")
        if header is None:
            header = tuple(cells)
            continue
        if len(rows) >= MOST_ROWS:
            raise Invalid(f"{name} has more than {MOST_ROWS} rows; send it in parts.")
        rows.append((number, tuple(unmarked(cell) for cell in cells)))
    if header is None:
        raise Invalid(f"{name} is empty; its first row names the columns.")
    if not rows:
        raise Invalid(f"{name} has a first row with names of columns, and nothing below it.")
    return Sheet(name, header, tuple(rows))


def _cell(value: object, where: str) -> str:
    text = text_of(value)
    if len(text) > LONGEST_CELL:
        raise Invalid(f"{where}: a cell is longer than {LONGEST_CELL} signs; shorten it.")
    if not all(sign.isprintable() for sign in text):
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text.strip()


# --- CSV --------------------------------------------------------------------------------------


def _of_csv(raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(raw, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise Invalid(f"{name}, row {number} is not CSV: {problem}.") from None
        yield number, [_cell(cell, f"{name}, row {number}") for cell in cells]


def _decoded(raw: bytes, name: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid(f"{name} is neither CSV nor an .xlsx spreadsheet; save it as one of the two.")


# --- spreadsheets -----------------------------------------------------------------------------


def _of_spreadsheet(raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    _refuse_bombs(raw, name)
    broken = Invalid(f"{name} cannot be read as a spreadsheet; open it, save it anew as .xlsx.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which nobody reads here
            book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
            pages = book.worksheets
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a file can make openpyxl and its parsers raise
        raise broken from None
    try:
        if not pages:
            raise Invalid(f"{name} has no sheet in it.")
        rows = _rows(pages[0], broken)
        for number, values in rows:
            yield number, [_cell(value, f"{name}, row {number}") for value in values]
    finally:
        book.close()


def _rows(page: Any, broken: Invalid) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows with anything in them; what the sheet says of its own size is not believed."""
    page.reset_dimensions()
    found = enumerate(page.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), 1)
    blank = 0
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                number, values = next(found)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - a cell that is not what it says
            raise broken from None
        if any(value is not None for value in values):
            blank = 0
            yield number, values
        else:
            blank += 1
            if blank > MOST_ROWS:  # somebody has coloured a million rows
                return


def _refuse_bombs(raw: bytes, name: str) -> None:
    """Unpack every part once, and stop where it becomes too much.

    Raises:
        Invalid: it is no spreadsheet, unpacks to too much, or has a document type in it, by which
            a few lines of XML can become a thousand million.
    """
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            if len(parts.infolist()) > MOST_PARTS:
                raise Invalid(f"{name} has more than {MOST_PARTS} parts in it; save it anew.")
            if "[Content_Types].xml" not in parts.namelist():
                raise Invalid(f"{name} is a ZIP and no .xlsx spreadsheet; save it as .xlsx.")
            for part in parts.infolist():
                with parts.open(part) as opened:
                    before = b""
                    while piece := opened.read(1 << 20):
                        total += len(piece)
                        if total > UNPACKED:
                            raise Invalid(
                                f"{name} unpacks to more than {UNPACKED >> 20} MiB; send a sheet "
                                "without pictures, in parts."
                            )
                        if part.filename.lower().endswith(_XML) and _declares(before, piece):
                            raise Invalid(f"{name} has a document type in it, as no sheet has.")
                        before = piece[-16:]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, OSError):
        raise Invalid(f"{name} is damaged or locked with a password; save it anew.") from None


def _declares(before: bytes, piece: bytes) -> bool:
    """Whether XML has a document type, or an encoding in which one could hide."""
    hidden = not before and piece[:2] in (b"\xff\xfe", b"\xfe\xff")
    return hidden or any(word in before + piece for word in (b"<!DOCTYPE", b"<!ENTITY"))
