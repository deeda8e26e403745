"""The register, pauses, devices, readings and quarantine over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from nightwarden.homefile.writer import export_home_file
from nightwarden.model.roles import Role
from nightwarden.store.plan import load_plan
from nightwarden.store.tables import DeviceState, PauseRow, Quarantine, ReadingRow, Watch
from tests.api_server import HOME, ApiUnderTest

MAT = {"dialect": "nightwarden", "address": "mat-x"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("register")) as api:
        api.apply(HOME)
        yield api


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


def test_a_sensor_is_registered_found_moved_and_retired(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        sent = {
            "tag": "TMP-1",
            "kind": "temperature_sensor",
            "mount": "under_cover",
            "at": "12/radiator-window",
            "device": {"dialect": "zigbee2mqtt", "address": "Room 12 radiator"},
        }
        added = keeper.post("/equipment", json=sent)
        assert added.status_code == 201
        assert added.headers["location"] == "/api/v1/equipment/TMP-1"
        assert added.json()["device"] == "zigbee2mqtt:Room 12 radiator"
        assert added.json()["supervision_s"] == 10_800
        found = {"state": "in_place", "note": "screwed on"}
        confirmed = keeper.post("/equipment/TMP-1/confirmations", json=found).json()["confirmed"]
        assert confirmed == {
            "state": "in_place",
            "by": "test maintenance",
            "on": "2026-11-01",
            "note": "screwed on",
            "recorded_at": "2026-11-01T23:00:00.000Z",
        }
        api.clock.advance(minutes=1)
        moved = keeper.patch("/equipment/TMP-1", json={"at": None}).json()
        assert (moved["at"], moved["device"]) == (None, "zigbee2mqtt:Room 12 radiator")
        assert moved["confirmed"] is not None or moved["place"] is None
        lines = [line["what"] for line in keeper.get("/equipment/TMP-1").json()["history"]]
        assert lines == ["registered", "placed", "confirmed", "left"]
        assert keeper.post("/equipment/TMP-1/retire").status_code == 204
        assert keeper.get("/equipment/TMP-1").status_code == 404
        assert len(keeper.get("/equipment/TMP-1/history").json()["items"]) == 5


def test_the_second_of_two_editors_is_told(api: ApiUnderTest) -> None:
    with api.client(Role.MANAGER) as editor:
        etag = editor.get("/equipment/MAT-0012").headers["etag"]
        one = editor.patch("/equipment/MAT-0012", json={"make": "A"}, headers={"If-Match": etag})
        assert one.json()["make"] == "A"
        two = editor.patch("/equipment/MAT-0012", json={"make": "B"}, headers={"If-Match": etag})
        assert two.status_code == 409
        assert "changed by somebody else" in two.json()["detail"]
        version = int(one.headers["etag"].strip('"'))
        stale = {"at": None, "version": version - 1}
        assert editor.patch("/equipment/MAT-0012", json=stale).status_code == 409
        assert editor.get("/equipment/MAT-0012").json()["at"] == "12/bed"
        fresh = {"model": "M", "version": version}
        assert editor.patch("/equipment/MAT-0012", json=fresh).json()["model"] == "M"


def test_whose_an_item_is_and_how_long_it_may_be_used_is_kept_and_judged(
    api: ApiUnderTest,
) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        told = {"service_life_days": 90, "in_service_on": "2026-01-01", "meant_for": "res-12"}
        mat = {"tag": "FLR-1", "kind": "floor_mat", "at": "12/bed", **told}
        kept = keeper.post("/equipment", json=mat).json()
        assert {field: kept[field] for field in told} == told
        (gap,) = [g for g in keeper.get("/gaps").json()["items"] if g["equipment"] == "FLR-1"][:1]
        assert (gap["state"], gap["because"]) == (
            "past_service_life",
            "its service life ended on 1 Apr 2026",
        )
        stranger = keeper.patch("/equipment/FLR-1", json={"meant_for": "res-99"})
        assert stranger.json()["detail"] == 'meant_for: there is no resident "res-99".'


def test_a_fault_and_a_permit_begin_and_end(api: ApiUnderTest) -> None:
    with api.client(Role.MAINTENANCE) as keeper:
        keeper.post("/equipment", json={"tag": "CVR-1", "kind": "radiator_cover"})
        faulty = keeper.post("/equipment/CVR-1/faults", json={"what": "loose"}).json()
        number = faulty["fault"]["id"]
        assert keeper.post(f"/equipment/MAT-0012/faults/{number}/mend").status_code == 404
        unshown = keeper.post(f"/equipment/CVR-1/faults/{number}/mend")
        assert unshown.status_code == 409, "nothing has shown that it is well"
        seen = {"how": "confirmation", "note": "both screws tight"}
        mended = keeper.post(f"/equipment/CVR-1/faults/{number}/mend", json=seen)
        assert mended.json()["fault"] is None
        terms = {"reason": "painting", "made_safe_by": "radiator off"}
        until = {"until": "2026-11-02T18:00:00+01:00"}
        permit = keeper.post("/equipment/CVR-1/permits", json=terms | until).json()["permit"]
        assert permit["until"] == "2026-11-02T17:00:00.000Z"
        ended = keeper.post(f"/equipment/CVR-1/permits/{permit['id']}/end")
        assert ended.json()["permit"] is None
        no_offset = keeper.post(
            "/equipment/CVR-1/permits", json=terms | {"until": "2026-11-02T18:00:00"}
        )
        assert no_offset.status_code == 422
        assert '"until"' in no_offset.json()["detail"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"kind": "bed_mat"}, '"tag" is missing'),
        ({"tag": "X", "kind": "rug"}, '"kind"'),
        ({"tag": "X", "kind": "bed_mat", "mount": "pipe"}, "mount"),
        ({"tag": "X", "kind": "bed_mat", "at": "12"}, "ROOM/PLACE"),
        ({"tag": "X", "kind": "bed_mat", "at": "99/bed"}, 'no place "bed" in room "99"'),
        ({"tag": "X", "kind": "bed_mat", "colour": "red"}, 'no field "colour"'),
        (
            {
                "tag": "X",
                "kind": "sounder",
                "sounds_for": "room",
                "device": {"dialect": "rtl_433", "address": "a"},
            },
            "must be told when to sound",
        ),
        ({"tag": "X", "kind": "sounder"}, "sounds_for: a sounder needs one of room, home"),
        ({"tag": "X", "kind": "bed_mat", "sounds_from": "low"}, "a bed_mat does not sound"),
        ({"tag": "X", "kind": "light", "sounds_for": "home", "sounds_from": "technical"}, "high"),
        (
            {"tag": "X", "kind": "bed_mat", "device": MAT | {"proof_s": 3_599}},
            "greater than or equal to 3600",
        ),
        (
            {"tag": "X", "kind": "bed_mat", "device": MAT | {"supervision_s": 172_801}},
            "less than or equal to 172800",
        ),
    ],
)
def test_what_cannot_be_registered_is_refused_whole(
    api: ApiUnderTest, body: dict[str, Any], says: str
) -> None:
    with api.client(Role.MANAGER) as keeper:
        refused = keeper.post("/equipment", json=body)
        assert refused.status_code == 422
        assert says in refused.json()["detail"]
        assert keeper.get("/equipment/X").status_code == 404


def test_a_sounder_is_registered_and_the_home_file_of_it_is_accepted(
    new_home: ApiUnderTest,
) -> None:
    horn = {"dialect": "nightwarden", "address": "horn"}
    sent = {"tag": "SND-1", "kind": "sounder", "sounds_for": "room", "at": "12/bed", "device": horn}
    with new_home.client(Role.MANAGER) as keeper:
        assert keeper.post("/equipment", json=sent).status_code == 201
        changed = keeper.patch("/equipment/SND-1", json={"sounds_for": "home"}).json()
        assert (changed["sounds_for"], changed["sounds_from"]) == ("home", None)
        changed = keeper.patch("/equipment/SND-1", json={"sounds_from": "low"}).json()
        assert changed["sounds_from"] == "low"
    with new_home.store.reading(new_home.clock()) as tx:
        exported = export_home_file(tx)
    assert "sounds_for: home" in exported
    new_home.apply(exported)


def test_an_item_always_has_a_kind(api: ApiUnderTest) -> None:
    with api.client(Role.MANAGER) as keeper:
        assert keeper.patch("/equipment/MAT-0012", json={"kind": None}).status_code == 422


def test_a_pause_is_for_a_time_by_a_name_and_ends(new_home: ApiUnderTest) -> None:
    api = new_home
    with api.client(Role.CARER) as carer, api.stream() as events:
        paused = carer.post("/places/12/bed/pause", json={"minutes": 15, "reason": "bath"}).json()
        assert (paused["state"], paused["by"]) == ("paused", "test carer")
        assert paused["until"] == "2026-11-01T23:15:00.000Z"
        told = next(event for event in events if event.event == "watch")
        assert told.data == paused
        api.clock.advance(minutes=5)
        assert carer.post("/places/12/bed/resume").status_code == 204
        assert carer.post("/places/12/bed/resume").status_code == 409
        for minutes in (16, 480):
            long = {"minutes": minutes, "reason": "bath"}
            assert carer.post("/places/12/bed/pause", json=long).status_code == 403
        for body in ({"minutes": 5}, {"minutes": 0, "reason": "x"}, {"minutes": 5, "reason": " "}):
            assert carer.post("/places/12/bed/pause", json=body).status_code == 422
        nowhere = carer.post("/places/12/sofa/pause", json={"minutes": 5, "reason": "x"})
        assert nowhere.status_code == 404
    with api.client(Role.SENIOR) as senior:
        stay = {"minutes": 480, "reason": "in hospital"}
        assert senior.post("/places/12/bed/pause", json=stay).status_code == 200
        assert senior.post("/places/12/bed/pause", json=stay | {"minutes": 481}).status_code == 422
    with api.store.reading(api.clock()) as tx:
        rows = [(row.by, row.ended_by) for row in tx.exec(select(PauseRow))]
    assert rows == [("test carer", "test carer"), ("test senior", None)]


def test_care_at_the_door_pauses_every_mat_of_the_room(new_home: ApiUnderTest) -> None:
    api = new_home
    with api.client(Role.CARER) as carer:
        care = {"minutes": 15, "reason": "two carers, hoist"}
        assert carer.post("/places/12/door/pause", json=care).status_code == 200
        with api.store.reading(api.clock()) as tx:
            plan = load_plan(tx)
        assert plan is not None
        assert {str(pause.place) for pause in plan.pauses} == {"12/door", "12/bed"}
        again = carer.post("/places/12/door/pause", json=care | {"minutes": 20})
        assert again.status_code == 403
        assert carer.post("/places/12/door/resume").status_code == 204
        with api.store.reading(api.clock()) as tx:
            assert all(row.ended_at for row in tx.exec(select(PauseRow)))
        assert carer.post("/places/12/door/resume").status_code == 409
        nobody = carer.post("/places/attic/door/pause", json=care)
        assert nobody.status_code == 422
        assert "nothing to pause" in nobody.json()["detail"]
    with api.client(Role.SENIOR) as senior:
        long = senior.post("/places/12/door/pause", json=care | {"minutes": 60})
        assert "up to 15 minutes" in long.json()["detail"]


def test_gaps_worst_first_and_watches(new_home: ApiUnderTest) -> None:
    api = new_home
    for role in (Role.SENIOR, Role.MANAGER):
        api.token(role)  # there is somebody to call
    with api.store.transaction(api.clock()) as tx:
        tx.add(Watch(room="12", place="bed", needs="bed_mat", state="blind", why="", since=tx.now))
    with api.client(Role.CARER) as carer:
        gaps = carer.get("/gaps").json()["items"]
        first = carer.get("/gaps?limit=1").json()
        rest = carer.get("/gaps", params={"cursor": first["next_cursor"]}).json()
        watches = carer.get("/watches").json()["items"]
    assert [(gap["needs"], gap["state"]) for gap in gaps] == [
        ("radiator_cover", "missing"),
        ("bed_mat", "unverified"),
        ("consent", "consent_missing"),
    ]
    assert [gap["owner"] for gap in gaps] == ["maintenance", "carer on shift", "manager"]
    assert gaps[0] | {"because": ""} == gaps[0] | {"room": "12", "because": "", "equipment": None}
    assert first["items"] + rest["items"] == gaps
    assert [(watch["place"], watch["state"]) for watch in watches] == [("bed", "blind")]


def test_devices_bound_and_heard(new_home: ApiUnderTest) -> None:
    api = new_home
    with api.store.transaction(api.clock()) as tx:
        for address in ("mat-12", "stray"):
            tx.add(
                DeviceState(
                    dialect="nightwarden",
                    address=address,
                    memory={},
                    heard_at=tx.now,
                    changed_at=tx.now,
                )
            )
    with api.client(Role.CARER) as carer:
        mat, stray = carer.get("/devices").json()["items"]
        assert (mat["device"], mat["equipment"], mat["live"]) == (
            "nightwarden:mat-12",
            "MAT-0012",
            True,
        )
        assert (stray["equipment"], stray["live"]) == (None, None)
        api.clock.advance(minutes=3)
        assert carer.get("/devices?limit=1").json()["items"][0]["live"] is False


def test_readings_of_a_device_between_two_times(new_home: ApiUnderTest) -> None:
    api = new_home
    start = api.clock()
    with api.store.transaction(start) as tx:
        for minute in range(10):
            at = start + timedelta(minutes=minute // 2)  # two at each instant
            tx.add(
                ReadingRow(
                    dialect="nightwarden",
                    address="mat-12",
                    quantity="occupancy",
                    number=minute % 2,
                    measured_at=at,
                    received_at=at,
                )
            )
    window = {"from": "2026-11-01T23:01:00Z", "to": "2026-11-02T00:04:00+01:00"}
    with api.client(Role.CARER) as carer:
        for device in ("nightwarden:mat-12", "mat-12"):
            seen: list[int] = []
            cursor: str | None = ""
            while cursor is not None:
                asked = {"device": device, "limit": "3", **window}
                page = carer.get("/readings", params=asked | ({"cursor": cursor} if cursor else {}))
                seen += [int(reading["id"]) for reading in page.json()["items"]]
                cursor = page.json()["next_cursor"]
            assert seen == [8, 7, 6, 5, 4, 3]
        newest = carer.get("/readings?limit=1").json()["items"][0]
        assert (newest["value"], newest["device"]) == (True, "nightwarden:mat-12")
        # A plus sign that was not encoded reaches us as a space.
        assert carer.get("/readings?from=2026-11-01T23:00:00+00:00").status_code == 200
        assert carer.get("/readings?device=nobody").status_code == 404
        for wrong in (
            "from=2026-11-01",
            "to=2026-11-01T23:00:00",
            "from=x",
            "to=0001-01-01T00:00%2B23:00",
        ):
            assert carer.get(f"/readings?{wrong}").status_code == 400


def test_quarantine_says_what_came_and_why(new_home: ApiUnderTest) -> None:
    api = new_home
    with api.store.transaction(api.clock()) as tx:
        tx.add(
            Quarantine(
                received_at=tx.now,
                last_at=tx.now,
                topic="a/b",
                payload=b"\xff{",
                size=2,
                reason="not JSON",
            )
        )
    with api.client(Role.CARER) as carer:
        (row,) = carer.get("/quarantine").json()["items"]
    assert (row["topic"], row["reason"], row["payload_base64"]) == ("a/b", "not JSON", "/3s=")
