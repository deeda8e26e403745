"""What one change of a home file does to the register, and what it leaves as it was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from nightwarden.errors import Invalid
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.shape import HomeFile
from nightwarden.homefile.writer import export_home_file
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import DeviceId
from nightwarden.store import audit, meta, register
from nightwarden.store.engine import Store, open_store
from nightwarden.store.item_history import history
from nightwarden.store.tables import Audit, Requirement
from tests.unit.test_home_file import EXAMPLE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "nightwarden.db")
    yield opened
    opened.close()


def read(text: str) -> HomeFile:
    return read_home_file(text.encode(), "home.yaml", LATER)


def make(store: Store, text: str, now: datetime = NOW) -> list[str]:
    """Apply a home file and give the lines of its plan."""
    with store.transaction(now) as tx:
        return [str(change) for change in plan.apply(tx, read(text), "Ann")]


def changed(before: str, after: str, text: str = EXAMPLE) -> str:
    assert before in text
    return text.replace(before, after, 1)


def test_an_apply_is_one_entry_in_the_audit_and_tells_the_rules_once(store: Store) -> None:
    make(store, EXAMPLE)
    make(store, EXAMPLE)
    with store.reading(LATER) as tx:
        (entry,) = tx.exec(select(Audit)).all()
        assert (entry.actor, entry.action) == ("Ann", "applied home file")
        assert entry.subject == "home elm-house"
        assert "+ room 12" in entry.detail["changes"]
        assert audit.verify(tx).intact
        assert meta.plan_version(tx) == 1


def test_an_apply_that_fails_half_way_leaves_everything_as_it_was(store: Store) -> None:
    make(store, EXAMPLE)
    with store.transaction(NOW) as tx:
        tx.sql.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON confirmation "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    text = changed("on: 2026-11-01", "on: 2026-11-02", changed("Joan", "Jo"))
    with pytest.raises(IntegrityError):
        make(store, text)
    with store.reading(NOW) as tx:
        assert [str(change) for change in plan.plan(tx, read(EXAMPLE))] == []
        assert len(tx.exec(select(Audit)).all()) == 1


def test_a_file_of_another_home_is_refused(store: Store) -> None:
    make(store, EXAMPLE)
    with pytest.raises(Invalid, match='this store is of home "elm-house" and the file is of "oak"'):
        make(store, changed("id: elm-house", "id: oak"))


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("Elm House", "The Elms", ['~ home elm-house name "Elm House" -> "The Elms"']),
        ("emitter: pipe", "emitter: valve", ["~ 12/ensuite-pipe emitter pipe -> valve"]),
        ("shown_as: Joan", "shown_as: J.", ['~ res-12 shown_as "Joan" -> "J."']),
        ("21:00", "20:00", ['~ res-12 bed_mat at 12/bed hours "21:00-07:00" -> "20:00-07:00"']),
        ("at: 12/bed, ", "", ["~ MAT-0012 moves 12/bed -> store cupboard"]),
        ("mount: under_cover", "mount: pipe", ["~ TMP-0012 mount under_cover -> pipe"]),
        (
            "address: mat-12",
            "address: m",
            ["~ MAT-0012 device nightwarden:mat-12 -> nightwarden:m"],
        ),
        (
            "address: mat-12",
            "address: mat-12, supervision_s: 60",
            ["~ MAT-0012 supervision_s 120 -> 60"],
        ),
        (
            "state: in_place",
            "state: loose",
            ["+ CVR-0012 confirmed loose by A. Smith on 2026-11-01"],
        ),
        (
            "      - {id: bed}\n      - {id: radiator-window, emitter: radiator}\n",
            "      - {id: radiator-window, emitter: radiator}\n      - {id: bed}\n",
            ["~ order of the places in room 12"],
        ),
        (
            EXAMPLE[EXAMPLE.index("  - {tag: CVR") :],
            "",
            ["- CVR-0012 leaves 12/radiator-window (kept in the record)"],
        ),
        (
            "      - {id: ensuite-pipe, emitter: pipe}\n",
            "",
            ["- 12/ensuite-pipe (kept in the record)"],
        ),
    ],
)
def test_one_change_is_one_line_and_can_be_taken_back(
    store: Store, before: str, after: str, lines: list[str]
) -> None:
    make(store, EXAMPLE)
    there = changed(before, after)
    assert make(store, there, LATER) == lines
    assert make(store, there, LATER) == []
    back = make(store, EXAMPLE, LATER + timedelta(hours=1))
    assert len(back) == (0 if "confirmed" in lines[0] else 1)  # what was seen stays seen
    assert make(store, EXAMPLE, LATER + timedelta(hours=1)) == []


def test_a_requirement_in_new_words_is_as_old_as_the_need(store: Store) -> None:
    make(store, EXAMPLE)
    make(store, changed("review_by: 2027-01-01", "review_by: 2027-06-01"), LATER)
    with store.reading(LATER) as tx:
        mat = next(row for row in register.requirements_now(tx) if row.needs == "bed_mat")
        assert (mat.since, str(mat.review_by)) == (NOW, "2027-06-01")
        old = tx.exec(select(Requirement).where(Requirement.until == LATER)).one()
        assert str(old.review_by) == "2027-01-01"


def test_a_resident_who_moves_takes_the_need_to_the_new_room_from_today(store: Store) -> None:
    rooms = changed("residents:", '  - id: "14"\n    places: [{id: bed}]\nresidents:')
    make(store, rooms)
    cover = EXAMPLE[EXAMPLE.index("      - {place: rad") : EXAMPLE.index("equipment:")]
    moved = changed('room: "12"', 'room: "14"', changed(cover, "", rooms))
    assert make(store, moved, LATER) == [
        '~ res-12 room "12" -> "14"',
        "+ res-12 needs bed_mat at 14/bed, 21:00-07:00",
        "- res-12 no longer needs bed_mat at 12/bed",
        "- res-12 no longer needs radiator_cover at 12/radiator-window",
    ]
    with store.reading(LATER) as tx:
        (mat,) = register.requirements_now(tx)
        assert (mat.room, mat.since) == ("14", LATER)


def test_what_was_confirmed_at_the_old_place_says_nothing_of_the_new(store: Store) -> None:
    make(store, EXAMPLE)
    moved = changed(
        "kind: radiator_cover, at: 12/radiator-window", "kind: radiator_cover, at: 12/ensuite-pipe"
    )
    assert make(store, moved, LATER) == ["~ CVR-0012 moves 12/radiator-window -> 12/ensuite-pipe"]
    with store.reading(LATER) as tx:
        cover = register.item(tx, "CVR-0012")
        assert (cover.place, cover.placed_at) == (PlaceId("12", "ensuite-pipe"), LATER)
        assert cover.found is None
        assert "confirmed" not in export_home_file(tx)
        assert [(line.what, line.text) for line in history(tx, "CVR-0012")] == [
            ("registered", "radiator_cover"),
            ("placed", "12/radiator-window"),
            ("confirmed", "in_place on 2026-11-01"),
            ("left", "12/radiator-window"),
            ("placed", "12/ensuite-pipe"),
        ]


def test_two_mats_may_exchange_their_devices(store: Store) -> None:
    second = "  - {tag: MAT-0099, kind: bed_mat, device: {dialect: nightwarden, address: mat-99}}\n"
    make(store, EXAMPLE + second)
    swapped = (
        (EXAMPLE + second)
        .replace("mat-12", "x")
        .replace("mat-99", "mat-12")
        .replace("x}", "mat-99}")
    )
    assert make(store, swapped, LATER) == [
        "~ MAT-0012 device nightwarden:mat-12 -> nightwarden:mat-99",
        "~ MAT-0099 device nightwarden:mat-99 -> nightwarden:mat-12",
    ]
    with store.reading(LATER) as tx:
        speaks = {item.tag: item.device for item in register.items_now(tx)}
    assert speaks["MAT-0012"] == DeviceId("nightwarden", "mat-99")
    assert speaks["MAT-0099"] == DeviceId("nightwarden", "mat-12")


def test_a_new_item_may_take_over_the_device_of_one_that_leaves(store: Store) -> None:
    make(store, EXAMPLE)
    assert make(store, changed("MAT-0012", "MAT-0013"), LATER) == [
        "+ MAT-0013 bed_mat at 12/bed (nightwarden:mat-12)",
        "- MAT-0012 leaves 12/bed (kept in the record)",
    ]
    with store.reading(LATER) as tx:
        assert register.item(tx, "MAT-0013").device == DeviceId("nightwarden", "mat-12")
        assert history(tx, "MAT-0012")[-1].what == "retired"
