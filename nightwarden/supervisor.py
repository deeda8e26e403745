"""``up`` and its children: started in order, watched, restarted when they fall, ended with it.

A child ends with its parent whatever happens to the parent: it reads its standard input, whose
other end only we hold. A child that falls is started again after a moment, with a loud line; one
that falls again and again is not worth pretending for, and ``up`` ends with exit code 1 so that
whatever started it knows.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from nightwarden.errors import NightwardenError

MOST_FALLS = 5
WITHIN_S = 60.0
"""More than this many falls of one child within this time end everything."""

RESTART_AFTER_S = 0.5
ENDS_WITHIN_S = 8.0
STARTS_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """How to start a child.

    ``module`` is run by this interpreter with ``arguments``, which are told what the child
    announced at its first start, so that one which chose a free port is found there again.
    Secrets go into ``environment``, where ``ps`` does not show them. One that ``announces``
    writes a line when it is ready, whose last word is its address.
    """

    name: str
    module: str
    arguments: Callable[[str | None], Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    announces: bool = False


class Child:
    """One child process, now and after each restart."""

    def __init__(self, plan: ChildPlan) -> None:
        self.plan = plan
        self.announced: str | None = None
        self.falls: deque[float] = deque(maxlen=MOST_FALLS + 1)
        self.down_until: float | None = None
        """Monotonic; somebody has let it fall on purpose, and until then it stays down."""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it; an announcing child has announced itself when this returns.

        Raises:
            NightwardenError: it ended instead; its own words are on the standard error.
        """
        self._let_go()
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter, our own modules
            [sys.executable, "-m", self.plan.module, *self.plan.arguments(self.announced)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | self.plan.environment,
            start_new_session=True,  # Ctrl-C is ours to pass on, in order
        )
        output = self._process.stdout
        assert output is not None
        if self.plan.announces:
            self.announced = self._announcement(output)
        threading.Thread(target=_pass_on, args=(output,), daemon=True).start()

    def _announcement(self, output: IO[str]) -> str:
        """The address in its first line; the last address stays known when there is none."""
        assert self._process is not None
        too_late = threading.Timer(STARTS_WITHIN_S, self._process.kill)
        too_late.start()
        words = output.readline().split()
        too_late.cancel()
        if not words:
            output.close()
            raise ChildFailed(self.plan.name, self._process.wait(ENDS_WITHIN_S))
        return words[-1]

    def _let_go(self) -> None:
        """Close our end of the standard input of the process that fell."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return None if self._process is None else self._process.pid

    def fallen(self) -> int | None:
        """The exit code of a child that has ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def kill(self) -> None:
        """As the system does when memory runs out."""
        if self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """Ask it to end, and see to it."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        self._let_go()
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class ChildFailed(NightwardenError):
    """A child ended before it was ready; it has said why itself."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"The {name} did not start (exit code {code}).")
        self.code = code


class Supervisor:
    """Starts children in order and keeps them.

    Args:
        say: writes a line for a person.
        restart_after_s: how long a fallen child waits, once for each of its recent falls.
    """

    def __init__(
        self, say: Callable[[str], object], restart_after_s: float = RESTART_AFTER_S
    ) -> None:
        self.children: list[Child] = []
        self._say = say
        self._restart_after_s = restart_after_s
        self._stop = threading.Event()
        self._begin_again: Callable[[], object] | None = None

    def start(self, plan: ChildPlan) -> Child:
        """Start one more child, and keep it from now on."""
        child = Child(plan)
        self.children.append(child)
        child.start()
        return child

    def stop(self) -> None:
        """Let :meth:`watch` return."""
        self._stop.set()

    def knock_down(self, name: str, seconds: float) -> None:
        """Kill a child and leave it down for so long; a fall on purpose is not counted."""
        for child in self.children:
            if child.plan.name == name:
                child.down_until = time.monotonic() + seconds
                child.kill()

    def pick_up(self, name: str) -> None:
        """End what :meth:`knock_down` began before its time."""
        for child in self.children:
            if child.plan.name == name and child.down_until is not None:
                child.down_until = time.monotonic()

    def down(self) -> dict[str, float]:
        """The children that are down on purpose, with the seconds left."""
        now = time.monotonic()
        return {
            child.plan.name: max(0.0, child.down_until - now)
            for child in self.children
            if child.down_until is not None
        }

    def begin_again(self, meanwhile: Callable[[], object]) -> None:
        """Soon: end every child, do ``meanwhile``, and start them again in order."""
        self._begin_again = meanwhile

    def watch(self) -> int:
        """Watch until :meth:`stop`; 0 then, 1 when a child falls too often to go on."""
        while not self._stop.wait(0.1):
            self._begin_again_if_asked()
            for child in self.children:
                code = child.fallen()
                if code is None or self._stays_down(child):
                    continue
                if not self._raise_again(child, code):
                    return 1
        return 0

    def end(self) -> None:
        """End every child, the last started first."""
        for child in reversed(self.children):
            child.end()

    def _stays_down(self, child: Child) -> bool:
        """Whether a child is down on purpose; when its time is over it is started here."""
        if child.down_until is None:
            return False
        if time.monotonic() >= child.down_until:
            child.down_until = None
            self._say(f"The {child.plan.name} was down on purpose; starting it again.")
            self._try(child)
        return True

    def _begin_again_if_asked(self) -> None:
        meanwhile, self._begin_again = self._begin_again, None
        if meanwhile is None:
            return
        self.end()
        meanwhile()
        for child in self.children:
            child.down_until = None
            self._try(child)

    def _try(self, child: Child) -> None:
        try:
            child.start()
        except NightwardenError as problem:
            self._say(f"!!! {problem}")

    def _raise_again(self, child: Child, code: int) -> bool:
        name, now = child.plan.name, time.monotonic()
        child.falls.append(now)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if len(child.falls) > MOST_FALLS and now - child.falls[0] < WITHIN_S:
            self._say(
                f"!!! The {name} fell {len(child.falls)} times within a minute ({how}). "
                "NOT WATCHING. Giving up; see the lines above for the reason."
            )
            return False
        self._say(f"!!! The {name} fell ({how}); starting it again.")
        if self._stop.wait(self._restart_after_s * len(child.falls)):
            return True
        self._try(child)
        return True


def _pass_on(output: IO[str]) -> None:
    with output:
        for line in output:
            sys.stdout.write(line)
            sys.stdout.flush()
