"""A room, its readings and one night of it, in as few words as a story needs.

Times are written as the wall clock of the night of 2 to 3 November 2026, when London keeps UTC.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from json import dumps, loads
from typing import Any
from zoneinfo import ZoneInfo

from nightwarden.model.alerts import AlertKind, Cause
from nightwarden.model.hours import ALWAYS, Hours
from nightwarden.model.places import EmitterKind, EquipmentKind, ItemState, Mount, PlaceId
from nightwarden.model.plan import Emitter, PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.model.watches import Pause
from rules.decisions import Clear, Decision, Raise, Reason
from rules.engine import Engine
from rules.hearing import Hearing
from rules.repeats import with_repeats

LONDON = ZoneInfo("Europe/London")
BED = PlaceId("12", "bed")
RADIATOR = PlaceId("12", "radiator-window")
MAT = DeviceId("nightwarden", "mat-12")
PROBE = DeviceId("nightwarden", "tmp-12")
SWITCH = DeviceId("nightwarden", "switch-12")
INSTALLED = datetime(2026, 10, 1, 9, tzinfo=UTC)
NEVER_SILENT = timedelta(days=365)
"""A supervision interval for stories that are about something else."""


def at(clock: str) -> datetime:
    """``"23:10"`` is the evening of 2 November 2026, ``"02:14:30"`` the morning after; UTC."""
    wall = time.fromisoformat(clock.rjust(5, "0"))
    day = date(2026, 11, 2 if wall.hour >= 12 else 3)
    return datetime.combine(day, wall, UTC)


def bed_needed(hours: str = "21:00-07:00", dwell_s: float | None = None) -> PlannedRequirement:
    """Joan's plan asks for a bed mat."""
    return PlannedRequirement(
        place=BED,
        needs=EquipmentKind.BED_MAT,
        hours=Hours.parse(hours),
        resident="Joan",
        because="falls assessment",
        review_by=date(2027, 1, 1),
        since=INSTALLED,
        dwell=None if dwell_s is None else timedelta(seconds=dwell_s),
    )


def cover_needed() -> PlannedRequirement:
    """Joan's plan asks for a radiator cover, at all hours."""
    return replace(
        bed_needed(),
        place=RADIATOR,
        needs=EquipmentKind.RADIATOR_COVER,
        hours=ALWAYS,
        because="burns assessment",
    )


def mat(supervision: timedelta = NEVER_SILENT, tag: str = "MAT-0012") -> PlacedItem:
    """A bed mat on Joan's bed, with its device."""
    return PlacedItem(
        tag, EquipmentKind.BED_MAT, BED, INSTALLED, device=MAT, supervision=supervision
    )


def probe(mount: Mount = Mount.ACCESSIBLE_FACE) -> PlacedItem:
    """A temperature sensor at Joan's radiator, with its device."""
    return PlacedItem(
        "TMP-0012",
        EquipmentKind.TEMPERATURE_SENSOR,
        RADIATOR,
        INSTALLED,
        mount=mount,
        device=PROBE,
        supervision=NEVER_SILENT,
    )


def cover(found: ItemState | None = ItemState.IN_PLACE, on: date | None = None) -> PlacedItem:
    """A radiator cover, found so by A. Smith on 1 November; ``found=None``: nobody looked."""
    looked = found is not None
    return PlacedItem(
        "CVR-0012",
        EquipmentKind.RADIATOR_COVER,
        RADIATOR,
        INSTALLED,
        found=found,
        found_on=(on or date(2026, 11, 1)) if looked else None,
        found_by="A. Smith" if looked else None,
    )


def cover_switch() -> PlacedItem:
    """A switch that the cover closes."""
    kind = EquipmentKind.COVER_SWITCH
    return PlacedItem(
        "SWI-0012", kind, RADIATOR, INSTALLED, device=SWITCH, supervision=NEVER_SILENT
    )


def emitter(*, assessed: bool = False) -> Emitter:
    """Joan's radiator."""
    return Emitter(RADIATOR, EmitterKind.RADIATOR, INSTALLED, assessed)


def pause(since: str, until: str, place: PlaceId = BED) -> Pause:
    """Ana is with the resident."""
    return Pause(place, at(since), at(until), "Ana", "care in progress")


def plan_of(
    requirements: tuple[PlannedRequirement, ...] = (),
    items: tuple[PlacedItem, ...] = (),
    *,
    pauses: tuple[Pause, ...] = (),
    emitters: tuple[Emitter, ...] = (),
) -> Plan:
    """Elm House, of which room 12 is all we need."""
    return Plan(
        home="elm-house",
        zone=LONDON,
        requirements=requirements,
        items=items,
        emitters=emitters,
        pauses=pauses,
        residents={"12": "Joan"},
    )


def bed_plan(*pauses: Pause, hours: str = "21:00-07:00", dwell_s: float | None = None) -> Plan:
    """A bed that is watched, and a mat that never falls silent."""
    return plan_of((bed_needed(hours, dwell_s),), (mat(),), pauses=pauses)


def reading(
    device: DeviceId,
    quantity: Quantity,
    value: bool | float | str,
    received: datetime,
    *,
    measured: datetime | None = None,
    fresh: bool = True,
    seq: int | None = None,
) -> Reading:
    """One reading; with ``measured`` the device gave its own time."""
    timed = measured is not None
    return Reading(device, quantity, value, measured or received, received, fresh, timed, seq)


class Night:
    """An engine at work, its deadlines kept on time, all that it said, and what a store kept."""

    def __init__(
        self, plan: Plan, start: datetime | None = None, engine: Engine | None = None
    ) -> None:
        self.now = start or at("20:00")
        self.engine = engine or Engine(plan, {}, self.now)
        self.memories: dict[str, dict[str, Any]] = {}
        self.decisions: list[Decision] = list(self.engine.tick(self.now))
        self._save()

    def until(self, when: datetime | str) -> list[Raise]:
        """Let time pass; what was raised on the way."""
        end = at(when) if isinstance(when, str) else when
        heard: list[Decision] = []
        while (due := self.engine.next_deadline) is not None and due <= end:
            self.now = max(self.now, due)
            heard += self.engine.tick(self.now)
            self._save()
        self.now = max(self.now, end)
        self.decisions += heard
        return raises(heard)

    def hear(self, said: Reading) -> Hearing:
        """A reading arrives at its ``received_at``, or now if that has passed."""
        self.until(said.received_at)
        hearing = self.engine.hear(said, self.now)
        self._save()
        self.decisions += hearing.decisions
        return hearing

    def bed(self, occupied: bool, when: datetime | str) -> list[Raise]:
        """The mat says that somebody is on it, or nobody; what that raised at once."""
        moment = at(when) if isinstance(when, str) else when
        return raises(self.hear(reading(MAT, Quantity.OCCUPANCY, occupied, moment)).decisions)

    def celsius(self, value: float, when: str) -> list[Raise]:
        """The probe says how hot it is; what that raised at once."""
        return raises(self.hear(reading(PROBE, Quantity.TEMPERATURE, value, at(when))).decisions)

    def replan(self, plan: Plan, when: str) -> list[Raise]:
        """The register changes; what was raised by that, or by then."""
        waiting = self.until(when)
        made = list(self.engine.replan(plan, self.now)) + list(self.engine.tick(self.now))
        self._save()
        self.decisions += made
        return waiting + raises(made)

    def closed(self, *causes: Cause, when: str) -> None:
        """A person closes the alerts of these causes."""
        self.until(when)
        still = {effect.cause for effect in raises(self.decisions)} - set(causes)
        self.engine.answered(still, self.now)

    def restarted(self, plan: Plan, when: str, watched_until: str | None = None) -> "Night":
        """The night goes on in a new engine, made from what the store kept of this one."""
        until = None if watched_until is None else at(watched_until)
        open_now = {effect.cause for effect in self.raised}
        engine = Engine(plan, self.memories, at(when), watched_until=until, open_causes=open_now)
        return Night(plan, at(when), engine)

    def _save(self) -> None:
        for key, (memory, _) in self.engine.changed().items():
            self.memories[key] = loads(dumps(memory))
        keep_repeats(self.memories, self.engine)

    @property
    def raised(self) -> list[Raise]:
        """Everything raised so far, in order."""
        return raises(self.decisions)

    @property
    def cleared(self) -> list[Clear]:
        """Everything cleared so far, in order."""
        effects = [e for decision in self.decisions for e in decision.effects]
        return [e for e in effects if isinstance(e, Clear)]

    @property
    def reasons(self) -> list[Reason]:
        """Why, for every decision so far."""
        return [decision.reason for decision in self.decisions]


def keep_repeats(memories: dict[str, dict[str, Any]], engine: Engine) -> None:
    """Keep what was said again beside the memories, as the store does."""
    memories.update(with_repeats(memories, engine.repeated()))


def raises(decisions: list[Decision] | tuple[Decision, ...]) -> list[Raise]:
    """What these decisions raise; each of them, and what it says, is whole."""
    for decision in decisions:
        check_whole(decision)
    effects = [effect for decision in decisions for effect in decision.effects]
    return [effect for effect in effects if isinstance(effect, Raise)]


def check_whole(decision: Decision) -> None:
    """A decision names its rule and its place, and its words are sentences for a person."""
    assert isinstance(decision.reason, Reason)
    assert isinstance(decision.kind, AlertKind)
    assert isinstance(decision.place, PlaceId)
    for effect in decision.effects:
        assert effect.cause.kind is decision.kind
        if isinstance(effect, Clear):
            words = effect.words
            assert words == words[:1].lower() + words[1:], f"{words!r} goes on a line of its own"
            assert not words.isupper()
        else:
            assert effect.cause.place == decision.place
            assert effect.text.split(" · ")[0][:1].isupper()
            first = [sentence[:1] for sentence in re.split(r"[.?!] ", effect.action)]
            assert all(letter.isupper() or letter.isdigit() for letter in first), effect.action
            assert effect.action[-1] in ".?", effect.action
            words = f"{effect.text} {effect.action}"
        assert "None" not in words
        assert "XX" not in words
