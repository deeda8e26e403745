"""What channels are told: letters in the outbox, and what became of each.

1. A letter is written with the change that it tells of, in the same transaction, and sent later by
   an outlet of its own. If writing one fails, the alert stands all the same, loudly.
2. What fails is tried again after 10 s, 20 s, 40 s and so on, at most every five minutes; given up
   when trying cannot help, when somebody has answered the alert, or after half an hour. The test is
   tried once, since somebody waits for its result.
3. A channel fails from its first failure until its service takes something again.
"""

import logging
from datetime import timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState, Priority
from nightwarden.model.elsewhere import (
    AGAIN_AFTER,
    ANSWERS,
    Says,
    Serves,
    Step,
    step_of,
    words,
)
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Role
from nightwarden.store import outgoing
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel, Delivery, Room, User

OUTLET = "channel"
TRY_AGAIN = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(minutes=30)

ANSWERED = phrase("somebody answered before it was taken")

log = logging.getLogger(__name__)


class Failure(NamedTuple):
    """A letter that was not taken, and why. ``permanent``: trying again cannot help."""

    letter: int
    why: str
    permanent: bool


def serves(row: Channel) -> Serves:
    """Whom and what a channel is for."""
    return Serves(
        tuple(Role(role) for role in row.roles),
        tuple(row.zones),
        tuple(Priority(priority) for priority in row.priorities),
        Step(row.from_step),
        row.names,
    )


def tell(tx: Transaction, alert: AlertRecord, event: AlertEvent) -> None:
    """Write the letters that ``event``, which has just happened to ``alert``, asks for."""
    if event not in ANSWERS and event is not AlertEvent.REPEATED and step_of(alert, event) is None:
        return
    try:
        rows = list(tx.exec(select(Channel).where(col(Channel.removed_at).is_(None))))
        if not rows:
            return
        if event in ANSWERS:
            _tell_answered(tx, rows, alert, event)
            return
        room = tx.get(Room, alert.cause.place.room)
        zone = room.zone if room is not None else None
        for row in rows:
            served = serves(row)
            if not _carried(tx, row):
                continue
            if served.fits(alert, zone) and _is_due(tx, row, served, alert, event):
                said = words(alert, Says.CALL, event, tx.now, names=row.names)
                _write(tx, row, Says.CALL, said, alert)
    except DBAPIError:
        raise
    except Exception:  # what is extra must not cost the alert
        log.exception("alert %s could not be written to the channels", alert.id)


def write_test(tx: Transaction, row: Channel) -> int:
    """A message that says it is a test; its number."""
    return _write(tx, row, Says.TEST, phrase("This is a test. Nothing has happened."), None)


def taken(tx: Transaction, letters: list[int]) -> None:
    """Services have taken these; letters of other outlets are passed over."""
    for row in _of_channels(tx, letters):
        channel = tx.get(Channel, row.channel)
        if channel is None:
            continue
        if channel.failing_since is not None:
            outgoing.stream(tx, "channel", {"name": channel.name, "failing": False})
        channel.taken_at, channel.failing_since, channel.failing_why = tx.now, None, None
    tx.flush()


def failed(tx: Transaction, failures: list[Failure]) -> None:
    """Put each off or give it up; its channel fails from now on. Other outlets' are passed over."""
    by_id = {failure.letter: failure for failure in failures}
    for row in _of_channels(tx, list(by_id)):
        if row.receipted_at is not None:
            continue
        failure = by_id[row.id or 0]
        wait = min(TRY_AGAIN * 2 ** max(0, min(row.attempts, 10) - 1), LONGEST_WAIT)
        late = tx.now + wait > row.created_at + GIVE_UP_AFTER
        row.last_error, row.due_at = failure.why, tx.now + wait
        if failure.permanent or late or row.alert is None:
            row.receipted_at = tx.now
        channel = tx.get(Channel, row.channel)
        if channel is not None and channel.removed_at is None:
            if channel.failing_since is None:
                outgoing.stream(tx, "channel", {"name": channel.name, "failing": True})
            channel.failing_since = channel.failing_since or tx.now
            channel.failing_why = failure.why
    tx.flush()


def shown(tx: Transaction, letter: int) -> bool:
    """A phone says that it has shown this one; whether there is such a letter."""
    row = tx.get(Delivery, letter)
    if row is None or row.channel is None:
        return False
    row.shown_at = row.shown_at or tx.now
    tx.flush()
    return True


def latest(tx: Transaction, channel: int, limit: int = 20) -> list[Delivery]:
    """The newest letters of a channel, newest first."""
    query = select(Delivery).where(Delivery.channel == channel)
    return list(tx.exec(query.order_by(col(Delivery.id).desc()).limit(limit)))


def _of_channels(tx: Transaction, letters: list[int]) -> list[Delivery]:
    if not letters:
        return []
    query = select(Delivery).where(col(Delivery.id).in_(letters), Delivery.outlet == OUTLET)
    return list(tx.exec(query.execution_options(populate_existing=True)))


def _is_due(
    tx: Transaction, row: Channel, served: Serves, alert: AlertRecord, event: AlertEvent
) -> bool:
    if event is not AlertEvent.REPEATED:
        step = step_of(alert, event)
        if step is None or step < served.from_step:
            return False
        if event is not AlertEvent.REOPENED:
            return True
    elif alert.state in {AlertState.ACCEPTED, AlertState.ATTENDED}:
        return False  # the reminder to close it is for whoever is there
    last = _last(tx, row, alert)
    if last is None or not _is_call(last):
        return event is AlertEvent.REOPENED
    return tx.now >= last.created_at + AGAIN_AFTER  # a lead that flaps sends no text each time


def _carried(tx: Transaction, row: Channel) -> bool:
    """Whether a phone's owner still works here; an agency carer does until the shift ends."""
    owner = None if row.person is None else tx.get(User, row.person)
    if owner is None:
        return True
    guest_no_more = owner.guest_until is not None and owner.guest_until <= tx.now
    return owner.removed_at is None and not guest_no_more


def _last(tx: Transaction, row: Channel, alert: AlertRecord) -> Delivery | None:
    query = select(Delivery).where(Delivery.alert == alert.id, Delivery.channel == row.id)
    return tx.exec(query.order_by(col(Delivery.id).desc()).limit(1)).first()


def _tell_answered(
    tx: Transaction, rows: list[Channel], alert: AlertRecord, event: AlertEvent
) -> None:
    """A call that is still to be taken is not needed any more; whoever was called hears that."""
    query = select(Delivery).where(Delivery.alert == alert.id, Delivery.outlet == OUTLET)
    called: dict[int | None, bool] = {}
    for letter in tx.exec(query.order_by(col(Delivery.id))):
        if not _is_call(letter):
            called[letter.channel] = False
            continue
        called[letter.channel] = called.get(letter.channel, False) or letter.attempts > 0
        if letter.receipted_at is None:
            letter.receipted_at, letter.last_error = tx.now, ANSWERED
    for row in rows:
        if called.get(row.id):
            said = words(alert, Says.ANSWERED, event, tx.now, names=row.names)
            _write(tx, row, Says.ANSWERED, said, alert)
    tx.flush()


def _is_call(letter: Delivery) -> bool:
    return bool(orjson.loads(letter.payload)["says"] == Says.CALL)


def _write(tx: Transaction, row: Channel, says: Says, said: str, alert: AlertRecord | None) -> int:
    priority = alert.priority if alert is not None else Priority.LOW
    body: dict[str, Any] = {
        "says": says.value,
        "title": "Nightwarden",
        "body": said,
        "priority": priority.value,
        "tag": f"alert-{alert.id}" if alert is not None else "test",
    }
    made = tx.sql.execute(
        insert(Delivery),
        {
            "outlet": OUTLET,
            "topic": f"channel/{row.id}/{row.name}",
            "payload": orjson.dumps(body),
            "retain": False,
            "alert": alert.id if alert is not None else None,
            "created_at": tx.now,
            "due_at": tx.now,
            "attempts": 0,
            "channel": row.id,
        },
    )
    [number] = made.inserted_primary_key or (0,)
    return int(number)
