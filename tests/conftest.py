"""What every test may ask for."""

import gc
import os
import shutil
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.brokers"]

MEMORY = Path("/dev/shm")
"""Where memory is a folder: a commit there waits for no disk that others use."""

ROOMY = 2 * 1024**3
"""Bytes; a run leaves some 100 MB, and Chromium wants some too."""


def pytest_configure() -> None:
    """Let compiled modules be kept, whatever the machine says: tests start many processes.

    Each of them would compile the whole program again.
    """
    # What is merged must not fail by chance: there the examples are the same each time. Everywhere
    # else, and in the campaigns, they are new ones.
    settings.register_profile("ci", derandomize=True)
    if os.environ.get("CI") == "true":
        settings.load_profile("ci")
    if _free(MEMORY) > ROOMY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Four thousand tests and all that they import stay to the end: no collector looks through
    them meanwhile, nor ever after. Each worker begins after 4 s of the processor, not after 11."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free if os.access(folder, os.W_OK) else 0
    except OSError:
        return 0
