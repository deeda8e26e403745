"""Scenarios played from the bench, each in a process of its own.

It is the command that a person would type (``nightwarden scenario run --json``): a broker, a home
and a clock of its own, thrown away afterwards. The home that is watched hears nothing of it. One at
a time, at low priority.
"""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from typing import Any

import orjson

from nightwarden.errors import Conflict, NotFound
from nightwarden.model.phrases import phrase

LONGEST_S = 300.0
NICENESS = 5
HAPPENED_MOST = 400
LONGEST_LINE = 1 << 22


@dataclass(slots=True)
class Run:
    """One scenario as it is played: what happened, and expected beside actual so far."""

    id: str
    title: str
    by: str
    happened: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    passed: str = ""
    over: bool = False
    as_expected: bool = False
    problem: str = ""


class ScenarioRuns:
    """The pack as it is listed, and the run that is on, or was the last."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self._pack: list[dict[str, str]] = []
        self._listing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def pack(self) -> list[dict[str, str]]:
        """Id, kind, title and length of each scenario; read once, which takes some seconds."""
        async with self._listing:
            if not self._pack:
                process = await _start("list", "--json")
                out, _ = await process.communicate()
                self._pack = orjson.loads(out or b"[]")
        return self._pack

    async def start(self, scenario: str, by: str) -> None:
        """Play one, in the background.

        Raises:
            Conflict: another is being played.
            NotFound: there is no such scenario.
        """
        found = next((one for one in await self.pack() if one["id"] == scenario), None)
        if found is None:
            raise NotFound(f'There is no scenario "{scenario}".')
        if self._task is not None and not self._task.done():
            raise Conflict("A scenario is being played already; wait until it is over.")
        self.run = Run(found["id"], found["title"], by)
        self._task = asyncio.create_task(self._play(self.run))

    async def stop(self) -> None:
        """End what is being played."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _play(self, run: Run) -> None:
        process = await _start("run", run.id, "--json")
        try:
            async with asyncio.timeout(LONGEST_S):
                assert process.stdout is not None
                async for line in process.stdout:
                    _take(run, orjson.loads(line))
                await process.wait()
        except TimeoutError:
            run.problem = phrase("It took longer than five minutes and was ended.")
        except ValueError:
            run.problem = phrase("What it printed could not be read.")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            run.over = True
        if not run.rows and not run.problem:
            run.problem = phrase(f"It ended with exit code {process.returncode}.")


def _take(run: Run, said: dict[str, Any]) -> None:
    run.passed = said["passed"]
    if "happened" in said and len(run.happened) < HAPPENED_MOST:
        run.happened.append({"passed": said["passed"], "what": said["happened"]})
    if "rows" in said:
        run.rows = said["rows"]
    run.as_expected = bool(said.get("as_expected"))


async def _start(*arguments: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "nightwarden", "scenario", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LONGEST_LINE,
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process
