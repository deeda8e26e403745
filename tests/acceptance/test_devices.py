"""A device that nobody has bound speaks, is shown, is bound, and proves itself with one press."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightwarden.model.roles import Role
from tests.brokers import EmbeddedForTests
from tests.harness import HOME_ID, Home

ROOM_16 = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - {id: "16", places: [{id: bed}, {id: radiator, emitter: radiator}]}
  - {id: "18", places: [{id: bed}]}
residents:
  - id: res-16
    shown_as: Ada
    room: "16"
    requirements: [{place: bed, needs: bed_mat, dwell_s: 0, because: falls, review_by: 2027-01-01}]
  - id: res-18
    shown_as: Bert
    room: "18"
    requirements: [{place: bed, needs: bed_mat, dwell_s: 0, because: falls, review_by: 2027-01-01}]
"""
TWIN = f"nightwarden/v1/{HOME_ID}/device/twin"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with EmbeddedForTests() as broker, Home(tmp_path / "data", broker, ROOM_16) as made:
        yield made


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home for all that is refused, with one unbound mat."""
    folder = tmp_path_factory.mktemp("refusing") / "data"
    with EmbeddedForTests() as broker, Home(folder, broker, ROOM_16) as made:
        made.mat("new-mat").release()
        made.settle()
        yield made
        made.pager.ignores_the_rest()


def device(home: Home, name: str) -> dict[str, Any]:
    [line] = [d for d in home.get("/devices")["items"] if d["device"] == name]
    return dict(line)


def bound(home: Home, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = home.post("/devices/bindings", body, Role.MAINTENANCE)
    return answer


def say(home: Home, **channels: bool) -> None:
    """The two-input transmitter says how its inputs are."""
    inputs = {name: {"contact": closed} for name, closed in channels.items()}
    home.publish(TWIN, json.dumps({"channels": inputs, "battery": 71}))
    home.settle()


def gap_states(home: Home) -> dict[str, str]:
    gaps = [gap for gap in home.get("/gaps")["items"] if gap["needs"] == "bed_mat"]
    return {f"{gap['room']}/{gap['place']}": gap["state"] for gap in gaps}


def test_a_stranger_is_listed_with_what_it_says_and_bound_and_proved_by_one_press(
    home: Home,
) -> None:
    mat = home.mat("new-mat")
    for _ in range(6):
        mat.release()
        home.fast_forward(seconds=20)
    line = device(home, "nightwarden:new-mat")
    assert line["equipment"] is None
    assert line["says"]["occupancy"]["value"] is False
    assert line["pace"]["messages"] == 6
    assert line["pace"]["typical_s"] == 20
    assert line["proposed"]["kinds"][0] == "bed_mat"
    assert line["proposed"]["supervision_s"] == 60
    assert line["proposed"]["why"] == (
        "it speaks about every 20 s, 20 s at the longest; three times that"
    )
    assert len(home.get("/quarantine")["items"]) == 1, "told once, not with every word"

    with home.api.stream() as events:
        item = bound(home, device="nightwarden:new-mat", kind="bed_mat", at="16/bed")
        assert (item["tag"], item["at"], item["supervision_s"]) == ("MAT-0016", "16/bed", 60)
        assert item["next_step"] == "Press the mat once and let go."
        assert gap_states(home)["16/bed"] == "unverified"
        mat.press()
        mat.release()
        told = [next(e.data for e in events if e.event == "device") for _ in range(2)]
    assert [bool(line["proved_at"]) for line in told] == [False, True]
    assert {line["equipment"] for line in told} == {"MAT-0016"}
    home.settle()
    assert "16/bed" not in gap_states(home), "in place, watched and proved"
    assert device(home, "nightwarden:new-mat")["live"] is True
    home.pager.expects("Room 16", "Ada", "out of bed", "raised")
    home.pager.ignores_the_rest()


def test_two_mats_on_one_transmitter_watch_two_beds(home: Home) -> None:
    say(home, left=False, right=True)
    assert [d["channel"] for d in home.get("/devices?bound=false")["items"]] == ["left", "right"]
    assert device(home, "nightwarden:twin#left")["says"]["battery"]["value"] == 71
    left = bound(home, device="nightwarden:twin#left", kind="bed_mat", at="16/bed")
    assert left["reads"] == {"contact": "occupancy"}, "a contact wired to a mat is a mat"
    bound(home, device="nightwarden:twin#right", kind="bed_mat", at="18/bed", inverted=True)
    assert home.get("/devices?bound=false")["items"] == []

    say(home, left=True, right=True)  # Ada lies down; a closed contact is nobody on the right one
    say(home, left=False, right=True)
    home.pager.expects("Room 16", "Ada", "out of bed", "raised")
    say(home, right=False)
    say(home, right=True)
    home.pager.expects("Room 18", "Bert", "out of bed", "raised")
    items = home.get("/readings?device=nightwarden:twin%23right")["items"]
    said = [r["value"] for r in items if r["quantity"] == "occupancy"]
    assert said[::-1] == [False, False, True, False], "recorded as the item heard it"
    home.pager.ignores_the_rest()


def test_the_second_of_two_people_is_told(home: Home) -> None:
    home.mat("new-mat").release()
    home.settle()
    bound(home, device="nightwarden:new-mat", kind="bed_mat", at="16/bed")
    with home.api.client(Role.MAINTENANCE) as second:
        body = {"device": "nightwarden:new-mat", "kind": "bed_mat", "at": "18/bed"}
        answer = second.post("/devices/bindings", json=body)
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "nightwarden:new-mat is bound to MAT-0016 already; unbind it there first."
    )
    home.mat("other-mat").release()
    home.settle()
    with home.api.client(Role.MAINTENANCE) as second:
        body = {"device": "nightwarden:other-mat", "equipment": "MAT-0016"}
        answer = second.post("/devices/bindings", json=body)
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "MAT-0016 has nightwarden:new-mat already; unbind that first."
    )
    home.pager.ignores_the_rest()


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"device": "nightwarden:ghost", "kind": "bed_mat", "at": "16/bed"}, 404, "has been heard"),
        ({"device": "new-mat", "at": "16/bed"}, 422, "Say which item"),
        ({"device": "new-mat", "kind": "bed_mat"}, 422, "Say where the item stands"),
        ({"device": "new-mat", "kind": "bed_mat", "at": "99/bed"}, 422, "There is no place"),
        (
            {"device": "new-mat", "kind": "temperature_sensor", "at": "16/radiator"},
            422,
            "a temperature sensor needs one of",
        ),
        (
            {"device": "new-mat", "kind": "bed_mat", "at": "16/bed", "reads": {"battery": "x"}},
            422,
            '"battery" is neither occupancy nor contact',
        ),
        (
            {"device": "new-mat", "kind": "bed_mat", "at": "16/bed", "supervision_s": 1},
            422,
            "from 30 to 172800 seconds",
        ),
    ],
)
def test_what_cannot_be_bound_is_refused_in_a_sentence_and_nothing_is_kept(
    refusing: Home, body: dict[str, Any], status: int, sentence: str
) -> None:
    with refusing.api.client(Role.MAINTENANCE) as client:
        answer = client.post("/devices/bindings", json=body)
    assert answer.status_code == status, answer.text
    assert sentence in answer.json()["detail"]
    assert refusing.get("/equipment")["items"] == []


def test_a_carer_may_not_bind(refusing: Home) -> None:
    with refusing.api.client(Role.CARER) as carer:
        answer = carer.post("/devices/bindings", json={"device": "x", "equipment": "y"})
    assert answer.status_code == 403


def test_a_restart_remembers_who_has_spoken(home: Home) -> None:
    mat = home.mat("new-mat")
    mat.release()
    home.settle()
    first = device(home, "nightwarden:new-mat")["pace"]["first_heard_at"]
    home.stop_gateway()
    home.start_gateway()
    home.fast_forward(hours=1)
    mat.press()
    home.fast_forward(seconds=2)
    pace = device(home, "nightwarden:new-mat")["pace"]
    assert (pace["first_heard_at"], pace["messages"]) == (first, 2)
    assert pace["longest_s"] == 0, "it may have spoken while nobody listened"
    home.pager.ignores_the_rest()


def test_an_item_that_hears_the_wrong_thing_is_told_so_and_its_device_comes_back_unbound(
    home: Home,
) -> None:
    topic = f"nightwarden/v1/{HOME_ID}/device/reed"
    home.publish(topic, '{"contact": true}')
    home.settle()
    bound(home, device="nightwarden:reed", kind="bed_mat", at="16/bed", reads={})
    for closed in ("false", "true"):
        home.publish(topic, f'{{"contact": {closed}}}')
        home.settle()
    assert gap_states(home)["16/bed"] == "unverified", "a contact is no proof of a mat"
    with home.api.client(Role.MAINTENANCE) as client:
        pressing = client.get(f"{home.api.url}/equipment/MAT-0016/press")
        assert "Its device says contact, which a bed mat is not listened to for" in pressing.text
        assert client.patch("/equipment/MAT-0016", json={"device": None}).status_code == 200
    home.settle()
    home.publish(topic, '{"contact": false}')
    home.settle()
    assert device(home, "nightwarden:reed")["equipment"] is None
    item = bound(home, device="nightwarden:reed", equipment="MAT-0016")
    assert (item["at"], item["reads"]) == ("16/bed", {"contact": "occupancy"})
    home.pager.ignores_the_rest()


def test_a_spare_mat_that_is_pressed_in_the_store_cupboard_is_known(home: Home) -> None:
    spare = {"dialect": "nightwarden", "address": "spare"}
    home.post("/equipment", {"tag": "MAT-9", "kind": "bed_mat", "device": spare}, Role.MAINTENANCE)
    mat = home.mat("spare")
    mat.press()
    mat.release()
    home.settle()
    assert home.get("/quarantine")["items"] == []
    assert device(home, "nightwarden:spare")["heard_at"] is not None
    home.pager.ignores_the_rest()
