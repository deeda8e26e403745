"""The words of this process's receivers, gathered: thirty boards must not mean thirty commits.

A page says every few seconds that it can sound an alert. What is news (a new one, sound turned on
or off) is written at once, the rest together every few seconds.
"""

import threading
from datetime import datetime, timedelta

from nightwarden.store.receivers import LISTENS_FOR, Word

WRITE_EVERY = timedelta(seconds=4)


class Receivers:
    """What was said and not yet written. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: dict[str, Word] = {}
        self._unwritten: dict[str, Word] = {}
        self._written_at: datetime | None = None
        self._lock = threading.Lock()

    def hear(self, word: Word) -> list[Word]:
        """Take a word; what is to be written now, empty where it can wait."""
        with self._lock:
            before = self._known.get(word.id)
            self._known = {
                id_: known for id_, known in self._known.items() if word.at - known.at < LISTENS_FOR
            }
            self._known[word.id] = self._unwritten[word.id] = word
            news = before is None or before[1:4] != word[1:4]
            written = self._written_at
            if not news and written is not None and written <= word.at < written + WRITE_EVERY:
                return []
            gathered, self._unwritten = list(self._unwritten.values()), {}
            self._written_at = word.at
            return gathered
