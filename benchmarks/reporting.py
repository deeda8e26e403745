"""A process of its own that reports what it receives, beside nobody else's interpreter."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from nightwarden.errors import Invalid


@contextmanager
def reporting(
    work: Callable[..., None], *arguments: object, ready: object, count: int = 1, within_s: float
) -> "Iterator[Connection[Any, Any]]":
    """Run ``work`` with its end of a pipe and the arguments; our end, once it is ready.

    Args:
        work: the process; it reports ``ready`` when it has begun to listen.
        arguments: what else it is given.
        ready: that report.
        count: how often it is awaited: once for each that listens.
        within_s: seconds that one may take.

    Raises:
        Invalid: it was not ready in time.
    """
    processes = get_context("spawn")
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    try:
        for _ in range(count):
            if not ours.poll(within_s) or ours.recv() != ready:
                raise Invalid(f"What listens did not start within {within_s:.0f} s.")
        yield ours
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()
        theirs.close()
