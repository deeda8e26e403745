"""The register as the rules see it, and what is known of each device's liveness."""

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select

from nightwarden.model.hours import Hours
from nightwarden.model.papers import Papers
from nightwarden.model.places import EmitterKind, EquipmentKind, PlaceId
from nightwarden.model.plan import Emitter, Liveness, PlacedItem, Plan, PlannedRequirement
from nightwarden.model.readings import DeviceId
from nightwarden.model.watches import Pause
from nightwarden.store import calls, faults, heaters, listings, lives, meta, register, rounds
from nightwarden.store.engine import READING, Transaction
from nightwarden.store.papers import load_papers
from nightwarden.store.tables import (
    Equipment,
    Fault,
    PauseRow,
    Permit,
    Placement,
    Resident,
)

PAUSES_REMEMBERED = timedelta(days=1)
"""A pause that has ended still explains a deadline that passed during an outage."""

_LAST_BEGINNING = date(9_900, 1, 1)
"""A slip of the pen in a year must not make a day that no calendar has."""


def life_ends(item: register.Item, zone: ZoneInfo) -> date | None:
    """The day on which an item's service life ends, from the day on which its use began, or else
    it was registered; None where none is given."""
    if item.life_days is None:
        return None
    began = min(item.in_service_on or item.since.astimezone(zone).date(), _LAST_BEGINNING)
    return began + timedelta(days=item.life_days)


def load_plan(tx: Transaction) -> Plan | None:
    """The plan at ``tx.now``; None before the first home file was applied."""
    return plan_and_papers(tx)[0]


def plan_and_papers(tx: Transaction) -> tuple[Plan | None, Papers]:
    """The plan, and what is written down beside it.

    A view of the store takes what an earlier one has read, where the plan has not changed since;
    where single items alone have, it reads these. A writing transaction reads all of it.
    """
    changes = meta.plan_changes(tx) if tx.info.get(READING) else []
    kept = _kept_for(tx, changes)
    if kept is None:
        plan, papers = _read_plan(tx), load_papers(tx)
    else:
        plan, papers = kept
    if plan is None:
        return None, papers
    if changes:
        _keep(changes[-1][0], (plan, papers))
    items = _for_a_time(tx, plan.items)
    shown = replace(plan, items=items, faults=faults.planned(tx))
    called, walked = calls.planned(tx), rounds.planned(tx)
    return replace(shown, pauses=_pauses(tx), rounds=walked, calls=called), papers


def _for_a_time(tx: Transaction, items: tuple[PlacedItem, ...]) -> tuple[PlacedItem, ...]:
    """With the heaters' times and the uses that are left: few items have either."""
    stays = {stay.equipment: stay for stay in heaters.standing(tx)}
    left = lives.uses_left(tx)
    used_up = lives.used_up(tx, left)
    if not stays and not left:
        return items
    return tuple(
        replace(
            item,
            uses_left=left.get(item.tag),
            used_up_at=used_up.get(item.tag),
            lent_to=stay.owner if (stay := stays.get(item.tag)) else None,
            due_back=stay.until if stay else None,
        )
        if item.tag in stays or item.tag in left
        else item
        for item in items
    )


_Kept = tuple[Plan | None, Papers]
_KEPT: dict[str, _Kept] = {}
_KEPT_MOST = 4
_keeping = threading.Lock()


def _keep(mark: str, kept: _Kept) -> None:
    with _keeping:
        _KEPT.pop(mark, None)
        while len(_KEPT) >= _KEPT_MOST:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[mark] = kept


def _kept_for(tx: Transaction, changes: list[tuple[str, str]]) -> _Kept | None:
    """What was read at the newest mark, or before it and brought up to it; None: read it all."""
    changed: set[str] = set()
    for mark, tag in reversed(changes):
        found = _KEPT.get(mark)
        if found is not None:
            return _with_items(tx, found, changed) if changed else found
        if not tag:
            return None
        if tag != meta.BESIDE:
            changed.add(tag)
    return None


def _with_items(tx: Transaction, kept: _Kept, changed: set[str]) -> _Kept | None:
    """What was kept, with these items as they are now."""
    plan, papers = kept
    if plan is None:
        return None
    present = [item for tag in changed for item in register.item_if_used(tx, tag)]
    ended = {tag: at for tag in changed for at in _work_ended(tx, tag).values()}
    owned = any(item.meant_for for item in present)
    residents = {row.id: row for row in register.residents(tx)} if owned else {}
    placed = [
        _placed(item, residents, plan.zone, ended.get(item.tag)) for item in present if item.place
    ]
    others = [item for item in plan.items if item.tag not in changed]
    if any(one.kind == EquipmentKind.PORTABLE_HEATER for one in (*placed, *plan.items)):
        papers = load_papers(tx)
    vacated = _vacated(tx, changed)
    needs = tuple(
        need
        if (at := vacated.get((*need.place, need.needs))) is None
        else replace(need, since=max(need.since, at))
        for need in plan.requirements
    )
    items = tuple(sorted((*others, *placed), key=lambda item: item.tag))
    return replace(plan, items=items, requirements=needs), papers


def _read_plan(tx: Transaction) -> Plan | None:
    """All of it but what comes and goes by itself: pauses, rounds and calls."""
    home = meta.home(tx)
    if home is None:
        return None
    shown = defaultdict(list)
    for resident in register.residents(tx):
        shown[resident.room].append(resident.shown_as)
    return Plan(
        home=home.id,
        zone=ZoneInfo(home.timezone),
        requirements=_requirements(tx),
        items=_items(tx, ZoneInfo(home.timezone)),
        emitters=_emitters(tx),
        zones=listings.zones(tx),
        residents={room: " & ".join(names) for room, names in shown.items()},
    )


def load_liveness(tx: Transaction) -> dict[DeviceId, Liveness]:
    """When each bound device last spoke and changed, as the gateway last saved it."""
    rows = tx.sql.exec_driver_sql(  # straight from the driver: every board asks for all of them
        "SELECT dialect, address, heard_at, changed_at, json_extract(memory, '$.online'),"
        " json_extract(memory, '$.at_fault_since'), json_extract(memory, '$.last.occupancy[0]')"
        " FROM devicestate"
    )
    return {
        DeviceId(dialect, address): Liveness(
            _written(heard_at),
            _written(changed_at),
            online is None or bool(online),
            _instant(bad),
            None if occupied is None else bool(occupied),
        )
        for dialect, address, heard_at, changed_at, online, bad, occupied in rows
    }


def _written(instant: str | None) -> datetime | None:
    """An instant as the store writes it, in UTC."""
    return None if instant is None else datetime.fromisoformat(f"{instant}+00:00")


def _instant(packed: str | None) -> datetime | None:
    """An instant as the rules keep it in a memory."""
    return None if packed is None else datetime.fromisoformat(packed.removeprefix("@"))


def _requirements(tx: Transaction) -> tuple[PlannedRequirement, ...]:
    names = {resident.id: resident.shown_as for resident in register.residents(tx)}
    vacated = _vacated(tx)
    return tuple(
        PlannedRequirement(
            place=PlaceId(row.room, row.place),
            needs=EquipmentKind(row.needs),
            hours=Hours.parse(row.hours),
            resident=names[row.resident],
            because=row.because,
            review_by=row.review_by,
            since=max(row.since, vacated.get((row.room, row.place, row.needs), row.since)),
            dwell=None if row.dwell_s is None else timedelta(seconds=row.dwell_s),
            tell=row.tell,
            action=row.action,
        )
        for row in register.requirements_now(tx)
    )


def _vacated(
    tx: Transaction, of: Collection[str] | None = None
) -> dict[tuple[str, str, str], datetime]:
    """When the last item of a kind left a place: what is missing there is missing since then; of
    these items alone, if they are named."""
    query = (
        select(Placement.room, Placement.place, Equipment.kind, func.max(col(Placement.until)))
        .join(Equipment, col(Equipment.tag) == Placement.equipment)
        .where(col(Placement.until).is_not(None))
        .group_by(col(Placement.room), col(Placement.place), col(Equipment.kind))
    )
    if of is not None:
        query = query.where(col(Placement.equipment).in_(of))
    return {(room, place, kind): until for room, place, kind, until in tx.exec(query) if until}


def _items(tx: Transaction, zone: ZoneInfo) -> tuple[PlacedItem, ...]:
    residents = {row.id: row for row in register.residents(tx)}
    ended = _work_ended(tx)
    return tuple(
        _placed(item, residents, zone, ended.get(item.tag))
        for item in register.items_now(tx)
        if item.place
    )


def _work_ended(tx: Transaction, of: str | None = None) -> dict[str, datetime]:
    """When the last permit or fault of an item ended, by tag; of one item, if it is named."""
    ended: dict[str, datetime] = {}
    for tag, end in ((Permit.equipment, Permit.ended_at), (Fault.equipment, Fault.mended_at)):
        query = select(tag, func.max(col(end))).where(col(end).is_not(None)).group_by(col(tag))
        for item, at in tx.exec(query if of is None else query.where(tag == of)):
            if item is not None and at is not None:
                ended[item] = max(at, ended.get(item, at))
    return ended


def _worked_on(item: register.Item, ended: datetime | None) -> datetime | None:
    """When it was last mended, moved or bound anew; None: it stands as it was first registered."""
    known = (item.placed_at, item.bound_at, ended)
    return max((at for at in known if at and at > item.since), default=None)


def _placed(
    item: register.Item,
    residents: Mapping[str, Resident],
    zone: ZoneInfo,
    work_ended: datetime | None,
) -> PlacedItem:
    assert item.place is not None
    assert item.placed_at is not None
    owner = residents.get(item.meant_for or "")
    found, fault, permit = item.found, item.fault, item.permit
    pairing, test = item.standing.pairing, item.standing.test
    return PlacedItem(
        tag=item.tag,
        kind=item.kind,
        place=item.place,
        placed_at=item.placed_at,
        mount=item.mount,
        device=item.device,
        supervision=timedelta(seconds=item.supervision_s or 0),
        proof=timedelta(seconds=item.proof_s or 0),
        bound_at=item.bound_at,
        channels=item.channels,
        found=found.state if found else None,
        found_on=found.on if found else None,
        found_by=found.by if found else None,
        fault=fault.what if fault else None,
        fault_since=fault.reported_at if fault else None,
        permit_until=permit.until if permit else None,
        permit_since=permit.since if permit else None,
        permit_by=permit.issued_by if permit else None,
        meant_for=owner.shown_as if owner else item.meant_for,
        meant_room=owner.room if owner else None,
        life_ends=life_ends(item, zone),
        worked_on_at=_worked_on(item, work_ended),
        rearm=timedelta(seconds=item.rearm_s or 0),
        failed_test=item.standing.failed,
        failed_since=test.recorded_at if test and not test.passed else None,
        untested_since=pairing.since if pairing and pairing.signed_off_at is None else None,
    )


def _emitters(tx: Transaction) -> tuple[Emitter, ...]:
    return tuple(
        Emitter(
            place=PlaceId(row.room, row.place),
            kind=EmitterKind(row.emitter),
            since=row.since,
            assessed=row.assessed_on is not None,
            circuit=row.circuit,
        )
        for row in register.places(tx)
        if row.emitter
    )


def _pauses(tx: Transaction) -> tuple[Pause, ...]:
    query = select(PauseRow).where(PauseRow.until > tx.now - PAUSES_REMEMBERED)
    return tuple(
        Pause(PlaceId(p.room, p.place), p.since, p.ended_at or p.until, p.by, p.reason)
        for p in tx.exec(query.order_by(col(PauseRow.id)))
    )
