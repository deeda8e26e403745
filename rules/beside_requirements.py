"""Gaps that no requirement of a resident makes: kit and heat emitters without a plan, items astray
or too old, places whose alerts would call nobody. What each means is in ``coverage.py``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from nightwarden.model.phrases import phrase
from nightwarden.model.places import WATCHES_A_PERSON, EquipmentKind, GapState, PlaceId
from nightwarden.model.plan import Gap, PlacedItem, Plan
from nightwarden.model.roles import Role
from rules.telling import Telling
from rules.wording import kind_words


@dataclass(frozen=True, slots=True)
class Calling:
    """Whom alerts call: the home's policies, and the roles that somebody in it has.

    ``since``: when the policies were put in force; None for those as delivered.
    """

    telling: Telling
    present: frozenset[Role]
    since: datetime | None = None


def beside_requirements(plan: Plan, calling: Calling | None, now: datetime) -> Iterator[Gap]:
    """Every such gap of the home at ``now`` (aware, UTC)."""
    yield from _undocumented(plan, {(r.place, r.needs) for r in plan.requirements})
    yield from _unassessed(plan)
    yield from _astray(plan)
    yield from _past_life(plan, now)
    if calling is not None:
        yield from _untold(plan, calling)


@lru_cache(maxsize=4096)  # many items, few days
def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day of the home begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _undocumented(plan: Plan, required: set[tuple[PlaceId, EquipmentKind]]) -> Iterable[Gap]:
    for item in plan.items:
        if item.kind in WATCHES_A_PERSON and (item.place, item.kind) not in required:
            yield Gap(
                place=item.place,
                needs=item.kind,
                state=GapState.UNDOCUMENTED,
                since=item.placed_at,
                because=phrase("in use, and no plan asks for it"),
                equipment=item.tag,
                resident=plan.residents.get(item.place.room),
                next_step=phrase("Add it to the plan, or take it away"),
            )


def _unassessed(plan: Plan) -> Iterable[Gap]:
    with_requirement = {requirement.place for requirement in plan.requirements}
    for emitter in plan.emitters:
        if not emitter.assessed and emitter.place not in with_requirement:
            yield Gap(
                place=emitter.place,
                needs="assessment",
                state=GapState.UNASSESSED,
                since=emitter.since,
                because=phrase(f"nobody has judged this {emitter.kind.replace('_', ' ')}"),
                resident=plan.residents.get(emitter.place.room),
                next_step=phrase("Assess it: can somebody fall against it or be trapped by it?"),
            )


def _untold(plan: Plan, calling: Calling) -> Iterable[Gap]:
    """A gap for every place at which something may be raised and somebody might not be called."""
    tells: dict[PlaceId, dict[str | None, None]] = defaultdict(dict)
    since: dict[PlaceId, datetime] = {}
    for requirement in plan.requirements:
        place = requirement.place
        tells[place][requirement.tell] = None
        since[place] = min(requirement.since, since.get(place, requirement.since))
    for item in plan.items:
        if item.device is not None and item.place not in since:
            tells[item.place][None] = None
            since[item.place] = item.placed_at
    said: dict[tuple[str | None, str | None], tuple[str, ...]] = {}  # many places, few zones
    for place, names in tells.items():
        zone = plan.zones.get(place.room)
        lacking: dict[str, None] = {}
        for tell in names:
            if (zone, tell) not in said:
                said[zone, tell] = tuple(calling.telling.lacks(zone, tell, calling.present))
            lacking |= dict.fromkeys(said[zone, tell])
        if lacking:
            yield Gap(
                place=place,
                needs="escalation",
                state=GapState.NO_ESCALATION,
                since=max(since[place], calling.since or since[place]),
                because="; ".join(lacking),
                resident=plan.residents.get(place.room),
                next_step=phrase(
                    "Correct who_is_told in the rules file, or add somebody with the role; "
                    "until then its alerts call everyone"
                ),
            )


def strays(plan: Plan) -> Iterable[tuple[PlacedItem, str]]:
    """Each item that stands where its resident does not live, and words for where they do."""
    for item in plan.items:
        if item.meant_for is not None and item.meant_room != item.place.room:
            home = item.meant_room
            yield item, phrase(f"who lives in room {home}" if home else "who no longer lives here")


def _astray(plan: Plan) -> Iterable[Gap]:
    for item, where in strays(plan):
        yield Gap(
            place=item.place,
            needs=item.kind,
            state=GapState.WRONG_ROOM,
            since=item.placed_at,
            because=phrase(f"it is {item.meant_for}'s, {where}"),
            equipment=item.tag,
            resident=plan.residents.get(item.place.room),
            next_step=phrase(f"Bring it to {item.meant_for}, or say whose it is now"),
        )


def _past_life(plan: Plan, now: datetime) -> Iterable[Gap]:
    for item in plan.items:
        over = _life_over(item, plan.zone)
        if over is None or now < over[0]:
            continue
        kind = kind_words(item.kind)
        yield Gap(
            place=item.place,
            needs=item.kind,
            state=GapState.PAST_SERVICE_LIFE,
            since=over[0],
            because=over[1],
            equipment=item.tag,
            resident=plan.residents.get(item.place.room),
            next_step=phrase(f"Put a new {kind} in its place"),
        )


def _life_over(item: PlacedItem, zone: ZoneInfo) -> tuple[datetime, str] | None:
    """From when on it is too old or used up, and why."""
    if item.used_up_at is not None:
        return item.used_up_at, phrase("it has been used as often as it may be")
    if item.life_ends is None:
        return None
    day = f"{item.life_ends:%-d %b %Y}"
    return midnight(item.life_ends, zone), phrase(f"its service life ended on {day}")
