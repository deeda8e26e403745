"""A night in which a bed is protected at times, and the figure that says how much of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nightwarden.model.roles import Role
from nightwarden.store import meta
from tests.brokers import Broker, until
from tests.harness import HOME_ID, Home

BEFORE_NINE = datetime(2026, 11, 2, 20, 59, tzinfo=UTC)
BED_OF_JOAN = "/coverage?room=12&from=2026-11-02&to=2026-11-02"


@pytest.fixture
def home(tmp_path: Path, embedded_broker: Broker) -> Iterator[Home]:
    """Elm House from a minute before the night; Joan's mat is proved."""
    with Home(tmp_path / "data", embedded_broker) as made:
        made.clock.now = BEFORE_NINE
        mat = made.mat("mat-12")
        mat.press()
        mat.release()
        mat.press()
        _proved(made)
        yield made
        made.pager.ignores_the_rest()


def _prove(home: Home) -> None:
    """Wait until the loop test has come back at this instant."""

    def fresh() -> bool:
        home.settle()
        with home.api.store.reading(home.clock()) as tx:
            return meta.instant(tx, meta.PROOF_AT) == home.clock()

    until(fresh)


def _proved(home: Home) -> None:
    """The same, and the account has been looked at."""
    _prove(home)
    _look(home)


def _pass(home: Home, hours: float = 0, minutes: float = 0) -> None:
    """Let time pass in four steps: the state at each of them is what counts."""
    for _ in range(4):
        home.let_pass(timedelta(hours=hours, minutes=minutes) / 4)
        if home.running is not None:
            _prove(home)


def _look(home: Home, seconds: float = 5) -> None:
    """As often as the gateway looks while nothing must show at once."""
    home.settle()
    home.clock.advance(seconds=seconds)
    home.settle()


def _plug(home: Home, word: str) -> None:
    home.publish(f"nightwarden/v1/{HOME_ID}/device/mat-12/availability", word, retain=True)
    _look(home)


def _pause(home: Home, minutes: int, role: Role) -> None:
    home.post("/places/12/bed/pause", {"minutes": minutes, "reason": "care"}, role=role)
    _look(home)


def _night(home: Home) -> dict[str, Any]:
    [night] = home.get(BED_OF_JOAN)["items"]
    lost = {one["reason"]: one["minutes"] for one in night["lost"]}
    total = night["protected_s"] + night["substituted_s"] + sum(n["seconds"] for n in night["lost"])
    assert total == pytest.approx(night["required_s"], abs=0.01)
    return {**night, "minutes": {k: round(v) for k, v in lost.items()}}


def test_a_night_with_everything_in_it(home: Home) -> None:
    _pass(home, hours=1)
    _plug(home, "offline")
    _pass(home, hours=1)
    _plug(home, "online")
    _pass(home, minutes=20)
    _pause(home, 10, Role.CARER)
    _pass(home, minutes=20)
    _pause(home, 60, Role.SENIOR)
    _pass(home, minutes=61)
    home.somebody_listens = False
    _look(home, seconds=25)
    _pass(home, minutes=30)
    home.somebody_listens = True
    _look(home)
    _pass(home, minutes=10)
    home.stop_gateway()
    _pass(home, hours=2)
    home.start_gateway()
    _proved(home)
    _pass(home, hours=5)
    night = _night(home)
    assert night["over"]
    assert night["required_s"] == 10 * 3600
    assert night["minutes"] == pytest.approx(
        {"blind": 60, "paused": 60, "nobody_listening": 30, "not_watching": 120}, abs=2
    )
    assert night["percent"] == pytest.approx(55, abs=1)
    assert not night["on_target"]
    blind = next(one for one in night["lost"] if one["reason"] == "blind")
    assert blind["why"] == "MAT-12 is off or unplugged"


def test_a_calm_night_is_on_target_and_a_dead_monitor_shows_at_once(home: Home) -> None:
    _pass(home, hours=4)
    _proved(home)
    assert _night(home)["percent"] == 100
    home.stop_gateway()
    _pass(home, hours=2)
    night = _night(home)
    assert not night["over"]
    assert night["minutes"] == {"not_watching": 120}
    line = _as_csv(home)
    assert (line["room"], line["night"], line["over"]) == ("12", "2026-11-02", "no")
    assert line["lost_s"] == str(night["lost"][0]["seconds"])


def _as_csv(home: Home) -> dict[str, str]:
    with home.api.client(Role.MANAGER) as client:
        answer = client.get(f"{BED_OF_JOAN}&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, line = answer.text.splitlines()
    return dict(zip(head.split(","), line.split(","), strict=True))


def test_a_round_stands_in_for_a_mat_that_is_off_and_a_missed_look_is_raised(home: Home) -> None:
    _plug(home, "offline")
    _pass(home, hours=1)
    home.pager.ignores_the_rest()
    until_at = (home.clock() + timedelta(hours=4)).isoformat()
    wanted = {"every_minutes": 15, "until": until_at, "reason": "mat is off"}
    made = home.post("/places/12/bed/round", wanted, role=Role.SENIOR)
    ticks = f"/rounds/{made['id']}/ticks"
    for _ in range(4):
        home.post(ticks, {"seen": "asleep"})
        home.let_pass(timedelta(minutes=14))
        _prove(home)
    home.let_pass(timedelta(minutes=10))
    _prove(home)
    missed = home.pager.expects("Room 12 · Joan · round missed", "raised")
    assert missed["priority"] == "high"
    home.post(ticks, {"seen": "out", "note": "in the chair"})
    home.pager.expects("round missed", "cause_cleared")
    home.pager.ignores_the_rest()
    night = _night(home)
    # Four looks 14 minutes apart hold for 57; the fifth came 9 minutes after that.
    assert night["substituted_s"] == pytest.approx(57 * 60, abs=15)
    assert night["minutes"]["blind"] == pytest.approx(60 + 9, abs=2)
    assert night["protected_s"] == pytest.approx(0, abs=60)


def test_a_round_whose_bed_is_watched_again_asks_to_be_ended_and_goes_on(home: Home) -> None:
    _plug(home, "offline")
    _look(home, 40)
    until_at = (home.clock() + timedelta(hours=4)).isoformat()
    wanted = {"every_minutes": 30, "until": until_at, "reason": "mat is off"}
    made = home.post("/places/12/bed/round", wanted, role=Role.SENIOR)
    [due] = home.get("/rounds")["items"]
    assert not due["watched_again"]
    _plug(home, "online")
    _proved(home)
    [due] = home.get("/rounds")["items"]
    assert due["watched_again"]
    assert due["due_at"]
    home.post(f"/rounds/{made['id']}/end", role=Role.SENIOR)
    assert home.get("/rounds")["items"] == []


def test_after_an_upset_every_bed_in_its_hours_is_looked_at_once(home: Home) -> None:
    _pass(home, minutes=4)
    made = home.post("/rounds/after-upset", {"reason": "power cut"}, role=Role.SENIOR)["items"]
    assert {(one["room"], one["place"]) for one in made} == {("12", "bed"), ("14", "bed")}
    for one in made:
        home.post(f"/rounds/{one['id']}/ticks", {"seen": "asleep"})
    assert home.get("/rounds")["items"] == []
    with home.api.client(Role.SENIOR) as client:
        again = client.post(f"/rounds/{made[0]['id']}/ticks", json={"seen": "asleep"})
    assert again.status_code == 409
    entries = [entry["action"] for entry in home.get("/audit")["items"]]
    assert entries.count("set a round") == 2
    assert entries.count("looked in") == 2
