"""Devices whose own clock is wrong: what they say has the wrong time on it.

1. Every ten minutes the device's own time for what it said last is compared with when it came. More
   than five seconds apart, six times in a row, is a clock that drifts. One that is right once in
   between begins anew: a device that sends late what it kept is right with its newest.
2. What may have waited through an outage of ours is not compared.
3. A clock that runs ahead never gets here: no claim makes a reading later than its receipt, and the
   dialect puts one of more than five minutes into quarantine with the words for whoever sets it.
"""

from datetime import timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind
from nightwarden.model.phrases import phrase
from rules import wording
from rules.decisions import Reason
from rules.findings import Finding
from rules.liveness import DeviceWatch
from rules.rounds import Round, RoundRule


def _drifting(seen: Round) -> list[Finding]:
    found = []
    for device in seen.devices.values():
        tag, note = device.item.tag, _note(device, seen)
        if note is None:
            seen.notes.pop(tag, None)
            continue
        seen.notes[tag] = note
        times, behind_s, _ = note
        if times >= seen.moments.book.clock_drift.times or tag in seen.standing:
            kind = wording.kind_words(device.item.kind)
            span = wording.span(timedelta(seconds=behind_s))
            found.append(
                Finding(
                    item=device.item,
                    what=phrase(f"{kind} {tag} has a clock {span} behind"),
                    action=phrase("Set its clock, or let it take the time from this machine."),
                )
            )
    return found


def _note(device: DeviceWatch, seen: Round) -> list[Any] | None:
    """How many rounds in a row it was behind, by how many seconds, when heard; None: it is not."""
    memory, before = device.memory, seen.notes.get(device.item.tag)
    heard_at = memory.heard_at
    if heard_at is None or not memory.last:
        return before
    measured_at = max(at for _, at in memory.last.values())
    outage_until = seen.moments.outage_until
    waited = outage_until is not None and measured_at < outage_until
    if waited or seen.moments.may_have_waited(heard_at) or (before and before[2] == heard_at):
        return before
    behind = heard_at - measured_at
    if behind <= seen.moments.book.clock_drift.limit:
        return None
    return [(before[0] if before else 0) + 1, behind.total_seconds(), heard_at]


CLOCK_DRIFT = RoundRule(
    AlertKind.CLOCK_DRIFT,
    Reason.CLOCK_IS_WRONG,
    phrase("right again"),
    timedelta(minutes=10),
    _drifting,
)
