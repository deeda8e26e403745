"""What happens as a shift ends, whether or not anybody looks: the record has it.

1. The access of agency staff who were let in until then has ended; the audit says so, once.
2. The handover is kept as it is at that moment (``api/handover_kept.py``), once a shift, also where
   nobody has signed it. Of a shift that ended before the home was set up there is none.
3. An api that was away then does it as it comes back, with the time at which it does.
"""

from api.handover_kept import keep
from nightwarden.clock import Clock
from nightwarden.maintenance.shifts import key_of, shift_before, shift_now
from nightwarden.model.actors import SYSTEM
from nightwarden.store import audit, guests, handovers, meta
from nightwarden.store.engine import Store, Transaction

LOOK_EVERY_S = 5.0


class ShiftEnds:
    """Looks after the ends of shifts of one home; ``clock`` says what time it is."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def look(self) -> None:
        """One look; writes only where something has ended."""
        now = self._clock()
        with self._store.reading(now) as tx:
            wanted = guests.ended_unsaid(tx) or _to_keep(tx)
        if not wanted:
            return
        with self._store.transaction(now) as tx:
            guests.say_ended(tx)
            if _to_keep(tx):
                keep(tx, "before", handovers.AT_THE_END, SYSTEM)


def _to_keep(tx: Transaction) -> bool:
    if meta.home(tx) is None:
        return False
    ended = shift_before(tx, shift_now(tx))
    begun = audit.first_at(tx)
    if begun is None or begun >= ended.until:
        return False
    return not handovers.kept_at_end(tx, key_of(ended))
