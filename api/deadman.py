"""A dead-man's switch outside of the home: an address that is fetched while all is well.

Whoever keeps the switch calls somebody when it is no longer fetched. So silence is what it says,
and nothing here tries to say more. A failure is noted for ``GET /health`` and disturbs nobody: each
fetch has a thread of its own, and there is never more than one.
"""

import logging
import threading
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.parse import urlsplit

from nightwarden.web_address import checked

PING_EVERY = timedelta(minutes=1)
ANSWERS_WITHIN_S = 10.0

log = logging.getLogger(__name__)


class Deadman:
    """The switch at one address.

    Args:
        url: http or https; it may hold a secret and is never shown whole.
        every: how often it is fetched while all is well.

    Raises:
        Invalid: it is no such address.
    """

    def __init__(self, url: str, every: timedelta = PING_EVERY) -> None:
        self._url = checked(url, "--deadman")
        self._every = every
        self._host = urlsplit(url).hostname
        self._due_at: datetime | None = None
        self._fetching: threading.Thread | None = None
        self.trouble: str | None = None
        """Why the last fetch failed, as a sentence; None while none did."""

    def feed(self, now: datetime) -> None:
        """All is well at ``now``: fetch the address if it is time to. Returns at once."""
        early = self._due_at is not None and self._due_at - self._every <= now < self._due_at
        if early or (self._fetching is not None and self._fetching.is_alive()):
            return
        self._due_at = now + self._every
        self._fetching = threading.Thread(target=self._fetch, daemon=True)
        self._fetching.start()

    def _fetch(self) -> None:
        try:
            with _opener().open(self._url, timeout=ANSWERS_WITHIN_S) as answer:
                answer.read(1024)
        except (OSError, HTTPException, ValueError) as problem:
            self.trouble = f"The dead-man's switch at {self._host} was not reached: {problem}."
            log.warning("%s", self.trouble)
        else:
            self.trouble = None


def _opener() -> urllib.request.OpenerDirector:
    """Speaks http and https alone, also where an answer leads elsewhere."""
    opener = urllib.request.OpenerDirector()
    for part in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPDefaultErrorHandler,
    ):
        opener.add_handler(part())
    opener.addheaders = [("User-Agent", "nightwarden")]
    return opener
