"""``?format=csv``: any list of the API, all of it, for a spreadsheet."""

import csv
from collections.abc import Iterator

import pytest

from nightwarden import spreadsheet
from nightwarden.model.roles import Role
from tests.api_server import HOME, ApiUnderTest


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("csv")) as api:
        api.apply(HOME)
        yield api


def rows(api: ApiUnderTest, path: str, role: Role = Role.MANAGER) -> list[dict[str, str]]:
    with api.client(role) as client:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(answer.text.splitlines()))


def test_all_pages_of_a_list_are_there_once(api: ApiUnderTest) -> None:
    spare = "  - {{tag: SPARE-{0:03}, kind: bed_mat, make: =HYPERLINK(1)}}\n"
    api.apply(HOME.rstrip() + "\n" + "".join(spare.format(number) for number in range(501)))
    items = rows(api, "/equipment?format=csv")
    spares = [item["tag"] for item in items if item["tag"].startswith("SPARE-")]
    assert spares == [f"SPARE-{number:03}" for number in range(501)]
    assert items[-1]["make"] == "'=HYPERLINK(1)", "text stays text in a spreadsheet"


@pytest.mark.parametrize(
    "path", ["/alerts?state=all", "/gaps?", "/devices?", "/quarantine?", "/audit?", "/watches?"]
)
def test_every_list_can_be_had(api: ApiUnderTest, path: str) -> None:
    with api.client(Role.MANAGER) as client:
        items = client.get(f"{path}&limit=500").json()["items"]
    found = rows(api, f"{path}&format=csv")
    assert len(found) == len(items)
    if items:
        assert list(found[0]) == spreadsheet.columns_of(items)


def test_who_may_not_see_a_list_is_told_so_as_ever(api: ApiUnderTest) -> None:
    with api.client(Role.CARER) as carer:
        refused = carer.get("/audit?format=csv")
    assert refused.status_code == 403
    assert refused.json()["detail"]


def test_what_is_no_list_is_one_sentence(api: ApiUnderTest) -> None:
    with api.client(Role.MANAGER) as client:
        refused = client.get("/schema/home?format=csv")
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "format=csv is for lists, and this is none; leave it out.",
    )
