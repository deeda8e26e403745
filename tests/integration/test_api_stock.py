"""The stock: what is required, there, spare and tested, ordered; supplies; uses of a pad."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from nightwarden.model.roles import Role
from tests.api_server import HOME, ApiUnderTest


@pytest.fixture
def api(tmp_path: Any) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


@pytest.fixture
def keeper(api: ApiUnderTest) -> Iterator[httpx.Client]:
    with api.client(Role.MAINTENANCE) as client:
        yield client


def kind(client: httpx.Client, name: str) -> dict[str, Any]:
    (found,) = (each for each in client.get("/stock").json()["items"] if each["kind"] == name)
    line: dict[str, Any] = found
    return line


def test_a_spare_counts_when_it_was_tested_and_too_few_is_said(keeper: httpx.Client) -> None:
    cover = kind(keeper, "radiator_cover")
    assert (cover["required"], cover["short"], cover["below"]) == (1, 1, True), "a place waits"
    mats = kind(keeper, "bed_mat")
    assert (mats["required"], mats["in_place"], mats["below"]) == (1, 1, False)
    level = {"spare_at_least": 1, "because": "one fails each winter"}
    keeper.put("/stock/bed_mat", json=level)
    keeper.post("/equipment", json={"tag": "MAT-2", "kind": "bed_mat"})
    untried = kind(keeper, "bed_mat")
    assert (untried["spare_tested"], untried["spare_untested"]) == (0, 1)
    assert untried["below"], "nobody has tried it"
    tested = keeper.post("/equipment/MAT-2/tests", json={"kind": "functional", "passed": True})
    assert tested.is_success, tested.text
    tried = kind(keeper, "bed_mat")
    assert (tried["spare_tested"], tried["below"]) == (1, False)
    aside = {"status": "quarantined", "why": "recall R-7"}
    assert keeper.post("/equipment/MAT-2/status", json=aside).is_success
    gone = kind(keeper, "bed_mat")
    assert (gone["spare_tested"], gone["quarantined"], gone["below"]) == (0, 1, True)


def test_an_order_is_on_order_until_it_comes_or_does_not(keeper: httpx.Client) -> None:
    mats = {"kind": "radiator_cover", "quantity": 3, "expected_on": "2026-11-20"}
    one = keeper.post("/orders", json=mats).json()
    assert kind(keeper, "radiator_cover")["on_order"] == 3
    assert keeper.post(f"/orders/{one['id']}/arrived", json={"quantity": 2}).json()["arrived"] == 2
    assert kind(keeper, "radiator_cover")["on_order"] == 0
    assert keeper.post(f"/orders/{one['id']}/call-off", json={"why": "x"}).status_code == 409
    both = mats | {"supply": "CR2450"}
    assert keeper.post("/orders", json=both).status_code == 422
    assert keeper.post("/orders", json={"supply": "CR2450", "quantity": 9}).status_code == 422


def test_batteries_are_counted_and_an_items_batteries_have_a_history(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    keeper.put("/supplies/CR2450", json={"reorder_at": 2})
    assert keeper.post("/supplies/CR2450/count", json={"left": 3}).json()["change"] == 3
    with api.client(Role.CARER) as carer:
        fitted = {"change": -1, "what": "new battery", "equipment": "MAT-0012"}
        assert carer.post("/supplies/CR2450/changes", json=fitted).json()["left"] == 2
    (line,) = keeper.get("/stock").json()["supplies"]
    assert (line["below"], line["last"]["equipment"]) == (True, "MAT-0012")
    too_many = {"change": -3, "what": "lost"}
    assert keeper.post("/supplies/CR2450/changes", json=too_many).status_code == 409
    ordered = keeper.post("/orders", json={"supply": "CR2450", "quantity": 10}).json()
    keeper.post(f"/orders/{ordered['id']}/arrived", json={"quantity": 10})
    (line,) = keeper.get("/stock").json()["supplies"]
    assert (line["left"], line["below"]) == (12, False)


def test_a_pad_that_was_used_up_is_no_spare_and_cannot_be_used(keeper: httpx.Client) -> None:
    assert keeper.put("/equipment/MAT-0012/uses", json={"uses_allowed": 2}).json()["uses_left"] == 2
    for left in (1, 0):
        assert keeper.post("/equipment/MAT-0012/uses").json()["uses_left"] == left
    assert keeper.post("/equipment/MAT-0012/uses").status_code == 409


def test_a_models_own_reorder_level_and_uses_count_too(keeper: httpx.Client) -> None:
    model = {"make": "Acme", "model": "Pad 30", "life_uses": 30, "reorder_level": 2}
    assert keeper.put("/models", json=model).is_success
    pad = {"tag": "PAD-1", "kind": "bed_mat", "make": "Acme", "model": "Pad 30"}
    keeper.post("/equipment", json=pad)
    (below,) = keeper.get("/stock").json()["models_below"]
    assert (below["model"], below["spare_tested"], below["wanted"]) == ("Pad 30", 0, 2)
    assert keeper.post("/equipment/PAD-1/uses").json()["uses_left"] == 29


def test_the_manager_sees_what_is_too_late_and_too_few(api: ApiUnderTest) -> None:
    with api.client(Role.MANAGER) as manager:
        token = dict(manager.headers)
        found = {"source": "CQC", "text": "covers missing", "owner": "Piotr"}
        days = {"found_on": "2026-10-02", "due_on": "2026-10-30"}
        manager.post("/findings", json=found | days)
        manager.post("/faults", json={"equipment": "MAT-0012", "what": "torn"})
        manager.put("/supplies/AA", json={"reorder_at": 4})
    with httpx.Client(base_url=api.url, headers=token, verify=False, timeout=60) as page:
        shown = page.get("/manager").text
        for words in ("Open 30 days", "torn", "AA: 0 left", "Radiator cover: 0 tested spares"):
            assert words in shown, words
        for path in ("/stock", "/tonight", "/equipment/MAT-0012", "/outage", "/faults"):
            assert page.get(path).status_code == 200, path
        level = {"kind": "bed_mat", "spare_at_least": "2", "because": "winter"}
        assert page.post("/stock/level", data=level).status_code == 303
        order = {"what": "bed_mat", "quantity": "2"}
        assert page.post("/stock/orders", data=order).status_code == 303
        assert "2 × bed mat" in page.get("/stock").text
        assert page.post("/stock/orders", data=order | {"quantity": "-2"}).status_code == 422
