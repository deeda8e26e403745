"""Why, of every kind of alert: also of those that are about no room, and without any recording."""

from collections.abc import Iterator

import httpx
import pytest

from nightwarden.model.alerts import AlertKind
from nightwarden.model.roles import Role
from tests.api_server import HOME, ApiUnderTest


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("why")) as api:
        api.apply(HOME)
        yield api


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("place", ["12/bed", "Staff/receivers"])
def test_every_kind_has_its_answer_and_its_page(
    api: ApiUnderTest, kind: AlertKind, place: str
) -> None:
    number = api.raise_alert(place, kind)
    with api.client(Role.CARER) as client:
        why = client.get(f"/alerts/{number}/why").json()
        assert why["rule"]["kind"] == kind.value
        assert why["from_journal"] is False, "no gateway has ever been at work here"
        page = httpx.get(
            f"{api.url}/alerts/{number}", headers=client.headers, verify=False, timeout=30
        )
    assert page.status_code == 200, page.text
    assert why["words"][0] in page.text.replace("&#39;", "'")
    if place == "Staff/receivers":
        assert "/rooms/Staff" not in page.text, "there is no such room to go to"


def test_a_place_of_which_nothing_was_recorded_says_so(api: ApiUnderTest) -> None:
    with api.client(Role.CARER) as client:
        long_ago = client.get("/places/12/bed/why?at=2026-10-30T03:12:00Z").json()
        now = client.get("/places/12/bed/why").json()
    assert "The record of what the rules knew is empty." in long_ago["words"][0]
    assert long_ago["states"] == long_ago["watches"] == []
    words = "Bed mat: blind: MAT-0012 has never spoken. The mat has not said yet whether"
    assert any(said.startswith(words) for said in now["words"])
