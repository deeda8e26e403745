"""How often somebody who is not signed in may do something: by address, and all together.

1. Who stands at a label has no name, so one phone is held to a few reports in some minutes and
   strangers together to some more in an hour; a person who signs in is not held up.
2. Wrong names, PINs and codes are counted by where they come from, beside the lock of each person
   (``nightwarden.store.pins``): one address cannot try one PIN on everybody. An enrolled screen is
   counted by itself, so that nobody else's guesses keep the people before it out.
3. It is kept in memory: after a restart everybody may again, which harms nothing.
"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightwarden.errors import TooOften
from nightwarden.model.phrases import phrase


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` times ``within`` a time."""

    most: int
    within: timedelta


EACH = Limit(6, timedelta(minutes=10))
"""One phone: a round of a room's kit, and no flood. Judgement."""
TOGETHER = Limit(60, timedelta(hours=1))
"""All strangers: more than a bad night has, and few enough to read in the morning. Judgement."""

GUESSES = Limit(20, timedelta(minutes=10))
"""Wrong sign-ins from one place: tired people at a handover pass, a program does not. Judgement."""
GUESSES_TOGETHER = Limit(1_000, timedelta(minutes=10))
"""So many addresses guess at once that the home's own network is in other hands."""

REPORTS = phrase("Too many reports without signing in; tell a senior, or sign in and report it.")
GUESSING = phrase("Too many wrong attempts from here; wait some minutes, or use another screen.")

MOST_ADDRESSES = 1_000
"""Addresses that are remembered; the one not seen for longest goes first."""


class Turnstile:
    """Counts the passings of the last minutes. Safe to share between threads."""

    def __init__(
        self, each: Limit = EACH, together: Limit = TOGETHER, sentence: str = REPORTS
    ) -> None:
        self._each, self._together, self._sentence = each, together, sentence
        self._by_address: dict[str, deque[datetime]] = {}
        self._all: deque[datetime] = deque()
        self._lock = threading.Lock()

    def look(self, address: str, now: datetime) -> None:
        """Whether ``address`` may pass at ``now`` (aware), without counting it.

        Raises:
            TooOften: as :meth:`passes`.
        """
        with self._lock:
            self._room_for(address, now)

    def passes(self, address: str, now: datetime) -> None:
        """Let ``address`` through once, at ``now`` (aware).

        Raises:
            TooOften: it, or all together, did so too often; the error says when it may again.
        """
        with self._lock:
            own = self._room_for(address, now)
            own.append(now)
            self._all.append(now)

    def _room_for(self, address: str, now: datetime) -> deque[datetime]:
        own = self._by_address.pop(address, deque())
        self._by_address[address] = own  # the newest is last
        while len(self._by_address) > MOST_ADDRESSES:
            del self._by_address[next(iter(self._by_address))]
        for seen, limit in ((own, self._each), (self._all, self._together)):
            while seen and seen[0] <= now - limit.within:
                seen.popleft()
            if len(seen) >= limit.most:
                raise TooOften(self._sentence, seen[0] + limit.within)
        return own
