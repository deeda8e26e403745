"""Any home file at all: applied, exported, applied again, and followed by any other."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.shape import HomeFile
from nightwarden.homefile.writer import export_home_file
from nightwarden.model.papers import AssessmentKind, ConsentBasis
from nightwarden.model.places import (
    CALLS_PEOPLE,
    EmitterKind,
    EquipmentKind,
    ItemState,
    Mount,
    RoomKind,
    SoundsFor,
)
from nightwarden.store import register
from nightwarden.store.engine import Store, Transaction, open_store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


def read(text: str) -> HomeFile:
    return read_home_file(text.encode(), "home.yaml", LATER)


_visible = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
_names = st.one_of(
    st.sampled_from(
        ["1", "12", "012", "bed", "no", "null", "1e5", "Sun lounge", "2026-01-01", "é"]
    ),
    st.text(_visible, min_size=1, max_size=8),
).filter(lambda name: name == name.strip() and not set("/+#") & set(name) and name not in ".. ")
_texts = (
    st.text(_visible, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
)
_days = st.dates(min_value=NOW.date() - timedelta(900), max_value=NOW.date()).map(str)
_hours = st.sampled_from(["00:00-24:00", "21:00-07:00", "08:30-24:00"])


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _said(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if value is not None}


@st.composite
def home_files(draw: st.DrawFn, *, aside: bool = True) -> str:
    """A home file in JSON, which is YAML too. ``aside``: items may be quarantined."""
    rooms = draw(st.dictionaries(_names, st.lists(_names, unique=True, max_size=3), max_size=3))
    places = [(room, place) for room, names in rooms.items() for place in names]
    assessed = st.fixed_dictionaries({"by": _texts, "on": _days, "finding": _texts})
    place = st.fixed_dictionaries(
        {
            "emitter": _some(st.sampled_from([*EmitterKind])),
            "assessed": _some(assessed),
            "owner": _some(_texts),
            "until": _some(_days),
        }
    )
    residents = [
        {
            "id": name,
            "shown_as": draw(_texts),
            "room": (room := draw(st.sampled_from([*rooms]))),
            **draw(_papers()),
            "requirements": [
                _said(
                    {
                        "place": where,
                        "needs": draw(st.sampled_from([*EquipmentKind])),
                        "hours": draw(_hours),
                        "because": draw(_texts),
                        "review_by": draw(_days),
                        "dwell_s": draw(_some(st.integers(0, 600))),
                        "tell": draw(_some(_names)),
                        "action": draw(_some(_texts)),
                        "assessment": draw(st.sampled_from(["falls", None])),
                    }
                )
                for where in draw(st.sets(st.sampled_from(rooms[room])))
            ]
            if rooms[room]
            else [],
        }
        for name in (draw(st.sets(_names, max_size=2)) if rooms else ())
    ]
    return json.dumps(
        {
            "home": {
                "id": "elm",
                "name": draw(_texts),
                "timezone": "UTC",
                "practice": draw(st.booleans()),
            },
            "rooms": [
                _said(
                    {
                        "id": room,
                        "zone": draw(_some(_names)),
                        "kind": draw(_some(st.sampled_from([*RoomKind]))),
                        "places": [_said({"id": name, **draw(place)}) for name in names],
                    }
                )
                for room, names in rooms.items()
            ],
            "residents": residents,
            "models": draw(_models()),
            "equipment": draw(_equipment(places, [str(one["id"]) for one in residents], aside)),
        },
        ensure_ascii=False,
    )


@st.composite
def _papers(draw: st.DrawFn) -> dict[str, Any]:
    """What is written down of a resident; one assessment that requirements may name."""
    consent = {
        "basis": draw(st.sampled_from([*ConsentBasis])),
        "by": draw(_texts),
        "on": draw(_days),
        "review_by": draw(_some(_days)),
        "note": draw(_some(_texts)),
    }
    assessment = {
        "id": "falls",
        "kind": draw(st.sampled_from([*AssessmentKind])),
        "by": draw(_texts),
        "on": draw(_days),
        "review_by": draw(_days),
        "capacity": draw(_some(_texts)),
        "finding": draw(_some(_texts)),
    }
    said = {"admitted": draw(_some(_days)), "assessments": [_said(assessment)]}
    return _said(said | {"consent": draw(_some(st.just(_said(consent))))})


def _models() -> st.SearchStrategy[list[dict[str, Any]]]:
    model = st.fixed_dictionaries(
        {
            "make": st.just("Acme"),
            "model": _names,
            "kind": _some(st.sampled_from([*EquipmentKind])),
            "service_life_days": _some(st.integers(1, 7_300)),
            "reorder_level": _some(st.integers(0, 99)),
        }
    ).map(_said)
    return st.lists(model, max_size=2, unique_by=lambda one: one["model"])


@st.composite
def _equipment(
    draw: st.DrawFn, places: list[tuple[str, str]], residents: list[str], aside: bool
) -> list[dict[str, Any]]:
    owner = _some(st.sampled_from(residents)) if residents else st.none()
    addresses = draw(st.lists(_names, unique=True, min_size=4, max_size=4))
    somewhere = (
        _some(st.sampled_from(["/".join(place) for place in places])) if places else st.none()
    )
    confirmed = st.fixed_dictionaries(
        {"by": _texts, "on": _days, "state": st.sampled_from([*ItemState])}
    )
    items = []
    for tag in draw(st.sets(_names, max_size=4)):
        kind = draw(st.sampled_from([*EquipmentKind]))
        device = {
            "dialect": draw(st.sampled_from(["nightwarden", "zigbee2mqtt", "shelly"])),
            "address": addresses.pop(),
            "channel": draw(_some(st.sampled_from(["Switch1", "input:0", "left mat"]))),
            "reads": draw(_some(st.sampled_from([{"contact": "occupancy"}]))),
            "inverted": draw(_some(st.booleans())),
            "supervision_s": draw(_some(st.integers(30, 172_800))),
            "proof_s": draw(_some(st.integers(3_600, 2_678_400))),
        }
        calls = kind in CALLS_PEOPLE
        at = draw(somewhere)
        pads = st.fixed_dictionaries({"model": _texts, "serial": _some(_names)}).map(_said)
        sensor = kind == EquipmentKind.TEMPERATURE_SENSOR
        items.append(
            _said(
                {
                    "tag": tag,
                    "kind": kind,
                    "mount": draw(st.sampled_from([*Mount])) if sensor else None,
                    "at": at,
                    "status": draw(_some(st.just("quarantined"))) if aside and at is None else None,
                    "transmitter": draw(_some(pads)),
                    "owner": draw(_some(_texts)),
                    "until": draw(_some(_days)),
                    "sounds_for": draw(st.sampled_from([*SoundsFor])) if calls else None,
                    "sounds_from": draw(_some(st.sampled_from(["high", "low"]))) if calls else None,
                    "device": draw(_some(st.just(_said(device)))),
                    "confirmed": draw(_some(confirmed)),
                    "make": draw(_some(_texts)),
                    "serial": draw(_some(_names)),
                    "in_service": draw(_some(_days)),
                    "service_life_days": draw(_some(st.integers(1, 7_300))),
                    "for": draw(owner),
                }
            )
        )
    return items


def comparable(home_file: HomeFile, *, confirmed: bool = True) -> dict[str, Any]:
    """The file's meaning: lists without an order of their own sorted, usual paces left out."""
    said = home_file.model_dump(mode="json")
    for part in said["residents"]:
        part["requirements"].sort(key=str)
    for part in said["equipment"]:
        if not confirmed:
            del part["confirmed"]
        if (device := part["device"]) and device["supervision_s"] == register.supervision_s(
            device["dialect"]
        ):
            device["supervision_s"] = None
        if not confirmed:
            del part["status"]
    if not confirmed:  # a file takes back nothing that was once written down
        del said["models"]
        for part in said["residents"]:
            del part["consent"], part["assessments"]
    said["models"] = sorted(said.get("models", ()), key=str)
    said["residents"].sort(key=lambda part: part["id"])
    said["equipment"].sort(key=lambda part: part["tag"])
    return said


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that stays empty: what is done in a reading transaction is not kept."""
    opened = open_store(tmp_path_factory.mktemp("empty") / "nightwarden.db")
    yield opened
    opened.close()


def settled(tx: Transaction, home_file: HomeFile) -> HomeFile:
    """Apply a file, see that nothing is left to do, and read what is exported."""
    plan.apply(tx, home_file, "Ann")
    assert [str(change) for change in plan.plan(tx, home_file)] == []
    exported = read(export_home_file(tx))
    assert [str(change) for change in plan.plan(tx, exported)] == []
    return exported


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=home_files())
def test_any_home_file_is_exported_as_it_was_applied(empty: Store, text: str) -> None:
    with empty.reading(NOW) as tx:
        assert comparable(settled(tx, read(text))) == comparable(read(text))
        # Other programs read exports too, many of them as YAML 1.1, where `no` is false.
        elsewhere = yaml.safe_load(export_home_file(tx))
    assert [part["id"] for part in elsewhere["rooms"]] == [part.id for part in read(text).rooms]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=home_files(aside=False), second=home_files())
def test_any_home_file_can_follow_any_other(empty: Store, first: str, second: str) -> None:
    with empty.reading(NOW) as tx:
        settled(tx, read(first))
        tx.now = LATER
        after = settled(tx, read(second))
        tx.flush()
        assert tx.sql.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
    wanted = read(second)
    assert comparable(after, confirmed=False) == comparable(wanted, confirmed=False)
