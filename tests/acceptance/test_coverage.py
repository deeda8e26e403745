"""A night in which a bed is protected at times, and the figure that says how much of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
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


def _proved(home: Home) -> None:
    """Let the loop test come back at this instant, and the account be looked at."""

    def fresh() -> bool:
        home.settle()
        with home.api.store.reading(home.clock()) as tx:
            return meta.instant(tx, meta.PROOF_AT) == home.clock()

    until(fresh)
    _look(home)


def _pass(home: Home, hours: float = 0, minutes: float = 0) -> None:
    """Let time pass in four steps: the state at each of them is what counts."""
    for _ in range(4):
        home.clock.advance(minutes=(60 * hours + minutes) / 4)
        if home.running is not None:
            home.settle()


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
