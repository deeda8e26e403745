"""What a person finds by words, and a room's evening as a picture and in words."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from nightwarden.model.places import PlaceId
from nightwarden.store import pauses
from nightwarden.store.tables import Place, ReadingRow
from tests.api_server import HOME, ApiUnderTest

ROOMS = """  - id: "112"
    places: [{id: radiator-window, emitter: radiator}]
residents:"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME.replace("residents:", ROOMS))
        yield api


def page(api: ApiUnderTest, path: str) -> httpx.Response:
    with api.client() as client:
        return client.get(f"{api.url}{path}", headers={"Accept": "text/html"})


def test_words_find_the_place_the_item_and_who_lives_there(api: ApiUnderTest) -> None:
    number = api.raise_alert("12/radiator-window")
    with api.client() as client:
        found = client.get("/search", params={"q": "12 radiator"}).json()["items"]
        assert found[0]["key"] == "12/radiator-window"
        assert ("alert", str(number)) in {(one["what"], one["key"]) for one in found}
        assert "112/radiator-window" not in {one["key"] for one in found}, "12 is not 112"
        mat = client.get("/search", params={"q": "mat 12"}).json()["items"]
        assert [one["key"] for one in mat if one["what"] == "item"] == ["MAT-0012"]
        joan = client.get("/search", params={"q": "jo"}).json()["items"]
        assert ("resident", "res-12") in {(one["what"], one["key"]) for one in joan}
        assert client.get("/search", params={"q": "12 piano"}).json()["items"] == []
        assert client.get("/search", params={"q": "% _ ' !"}).json()["items"] == []
    shown = page(api, "/search?q=12%20radiator").text
    assert 'href="/rooms/12"' in shown
    assert 'value="12 radiator"' in shown


def test_an_evening_shows_who_lay_there_what_was_raised_and_what_was_paused(
    api: ApiUnderTest,
) -> None:
    now = api.clock()
    with api.store.transaction(now) as tx:
        for minutes, occupied in ((-120, 1.0), (-5, 0.0)):
            at = now + timedelta(minutes=minutes)
            tx.add(
                ReadingRow(
                    dialect="nightwarden",
                    address="mat-12",
                    quantity="occupancy",
                    number=occupied,
                    measured_at=at,
                    received_at=at,
                )
            )
        assert tx.get(Place, ("12", "bed")) is not None
        pauses.pause(tx, PlaceId("12", "bed"), 10, "washing", "Maria")
        tx.sql.exec_driver_sql("UPDATE placement SET since = '2026-10-01 00:00:00.000000'")
    number = api.raise_alert()
    api.clock.advance(minutes=1)
    with api.client() as client:
        client.post(f"/alerts/{number}/attend")
    shown = page(api, "/rooms/12").text
    assert "Night of 1 Nov 2026" in shown, "at 23:00 a night is meant"
    picture = shown[
        shown.index('<svg class="picture"') : shown.index(
            "</svg>", shown.index('<svg class="picture"')
        )
    ]
    lain = re.search(r'bar-occupied" x="([\d.]+)" y="2" width="([\d.]+)"', picture)
    assert lain, picture
    hour = 640 / 12
    assert float(lain[1]) == pytest.approx(hour, abs=0.1)  # since 21:00 of 20:00 to 08:00
    assert float(lain[2]) == pytest.approx(hour * 115 / 60, abs=0.2)
    for kind in ("sign-raised", "sign-attended", "bar-paused"):
        assert kind in picture
    words = shown[shown.index("The same in words") :]
    for said in ("Bed: nobody on it any more", "Bed paused by Maria: washing", "is there"):
        assert said in words
    before = page(api, "/rooms/12?day=2026-10-31&hours=night").text
    assert "bar-unknown" in before, "of a mat that had not spoken yet nothing is known"
    assert "bar-occupied" not in before
    assert page(api, "/rooms/12?day=yesterday").status_code == 422
    assert page(api, "/rooms/12?hours=noon").status_code == 422
