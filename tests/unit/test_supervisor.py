"""Real children, each a few lines of Python: kept while that makes sense, and no longer."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from nightwarden.supervisor import MOST_FALLS, ChildFailed, ChildPlan, Supervisor
from tests.brokers import until

STAYS = """
import os, sys
print("listening at", *(sys.argv[1:] or [os.getpid()]), flush=True)
sys.stdin.read()
"""
FALLS = "import sys; sys.exit(3)"
FALLS_AFTER_ITS_FIRST_START = """
import pathlib, sys
if pathlib.Path("started").exists():
    sys.exit(2)
pathlib.Path("started").touch()
print("listening at a-free-port", flush=True)
sys.stdin.read()
"""
IGNORES_STANDARD_INPUT = """
import signal
print("listening at a-free-port", flush=True)
signal.pause()
"""


class Plan(Protocol):
    """A child that runs these lines."""

    def __call__(self, source: str, *, announces: bool = True) -> ChildPlan: ...


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Makes a plan; its child runs in ``tmp_path``."""

    def made(source: str, *, announces: bool = True) -> ChildPlan:
        (tmp_path / "the_child.py").write_text(source)
        return ChildPlan(
            "child",
            "the_child",
            lambda announced: [announced] if announced else [],
            {"PYTHONPATH": str(tmp_path)},
            announces=announces,
        )

    monkeypatch.chdir(tmp_path)
    return made


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(said.append, restart_after_s=0.01)
    yield made
    made.stop()
    made.end()


def test_a_child_that_falls_again_and_again_is_given_up_with_a_loud_line(
    plan: Plan, supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start(plan(FALLS, announces=False))
    assert supervisor.watch() == 1
    assert said[:-1] == ["!!! The child fell (exit code 3); starting it again."] * MOST_FALLS
    assert said[-1] == (
        "!!! The child fell 6 times within a minute (exit code 3). "
        "NOT WATCHING. Giving up; see the lines above for the reason."
    )


def test_a_child_that_never_gets_ready_again_is_given_up_too(
    plan: Plan, supervisor: Supervisor, said: list[str]
) -> None:
    child = supervisor.start(plan(FALLS_AFTER_ITS_FIRST_START))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    assert supervisor.watch() == 1
    assert said[0] == "!!! The child fell (signal 9); starting it again."
    assert said[1] == "!!! The child did not start (exit code 2)."
    assert "Giving up" in said[-1]


def test_a_restarted_child_is_told_where_it_was(plan: Plan, supervisor: Supervisor) -> None:
    child = supervisor.start(plan(STAYS))
    watching = threading.Thread(target=supervisor.watch)
    watching.start()
    before = child.pid
    assert before is not None
    assert child.announced == str(before)
    os.kill(before, signal.SIGKILL)
    until(lambda: child.pid != before and child.fallen() is None)
    supervisor.stop()
    watching.join(60)
    assert child.announced == str(before)


def test_a_child_that_is_not_ready_at_the_first_start_is_an_error(
    plan: Plan, supervisor: Supervisor
) -> None:
    with pytest.raises(ChildFailed, match=r"The child did not start \(exit code 3\)\."):
        supervisor.start(plan(FALLS))


@pytest.mark.parametrize("source", [STAYS, IGNORES_STANDARD_INPUT], ids=["stays", "ignores"])
def test_the_end_is_the_end_of_every_child(plan: Plan, supervisor: Supervisor, source: str) -> None:
    children = [supervisor.start(plan(source)) for _ in range(2)]
    supervisor.stop()
    assert supervisor.watch() == 0
    supervisor.end()
    assert [child.fallen() is None for child in children] == [False, False]
