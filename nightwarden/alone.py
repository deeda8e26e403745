"""A lock on the data folder, which the system releases when whoever holds it ends, however."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightwarden.errors import Invalid

LOOK_AGAIN_S = 0.1


@contextmanager
def alone(data: Path, name: str, patience_s: float = 0.0) -> Iterator[None]:
    """Hold ``name`` in the data folder; two monitors of one home would answer each other's alerts.

    Args:
        data: the folder, made when it is not there.
        name: the file that is locked.
        patience_s: how long to wait for a process that may be about to end.

    Raises:
        Invalid: another process holds it, or the folder cannot be used.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / name).open("w")
    except OSError as problem:
        raise Invalid(f"--data {data} cannot be used: {problem.strerror}.") from None
    deadline = time.monotonic() + patience_s
    with lock:
        while not _held(lock.fileno()):
            if time.monotonic() >= deadline:
                raise Invalid(
                    f"Another Nightwarden runs on {data}; stop it, or choose another with --data."
                )
            time.sleep(LOOK_AGAIN_S)
        yield


def _held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
