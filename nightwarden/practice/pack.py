"""The scenarios that come with Nightwarden, and where they are played."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

from gateway.embedded_broker import EmbeddedBroker
from nightwarden.errors import NotFound
from nightwarden.model.alerts import AlertKind
from nightwarden.practice.breakages import broken
from nightwarden.practice.home import PracticeHome
from nightwarden.practice.play import Play, Tell, Watch
from nightwarden.practice.reader import read_scenario
from nightwarden.practice.scenario import Scenario
from nightwarden.practice.verdict import Verdict, judge
from nightwarden.rulesfile.story_values import near_word
from nightwarden.store.engine import open_store
from simulators import scenarios as folder_of_the_pack

PACK = Path(folder_of_the_pack.__file__).parent


class Played(NamedTuple):
    """How a scenario went, and how long that took on the wall."""

    verdict: Verdict
    seconds: float


def ids() -> list[str]:
    """The ids of the pack, in the order of the catalogue: M2 before M10."""
    return sorted((path.stem for path in PACK.glob("*.yaml")), key=_rank)


def _rank(name: str) -> tuple[str, int, str]:
    letter, number = name[:1], name[1:]
    return (letter, int(number), "") if number.isdigit() else ("~", 0, name)


def find(given: str) -> Scenario:
    """The scenario of this id, or in the file of this name (``./mine.yaml``).

    Raises:
        Invalid: the file has errors.
        NotFound: there is no such scenario.
    """
    if given.endswith((".yaml", ".yml")):
        return read_scenario(Path(given))
    known = {name.lower(): name for name in ids()}
    if given.lower() not in known:
        hint = near_word(given, dict.fromkeys(ids()))
        raise NotFound(f'there is no scenario "{given}"{hint}; `nightwarden scenario list`')
    name = known[given.lower()]
    return read_scenario(PACK / f"{name}.yaml")


def _quick_folder() -> str | None:
    """Where memory is a folder, else the usual one: what is thrown away need not reach a disk."""
    folder = Path("/dev/shm")  # noqa: S108  (a folder of our own is made in it)
    return str(folder) if os.access(folder, os.W_OK) else None


class Stage:
    """A broker and an empty store, made once; each scenario has a home of its own on it."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._played = 0

    def __enter__(self) -> Self:
        made = tempfile.TemporaryDirectory(
            prefix="nightwarden-", dir=_quick_folder(), ignore_cleanup_errors=True
        )
        self._folder = Path(self._stack.enter_context(made))
        self._broker = self._stack.enter_context(EmbeddedBroker())
        self._empty = self._folder / "empty.db"
        open_store(self._empty).close()
        self._path = self._folder / "practice.db"
        self._store = open_store(self._path)
        self._stack.callback(self._store.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _empty_the_store(self) -> None:
        """Another file under the same engine, which knows how its queries are put."""
        self._store.close()
        for left in self._folder.glob(f"{self._path.name}*"):
            left.unlink()
        shutil.copy(self._empty, self._path)

    def play(
        self,
        scenario: Scenario,
        *,
        speed: float | None = None,
        tell: Tell = lambda _at, _line: None,
        without: AlertKind | None = None,
        breakage: str | None = None,
        watch: Watch | None = None,
    ) -> Played:
        """Play it, and compare; see :class:`Play` and :class:`PracticeHome`.

        ``breakage`` is what is broken in the program meanwhile.
        """
        with broken(breakage):
            return self._play(scenario, speed, tell, without, watch)

    def _play(
        self,
        scenario: Scenario,
        speed: float | None,
        tell: Tell,
        without: AlertKind | None,
        watch: Watch | None,
    ) -> Played:
        began = monotonic()
        self._played += 1
        self._empty_the_store()
        name = f"practice-{self._played}"
        home = PracticeHome(scenario, self._store, self._broker, name, without)
        try:
            if speed is not None:
                tell(timedelta(), f"the board: {home.api.board()}")
            record = Play(scenario, home, speed, tell, watch).run()
        finally:
            home.close()
        return Played(judge(scenario, record), monotonic() - began)
