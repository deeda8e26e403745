"""What every story told in YAML has: a start, a home, rules, and places that can be named."""

from datetime import UTC, datetime
from pathlib import Path

from nightwarden.errors import Invalid
from nightwarden.homefile.shape import HomeFile
from nightwarden.model.calls import CALLED_AT
from nightwarden.model.readings import HUBS
from nightwarden.rulesfile.document import Document
from rules.circuits import CIRCUITS
from rules.drills import PLACE as DRILL
from rules.findings import HOME
from rules.hubs import NOWHERE
from rules.staff import OF_STAFF
from rules.tallies import TALLIES


def start_of(document: Document) -> datetime:
    """When it starts; what is wrong with that is noted in the document."""
    given = document.value.get("start")
    try:
        start = datetime.fromisoformat(str(given))
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        if given is not None:
            document.wrong(
                ("start",), f'"{given}" is not an instant in UTC, such as 2026-11-23T23:00:00Z'
            )
        return datetime(2000, 1, 1, tzinfo=UTC)  # never used: the document is refused
    return start.astimezone(UTC)


def part_of(document: Document, key: str, path: Path) -> tuple[bytes, str]:
    """The text of a home or rules file, and what its errors call it."""
    given = document.value[key]
    if not isinstance(given, str):
        raise Invalid(
            f"{document.source}:{document.tree.line((key,))}: {key}: is the name of a file, or the "
            f'file itself as a block: write "{key}: |" and indent what follows'
        )
    if "\n" in given:  # a block: what stands before it keeps its errors on their lines
        above = "\n" * document.tree.line((key,))
        return (above + given).encode(), document.source
    other = path.parent / given
    return file_of(other, f"{document.source}:{document.tree.line((key,))}: {other}"), str(other)


def file_of(path: Path, called: str) -> bytes:
    """The bytes of a file; Invalid, with the name that it is ``called``, where there are none."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Invalid(f"{called} cannot be read: {problem.strerror}") from None


def places_of(home: HomeFile) -> set[str]:
    """Every place that an alert of this home can be about, as ``ROOM/PLACE``."""
    places = {f"{room.id}/{place.id}" for room in home.rooms for place in room.places}
    places |= {f"{room.id}/{of_all}" for room in home.rooms for of_all in (CALLED_AT, DRILL)}
    places |= {f"{HOME}/{what}" for what in ("mats", *(t.kind for t in TALLIES))}
    places |= {f"{NOWHERE}/{hub.dialect}" for hub in HUBS}
    places |= {str(place) for place in OF_STAFF}
    circuits = (place.circuit for room in home.rooms for place in room.places)
    return places | {f"{CIRCUITS}/{circuit}" for circuit in circuits if circuit}
