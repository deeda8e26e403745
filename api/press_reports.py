"""A mat that nobody pressed as the shift began is reported, once for each shift (M25).

It runs in the api's process on a thread of its own, beside the auditor: what it goes by are
recorded readings and the home's own numbers, and the rules have no part in it. What it has reported
is an alert, so it remembers nothing: a restart neither forgets nor repeats.
"""

from datetime import datetime

from nightwarden.clock import Clock
from nightwarden.maintenance.presses import PressLine, ShiftPresses, Shown, shift_presses
from nightwarden.model.alerts import (
    AlertKind,
    AlertRecord,
    AlertState,
    Cause,
    Priority,
)
from nightwarden.model.phrases import by_number, phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Role
from nightwarden.store import alerts
from nightwarden.store.engine import Store

ACTOR = "press test"
LOOK_EVERY_S = 20.0
MOST_NAMED = 12
TOLD = (Role.SENIOR, Role.MAINTENANCE, Role.MANAGER)


class PressReports:
    """Looks whether every required mat has shown a press as the shift began.

    Args:
        store: the home's.
        clock: what time it is.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def look(self) -> None:
        """One look: raise what was missed, clear what has been made good."""
        now = self._clock()
        with self._store.reading(now) as tx:
            test = shift_presses(tx, now)
            if test is None or now < test.shift.window_until:
                return
            cause = _cause(test)
            missed = [line for line in test.lines if _is_missed(line)]
            standing = alerts.open_for(tx, cause)
            reported = alerts.ever_raised(tx, cause)
        if missed and not reported:
            with self._store.transaction(now) as tx:
                alerts.insert(
                    tx, _draft(now, test, missed, cause), {"reason": phrase("no press was heard")}
                )
        elif not missed and standing is not None and standing.cleared_at is None:
            self._clear(now, cause)

    def _clear(self, now: datetime, cause: Cause) -> None:
        with self._store.transaction(now) as tx:
            alerts.clear(tx, cause, ACTOR, phrase("every mat has been pressed"))


def _is_missed(line: PressLine) -> bool:
    """A place without a mat or a device is a gap already, and raised as that."""
    return line.shown is Shown.MISSED and not line.why


def _cause(test: ShiftPresses) -> Cause:
    subject = f"{test.shift.name} {test.shift.since:%Y-%m-%dT%H:%MZ}"
    return Cause(AlertKind.PRESS_TEST_MISSED, PlaceId("Home", "press test"), subject)


def _draft(now: datetime, test: ShiftPresses, missed: list[PressLine], cause: Cause) -> AlertRecord:
    n, shift = len(missed), test.shift.name
    named = ", ".join(f"{line.place.room} {line.place.place}" for line in missed[:MOST_NAMED])
    more = n - MOST_NAMED
    return AlertRecord(
        id=0,
        cause=cause,
        priority=Priority.TECHNICAL,
        state=AlertState.RAISED,
        resident=None,
        text="Home · "
        + by_number(
            n,
            f"{n} mat was not pressed as the {shift} shift began",
            f"{n} mats were not pressed as the {shift} shift began",
        ),
        action=phrase(
            f"Press each one once and let go: {named}"
            f"{f' and {more} more' if more > 0 else ''}. One that shows nothing is faulty."
        ),
        caused_at=test.shift.window_until,
        raised_at=now,
        next_step_at=None,
        told=TOLD,
    )
