"""The form of a recording: JSON lines, gzip when the name ends in ``.gz``.

1. A *header* line begins a section; a *message* line follows for each message, in the order in
   which they came. Each line stands for itself, so a recording is read and written as a stream.
2. Going on with a file is a further header at its end. So is coming back after the broker was
   away: what lies between two sections was not heard.
3. Bytes that are UTF-8 are kept as ``text``, others as ``base64``; either way they come back as
   they were.
4. Nothing in a file is guessed at: what is not such a line is an error with its number.
"""

import gzip
import io
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

import orjson

from nightwarden.errors import Invalid

FORM = "recording"
VERSION = 1
LONGEST_LINE = 16 * 1024 * 1024
"""Bytes. Four times the largest payload that the embedded broker takes."""

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Header:
    """What begins a section. ``names``: ``replaced``, or ``not_checked`` without a register."""

    began: datetime
    filters: tuple[str, ...] = ()
    names: str = "not_checked"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message as the broker handed it over; ``at`` is when it came (aware, UTC)."""

    at: datetime
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False


Entry = Header | Recorded


def encode(entry: Entry) -> bytes:
    """The line of an entry, its line break with it. Flags that are not set go unsaid."""
    said: dict[str, Any]
    if isinstance(entry, Header):
        said = {
            "nightwarden": FORM,
            "version": VERSION,
            "began": _shown(entry.began),
            "filters": entry.filters,
            "names": entry.names,
        }
    else:
        said = {"at": _shown(entry.at), "topic": entry.topic, "qos": entry.qos}
        said |= {flag: True for flag in ("retain", "dup") if getattr(entry, flag)}
        try:
            said["text"] = entry.payload.decode()
        except UnicodeDecodeError:
            said["base64"] = b64encode(entry.payload).decode()
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def decode(line: bytes) -> Entry:
    """The entry of a line.

    Raises:
        ValueError: one clause that says what the line is instead.
    """
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise ValueError("this is not JSON") from None
    if not isinstance(said, dict):
        raise ValueError("this is not a JSON object")  # noqa: TRY004  (one error for the reader)
    if "nightwarden" in said:
        return _header(said)
    try:
        at, topic, qos = _instant(said["at"]), said["topic"], said["qos"]
        payload = b64decode(said["base64"]) if "base64" in said else said["text"].encode()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ValueError('a message needs "at", "topic", "qos" and "text" or "base64"') from None
    if not isinstance(topic, str) or not topic or set(topic) & {"+", "#", "\0"}:
        raise ValueError("its topic is not one that a message can have")
    if qos not in (0, 1, 2):
        raise ValueError("its qos is not 0, 1 or 2")
    return Recorded(at, topic, payload, qos, said.get("retain") is True, said.get("dup") is True)


def read(path: Path) -> Iterator[Entry]:
    """The entries of a recording, read as a stream; the first is a header.

    Raises:
        Invalid: it cannot be read, is no recording, or ends in the middle; with file and line.
    """
    number = 0
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            lines = gzip.GzipFile(fileobj=raw) if packed else raw
            while line := lines.readline(LONGEST_LINE):
                number += 1
                yield _entry(path, number, line)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise cut_short(path, number + 1) from None
    except OSError as problem:
        raise Invalid(f"{path} cannot be read: {problem.strerror or problem}.") from None
    if not number:
        raise Invalid(f"{path}:1: it is empty; a recording begins with a header line.")


class CutShort(Invalid):
    """The recording ends in the middle; what stands before is whole."""


def cut_short(path: Path, number: int) -> CutShort:
    """A file that ends where a line has not."""
    return CutShort(
        f"{path}:{number}: the file ends in the middle of this line, as when the recording was "
        "killed; --until-damage plays what stands before it."
    )


def _entry(path: Path, number: int, line: bytes) -> Entry:
    if not line.endswith(b"\n"):
        if len(line) >= LONGEST_LINE:
            raise Invalid(f"{path}:{number}: the line is over {LONGEST_LINE} bytes long.")
        if number > 1:
            raise cut_short(path, number)
    try:
        entry = decode(line)
    except ValueError as problem:
        if number == 1:
            raise Invalid(f"{path}:1: {problem}; a recording begins with a header line.") from None
        raise Invalid(f"{path}:{number}: {problem}; this is no line of a recording.") from None
    if number == 1 and not isinstance(entry, Header):
        raise Invalid(f"{path}:1: this is a message; a recording begins with a header line.")
    return entry


def _header(said: dict[str, Any]) -> Header:
    if said["nightwarden"] != FORM or said.get("version") != VERSION:
        raise ValueError(
            f"this is not the header of a recording of version {VERSION}; "
            "a newer Nightwarden may read it"
        )
    try:
        filters = tuple(str(one) for one in said["filters"])
        return Header(_instant(said["began"]), filters, str(said["names"]))
    except (KeyError, TypeError, ValueError):
        raise ValueError('a header needs "began", "filters" and "names"') from None


def _shown(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _instant(text: Any) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return instant.astimezone(UTC)


class RecordingFile:
    """A recording that is being written, new or gone on with. Readable by its owner alone.

    Args:
        path: an existing recording is gone on with; a line that was never finished is cut off.

    Raises:
        Invalid: it cannot be written, or is something else than a whole recording.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._packed = path.name.endswith(".gz")
        self._sink: IO[bytes] | gzip.GzipFile
        try:
            if path.exists() and path.stat().st_size:
                self._check_what_is_there()
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._raw: IO[bytes] = os.fdopen(opened, "ab")
        except OSError as problem:
            raise Invalid(f"{path} cannot be written: {problem.strerror or problem}.") from None
        self._sink = gzip.GzipFile(fileobj=self._raw, mode="ab") if self._packed else self._raw

    def write(self, entry: Entry) -> None:
        """Add a line; it is in the file after the next :meth:`flush`.

        Raises:
            Invalid: the disk does not take it.
        """
        self._do(lambda: self._sink.write(encode(entry)))

    def flush(self) -> None:
        """What was written so far can be read, whatever happens to this process."""
        self._do(self._sink.flush)
        self._do(self._raw.flush)

    def close(self) -> None:
        """The end of this section."""
        if self._sink is not self._raw:
            self._do(self._sink.close)
        self._do(self._raw.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _do(self, step: Any) -> None:
        try:
            step()
        except OSError as problem:
            raise Invalid(
                f"{self._path} cannot be written: {problem.strerror or problem}."
            ) from None

    def _check_what_is_there(self) -> None:
        try:
            for _ in read(self._path):
                pass
        except CutShort as problem:
            if self._packed:
                raise Invalid(
                    f"{self._path} ends in the middle, and a packed file cannot be gone on with "
                    "there; record into another file."
                ) from problem
            _cut_to_last_line(self._path)


def _cut_to_last_line(path: Path) -> None:
    with path.open("r+b") as opened:
        end = opened.seek(0, io.SEEK_END)
        opened.seek(max(0, end - LONGEST_LINE))
        tail = opened.read()
        opened.truncate(end - len(tail) + tail.rfind(b"\n") + 1)
