"""What one shift leaves to the next, on one page, and on paper."""

from dataclasses import dataclass
from datetime import timedelta

from api.fault_queue import FaultLine, queue
from api.gaps import judged
from api.pages.alert_cards import AlertCard, alert_cards
from api.pages.devices_view import BoundLine, devices_at
from nightwarden.maintenance import presses
from nightwarden.maintenance.presses import PressLine, ShiftTest, Shown
from nightwarden.maintenance.shifts import key_of, shift_before, shift_now
from nightwarden.model.alerts import AlertEvent
from nightwarden.model.phrases import phrase
from nightwarden.model.places import GapState
from nightwarden.model.plan import Gap
from nightwarden.model.shifts import ShiftDeed
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, shifts
from nightwarden.store import handover as store
from nightwarden.store.engine import Transaction
from nightwarden.store.handover import Missed, Up
from nightwarden.store.tables import PauseRow, Resident, ShiftEntry

SOON = timedelta(hours=2)
"""So near its end a shift's own handover is what is asked for; before that, the last one's."""

MISSED_WORDS = {
    AlertEvent.ACCEPTANCE_EXPIRED: phrase("somebody was going and did not get there in time"),
    AlertEvent.TOLD_SENIOR: phrase("nobody answered: a senior was called"),
    AlertEvent.TOLD_MANAGER: phrase("nobody answered: the on-call manager was called"),
    AlertEvent.RAISED: phrase("was not done"),
}


@dataclass(frozen=True, slots=True)
class Handover:
    """Everything at one instant. ``of`` is now or before."""

    of: str
    shift: ShiftTest
    on: list[ShiftEntry]
    signed: dict[ShiftDeed, list[ShiftEntry]]
    cards: list[AlertCard]
    pauses: list[PauseRow]
    faults: list[FaultLine]
    newcomers: list[Resident]
    unplanned: list[Gap]
    gaps: list[Gap]
    up: list[Up]
    missed: list[Missed]
    unpressed: list[PressLine]
    dead: list[BoundLine]

    words = MISSED_WORDS

    @property
    def done(self) -> bool:
        """Whether both sides have signed."""
        return all(self.signed.values())


def wanted_shift(tx: Transaction, of: str) -> str:
    """``now`` or ``before``: as asked, else the shift that ends soon or the one that has ended."""
    if of in {"now", "before"}:
        return of
    return "now" if shift_now(tx).until - tx.now <= SOON else "before"


def handover_of(tx: Transaction, of: str) -> Handover:
    """The handover of a shift at ``tx.now``; raises Conflict where there is no home."""
    now = shift_now(tx)
    shift = now if of == "now" else shift_before(tx, now)
    entries = shifts.of_shift(tx, key_of(shift))
    span = (shift.since, min(shift.until, tx.now + presses.MOMENT))
    home = judged(tx)
    found = home.gaps if home else []
    pressed = presses.shift_presses(tx, shift.since)
    return Handover(
        of=of,
        shift=shift,
        on=shifts.on_shift(entries),
        signed={
            side: [row for row in entries if row.deed == side]
            for side in (ShiftDeed.HANDS_OVER, ShiftDeed.TAKES_OVER)
        },
        cards=alert_cards(alerts.open_alerts(tx), load_rules(tx).sections.outcomes),
        pauses=store.pauses_now(tx),
        faults=queue(tx),
        newcomers=store.newcomers(tx, *span),
        unplanned=[gap for gap in found if gap.state is GapState.NO_NIGHT_PLAN],
        gaps=[gap for gap in found if gap.state is not GapState.NO_NIGHT_PLAN],
        up=store.up_between(tx, *span),
        missed=store.missed_between(tx, *span),
        unpressed=[line for line in pressed.lines if line.shown is Shown.MISSED] if pressed else [],
        dead=[line for line in devices_at(tx).bound if line.state == "silent"],
    )
