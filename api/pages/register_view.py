"""The register as lines to read: what each place must have, what is there, since when, and why.

There is a line for each requirement, for each item that stands somewhere without one, and for each
heat emitter that nobody has assessed. A line that needs somebody says what the next step is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from api.gaps import Judged, judged
from nightwarden.model.hours import ALWAYS
from nightwarden.model.phrases import phrase
from nightwarden.model.places import GapState, PlaceId
from nightwarden.model.plan import Gap, Liveness, PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from rules.coverage import item_gap
from rules.wording import kind_words

IN_PLACE = "in_place"
STATES = (*GapState, IN_PLACE)
"""What a line may say, worst first."""


_OF_THE_PLACE = frozenset({GapState.UNASSESSED, GapState.NO_ESCALATION})
"""Gaps of a place itself, which no requirement or item of it has a line for."""
_OF_THE_ITEM = frozenset({GapState.WRONG_ROOM, GapState.PAST_SERVICE_LIFE})
"""What an item may be beside whatever its place lacks."""
_OF_PAPERS = frozenset(
    {
        GapState.NO_NIGHT_PLAN,
        GapState.CONSENT_MISSING,
        GapState.REVIEW_OVERDUE,
        GapState.PAST_END_DATE,
    }
)
"""What is wrong with what is written down, whatever stands there."""


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One line. ``since`` is how long the state has been so; None where nothing says."""

    place: PlaceId
    needs: str
    resident: str
    required: bool
    state: str
    since: datetime | None
    why: str
    next_step: str = ""
    hours: str = ""
    because: str = ""
    review_by: date | None = None
    items: tuple[PlacedItem, ...] = ()
    gap: Gap | None = None

    @property
    def is_gap(self) -> bool:
        """Whether it needs somebody."""
        return self.state != IN_PLACE

    def matches(self, words: Iterable[str]) -> bool:
        """Whether every word is somewhere in the line: "12 radiator" finds room 12's radiator."""
        tags = " ".join(item.tag for item in self.items)
        text = f"room {' '.join(self.place)} {self.needs} {self.resident} {tags} {self.state}"
        haystack = text.replace("_", " ").casefold()
        return all(word.casefold() in haystack for word in words)


@dataclass(frozen=True, slots=True)
class Register:
    """The lines of the home: the gaps worst first, and everything by room."""

    gaps: list[RegisterLine]
    rooms: list[tuple[str, str, list[RegisterLine]]]
    stored: list[register.Item]
    shown: int
    total: int


def register_at(tx: Transaction, query: str = "", state: str = "") -> Register:
    """The register at ``tx.now``.

    Args:
        query: words that a line must have, all of them.
        state: one of :data:`STATES`, ``gap`` for every one but ``in_place``, empty for all.
    """
    home = judged(tx)
    if home is None:
        return Register([], [], [], 0, 0)
    plan, every = home.plan, register_lines(home, tx.now)
    words = query.split()
    lines = [line for line in every if _in_state(line, state) and line.matches(words)]
    by_room = defaultdict(list)
    for line in lines:
        by_room[line.place.room].append(line)
    rooms = [
        (room.id, plan.residents.get(room.id, ""), by_room[room.id])
        for room in register.rooms(tx)
        if by_room[room.id]
    ]
    stored = register.items_in(tx, None)
    worst_first = sorted((line for line in lines if line.is_gap), key=_urgency)
    return Register(worst_first, rooms, stored, len(lines), len(every))


def register_lines(home: Judged, now: datetime, room: str | None = None) -> list[RegisterLine]:
    """Every line of a home at ``now``, in the order of its plan; of one room, if it is named."""
    plan, liveness, every = home.plan, home.liveness, home.gaps
    if room is not None:
        every = [gap for gap in every if gap.place.room == room]
        needs = tuple(need for need in plan.requirements if need.place.room == room)
        there = tuple(item for item in plan.items if item.place.room == room)
        plan = replace(plan, requirements=needs, items=there)
    kit = [gap for gap in every if gap.state not in _OF_PAPERS]
    found = {(gap.place, gap.needs): gap for gap in reversed(kit)}  # the worst of several
    standing: dict[tuple[PlaceId, str], list[PlacedItem]] = defaultdict(list)
    for item in plan.items:
        standing[item.place, item.kind].append(item)
    required = {(need.place, str(need.needs)) for need in plan.requirements}
    lines = [
        _required_line(need, found.get((need.place, need.needs)), standing, liveness)
        for need in plan.requirements
    ]
    lines += _other_items(plan, liveness, now, required, found)
    lines += [_gap_line(gap, plan) for gap in found.values() if gap.state in _OF_THE_PLACE]
    items = {item.tag: item for item in plan.items}
    lines += [
        _gap_line(gap, plan, items.get(gap.equipment or ""))
        for gap in every
        if gap.state in _OF_PAPERS
        or (gap.state in _OF_THE_ITEM and found[gap.place, gap.needs] is not gap)
    ]
    return lines


def _required_line(
    need: PlannedRequirement,
    gap: Gap | None,
    standing: Mapping[tuple[PlaceId, str], list[PlacedItem]],
    liveness: Mapping[DeviceId, Liveness],
) -> RegisterLine:
    items = tuple(standing.get((need.place, need.needs), ()))
    since, why = (gap.since, _own_why(gap)) if gap else _proof_of(items, liveness)
    return RegisterLine(
        place=need.place,
        needs=kind_words(need.needs),
        resident=need.resident,
        required=True,
        state=gap.state if gap else IN_PLACE,
        since=since,
        why=why,
        next_step=gap.next_step if gap else "",
        hours=phrase("always") if need.hours.always else str(need.hours),
        because=need.because,
        review_by=need.review_by,
        items=items,
        gap=gap,
    )


def _other_items(
    plan: Plan,
    liveness: Mapping[DeviceId, Liveness],
    now: datetime,
    required: set[tuple[PlaceId, str]],
    found: Mapping[tuple[PlaceId, str], Gap],
) -> Iterator[RegisterLine]:
    for item in plan.items:
        if (item.place, item.kind) in required:
            continue
        resident = plan.residents.get(item.place.room, "")
        # Judged as if it were required from the day on which it was put there.
        as_if = PlannedRequirement(
            item.place, item.kind, ALWAYS, resident, "", now.date(), item.placed_at
        )
        gap = found.get((item.place, item.kind)) or item_gap(as_if, item, liveness, now, plan.zone)
        since, why = (gap.since, _own_why(gap)) if gap else _proof_of((item,), liveness)
        yield RegisterLine(
            place=item.place,
            needs=kind_words(item.kind),
            resident=resident,
            required=False,
            state=gap.state if gap else IN_PLACE,
            since=since,
            why=why,
            next_step=gap.next_step if gap else "",
            items=(item,),
            gap=found.get((item.place, item.kind)),
        )


def _gap_line(gap: Gap, plan: Plan, item: PlacedItem | None = None) -> RegisterLine:
    return RegisterLine(
        place=gap.place,
        needs=kind_words(item.kind) if item else gap.needs,
        resident=gap.resident or plan.residents.get(gap.place.room, ""),
        required=True,
        state=gap.state,
        since=gap.since,
        why=gap.because,
        next_step=gap.next_step,
        items=(item,) if item else (),
        gap=gap,
    )


def _own_why(gap: Gap) -> str:
    """The cause of the gap without the reason for the requirement, which has its own place."""
    return gap.because.rsplit(": ", 1)[-1] if gap.because.count(": ") == 1 else gap.because


def _proof_of(
    items: tuple[PlacedItem, ...], liveness: Mapping[DeviceId, Liveness]
) -> tuple[datetime | None, str]:
    for item in items:
        if item.device is not None and item.device in liveness:
            return liveness[item.device].changed_at, phrase("last seen to work")
        if item.found_by:
            by, day = item.found_by, f"{item.found_on:%-d %b %Y}"
            return None, phrase(f"confirmed by {by} on {day}")
    return None, ""


def _in_state(line: RegisterLine, state: str) -> bool:
    return not state or line.state == state or (state == "gap" and line.is_gap)


def _urgency(line: RegisterLine) -> tuple[bool, int, bool, datetime]:
    assert line.since is not None, "a gap is since some time"
    decided = line.gap is not None and line.gap.decision is not None
    return decided, list(STATES).index(line.state), not line.required, line.since
