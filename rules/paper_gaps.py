"""Gaps of what is written down: nobody's watch waits for it, and none of it stays unseen.

1. Whoever lives here and for whom nobody has said what they need at night, neither by a requirement
   nor by an assessment of falls that finds none needed, has no night plan (M21).
2. A mat watches a person. Without their consent, or a record that it is in their best interests,
   consent is missing; refused, the plan has to change. The watch itself goes on: a gap in the
   papers must not become a fall that nobody hears of.
3. A requirement, an assessment or a consent whose review date has passed is overdue from the day
   after. A requirement that names an overdue assessment is not told twice.
4. A portable heater has somebody who answers for it and a last day (H3, H4). Past that day it is to
   be gone; without either it is undocumented.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from nightwarden.model.papers import AssessmentKind, ConsentBasis, Heater, Papers, ResidentPapers
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, EquipmentKind, GapState, PlaceId
from nightwarden.model.plan import Gap
from rules.beside_requirements import midnight

NIGHT_PLAN, ASSESSMENT = phrase("night-plan"), phrase("assessment")
"""Places of gaps that are of a person, and of no spot in the room."""

_ASSESSMENTS = {
    AssessmentKind.FALLS: phrase("falls assessment"),
    AssessmentKind.BURNS: phrase("burns assessment"),
    AssessmentKind.OTHER: phrase("other assessment"),
}

A_DAY = timedelta(days=1)


def paper_gaps(papers: Papers, zone: ZoneInfo, now: datetime) -> Iterator[Gap]:
    """Every such gap of the home at ``now`` (aware, UTC)."""
    for resident in papers.residents:
        yield from _no_night_plan(resident)
        yield from _consent(resident, zone, now)
        yield from _overdue(resident, zone, now)
    for heater in papers.heaters:
        yield from _heater(heater, zone, now)


def _no_night_plan(resident: ResidentPapers) -> Iterable[Gap]:
    if resident.asked or any(one.kind == "falls" for one in resident.assessments):
        return
    yield Gap(
        place=PlaceId(resident.room, NIGHT_PLAN),
        needs=phrase("night plan"),
        state=GapState.NO_NIGHT_PLAN,
        since=resident.since,
        because=phrase("nobody has said what this person needs at night"),
        resident=resident.shown_as,
        next_step=phrase(
            "Look in on them tonight as on a new resident, and assess falls and burns"
        ),
    )


def _consent(resident: ResidentPapers, zone: ZoneInfo, now: datetime) -> Iterable[Gap]:
    watched = [one for one in resident.asked if one.needs in MATS]
    paper = resident.consent
    if not watched:
        return
    first = min(watched, key=lambda one: one.since)
    if paper is None or paper.basis is ConsentBasis.REFUSED:
        since = max(first.since, resident.consent_ended_at or first.since)
        because = phrase("watched, and neither consent nor a best-interests decision is recorded")
        step = phrase("Ask them, or record the best-interests decision; they are watched meanwhile")
        if paper is not None:
            since, day = paper.since, f"{paper.on:%-d %b %Y}"
            because = phrase(f"refused, recorded by {paper.by} on {day}")
            step = phrase("Change the plan with them, or record the best-interests decision")
        yield Gap(
            place=first.place,
            needs="consent",
            state=GapState.CONSENT_MISSING,
            since=since,
            because=because,
            resident=resident.shown_as,
            next_step=step,
        )
    elif paper.review_by is not None and (ended := _passed(paper.review_by, zone)) <= now:
        yield _review(resident, first.place, "consent", paper.review_by, ended)


def _overdue(resident: ResidentPapers, zone: ZoneInfo, now: datetime) -> Iterable[Gap]:
    late = set()
    for paper in resident.assessments:
        if (ended := _passed(paper.review_by, zone)) <= now:
            late.add(paper.ref)
            place = PlaceId(resident.room, ASSESSMENT)
            needs = _ASSESSMENTS[paper.kind]
            yield _review(resident, place, needs, paper.review_by, ended)
    for asked in resident.asked:
        if asked.assessment not in late and (ended := _passed(asked.review_by, zone)) <= now:
            yield _review(resident, asked.place, asked.needs, asked.review_by, ended)


def _review(
    resident: ResidentPapers, place: PlaceId, needs: str, review_by: date, since: datetime
) -> Gap:
    day = f"{review_by:%-d %b %Y}"
    return Gap(
        place=place,
        needs=needs,
        state=GapState.REVIEW_OVERDUE,
        since=since,
        because=phrase(f"it was to be looked at again by {day}"),
        resident=resident.shown_as,
        next_step=phrase("Look at it again with whoever knows them, and record what you decide"),
    )


def _heater(heater: Heater, zone: ZoneInfo, now: datetime) -> Iterable[Gap]:
    state, since = GapState.UNDOCUMENTED, heater.since
    because, step = _lacking(heater), phrase("Say whose it is and until when, or take it away")
    if heater.use_until is not None and (ended := _passed(heater.use_until, zone)) <= now:
        state, since = GapState.PAST_END_DATE, ended
        day = f"{heater.use_until:%-d %b %Y}"
        because = phrase(f"it was to be gone by {day}")
        if heater.owner:
            because = phrase(f"{because}; {heater.owner} answers for it")
        step = phrase("Take it away, or say why it stays and until when")
    elif not because:
        return
    yield Gap(
        place=heater.place,
        needs=EquipmentKind.PORTABLE_HEATER,
        state=state,
        since=since,
        because=because,
        equipment=heater.tag,
        next_step=step,
    )


def _lacking(heater: Heater) -> str:
    if heater.owner:
        return "" if heater.use_until else phrase("no day is named on which it goes")
    if heater.use_until:
        return phrase("nobody is named who answers for it")
    return phrase("nobody is named who answers for it, and no day is named on which it goes")


def _passed(day: date, zone: ZoneInfo) -> datetime:
    """When a day of the home has ended, in UTC."""
    return midnight(min(day, date(9_900, 1, 1)) + A_DAY, zone)
