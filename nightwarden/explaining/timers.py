"""The timers that ran before an alert was raised: from when, for how long, and what held it back.

A rule that waits has its wait here: the setting that it is, or the interval of the device. Its
beginning is the alert's cause. What fell due in a pause was due at the end of the pause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightwarden.explaining.answers import Paused
from nightwarden.explaining.subjects import Subject
from nightwarden.model.alerts import AlertKind, AlertRecord
from nightwarden.model.phrases import phrase
from nightwarden.rulesfile.durations import duration_text
from nightwarden.rulesfile.in_force import RulesInForce

_DWELLS = frozenset({AlertKind.BED_EXIT, AlertKind.CHAIR_EXIT, AlertKind.FLOOR_MAT})
_WAITS: Mapping[AlertKind, str] = {
    AlertKind.BED_EXIT: "dwell",
    AlertKind.CHAIR_EXIT: "dwell",
    AlertKind.FLOOR_MAT: "dwell",
    AlertKind.NOT_BACK_IN_BED: "after",
    AlertKind.HOT_SURFACE: "hold",
    AlertKind.CIRCUIT_HOT: "hold",
    AlertKind.ROOM_TOO_COLD: "hold",
    AlertKind.ROOM_TOO_HOT: "hold",
    AlertKind.HUB_DOWN: "offline_grace",
    AlertKind.PERMIT_OVERDUE: "after",
    AlertKind.HEATER_OVERDUE: "after",
    AlertKind.NOBODY_LISTENING: "after",
    AlertKind.NOBODY_ANSWERS: "after",
    AlertKind.NOT_ARMED_AFTER_CARE: "after",
    AlertKind.PAST_SERVICE_LIFE: "told_at",
    AlertKind.ROUND_MISSED: "after",
    AlertKind.MAINS_LOST: "after",
    AlertKind.UNTESTED_AFTER_SERVICE: "after",
}
"""The setting that each rule waits for."""

_SAID = (
    phrase("dwell"), phrase("hold"), phrase("after"), phrase("offline grace"), phrase("told at"),
    phrase("supervision"), phrase("proof"),
)  # fmt: skip
"""What these waits are called."""


@dataclass(frozen=True, slots=True)
class Timer:
    """One wait. ``held_by`` names the pause that put its end off."""

    name: str
    began_at: datetime
    length: timedelta
    due_at: datetime
    held_by: str | None
    words: str


def timers_of(
    alert: AlertRecord, rules: RulesInForce, subject: Subject, pauses: Sequence[Paused]
) -> list[Timer]:
    """What ran before the alert was raised; empty for a rule that waits for nothing."""
    wait = _wait(alert, rules, subject)
    if wait is None:
        return []
    name, length = wait
    due = alert.caused_at + length
    if alert.cause.kind is AlertKind.HOT_SURFACE and alert.raised_at < due:
        words = phrase("It was so hot that the hold time did not count.")
        return [Timer(name, alert.caused_at, length, due, None, words)]
    holding = next((p for p in pauses if p.since <= due < p.until and alert.raised_at > due), None)
    held_by = None if holding is None else f"{holding.by}: {holding.reason}"
    what = name.rpartition(".")[2].replace("_", " ")
    words = phrase(f"Its {what} of {duration_text(length)} had to pass.") if length else ""
    if holding is not None:
        words = phrase(f"A pause held it back ({held_by}); it was raised when the pause was over.")
    return [Timer(name, alert.caused_at, length, due, held_by, words)]


def _wait(
    alert: AlertRecord, rules: RulesInForce, subject: Subject
) -> tuple[str, timedelta] | None:
    kind = alert.cause.kind
    if kind in _DWELLS and subject.requirement and subject.requirement.dwell is not None:
        return f"{kind}.dwell", subject.requirement.dwell
    if kind is AlertKind.DEVICE_SILENT:
        return _silence(alert, rules, subject)
    if kind is AlertKind.NEVER_CHANGES and subject.items:
        return "proof", subject.items[0].proof
    if kind not in _WAITS:
        return None
    path = (kind.value, _WAITS[kind])
    value = rules.values.get(path)
    return (".".join(path), value) if isinstance(value, timedelta) else None


def _silence(
    alert: AlertRecord, rules: RulesInForce, subject: Subject
) -> tuple[str, timedelta] | None:
    grace = rules.book.device_silent.offline_grace
    if "off or unplugged" in alert.text:
        return "device_silent.offline_grace", grace
    return ("supervision", subject.items[0].supervision) if subject.items else None
