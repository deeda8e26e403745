"""Backtests for the api: each in a process of its own, so that no board waits for one.

It is the very command that a person would type (``nightwarden backtest``), with its JSON; one at a
time, at low priority, and it ends when nobody waits for it any more.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from nightwarden.errors import Conflict, Invalid

LONGEST_S = 300.0
NICENESS = 5


class Trials:
    """One process at a time.

    Args:
        data: the folder of the store.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._running = False

    async def run(self, arguments: Sequence[str], given: bytes = b"") -> object:
        """The JSON that a command prints.

        Args:
            arguments: of ``nightwarden``, without ``--data`` and ``--json``.
            given: its standard input.

        Raises:
            Conflict: another one is running.
            Invalid: what the command says is wrong with the input; or it took too long.
        """
        if self._running:
            raise Conflict("A backtest is running already; try again when it is done.")
        self._running = True
        try:
            return await self._run(arguments, given)
        finally:
            self._running = False

    async def _run(self, arguments: Sequence[str], given: bytes) -> object:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "nightwarden",
            *arguments,
            "--json",
            "--data",
            str(self._data),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
            out, problem = await asyncio.wait_for(process.communicate(given), LONGEST_S)
        except TimeoutError:
            raise Invalid("It took longer than five minutes; ask for fewer days.") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode not in (0, 1):
            raise Invalid(problem.decode(errors="replace").strip() or "The backtest failed.")
        return orjson.loads(out)
