"""An explanation as lines of text, for a terminal. Times are on the home's wall clock."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from nightwarden.explaining.alerts import WhyAlert
from nightwarden.explaining.answers import Paused, Said, Sent, WhyQuiet


def alert_lines(why: WhyAlert, zone: ZoneInfo) -> list[str]:
    """Why an alert was raised: sentences first, then what they rest on."""
    rows = [(one.name, f"{one.value} {one.unit}".strip(), one.origin) for one in why.settings]
    lines = [*why.words, "", "Settings"]
    lines += [f"  {name} {value}  ({origin})" for name, value, origin in rows] or ["  none"]
    lines += ["", "Readings"]
    lines += [
        f"  {_time(one.reading.measured_at, zone)}  {_said(one.reading)}"
        + ("  <- this one" if one.part == "cause" else "")
        for one in why.readings
    ] or ["  none"]
    lines += _pauses(why.pauses, zone)
    if why.quiet:
        lines += ["", "Quiet before"]
        lines += [f"  {_time(one.at, zone)}  {one.kind}: {one.reason}" for one in why.quiet]
    lines += ["", "Steps"]
    for step in why.steps:
        done = f"done {_time(step.taken_at, zone)}" if step.taken_at else step.why_not
        lines.append(f"  due {_time(step.due_at, zone)}  {step.words}: {done}")
    return [*lines, *_deliveries(why.deliveries, zone)]


def silence_lines(why: WhyQuiet, zone: ZoneInfo) -> list[str]:
    """Why a place was silent: sentences first, then what they rest on."""
    lines = [f"{why.room}/{why.place} at {_time(why.at, zone)}", *why.words]
    if why.watches:
        lines += ["", "Watches"]
    for one in why.watches:
        quieted = f"  [{'; '.join(one.quieted_by)}]" if one.quieted_by else ""
        tag = f" ({one.equipment})" if one.equipment else ""
        lines.append(f"  {', '.join(one.kinds)}{tag}: {one.words}{quieted}")
    lines += ["", "Readings"]
    lines += [f"  {_time(one.measured_at, zone)}  {_said(one)}" for one in why.readings] or [
        "  none"
    ]
    lines += _pauses(why.pauses, zone)
    if why.quiet:
        lines += ["", "Decided"]
        lines += [f"  {_time(one.at, zone)}  {one.kind}: {one.reason}" for one in why.quiet]
    if why.alerts:
        lines += ["", "Alerts of the room"]
        lines += [f"  {_time(one.raised_at, zone)}  {one.id}: {one.text}" for one in why.alerts]
    listening = "not known" if why.listening is None else str(why.listening)
    return [*lines, *_deliveries(why.deliveries, zone), "", f"Listening: {listening}"]


def _time(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _said(one: Said) -> str:
    value = str(one.value).lower() if isinstance(one.value, bool) else one.value
    return f"{one.equipment or one.device}  {one.quantity} {value}{' (late)' if one.late else ''}"


def _pauses(pauses: Sequence[Paused], zone: ZoneInfo) -> Iterator[str]:
    if pauses:
        yield from ("", "Pauses")
    for one in pauses:
        until = one.ended_at or one.until
        yield f"  {_time(one.since, zone)} to {_time(until, zone)}  {one.by}: {one.reason}"


def _deliveries(deliveries: Sequence[Sent], zone: ZoneInfo) -> Iterator[str]:
    if deliveries:
        yield from ("", "Deliveries")
    for one in deliveries:
        receipt = f"received {_time(one.receipted_at, zone)}" if one.receipted_at else "no receipt"
        told = one.last_error or receipt
        yield f"  {_time(one.begun_at, zone)}  {one.topic}, attempts {one.attempts}: {told}"
