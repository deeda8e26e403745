"""The shift that people come on to: its sound test, and what makes it start green.

1. A sound test is a person's word: the receiver played its loudest pattern and they heard it
   where it has to be heard. It is kept with their name and the time, for the shift (M8, A7).
2. It goes on to count for :data:`GRACE` after the shift has ended, so that the change of shifts
   does not leave a home with nobody listening; the new shift is not *green* by it.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nightwarden.errors import Conflict, NotFound
from nightwarden.maintenance.presses import MOMENT, ShiftTest, shift_at
from nightwarden.store import meta, receivers, shifts
from nightwarden.store.engine import Transaction
from nightwarden.store.shifts import ShiftKey
from nightwarden.store.tables import Receiver, SoundTest

GRACE = timedelta(minutes=15)
"""How long the sound tests of a shift outlive it: a handover, and no more."""


def shift_now(tx: Transaction, at: datetime | None = None) -> ShiftTest:
    """The shift that holds at ``at`` (aware; now, if not given).

    Raises:
        Conflict: there is no home yet, and so no shift.
    """
    home = meta.home(tx)
    if home is None:
        raise Conflict("There is no home yet, so there is no shift; apply a home file first.")
    return shift_at(tx, at or tx.now, ZoneInfo(home.timezone))


def shift_before(tx: Transaction, shift: ShiftTest) -> ShiftTest:
    """The shift that ended as ``shift`` began."""
    return shift_now(tx, shift.since - MOMENT)


def key_of(shift: ShiftTest) -> ShiftKey:
    """What its entries are kept under."""
    return ShiftKey(shift.name, shift.since)


def heard_in_shift(tests: dict[str, SoundTest], shift: ShiftTest) -> dict[str, SoundTest]:
    """Those of the tests that were made in this shift."""
    return {id_: test for id_, test in tests.items() if test.at >= shift.since}


def confirm_heard(tx: Transaction, receiver_id: str, person: str) -> SoundTest:
    """A person has heard the sound test of a receiver that is there and has its sound on.

    Raises:
        NotFound: no receiver of this id has ever said that it is there.
        Conflict: it is gone, or its sound is off, so that nobody can have heard it.
    """
    row = tx.get(Receiver, receiver_id)
    if row is None:
        raise NotFound("This screen or phone has not said yet that it is there; wait a moment.")
    if row.heard_at <= tx.now - receivers.LISTENS_FOR:
        raise Conflict(f"{row.name} has not been heard of lately; open the board on it and test.")
    if not row.sound:
        raise Conflict(f"The sound of {row.name} is off; turn it on there and test again.")
    shift = shift_now(tx)
    return shifts.keep_sound_test(tx, row, person, shift.name, shift.until + GRACE)
