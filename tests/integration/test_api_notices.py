"""Notices: what matches, who has read them, their files; and findings from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from nightwarden.errors import Invalid
from nightwarden.model.notices import Concerns
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.uploads import checked_upload
from tests.api_server import HOME, ApiUnderTest

PIN = "4071"
RECALL = {
    "number": "R-7",
    "kind": "recall",
    "source": "Acme",
    "title": "Cables of FM-2 break",
    "text": "The cable may break at the seam.\nLook at each.",
    "dated": "2026-10-30",
    "concerns": [{"make": "acme", "model": "fm-2*"}],
    "to_check": "bend the cable at the seam",
    "roles": ["carer", "maintenance"],
}


@pytest.fixture
def api(tmp_path: Any) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        with api.store.transaction(api.clock()) as tx:
            for name, role in (("Ana", Role.CARER), ("Piotr", Role.MAINTENANCE)):
                people.add_user(tx, name, role, PIN, "Ann")
        yield api


@contextmanager
def signed_in(api: ApiUnderTest, name: str) -> Iterator[httpx.Client]:
    """A browser of a person who has signed in."""
    ours = {"Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=api.url, headers=ours, verify=False, timeout=60) as browser:
        assert browser.post("/signin", data={"person": name, "pin": PIN}).status_code == 303
        yield browser


def recorded(api: ApiUnderTest, **more: Any) -> dict[str, Any]:
    with api.client(Role.MAINTENANCE) as keeper:
        keeper.patch("/equipment/MAT-0012", json={"make": "Acme", "model": "FM-2b"})
        answer = keeper.post("/notices", json=RECALL | more)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_notice_finds_our_items_and_one_that_comes_later(api: ApiUnderTest) -> None:
    notice = recorded(api)
    assert [each["equipment"] for each in notice["unchecked"]] == ["MAT-0012"]
    with api.client(Role.MAINTENANCE) as keeper:
        later = {"tag": "MAT-9", "kind": "bed_mat", "make": "ACME", "model": "FM-2"}
        keeper.post("/equipment", json=later)
        keeper.post("/equipment", json=later | {"tag": "MAT-8", "model": "FM-3"})
        path = f"/notices/{notice['id']}"
        unchecked = keeper.get(path).json()["unchecked"]
        assert [each["equipment"] for each in unchecked] == ["MAT-0012", "MAT-9"]
        wrong = {"equipment": "MAT-8", "outcome": "not_affected"}
        assert keeper.post(f"{path}/checks", json=wrong).status_code == 422
        for tag, outcome in (("MAT-0012", "put_right"), ("MAT-9", "taken_out")):
            done = {"equipment": tag, "outcome": outcome, "note": "new cable"}
            assert keeper.post(f"{path}/checks", json=done).status_code == 201
        now = keeper.get(path).json()
        assert now["unchecked"] == []
        assert [each["outcome"] for each in now["checked"]] == ["put_right", "taken_out"]
        assert now["open"], "nobody has read it"


def test_it_is_open_until_everyone_concerned_has_read_it(api: ApiUnderTest) -> None:
    notice = recorded(api, concerns=[])
    assert notice["unread_by"] == ["Ana", "Piotr"]
    with signed_in(api, "Ana") as ana:
        assert "Read (1)" in ana.get("/").text, "asked before the shift"
        assert "bend the cable" in ana.get("/notices/unread").text
        (unread,) = ana.get("/api/v1/notices/unread").json()["items"]
        assert ana.post(f"/notices/{unread['id']}/read", data={"from": "unread"}).is_redirect
        assert "You have read every notice" in ana.get("/notices/unread").text
        assert "Read (1)" not in ana.get("/").text
    with signed_in(api, "Piotr") as piotr:
        read = piotr.post(f"/api/v1/notices/{notice['id']}/read").json()
        assert (read["open"], read["unread_by"]) == (False, [])
    with api.client(Role.CARER) as program:
        refused = program.post(f"/notices/{notice['id']}/read")
        assert (refused.status_code, "sign in" in refused.json()["detail"]) == (422, True)
        assert program.get("/notices").json()["items"] == []
    with api.store.transaction(api.clock()) as tx:
        people.add_user(tx, "Newcomer", Role.CARER, PIN, "Ann")
    with api.client(Role.CARER) as program:
        (again,) = program.get("/notices").json()["items"]
        assert again["unread_by"] == ["Newcomer"], "who comes later has to read it too"


def test_a_withdrawn_notice_asks_nobody_and_stays(api: ApiUnderTest) -> None:
    number = recorded(api)["id"]
    with api.client(Role.MAINTENANCE) as keeper:
        gone = keeper.post(f"/notices/{number}/withdraw", json={"why": "replaced by R-8"}).json()
        assert (gone["open"], gone["withdrawn_why"]) == (False, "replaced by R-8")
        done = {"equipment": "MAT-0012", "outcome": "put_right"}
        assert keeper.post(f"/notices/{number}/checks", json=done).status_code == 409
        assert [n["id"] for n in keeper.get("/notices?state=all").json()["items"]] == [number]


def test_its_file_is_typed_by_content_and_saved_never_shown(api: ApiUnderTest) -> None:
    number = recorded(api)["id"]
    path = f"/notices/{number}/file"
    with api.client(Role.MAINTENANCE) as keeper:
        page = b"<!doctype html><script>alert(1)</script>\x00"
        assert keeper.post(path, content=page).status_code == 422
        assert keeper.post(path, content=b"%PDF-" + b"x" * (10 << 20)).status_code == 413
        name = {"name": "../..\\evil\r\nname.html"}
        kept = keeper.post(path, params=name, content=b"%PDF-1.7 the notice")
        assert kept.json()["file"]["name"] == "evil__name.pdf"
        assert keeper.post(path, content=b"%PDF-1.7 another").status_code == 409
        saved = keeper.get(path)
    assert saved.content == b"%PDF-1.7 the notice"
    assert saved.headers["content-type"] == "application/pdf"
    assert saved.headers["content-disposition"] == 'attachment; filename="evil__name.pdf"'
    assert saved.headers["x-content-type-options"] == "nosniff"


def test_a_notice_is_recorded_by_form_with_its_file(api: ApiUnderTest) -> None:
    with signed_in(api, "Piotr") as piotr:
        fields = {"kind": "alert", "title": "Bed rails", "number": "A-1", "source": "MHRA"}
        more = {"dated": "2026-10-01", "kind_0": "bed_mat", "role_carer": "yes"}
        sent = {"file": ("notice.txt", b"Measure the gaps.")}
        answer = piotr.post("/notices", data=fields | more, files=sent)
        assert answer.status_code == 303, answer.text
        shown = piotr.get(answer.headers["location"]).text
        assert "MAT-0012" in shown
        assert "notice.txt" in shown
        everything = piotr.post("/notices", data=fields | more | {"kind_0": "", "make_0": "*"})
        assert everything.status_code == 422
        assert "Record a notice" in piotr.get("/notices").text


def test_a_finding_of_an_inspector_shows_its_age_until_a_manager_closes_it(
    api: ApiUnderTest,
) -> None:
    found = {"source": "CQC", "text": "radiators uncovered", "owner": "Piotr"}
    days = {"found_on": "2026-10-02", "due_on": "2026-10-30", "at": "12"}
    with api.client(Role.MAINTENANCE) as keeper, api.client(Role.MANAGER) as manager:
        one = keeper.post("/findings", json=found | days).json()
        assert (one["days_open"], one["overdue"]) == (30, True)
        api.clock.advance(days=1)
        assert keeper.get("/findings").json()["items"][0]["days_open"] == 31
        how = {"how": "covers fitted, photos of each"}
        assert keeper.post(f"/findings/{one['id']}/close", json=how).status_code == 403
        assert manager.post(f"/findings/{one['id']}/close", json=how).is_success
        assert keeper.get("/findings").json()["items"] == []
        (closed,) = keeper.get("/findings?state=closed").json()["items"]
        assert closed["closed_how"] == how["how"]
        nonsense = found | days | {"due_on": "2026-09-01"}
        assert keeper.post("/findings", json=nonsense).status_code == 422
    with signed_in(api, "Piotr") as piotr:
        form = found | days | {"due_on": "2026-12-01"}
        assert piotr.post("/findings", data=form).is_redirect
        assert "Open 31 days" in piotr.get("/findings").text


@pytest.mark.parametrize(
    ("concerns", "matches"),
    [
        (Concerns(make="Acme"), True),
        (Concerns(make="acme", model="FM-*"), True),
        (Concerns(kind="bed_mat", model="FM-3"), False),
        (Concerns(kind="floor_mat"), False),
        (Concerns(model="fm-[2]"), True),
    ],
)
def test_which_items_a_pattern_means(concerns: Concerns, *, matches: bool) -> None:
    assert concerns.matches("bed_mat", "ACME", "FM-2") is matches


def test_what_a_file_is_its_bytes_say() -> None:
    assert checked_upload("a.exe", b"%PDF-1.4").name == "a.pdf"
    assert checked_upload("a.pdf", "Prüfen".encode()).media_type == "text/plain; charset=utf-8"
    for bad in (b"", b"MZ\x90\x00", b"PK\x03\x04"):
        with pytest.raises(Invalid):
            checked_upload("notice.pdf", bad)


def test_how_long_ago_is_never_negative(api: ApiUnderTest) -> None:
    today = api.clock().date()
    found = {"source": "CQC", "text": "x", "owner": "y", "found_on": str(today)}
    with api.client(Role.MAINTENANCE) as keeper:
        one = keeper.post("/findings", json=found | {"due_on": str(today + timedelta(days=1))})
        assert one.json()["days_open"] == 0
