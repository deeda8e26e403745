"""What only shows when every device is looked at again and again: a wrong clock, a stuck value.

1. A rule of this family goes round at its own interval and looks at what each device said last. So
   nothing is done for a reading, and what a device repeats costs no more than before.
2. What it has noted of a device is kept from round to round; a round at which the device has said
   nothing new leaves everything as it was: silence never rights what was raised.
3. For the rest it is as ``findings.py`` says: an alert each device, cleared when it is right again,
   asked about again when a person has closed it and it is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightwarden.model.alerts import AlertKind, Cause
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId
from rules.decisions import Decision, Reason
from rules.findings import Finding, FindingRule, FindingsWatch
from rules.liveness import DeviceWatch
from rules.moments import Moments, packed, unpacked

Devices = Mapping[DeviceId, DeviceWatch]
Notes = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Round:
    """One round: who is there, what was noted of each by tag, and what is raised."""

    now: datetime
    devices: Devices
    notes: Notes
    standing: frozenset[str]
    moments: Moments


@dataclass(frozen=True, slots=True)
class RoundRule:
    """A rule that goes round every so often; ``look`` gives what is wrong now, and keeps notes."""

    kind: AlertKind
    reason: Reason
    righted: str
    every: timedelta
    look: Callable[[Round], list[Finding]]


class RoundsWatch(FindingsWatch):
    """One such rule applied to every device of the home."""

    def __init__(self, rule: RoundRule, plan: Plan, devices: Devices, moments: Moments) -> None:
        nothing_planned = FindingRule(rule.kind, rule.reason, rule.righted, lambda *_: ())
        super().__init__(nothing_planned, plan, moments)
        self._round = rule
        self._devices = devices
        self._notes: Notes = {}
        self._round_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When it goes round next."""
        return self._round_at

    def tick(self, now: datetime) -> tuple[Decision, ...]:
        """Go round."""
        if self._round_at is None or self._round_at > now:
            return ()
        self._round_at = now + self._round.every
        standing = frozenset(cause.subject for cause in self._said)
        found = self._round.look(Round(now, self._devices, self._notes, standing, self._moments))
        self._found = {Cause(self.rule.kind, one.item.place, one.item.tag): one for one in found}
        return (*self._settle(now), *super().tick(now))

    def renew(self, fresh: FindingsWatch, now: datetime) -> tuple[Decision, ...]:
        """The plan has changed; what is no longer where it was is looked at anew."""
        assert isinstance(fresh, RoundsWatch), "a watch is renewed by one of its kind"
        self._devices, self._residents = fresh._devices, fresh._residents
        self._round_at = self._round_at or now + self._round.every
        here = {(device.item.tag, device.place) for device in self._devices.values()}
        tags = {tag for tag, _ in here}
        self._notes = {tag: note for tag, note in self._notes.items() if tag in tags}
        self._found = {c: one for c, one in self._found.items() if (c.subject, c.place) in here}
        gone = sorted(cause for cause in self._said if (cause.subject, cause.place) not in here)
        stood = [cause for cause in gone if self._said.pop(cause).ask_at is None]
        return tuple(self._cleared(cause, now) for cause in stood)

    def _stands(self, cause: Cause) -> bool:
        return cause in self._found

    def remember(self) -> dict[str, Any]:
        """Its memory as JSON."""
        notes = {tag: packed(note) for tag, note in sorted(self._notes.items())}
        return {**super().remember(), "round_at": packed(self._round_at), "notes": notes}

    def recall(self, memory: dict[str, Any]) -> None:
        """Take up a memory from before a restart."""
        super().recall(memory)
        round_at = unpacked(memory["round_at"])
        self._round_at = round_at if isinstance(round_at, datetime) else None
        self._notes = {tag: unpacked(note) for tag, note in memory["notes"].items()}  # type: ignore[misc]
