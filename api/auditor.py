"""The auditor: does every alert go on, and has every one reached somebody?

1. It runs in the api's process, on a thread of its own, so that it outlives the gateway that it
   looks after; it reads the store and asks nobody. It has no code in common with the rules or the
   ladder.
2. Every few seconds it looks for open alerts whose next step is overdue, and for alerts that called
   and have no receipt, or that no screen has shown. What it finds twice in a row it raises, as one
   alert for the home that calls everyone at once. Like any other it is closed by a person; when
   nothing is found any more it is shown as cleared.
3. It feeds the dead-man's switch, if the home has one, while it finds nothing *and* the loop test
   is fresh. So a gateway that is dead or stands still, a store that cannot be read and an api that
   has ended all make the switch fall silent.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic

import orjson

from api.deadman import Deadman
from api.health import last_proof
from nightwarden.clock import Clock
from nightwarden.model.alerts import (
    AlertKind,
    AlertRecord,
    AlertState,
    Cause,
    Priority,
)
from nightwarden.model.phrases import by_number, phrase
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Right, Role, may
from nightwarden.store import alerts, meta, oversight
from nightwarden.store.engine import Store
from nightwarden.store.oversight import Finding
from nightwarden.wire import rfc3339

ACTOR = "auditor"
CAUSE = Cause(AlertKind.ESCALATION_STUCK, PlaceId("Home", "auditor"))
LOOK_EVERY_S = 3.0
PATIENCE = timedelta(seconds=30)
"""A step that is this much overdue, or a call unheard for so long, is not merely slow."""

SETTLING_S = 30.0
"""After a start the gateway takes what fell due meanwhile; before that nothing is raised."""

GOES_ON_AFTER = timedelta(minutes=2)
EVERYONE_IS_TOLD = 2
"""The step of the ladder at which its alert begins: everyone is called, a senior comes next."""

_EVERYONE = tuple(role for role in Role if may(role, Right.ANSWER_ALERTS))

log = logging.getLogger(__name__)


class Auditor:
    """Looks after the alerts of one home.

    Args:
        store: the home's.
        clock: what time it is.
        deadman: the switch to feed; None where the home has none.
        settling_s: see :data:`SETTLING_S`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        deadman: Deadman | None = None,
        *,
        settling_s: float = SETTLING_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._deadman = deadman
        self._settled_at = monotonic() + settling_s
        self._seen: set[int] = set()
        self._noted: str | None = None

    def look(self) -> bool:
        """One look; whether all is well: nothing found and the loop test fresh."""
        now = self._clock()
        with self._store.reading(now) as tx:
            found = oversight.standing_still(tx, PATIENCE) + oversight.unheard(tx, PATIENCE)
            standing = alerts.open_for(tx, CAUSE)
            fresh = last_proof(tx).fresh
        again = [finding for finding in found if finding.alert in self._seen]
        self._seen = {finding.alert for finding in found}
        if again and monotonic() >= self._settled_at and _to_be_raised(standing):
            self._raise(now, again)
        elif not found and standing is not None and standing.cleared_at is None:
            self._clear(now)
        well = fresh and not found
        self._feed(now, well=well)
        return well

    def _raise(self, now: datetime, found: list[Finding]) -> None:
        log.error("%s", "; ".join(f"alert {f.alert}: {f.what}" for f in found))
        with self._store.transaction(now) as tx:
            standing = alerts.open_for(tx, CAUSE)
            if standing is None:
                alerts.insert(tx, _draft(now, found), {"reason": found[0].what})
            elif _to_be_raised(standing):
                detail = {"reason": found[0].what, "at": rfc3339(now) or ""}
                alerts.raise_again(tx, standing, _draft(now, found), ACTOR, detail)

    def _clear(self, now: datetime) -> None:
        with self._store.transaction(now) as tx:
            alerts.clear(tx, CAUSE, ACTOR, phrase("every alert goes on and has reached somebody"))

    def _feed(self, now: datetime, *, well: bool) -> None:
        """Feed the switch, and keep for ``GET /health`` whether that goes well."""
        trouble = None
        if self._deadman is not None:
            if well:
                self._deadman.feed(now)
            trouble = self._deadman.trouble
        state = {"set": self._deadman is not None, "trouble": trouble}
        noted = orjson.dumps(state).decode()
        if noted != self._noted:
            with self._store.transaction(now) as tx:
                meta.put(tx, meta.DEADMAN, noted)
            self._noted = noted


def _to_be_raised(standing: AlertRecord | None) -> bool:
    return (
        standing is None
        or standing.cleared_at is not None
        or standing.state is AlertState.ATTENDED  # whoever was there has not mended it
    )


def _draft(now: datetime, found: list[Finding]) -> AlertRecord:
    n = len(found)
    heard = by_number(
        n, f"{n} alert may have reached nobody", f"{n} alerts may have reached nobody"
    )
    shown = "; ".join(_in_short(one.text, one) for one in found[:5])
    return AlertRecord(
        id=0,
        cause=CAUSE,
        priority=Priority.TECHNICAL,
        state=AlertState.RAISED,
        resident=None,
        text=f"Home · {heard}",
        action=phrase(
            f"Look at the board, and go there yourself: {shown}. Then look in on every room."
        ),
        caused_at=now,
        raised_at=now,
        escalation=EVERYONE_IS_TOLD,
        next_step_at=now + GOES_ON_AFTER,
        told=_EVERYONE,
    )


def _in_short(line: str, one: Finding) -> str:
    return phrase(f"{line} (alert {one.alert}: {one.what})")
