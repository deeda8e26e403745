"""Log lines for a terminal and for journald: one line each, UTC, who said it first."""

import logging
import sys
import time


def log_to_stderr(process: str, level: int = logging.WARNING) -> None:
    """Send this process's log to its standard error.

    Args:
        process: which of ours it is: ``gateway``, ``api``, ``up``.
        level: the least that is shown; 10 is everything.
    """
    form = logging.Formatter(
        f"%(asctime)sZ {process} %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S"
    )
    form.converter = time.gmtime
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(form)
    logging.basicConfig(level=level, handlers=[lines], force=True)
