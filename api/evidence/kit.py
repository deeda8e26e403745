"""What was required and what stood there, who confirmed it, and every gap."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from api.coverage import coverage_between
from api.evidence.answers import spoken
from api.evidence.sections import Asked, Chart, Section, bars
from api.gaps import gaps_now
from api.routes.coverage import shown_percent
from nightwarden.store import period
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Confirmation, Placement, Requirement


def required(asked: Asked, tx: Transaction) -> Section:
    """Each requirement with what stood at its place, since when, and who last confirmed it."""
    kinds = {tag: row.kind for tag, row in period.kit(tx).items()}
    stood: dict[tuple[str, str, str | None], list[Placement]] = defaultdict(list)
    for one in period.placements(tx, asked.period):
        stood[one.room, one.place, kinds.get(one.equipment)].append(one)
    confirmed: dict[str, list[Confirmation]] = defaultdict(list)
    for row in period.confirmations(tx, asked.period):
        confirmed[row.equipment].append(row)
    rows: list[tuple[object, ...]] = []
    for need in period.requirements(tx, asked.period):
        if not asked.scope.has(room=need.room, resident=need.resident):
            continue
        met = [
            placement
            for placement in stood[need.room, need.place, need.needs]
            if _overlap(placement, need)
        ]
        if asked.scope.item is not None and asked.scope.item not in {one.equipment for one in met}:
            continue
        rows.extend(_required_rows(asked, need, met, confirmed))
    bare = sum(row[8] == "" for row in rows)
    says = [f"{len(rows)} lines: each requirement with every item that stood there for it."]
    if bare:
        says.append(f"For {bare} of them nothing of that kind was ever at the place.")
    return Section(
        name="required",
        title="What was required, and what was in place",
        says=tuple(says),
        columns=(
            "Room",
            "Place",
            "Resident",
            "Needs",
            "Hours",
            "Because",
            "Required since",
            "Required until",
            "Item",
            "In place since",
            "In place until",
            "Last confirmed",
            "By",
            "As",
            "Entered",
        ),
        weights=(0.5, 0.9, 0.8, 0.9, 0.8, 1.3, 0.8, 0.8, 0.9, 0.8, 0.8, 0.8, 0.9, 0.7, 1.1),
        rows=rows,
        red=lambda row: row[8] == "",
    )


def _overlap(placement: Placement, need: Requirement) -> bool:
    return (need.until is None or placement.since < need.until) and (
        placement.until is None or placement.until > need.since
    )


def _required_rows(
    asked: Asked,
    need: Requirement,
    met: Sequence[Placement],
    confirmed: dict[str, list[Confirmation]],
) -> list[tuple[object, ...]]:
    first = (
        need.room,
        need.place,
        need.resident,
        need.needs.replace("_", " "),
        need.hours,
        need.because,
        asked.day(need.since),
        asked.day(need.until),
    )
    if not met:
        return [(*first, "", "", "", "", "", "", "")]
    lines: list[tuple[object, ...]] = []
    for placement in met:
        newest = max(confirmed[placement.equipment], key=lambda row: row.on, default=None)
        stood = (
            placement.equipment,
            asked.day(placement.since),
            asked.day(placement.until),
        )
        said = (
            ("", "", "", "")
            if newest is None
            else (
                newest.on.isoformat(),
                newest.by,
                newest.state.replace("_", " "),
                asked.at(newest.recorded_at),
            )
        )
        lines.append((*first, *stood, *said))
    return lines


def gaps(asked: Asked, tx: Transaction) -> Section:
    """Every gap as it stands now, with its age. None is left out and none is shortened."""
    found = [
        gap for gap in gaps_now(tx) if asked.scope.has(room=gap.place.room, item=gap.equipment)
    ]
    oldest = max((tx.now - gap.since for gap in found), default=None)
    says = [f"{len(found)} gaps stand open as this is written."]
    if oldest is not None:
        says.append(f"The oldest has stood for {spoken(oldest)}.")
    return Section(
        name="gaps",
        title="Gaps",
        says=tuple(says),
        columns=(
            "Room",
            "Place",
            "Needs",
            "State",
            "Since",
            "Age, days",
            "Because",
            "Owner",
            "Next step",
            "Decision",
        ),
        weights=(0.5, 0.9, 0.9, 0.8, 0.8, 0.5, 1.6, 0.8, 1.6, 1.2),
        rows=[
            (
                gap.place.room,
                gap.place.place,
                gap.needs.replace("_", " "),
                gap.state.value.replace("_", " "),
                asked.day(gap.since),
                _days(gap.since, tx.now),
                gap.because or "",
                gap.owner or "nobody",
                gap.next_step or "",
                ""
                if gap.decision is None
                else f"{gap.decision.by}: {gap.decision.reason} (until {gap.decision.review_by})",
            )
            for gap in found
        ],
        red=lambda _row: True,
    )


def heat(asked: Asked, tx: Transaction) -> Section:
    """Every heat emitter, and who has judged it."""
    rows = [
        (
            each.room,
            each.place,
            (each.emitter or "").replace("_", " "),
            each.assessed_by or "not assessed",
            "" if each.assessed_on is None else each.assessed_on.isoformat(),
            each.assessed_finding or "",
        )
        for each in period.emitters(tx)
        if asked.scope.has(room=each.room)
    ]
    bare = sum(row[3] == "not assessed" for row in rows)
    return Section(
        name="emitters",
        title="Heat emitters",
        says=(f"{len(rows)} heat emitters are registered; {bare} of them nobody has assessed.",),
        columns=("Room", "Place", "Kind", "Assessed by", "On", "Finding"),
        weights=(0.5, 1, 0.8, 1, 0.8, 2.5),
        rows=rows,
        red=lambda row: row[3] == "not assessed",
    )


def coverage(asked: Asked, tx: Transaction) -> Section:
    """How much of the required time each place was really protected, and what the rest went to."""
    since, until = (
        instant.astimezone(asked.zone).date()
        for instant in (asked.period.since, asked.period.until)
    )
    found = coverage_between(tx, since, until)
    places = [one for one in found.places if asked.scope.has(room=one.place.room)]
    rows: list[tuple[object, ...]] = []
    drawn: dict[str, float] = {}
    for one in places:
        percent = shown_percent(one.share)
        lost = sorted(one.share.lost.items(), key=lambda item: -item[1])
        rows.append(
            (
                one.place.room,
                one.place.place,
                one.needs.value.replace("_", " "),
                one.nights,
                one.short,
                "" if percent is None else f"{percent:.2f}",
                spoken(one.share.substituted),
                "; ".join(f"{loss.value.replace('_', ' ')} {spoken(time)}" for loss, time in lost),
            )
        )
        if percent is not None and len(drawn) < WORST_DRAWN:
            drawn[f"{one.place.room}/{one.place.place}"] = percent
    target = found.target.target_percent
    return Section(
        name="coverage",
        title="Coverage of each bed and place",
        says=(
            f"The home aims at {target:g} % of the required time. The worst are first.",
            (
                "Protected is time in which something live watched, or somebody looked in as a "
                "manual round asks."
            ),
        ),
        columns=(
            "Room",
            "Place",
            "Needs",
            "Nights",
            "Below target",
            "Protected, %",
            "By rounds",
            "Lost to",
        ),
        weights=(0.5, 0.9, 0.9, 0.5, 0.6, 0.7, 0.8, 3),
        rows=rows,
        charts=(Chart("The worst, % protected", bars(drawn, lambda value: f"{value:.2f} %")),)
        if drawn
        else (),
        red=lambda row: row[5] != "" and float(str(row[5])) < target,
    )


WORST_DRAWN = 20


def _days(since: datetime, now: datetime) -> int:
    return max(0, (now - since).days)
