"""Waiting for what another thread is about to do."""

import time
from collections.abc import Callable

from nightwarden.errors import NightwardenError

PATIENCE_S = 20.0


def until(condition: Callable[[], object], otherwise: str, seconds: float = PATIENCE_S) -> None:
    """Wait for the condition.

    Raises:
        NightwardenError: it did not come true in time; ``otherwise`` says so.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NightwardenError(f"{otherwise} within {seconds:.0f} s.")
        time.sleep(0.002)
