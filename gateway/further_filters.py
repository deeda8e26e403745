"""Topic filters that come and go while the link lives: what devices have announced.

1. They are wanted from any thread, and asked for on the link's, once it is connected.
2. One that the broker refuses is told in the log and leaves us connected: whoever may announce a
   topic must not be able to make us deaf to the others.
3. One that is given up while there is no connection is given up on the next: the broker keeps our
   session and with it what we no longer want.
"""

import logging
from collections.abc import Iterable

from gateway.connection import Connection

TOGETHER = 50
"""Filters in one SUBSCRIBE or UNSUBSCRIBE."""

log = logging.getLogger(__name__)


class FurtherFilters:
    """All methods but :meth:`want` are the link's thread's."""

    def __init__(self) -> None:
        self._wanted: frozenset[str] = frozenset()
        self._held: set[str] = set()
        self._known: set[str] = (
            set()
        )  # asked for since the process began, perhaps held by a session
        self._followed: frozenset[str] | None = None
        self._waiting: dict[int, list[str]] = {}

    def want(self, filters: Iterable[str]) -> None:
        """These and no others, from now on; from any thread."""
        self._wanted = frozenset(filters)

    def begin(self) -> None:
        """A new connection: all that is wanted is asked for anew."""
        self._held = set()
        self._followed = None
        self._waiting = {}

    def follow(self, connection: Connection) -> None:
        """Give up what is no longer wanted, and ask for what is wanted and not held."""
        wanted = self._wanted
        if wanted is self._followed:
            return  # it is asked at every packet, and the sets may be large
        new, gone = wanted - self._held, self._known - wanted
        for some in _some(sorted(gone)):
            connection.unsubscribe(some)
            self._known.difference_update(some)
            self._held.difference_update(some)
        for some in _some(sorted(new)):
            self._waiting[connection.subscribe(some)] = some
            self._held.update(some)
            self._known.update(some)
        self._followed = wanted

    def answered(self, mid: int, granted: Iterable[bool]) -> bool:
        """Whether this answer of the broker's was for us."""
        asked = self._waiting.pop(mid, None)
        if asked is None:
            return False
        refused = [each for each, fine in zip(asked, granted, strict=True) if not fine]
        if refused:
            log.warning(
                "The broker does not let us hear %s, which a device has announced; "
                "allow it in the broker's access list.",
                ", ".join(refused),
            )
        return True


def _some(filters: list[str]) -> Iterable[list[str]]:
    return (filters[at : at + TOGETHER] for at in range(0, len(filters), TOGETHER))
