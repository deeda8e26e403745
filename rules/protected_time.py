"""How long each person was protected: spans of time, brought up to the present.

1. A span is within one night's required hours. It ends when the state changes, when the hours end,
   or when the requirement does; the spans of a night add up to its required seconds, on the nights
   on which the clocks change too.
2. An open span goes on as it began, so that nothing need be written while nothing changes.
3. Where the loop test did not come back for longer than a proof holds, nothing was watched: what an
   open span had ends with the last proof, and what follows is lost until the next one.
4. Of what has no span yet, the time since the last look is taken to have been as it is now.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS
from nightwarden.model.plan import Plan, PlannedRequirement
from nightwarden.model.protection import Loss, PlaceKey, Span
from rules.protection import Protection

State = tuple[Loss | None, str]
NOT_WATCHED: State = (Loss.NOT_WATCHING, phrase("the monitor was not watching"))


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the present.

    ``proved_at`` is when the last loop test that came back had been sent (one from the future is
    none), ``before`` when the last look was (None: never), ``holds`` how long a proof does.
    """

    now: datetime
    proved_at: datetime | None
    before: datetime | None
    holds: timedelta

    @property
    def lapsed(self) -> bool:
        """Whether nothing is watched at this moment."""
        return self.proved_at is None or abs(self.now - self.proved_at) > self.holds


def present_states(seen: Iterable[Protection]) -> dict[PlaceKey, State]:
    """The state of each requirement that is within its hours: its first reason, or none."""
    return {
        (one.requirement.place, one.requirement.needs): one.reasons[0]
        if one.reasons
        else (None, "")
        for one in seen
    }


def brought_up(
    plan: Plan, last: Mapping[PlaceKey, Span], states: Mapping[PlaceKey, State], look: Look
) -> Iterator[tuple[PlaceKey, list[Span]]]:
    """For each requirement that watches a person, the spans in the place of its open one.

    Args:
        plan: the register as the rules see it.
        last: the open spans.
        states: as :func:`present_states` gives them.
        look: when, and what is known of the time before.
    """
    required = {(r.place, r.needs): r for r in plan.requirements if r.needs in MATS}
    for key in (*required, *(key for key in last if key not in required)):
        state = NOT_WATCHED if look.lapsed else states.get(key, (None, ""))
        yield key, _spans(key, last.get(key), required.get(key), plan.zone, state, look)


def _spans(  # noqa: PLR0913, PLR0917
    key: PlaceKey,
    last: Span | None,
    requirement: PlannedRequirement | None,
    zone: ZoneInfo,
    state: State,
    look: Look,
) -> list[Span]:
    """The open span as it has become, and what has come after it."""
    now = look.now
    begin, first = (
        (max(look.before or now, requirement.since), state) if requirement else (now, state)
    )
    parts: list[tuple[date, datetime, datetime]] = []
    if last is not None:
        begin, first = last.since, (last.lost_to, last.why)
        ends_at = requirement and requirement.hours.part_end(last.since, zone)
        if ends_at != last.ends_at:  # other hours, or none any more: what was is as it was
            begin = min(now, last.ends_at)
            parts = [(last.night, last.since, begin)]
    begun = last.since if last else begin
    if requirement is not None:
        parts += requirement.hours.parts(begin, now, zone)
    changes = list(_changes(begun, first, state, look))
    spans: list[Span] = []
    for night, start, end in parts:
        spans += _of_part(Span(*key, night, start, None, end, None), changes, now)
    return spans


def _changes(
    begun: datetime, first: State, state: State, look: Look
) -> Iterator[tuple[datetime, State]]:
    """From when on which state held."""
    yield begun, first
    if look.lapsed:
        yield max(begun, min(look.proved_at or begun, look.now)), NOT_WATCHED
    yield look.now, state


def _of_part(part: Span, changes: list[tuple[datetime, State]], now: datetime) -> list[Span]:
    """One covered part, cut where the state changed; the last span is open if ``now`` is in it."""
    spans: list[Span] = []
    ends = [after for _, (after, _) in pairwise(changes)] + [part.ends_at]
    for (at, (lost_to, why)), until in zip(changes, ends, strict=True):
        since, until = max(part.since, at), min(part.ends_at, until)
        if since >= until:
            continue
        if spans and spans[-1].lost_to is lost_to:
            spans[-1] = replace(spans[-1], until=until)
        else:
            spans.append(replace(part, since=since, until=until, lost_to=lost_to, why=why))
    if spans and now < part.ends_at and spans[-1].until == part.ends_at:
        spans[-1] = replace(spans[-1], until=None)
    return spans
