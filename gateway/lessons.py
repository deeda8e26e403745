"""What devices have taught the dialects that learn, kept so that a restart knows it at once.

1. A lesson counts from its own message on: the next one, in the same batch, may need it.
2. It is written in the batch's transaction. What a failed batch taught is written with the next:
   the dialect knows it already and will not say it again.
3. A dialect may refuse one for want of room; then its message goes to quarantine.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from gateway.dialects.base import Dialect, Learner, Lesson
from nightwarden.store import teaching
from nightwarden.store.engine import Transaction
from nightwarden.store.teaching import Teaching

FULL = "There is no room for another announcement; remove those that nobody needs from the broker."


class Lessons:
    """One per gateway; the deciding thread's own.

    Args:
        tx: to read what is kept.
        dialects: those of the home, which know nothing yet.
    """

    def __init__(self, tx: Transaction, dialects: Sequence[Dialect]) -> None:
        self._learners = {each.name: each for each in dialects if isinstance(each, Learner)}
        self._filters = {name: each.filters() for name, each in self._learners.items()}
        self._at_first = frozenset(chain.from_iterable(self._filters.values()))
        self._unsaved: dict[tuple[str, str], bytes] = {}
        for dialect, key, content in teaching.all_taught(tx):
            if dialect in self._learners:
                self._learners[dialect].learn(Lesson(key, content))
        self.further_filters: frozenset[str] = frozenset()
        """Topic filters that the dialects did not have when they knew nothing."""
        self._filters_after(self._learners)

    def take(self, dialect: Dialect, lessons: Iterable[Lesson]) -> bool:
        """Teach a dialect what its message taught; False when it had no room for all of it."""
        learner, room = self._learners[dialect.name], True
        for lesson in lessons:
            if learner.learn(lesson):
                self._unsaved[dialect.name, lesson.key] = lesson.content
            else:
                room = False
        return room

    def save(self, tx: Transaction) -> None:
        """Write what was taught since the last commit; :meth:`saved` follows it."""
        teaching.keep(tx, (Teaching(*which, what) for which, what in self._unsaved.items()))

    def saved(self) -> bool:
        """What was last written is on the disk; whether ``further_filters`` have changed by it."""
        if not self._unsaved:
            return False
        taught, self._unsaved = {dialect for dialect, _ in self._unsaved}, {}
        before = self.further_filters
        self._filters_after(taught)
        return before != self.further_filters

    def _filters_after(self, taught: Iterable[str]) -> None:
        """A lesson changes the filters of its own dialect alone; those of others may be many."""
        now = {name: self._learners[name].filters() for name in taught}
        if any(self._filters[name] != filters for name, filters in now.items()):
            self._filters.update(now)
            all_now = frozenset(chain.from_iterable(self._filters.values()))
            self.further_filters = all_now - self._at_first
