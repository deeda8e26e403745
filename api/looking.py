"""Looking now and then, on a thread of its own, until the api ends.

Who looks so has a place in the api's process beside the pages: the auditor, the press test's
report, the ends of shifts, the channels that fail.
"""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

ENDS_WITHIN_S = 2.0


class Looking:
    """Looks every so often; a look that fails is logged, and the next may be better.

    Args:
        look: one look.
        every_s: seconds from the end of one to the next.
        trouble: what the log says of a look that failed.
    """

    def __init__(self, look: Callable[[], object], every_s: float, trouble: str) -> None:
        self._look, self._every_s, self._trouble = look, every_s, trouble
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """No further look begins."""
        self._stop.set()

    def end(self) -> None:
        """Wait for the look that is under way."""
        self._thread.join(ENDS_WITHIN_S)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self._look()
            except Exception:
                log.exception("%s", self._trouble)
