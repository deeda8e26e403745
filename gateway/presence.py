"""A button in the room as evidence that somebody is there.

1. ``cancel`` at a call button attends every alert of its room that somebody has accepted, in that
   person's name. A press or a cry for help never attends anything: it may be the resident's.
2. It attends nothing that nobody has promised to go to, and nothing that was accepted after the
   button was pressed.
3. What a broker repeats, and what comes late, was pressed for something else.

It is about people and not about causes, so the rules know nothing of it; what ``cancel`` means for
the call itself is theirs (``rules/buttons.py``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from nightwarden.model.alerts import AlertEvent, AlertState, Evidence
from nightwarden.model.places import EquipmentKind
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.store import alerts, audit
from nightwarden.store.engine import Transaction
from rules import alert_life

CANCEL = "cancel"


def shows_presence(reading: Reading) -> bool:
    """Whether a believed reading may be somebody at a button in the room."""
    return reading.quantity is Quantity.ACTION and reading.value == CANCEL and reading.fresh


def attend(
    tx: Transaction,
    presses: Iterable[Reading],
    items: Iterable[PlacedItem],
    rules: RulesInForce,
) -> int:
    """Attend what these presses show; returns how many alerts that were.

    Args:
        tx: the batch's own transaction.
        presses: readings for which :func:`shows_presence` holds.
        items: the plan's, of which the buttons tell their rooms.
        rules: in force.
    """
    buttons: Mapping[DeviceId, PlacedItem] | None = None
    attended = 0
    for press in presses:
        if buttons is None:
            buttons = {i.device: i for i in items if i.device and _is_button(i)}
        if button := buttons.get(press.device):
            attended += _attend_room(tx, press, button, rules)
    return attended


def _is_button(item: PlacedItem) -> bool:
    return item.kind is EquipmentKind.CALL_BUTTON


def _attend_room(tx: Transaction, press: Reading, button: PlacedItem, rules: RulesInForce) -> int:
    attended = 0
    for alert in alerts.open_alerts(tx):
        person, since = alert.accepted_by, alert.accepted_at
        here = alert.cause.place.room == button.place.room
        if not here or alert.state is not AlertState.ACCEPTED or person is None or since is None:
            continue
        if press.measured_at < since:
            continue
        after = alert_life.change(alert, AlertEvent.ATTENDED, person, tx.now, rules.policy)
        after = replace(after, evidence=Evidence.BUTTON, evidence_detail=button.tag)
        detail = {"evidence": Evidence.BUTTON.value, "detail": button.tag}
        at = press.measured_at
        alerts.save(tx, alert, after, AlertEvent.ATTENDED, person, at=at, detail=detail)
        said = detail | {"text": alert.text}
        audit.record(tx, person, AlertEvent.ATTENDED, f"alert {alert.id}", said)
        attended += 1
    return attended
