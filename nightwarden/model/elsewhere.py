"""A channel: a way of telling people who are not at a board, such as text messages or a phone.

1. A channel serves roles, and perhaps some zones and priorities alone. Whom an alert calls is not
   its choice: it is told when an alert calls one of its roles, and not before its step.
2. It is told at each step of the ladder from there, and with the repeats, at most every five
   minutes; and once more when somebody goes, so that nobody drives to the home for nothing.
3. What it is told is the room and the cause. A resident's name leaves the house only over a channel
   for which a manager has said so.
4. It is written in English. A phone is told in its owner's language when it is sent
   (``gateway/outlets/channels.py``); a channel of the home stays as it was written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from nightwarden.model.alerts import AlertEvent, AlertKind, AlertRecord, AlertState, Priority
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Role

AGAIN_AFTER = timedelta(minutes=5)
"""Between two repeats over one channel: a text each minute is muted, and then nothing is heard."""


class ChannelKind(StrEnum):
    """How it is reached: by an address that Apprise knows, or by Web Push to one phone."""

    ADDRESS = "address"
    PHONE = "phone"


class Step(IntEnum):
    """How far the ladder has come."""

    RAISED = 0
    EVERYONE = 1
    SENIOR = 2
    MANAGER = 3


class Says(StrEnum):
    """What a letter is about."""

    CALL = "call"
    ANSWERED = "answered"
    TEST = "test"


STEP_OF = {
    AlertEvent.RAISED: Step.RAISED,
    AlertEvent.REOPENED: Step.RAISED,
    AlertEvent.WORSENED: Step.RAISED,
    AlertEvent.ACCEPTANCE_EXPIRED: Step.EVERYONE,
    AlertEvent.TOLD_EVERYONE: Step.EVERYONE,
    AlertEvent.TOLD_SENIOR: Step.SENIOR,
    AlertEvent.TOLD_MANAGER: Step.MANAGER,
}
ANSWERS = (AlertEvent.ACCEPTED, AlertEvent.ATTENDED, AlertEvent.CLOSED)
CALLS_MANAGER_AT_ONCE = (AlertKind.FAULT_AGAIN, AlertKind.MATS_SILENT_TOGETHER)
"""Kinds that call the on-call manager from the first (docs/alarms.md)."""


@dataclass(frozen=True, slots=True)
class Serves:
    """Whom and what a channel is for. Empty ``zones``: all of them, and what is in none."""

    roles: tuple[Role, ...]
    zones: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = tuple(Priority)
    from_step: Step = Step.RAISED
    names: bool = False

    def fits(self, alert: AlertRecord, zone: str | None) -> bool:
        """Whether it is for such an alert at all, and the alert has called one of its roles."""
        here = not self.zones or zone in self.zones
        return here and alert.priority in self.priorities and not _apart(self.roles, alert.told)


def _apart(some: tuple[Role, ...], others: tuple[Role, ...]) -> bool:
    return set(some).isdisjoint(others)


def step_of(alert: AlertRecord, event: AlertEvent) -> Step | None:
    """How far the ladder has come with ``event``; None where the event calls nobody."""
    step = STEP_OF.get(event)
    if step is Step.RAISED and alert.cause.kind in CALLS_MANAGER_AT_ONCE:
        return Step.MANAGER
    if step is not None and alert.state is AlertState.ACCEPTED:
        return None  # somebody is on the way already
    return step


def words(alert: AlertRecord, says: Says, event: AlertEvent, now: datetime, *, names: bool) -> str:
    """One short sentence or two: the room and the cause, with the resident where ``names``."""
    room = alert.cause.place.room
    where = f"Room {room}" if room[:1].isdigit() else room
    what = alert.text if names else f"{where} · {alert.cause.kind.value.replace('_', ' ')}"
    if says is Says.ANSWERED:
        if event is AlertEvent.CLOSED:
            return phrase(f"{what}: closed.")
        return phrase(f"{what}: somebody is going.")
    if event in {AlertEvent.RAISED, AlertEvent.REOPENED, AlertEvent.WORSENED}:
        return f"{what}."
    if event is AlertEvent.ACCEPTANCE_EXPIRED:
        return phrase(f"{what}. Somebody was going and has not arrived.")
    minutes = int((now - alert.raised_at).total_seconds() // 60)
    since = phrase(f"{minutes} min") if minutes else phrase("a minute")
    return phrase(f"{what}. Nobody has answered for {since}.")
