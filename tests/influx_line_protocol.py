"""A strict reader of line protocol, written from InfluxDB's documentation and not from our writer.

It is stricter than InfluxDB where InfluxDB guesses: a line must carry its time, a tag may not be
given twice, and a name may not end in a backslash.
"""

import re
from dataclasses import dataclass

Value = float | int | str | bool
NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}

_PLAIN = re.compile(r"[^\\,= \n]+")
_WORD = re.compile(r"[^, \n]+")
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d+[iu]")
_BOOLEANS = dict.fromkeys(("t", "T", "true", "True", "TRUE"), True) | dict.fromkeys(
    ("f", "F", "false", "False", "FALSE"), False
)


class Malformed(ValueError):
    """A line that InfluxDB would answer with 400."""


@dataclass(frozen=True)
class Point:
    """What a line says; ``time`` in nanoseconds since 1970."""

    measurement: str
    tags: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, Value], ...]
    time: int

    def tag(self, key: str) -> str | None:
        return dict(self.tags).get(key)

    def field(self, key: str) -> Value | None:
        return dict(self.fields).get(key)


def parse(body: bytes, precision: str = "ns") -> list[Point]:
    """Every point of a request's body.

    Raises:
        Malformed: at the first line that is not line protocol.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Malformed("the body is not UTF-8") from problem
    reader, points = _Reader(text), []
    while not reader.done():
        if reader.peek() == "\n":
            reader.skip("\n")
        elif reader.peek() == "#":
            reader.skip_line()
        else:
            points.append(_point(reader, NANOSECONDS[precision]))
    return points


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def done(self) -> bool:
        return self.at >= len(self.text)

    def peek(self) -> str:
        return "" if self.done() else self.text[self.at]

    def skip(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise self.wrong(f"{wanted!r} expected, {self.peek()!r} found")
        self.at += 1

    def skip_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def name(self, what: str, ends: str) -> str:
        """Up to an unescaped character of ``ends``; of the rest, only comma, equals and space may
        follow a backslash as an escape, and elsewhere a backslash is itself."""
        out = []
        while not self.done() and self.peek() not in ends + "\n":
            if plain := _PLAIN.match(self.text, self.at):
                out.append(plain[0])
                self.at = plain.end()
                continue
            if self.peek() == "\\" and self.text[self.at + 1 : self.at + 2] in (",", "=", " "):
                self.at += 1
            elif self.peek() in ",= ":
                raise self.wrong(f"{what} has an unescaped {self.peek()!r}")
            out.append(self.peek())
            self.at += 1
        found = "".join(out)
        if not found or found.endswith("\\"):
            raise self.wrong(f"{what} is empty or ends in a backslash")
        return found

    def quoted(self) -> str:
        self.skip('"')
        out = []
        while self.peek() != '"':
            if self.done():
                raise self.wrong("a string has no end")
            if self.peek() == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\"):
                self.at += 1
            out.append(self.peek())
            self.at += 1
        self.skip('"')
        return "".join(out)

    def word(self) -> str:
        found = _WORD.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[0] if found else ""

    def wrong(self, why: str) -> Malformed:
        start = self.text.rfind("\n", 0, self.at) + 1
        return Malformed(f"unable to parse '{self.text[start : self.at + 20]}': {why}")


def _point(reader: _Reader, scale: int) -> Point:
    measurement = reader.name("measurement", ", ")
    tags: dict[str, str] = {}
    while reader.peek() == ",":
        reader.skip(",")
        key = reader.name("tag key", "=")
        reader.skip("=")
        if key in tags or key.startswith("_") or key == "time":
            raise reader.wrong(f"tag {key} is given twice or reserved")
        tags[key] = reader.name("tag value", ", ")
    reader.skip(" ")
    fields = dict([_field(reader)])
    while reader.peek() == ",":
        reader.skip(",")
        fields.update([_field(reader)])
    reader.skip(" ")
    stamp = reader.word()
    if not re.fullmatch(r"-?\d+", stamp) or not -(2**63) < int(stamp) * scale < 2**63:
        raise reader.wrong(f"time {stamp!r} is not a number of 64 bits")
    if not reader.done():
        reader.skip("\n")
    return Point(
        measurement, tuple(sorted(tags.items())), tuple(fields.items()), int(stamp) * scale
    )


def _field(reader: _Reader) -> tuple[str, Value]:
    key = reader.name("field key", "=")
    reader.skip("=")
    if reader.peek() == '"':
        return key, reader.quoted()
    word = reader.word()
    if word in _BOOLEANS:
        return key, _BOOLEANS[word]
    if _INTEGER.fullmatch(word):
        number = int(word[:-1])
        low, high = (-(2**63), 2**63) if word.endswith("i") else (0, 2**64)
        if low <= number < high:
            return key, number
    if _FLOAT.fullmatch(word):
        return key, float(word)
    raise reader.wrong(f"field {key} has no value: {word!r}")
