"""What every test may ask for."""

import os
import sys

pytest_plugins = ["tests.brokers"]


def pytest_configure() -> None:
    """Let compiled modules be kept, whatever the machine says: tests start many processes.

    Each of them would compile the whole program again.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
