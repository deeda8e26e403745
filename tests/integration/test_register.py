"""The register on a real store: what people do to equipment, and what it says afterwards."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.places import EquipmentKind, ItemState, Mount, PlaceId
from nightwarden.model.readings import DeviceId
from nightwarden.store import audit, fault_evidence, meta, register, upkeep
from nightwarden.store.descriptions import Description
from nightwarden.store.engine import Store, Transaction, open_store
from nightwarden.store.item_history import history
from nightwarden.store.placing import Binding
from nightwarden.store.removals import Why
from nightwarden.store.tables import Audit, DeviceState, Fault
from tests.unit.test_home_file import EXAMPLE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BED = PlaceId("12", "bed")
MAT = "MAT-0012"
COVER = "CVR-0012"
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Transaction]:
    store = open_store(tmp_path / "nightwarden.db")
    with store.transaction(NOW) as opened:
        plan.apply(opened, read_home_file(EXAMPLE.encode(), "home.yaml", NOW), "Ann")
        yield opened
    store.close()


def mend(tx: Transaction, fault: int) -> Fault:
    return fault_evidence.mend(tx, fault, None, None, "Dee", decides=False)


def test_a_new_item_is_registered_placed_bound_and_confirmed(tx: Transaction) -> None:
    upkeep.add_equipment(tx, "MAT-0013", Description(EquipmentKind.FLOOR_MAT, make="Acme"), "Bo")
    upkeep.move(tx, "MAT-0013", BED, "Bo")
    device = DeviceId("zigbee2mqtt", "Floor 12")
    upkeep.bind(tx, "MAT-0013", Binding.usual(device), "Bo")
    today = NOW.date()
    item = upkeep.confirm(tx, "MAT-0013", ItemState.IN_PLACE, "Cy", today, "flat", "Bo")

    assert (item.place, item.device, item.supervision_s) == (BED, device, 10_800)
    assert item.found is not None
    assert (item.found.state, item.found.by, item.found.note) == ("in_place", "Cy", "flat")
    assert register.item(tx, "MAT-0013") == item
    actions = [entry.action for entry in tx.exec(select(Audit)).all()]
    assert actions == ["applied home file", "added", "moved", "bound", "confirmed"]
    assert audit.verify(tx).intact
    assert meta.plan_version(tx) == 5


def test_the_second_of_two_editors_is_told(tx: Transaction) -> None:
    seen = register.item(tx, MAT)
    once = upkeep.change_equipment(tx, MAT, seen.version, {"serial": "A1"}, "Bo")
    assert (once.serial, once.version) == ("A1", seen.version + 1)
    with pytest.raises(Conflict, match="changed by somebody else"):
        upkeep.change_equipment(tx, MAT, seen.version, {"serial": "B2"}, "Cy")
    assert register.item(tx, MAT).serial == "A1"


def test_an_older_claim_does_not_outrank_the_latest_day(tx: Transaction) -> None:
    upkeep.confirm(tx, COVER, ItemState.LOOSE, "Bo", date(2026, 11, 20), None, "Bo")
    late = upkeep.confirm(tx, COVER, ItemState.IN_PLACE, "Cy", date(2026, 11, 2), None, "Cy")
    assert late.found is not None
    assert late.found.state is ItemState.LOOSE


def test_a_fault_stands_until_it_is_mended(tx: Transaction) -> None:
    first = upkeep.report_fault(tx, MAT, "cable frayed", "checks every 15 min", "Bo").fault
    again = upkeep.report_fault(tx, MAT, "edge curls", None, "Cy").fault
    assert first is not None
    assert again == first  # the oldest is what the gap is as old as
    with pytest.raises(Conflict, match="has not been seen to work"):
        mend(tx, first.id)
    tx.merge(DeviceState(dialect="nightwarden", address="mat-12", memory={}, changed_at=LATER))
    mend(tx, first.id)
    second = register.item(tx, MAT).fault
    assert second is not None
    assert second.what == "edge curls"
    mend(tx, second.id)
    assert register.item(tx, MAT).fault is None
    with pytest.raises(Conflict, match="mended by Dee already"):
        mend(tx, first.id)
    assert ("fault", "cable frayed; meanwhile: checks every 15 min", "Bo") in [
        (line.what, line.text, line.by) for line in history(tx, MAT)
    ]


def test_a_permit_ends_when_somebody_says_so_and_not_by_itself(tx: Transaction) -> None:
    until = NOW + timedelta(hours=4)
    permit = upkeep.issue_permit(tx, COVER, "painting", "radiator off", until, "Bo").permit
    assert permit is not None
    with pytest.raises(Conflict, match="has a permit until 2026-11-23 16:00 UTC already"):
        upkeep.issue_permit(tx, COVER, "more", "door locked", until, "Cy")
    tx.now = until
    assert register.item(tx, COVER).permit == permit
    assert history(tx, COVER)[-1].what == "permit ran out"
    assert upkeep.end_permit(tx, permit.id, "Bo").permit is None
    with pytest.raises(Conflict, match="ended already"):
        upkeep.end_permit(tx, permit.id, "Bo")
    other = upkeep.issue_permit(tx, COVER, "more", "off", until + timedelta(days=1), "Bo").permit
    assert other is not None
    assert upkeep.end_permit(tx, other.id, "Cy").permit is None


def test_past_its_time_a_permit_gives_way_to_a_new_one_or_to_finding_it_in_place(
    tx: Transaction,
) -> None:
    until = NOW + timedelta(hours=4)
    upkeep.issue_permit(tx, COVER, "painting", "radiator off", until, "Bo")
    upkeep.confirm(tx, COVER, ItemState.IN_PLACE, "Cy", NOW.date(), None, "Cy")
    assert register.item(tx, COVER).permit is not None, "the work goes on"
    tx.now = until
    upkeep.confirm(tx, COVER, ItemState.IN_PLACE, "Cy", NOW.date() - timedelta(days=1), None, "Cy")
    assert register.item(tx, COVER).permit is not None, "that was before the work"
    again = upkeep.issue_permit(tx, COVER, "drying", "off", until + timedelta(hours=1), "Bo")
    assert again.permit is not None
    assert again.permit.reason == "drying"
    tx.now = until + timedelta(hours=1)
    upkeep.confirm(tx, COVER, ItemState.IN_PLACE, "Cy", NOW.date(), None, "Cy")
    assert register.item(tx, COVER).permit is None


def test_a_retired_item_keeps_its_history_and_comes_back_under_its_tag(tx: Transaction) -> None:
    with pytest.raises(Invalid, match="is required at 12/bed: say why"):
        upkeep.retire(tx, MAT, "Bo")
    upkeep.retire(tx, MAT, "Bo", Why("torn", "Ana looks in", date(2026, 12, 1)))
    with pytest.raises(NotFound, match='no equipment "MAT-0012"'):
        register.item(tx, MAT)
    assert [line.what for line in history(tx, MAT)] == ["registered", "placed", "left", "retired"]
    back = upkeep.add_equipment(tx, MAT, Description(EquipmentKind.BED_MAT), "Bo")
    assert (back.place, back.device) == (None, None)


def test_what_cannot_be_is_refused_with_a_sentence(tx: Transaction) -> None:
    sensor = EquipmentKind.TEMPERATURE_SENSOR
    with pytest.raises(Conflict, match='There is equipment "MAT-0012" already'):
        upkeep.add_equipment(tx, MAT, Description(EquipmentKind.BED_MAT), "Bo")
    with pytest.raises(Invalid, match='tag: "a/b" has a "/" in it'):
        upkeep.add_equipment(tx, "a/b", Description(EquipmentKind.BED_MAT), "Bo")
    with pytest.raises(Invalid, match="a temperature sensor needs one of"):
        upkeep.add_equipment(tx, "T", Description(sensor), "Bo")
    with pytest.raises(Invalid, match="a bed_mat has none"):
        upkeep.change_equipment(tx, MAT, 0, {"mount": Mount.PIPE}, "Bo")
    with pytest.raises(Invalid, match='kind: "sofa" is none of bed_mat'):
        upkeep.change_equipment(tx, MAT, 0, {"kind": "sofa"}, "Bo")
    with pytest.raises(Invalid, match="tag cannot be changed here"):
        upkeep.change_equipment(tx, MAT, 0, {"tag": "X"}, "Bo")
    with pytest.raises(Invalid, match='no place "sofa" in room "12"'):
        upkeep.move(tx, MAT, PlaceId("12", "sofa"), "Bo")
    with pytest.raises(Conflict, match="is 12/bed already"):
        upkeep.move(tx, MAT, BED, "Bo")
    with pytest.raises(Conflict, match="bound to MAT-0012"):
        upkeep.bind(tx, COVER, Binding.usual(DeviceId("nightwarden", "mat-12")), "Bo")
    with pytest.raises(Invalid, match="on: 2026-11-25 has yet to come"):
        upkeep.confirm(tx, MAT, ItemState.IN_PLACE, "Bo", date(2026, 11, 25), None, "Bo")
    with pytest.raises(Invalid, match="what: is empty"):
        upkeep.report_fault(tx, MAT, " \n", None, "Bo")
    with pytest.raises(Invalid, match="within the next 7 days"):
        upkeep.issue_permit(tx, MAT, "x", "y", NOW + timedelta(days=8), "Bo")
    with pytest.raises(NotFound, match="no fault 9"):
        mend(tx, 9)
    with pytest.raises(NotFound, match="no permit 9"):
        upkeep.end_permit(tx, 9, "Bo")
    assert len(tx.exec(select(Audit)).all()) == 1


def test_the_whole_register_is_read_in_a_few_queries_however_many_items(
    store_of_many: Store,
) -> None:
    counted: list[str] = []

    def count(*call: object) -> None:
        counted.append(str(call[2]))

    event.listen(Engine, "before_cursor_execute", count)
    try:
        with store_of_many.reading(NOW) as tx:
            items = register.items_now(tx)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(items) == 200
    assert all(item.found and item.device for item in items)
    assert {call.split()[0] for call in counted} == {"BEGIN", "SELECT"}
    assert len(counted) <= 12


@pytest.fixture
def store_of_many(tmp_path: Path) -> Iterator[Store]:
    lines = [
        f"  - {{tag: M{number}, kind: bed_mat, at: 12/bed, "
        f"device: {{dialect: nightwarden, address: m{number}}}, "
        "confirmed: {by: A, on: 2026-11-01, state: in_place}}\n"
        for number in range(200)
    ]
    text = EXAMPLE[: EXAMPLE.index("  - {tag: MAT")] + "".join(lines)
    store = open_store(tmp_path / "many.db")
    with store.transaction(NOW) as tx:
        plan.apply(tx, read_home_file(text.encode(), "home.yaml", NOW), "Ann")
    yield store
    store.close()
