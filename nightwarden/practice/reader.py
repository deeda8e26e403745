"""Reads a scenario, or says everything that is wrong with it: one line an error.

``docs/scenarios.md`` describes the file. ``home`` and ``rules`` are a file's name beside this one,
or the file itself as a block, as in a test of rules (``nightwarden.rulesfile.story``).
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nightwarden.errors import Invalid
from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.shape import HomeFile
from nightwarden.model.alerts import AlertKind
from nightwarden.practice.breakages import BREAKAGES
from nightwarden.practice.fault_orders import read_faults
from nightwarden.practice.reading import Reader, whole_number
from nightwarden.practice.scenario import Expectation, Scenario, Step
from nightwarden.practice.steps import read_expectations, read_steps
from nightwarden.rulesfile.document import Document
from nightwarden.rulesfile.reader import RulesFile, read_rules_file
from nightwarden.rulesfile.story_parts import file_of, part_of, start_of
from nightwarden.rulesfile.story_values import duration, word_among, word_of

_KEYS = (
    *("id", "title", "kind", "broken", "home", "rules", "start", "lasts"),
    *("seed", "faults", "steps", "expect", "ignore"),
)
_NEEDED = ("id", "title", "home", "start", "lasts", "steps", "expect")
LONGEST = timedelta(days=31)


def read_scenario(path: Path, called: str | None = None) -> Scenario:
    """The scenario in the file ``path``; ``called`` is its name in errors.

    Raises:
        Invalid: one line an error, ``SOURCE:LINE: steps[0].device: sentence``.
    """
    source = called or str(path)
    document = Document(file_of(path, source), source, "scenario")
    for key in document.value:
        if key not in _KEYS:
            document.unknown((key,), _KEYS)
    for key in _NEEDED:
        if document.value.get(key) is None:
            document.wrong((), f'"{key}" is missing{_HELP.get(key, "")}')
    start = start_of(document)
    document.refuse_if_wrong()
    home = _home(document, path, start)
    reader = Reader(document, home, start)
    lasts = reader.taken((), document.value, "lasts", duration) or timedelta()
    if not timedelta() < lasts <= LONGEST:
        document.wrong(("lasts",), "is over 0 and at most 31d")
    kind = reader.taken((), document.value, "kind", word_of(AlertKind))
    broken = _broken(document, reader)
    if kind is None and not broken:
        document.wrong((), _NO_SUBJECT)
    steps, expectations = _told(reader, lasts)
    if kind and expectations and all(one.subject != kind for one in expectations):
        about = f"has nothing about {kind}, which the scenario is about"
        document.wrong(("expect",), f"{about}; add {{raised: {kind}, place: …, by: …}}, or quiet")
    ignored = _ignored(document, reader)
    faults = read_faults(reader, (), document.value)
    seed = reader.taken((), document.value, "seed", whole_number)
    document.refuse_if_wrong()
    words = {key: str(document.value[key]) for key in ("id", "title")}
    return Scenario(
        source=source,
        **words,
        kind=kind,
        broken=broken,
        start=start,
        lasts=lasts,
        home=home,
        rules=_rules(document, path),
        steps=steps,
        expectations=expectations,
        ignored=ignored,
        faults=faults,
        seed=1 if seed is None else seed,
    )


_HELP = {
    "id": ": the failure that it shows, such as M2",
    "title": ": what happens, in one sentence",
    "home": ": a home file beside this one, or the file itself as a block (home: |)",
    "start": ": an instant in UTC, such as 2026-11-23T23:00:00Z",
    "steps": ": what happens when, such as - {at: 10s, device: mat-12, occupancy: false}",
    "expect": ": what must be raised, shown or stay quiet, and by when",
    "lasts": ": how long it is, such as 30m",
}
_NO_SUBJECT = (
    '"kind" is missing: the kind of alert that it is about, or "broken": without what it must fail'
)


def _told(reader: Reader, lasts: timedelta) -> tuple[tuple[Step, ...], tuple[Expectation, ...]]:
    return tuple(read_steps(reader, lasts)), tuple(read_expectations(reader, lasts))


def _home(document: Document, path: Path, start: datetime) -> HomeFile:
    text, source = part_of(document, "home", path)
    home = read_home_file(text, source, start)
    if not home.home.practice:
        raise Invalid(
            f"{document.source}:{document.tree.line(('home',))}: home: {home.home.name} is not "
            "marked as a home to practise on, and what is played calls people; add practice: true"
        )
    return home


def _rules(document: Document, path: Path) -> RulesFile | None:
    if document.value.get("rules") is None:
        return None
    return read_rules_file(*part_of(document, "rules", path))


def _broken(document: Document, reader: Reader) -> tuple[str, ...]:
    given: Any = document.value.get("broken") or []
    if not isinstance(given, list):
        document.wrong(("broken",), "is not a list, such as [round_sheet]")
        return ()
    known = word_among({name: name for name in BREAKAGES})
    names = [reader.read(("broken", n), one, known) for n, one in enumerate(given)]
    return tuple(name for name in names if name is not None)


def _ignored(document: Document, reader: Reader) -> frozenset[AlertKind]:
    given: Any = document.value.get("ignore") or []
    if not isinstance(given, list):
        document.wrong(("ignore",), "is not a list of kinds, such as [device_silent]")
        return frozenset()
    kinds = [reader.read(("ignore", n), one, word_of(AlertKind)) for n, one in enumerate(given)]
    return frozenset(kind for kind in kinds if kind is not None)
