"""A resident's data: all of it out as one file, and the name erased without the record."""

import contextlib
import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from gateway.tidying import Tidying
from nightwarden.everything import write_everything
from nightwarden.model.roles import Role
from nightwarden.personal import erasing
from nightwarden.personal.names import Names
from nightwarden.store import audit, journal, people, sessions
from nightwarden.store.plan import load_plan
from nightwarden.store.tables import Audit, Session
from tests.api_server import HOME, ApiUnderTest


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


def ok(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def lived(api: ApiUnderTest) -> None:
    """Joan's stay: an alert, a fault and a note with her name in it, a plan that is kept."""
    with api.client(Role.MANAGER) as client:
        ok(client.post("/equipment/MAT-0012/faults", json={"what": "JOAN's mat is under Joan"}))
        said = {"kind": "falls", "on": "2026-10-01", "review_by": "2027-01-01"}
        said |= {"by": "Dr Joanson", "mobility": "Joan Miller walks with a frame"}
        ok(client.post("/residents/res-12/assessments", json=said))
        told = {"basis": "consent", "by": "Joan", "on": "2026-10-01"}
        ok(client.post("/residents/res-12/consent", json=told))
    with api.store.transaction(api.clock()) as tx:
        people.add_user(tx, "Joan Baker", Role.CARER, "2580", "test")
        plan = load_plan(tx)
        assert plan is not None
        body = journal.plan_body(tx, plan, 1)
        journal.note(tx, journal.InputKind.PLAN, tx.now, body)
    alert = api.raise_alert("12/bed")
    with api.client(Role.MANAGER) as client:
        ok(client.post("/residents/res-12/leave"))
        refused = client.post("/residents/res-12/erase", json={"because": "asked to"})
        assert "is open; close it first" in refused.json()["detail"]
    with api.client(Role.SENIOR) as client:
        ok(client.post(f"/alerts/{alert}/accept"))
        ok(client.post(f"/alerts/{alert}/attend"))
        ok(client.post(f"/alerts/{alert}/close", json={"outcome": "helped"}))


def everywhere(api: ApiUnderTest) -> str:
    """All that the store says, what is packed unpacked."""
    found: list[str] = []
    with api.store.reading(api.clock()) as tx:
        tables = tx.sql.execute(text("SELECT name FROM sqlite_master WHERE type='table'")).scalars()
        for table in list(tables):
            for row in tx.sql.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608
                for value in row:
                    if isinstance(value, bytes):
                        with contextlib.suppress(zlib.error):
                            value = zlib.decompress(value)
                        value = value.decode("utf-8", "replace")
                    found.append(str(value))
    return "\n".join(found)


def test_after_an_erasure_the_name_is_nowhere_and_the_record_whole(
    api: ApiUnderTest, tmp_path: Path
) -> None:
    lived(api)
    before = everywhere(api)
    assert before.count("Joan") > 10
    ask = {"because": "the family asked", "also": ["Joan Miller", "Miller"]}
    with api.client(Role.MANAGER) as client:
        seen = ok(client.post("/residents/res-12/erase", json=ask | {"dry_run": True}))
        assert seen["erased"] is False
        assert {"resident", "alert", "audit", "keptplan", "fault"} <= set(seen["replaced"])
        assert any("walks with a frame" in one["text"] for one in seen["shown"])
        assert everywhere(api) == before, "a dry run changes nothing"
        named = client.post("/residents/res-12/erase", json=ask | {"because": "Joan died"})
        assert "without the name" in named.json()["detail"]
        done = ok(client.post("/residents/res-12/erase", json=ask))
        pseudonym = done["pseudonym"]
        assert pseudonym.startswith("former resident ")
        assert done["scrubbed"] is True
        [alert] = client.get("/alerts?state=closed").json()["items"]
        assert alert["resident"] == pseudonym
        assert alert["accepted_by"] == "test senior"
        fault = client.get("/faults").json()["items"][0]
        assert fault["what"] == f"{pseudonym}'s mat is under {pseudonym}"
        checked = client.get("/audit/verify").json()
        assert checked["intact"]
        assert checked["redacted"] > 3
        again = client.post("/residents/res-12/erase", json=ask)
        assert again.status_code == 404

    after = everywhere(api).replace("Joan Baker", "").replace("Dr Joanson", "")
    for name in ("joan", "miller", "res-12"):
        assert name not in after.lower(), [line for line in after.splitlines() if name in line]
    assert "Joan Baker" in everywhere(api), "who works here keeps their name"
    for file in api.path.parent.glob("nightwarden.db*"):
        raw = file.read_bytes().replace(b"Joan Baker", b"").replace(b"Dr Joanson", b"")
        assert b"Joan" not in raw, f"{file.name}: nothing of it is left between the rows"
    with api.store.reading(api.clock()) as tx:
        write_everything(tx, tmp_path, tmp_path / "out")
        [line] = journal.inputs(tx, 0, tx.now)
        plan, _ = journal.plan_of(tx, line.body)
        assert plan.residents["12"] == pseudonym, "last month's nights can be replayed"
    for path in (tmp_path / "out").rglob("*.*"):
        said = path.read_text().replace("Joan Baker", "").replace("Dr Joanson", "")
        assert "Joan" not in said, path


def test_a_changed_entry_is_found_though_names_were_erased(api: ApiUnderTest) -> None:
    lived(api)
    with api.store.transaction(api.clock()) as tx:
        erasing.erase(tx, "res-12", "they asked", "Mia")
        whole = audit.verify(tx)
        assert whole.intact
        assert whole.redacted
    with api.store.transaction(api.clock()) as tx:
        entry = tx.get_one(Audit, 1)
        entry.detail = {**entry.detail, "changes": []}
        tx.flush()
        found = audit.verify(tx)
        assert (found.intact, found.broken_at) == (False, 1)
        tx.rollback()


def test_two_of_one_name_are_told_apart_by_their_rooms(api: ApiUnderTest) -> None:
    other = HOME.replace(
        "residents:",
        """  - id: "13"
    places: [{id: bed}]
residents:
  - {id: res-13, shown_as: Joan, room: "13"}""",
    )
    api.apply(other)
    hers = api.raise_alert("13/bed")
    lived(api)
    with api.client(Role.MANAGER) as client:
        done = ok(client.post("/residents/res-12/erase", json={"because": "asked"}))
        assert done["shared"] is True
        shown = {
            one["id"]: one["resident"] for one in client.get("/alerts?state=all").json()["items"]
        }
        assert shown.pop(str(hers)) == "Joan"
        assert list(shown.values()) == [done["pseudonym"]]
        assert client.get("/residents/res-13").json()["shown_as"] == "Joan"
        assert client.get("/audit/verify").json()["intact"]


def test_everything_about_a_resident_is_one_file(api: ApiUnderTest) -> None:
    lived(api)
    with api.client(Role.MANAGER) as client:
        answer = client.get("/residents/res-12/export")
        assert answer.headers["content-type"] == "application/zip"
        assert client.get("/residents/nobody/export").status_code == 404
    with api.client(Role.SENIOR) as client:
        assert client.get("/residents/res-12/export").status_code == 403
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        names = set(packed.namelist())
        about = json.loads(packed.read("about.json"))
        papers = list(csv.DictReader(io.StringIO(packed.read("assessment.csv").decode())))
        kit = list(csv.DictReader(io.StringIO(packed.read("equipment.csv").decode())))
    assert {"alert.csv", "requirement.csv", "consent.csv", "fault.csv", "audit.csv"} <= names
    assert not {"user.csv", "token.csv"} & names
    assert papers[0]["mobility"] == "Joan Miller walks with a frame"
    assert [item["tag"] for item in kit] == ["MAT-0012"]
    assert about["resident"]["shown_as"] == "Joan"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Joan fell. JOAN's mat; joan!", "X fell. X's mat; X!"),
        ("Joanna and Johan stay", "Joanna and Johan stay"),
        ("Joan Baker saw Joan", "Joan Baker saw X"),
        ("Joan & Arthur", "X & Arthur"),
        ("She may fall. May fell.", "She may fall. X fell."),
        ("res-1 res-12 (res-12)", "res-1 former-x (former-x)"),
        ("I ask AB, ab and CAB", "I ask X, ab and CAB"),
    ],
)
def test_a_name_is_found_where_it_is_a_word(before: str, after: str) -> None:
    words = ("Joan", "May", "AB")
    names = Names(words, "X", staff=("Joan Baker",), ids={"res-12": "former-x"})
    assert names.text(before) == after
    assert names.value({"a": [before], "b": 1}) == {"a": [after], "b": 1}


def test_how_long_a_class_is_kept_is_the_homes_to_say(api: ApiUnderTest) -> None:
    path = "/personal/retention/sign_ins"
    with api.store.transaction(api.clock()) as tx:
        people.add_user(tx, "Ann", Role.CARER, "2580", "test")
    with api.store.transaction(api.clock()) as tx:
        sessions.open_session(tx, people.check_secret(tx, "Ann", "2580"))
    with api.client(Role.MANAGER) as client:
        few = client.put(path, json={"days": 3, "because": "less"})
        assert few.json()["detail"] == "days: from 30 to 3650, not 3."
        assert (
            client.put("/personal/retention/x", json={"days": 30, "because": "y"}).status_code
            == 404
        )
        items = ok(client.put(path, json={"days": 40, "because": "our policy"}))["items"]
        kept = {item["name"]: item for item in items}
        assert (kept["sign_ins"]["days"], kept["sign_ins"]["because"]) == (40, "our policy")
        entry = client.get("/audit?limit=1").json()["items"][0]
        assert entry["detail"] == {"days": 40, "was": 400, "because": "our policy"}
        ok(client.put("/personal/retention/former_residents", json={"days": 30, "because": "so"}))
        ok(client.post("/residents/res-12/leave"))

    def signed_in() -> int:
        with api.store.transaction(api.clock()) as tx:
            Tidying().forget(tx)
            return len(tx.exec(select(Session)).all())

    assert signed_in() == 1
    api.clock.advance(days=35)
    assert signed_in() == 1
    api.clock.advance(days=7)
    assert signed_in() == 0
    with api.client(Role.MANAGER) as client:
        [due] = client.get("/personal/former").json()["items"]
    assert (due["id"], due["erase_due"]) == ("res-12", True)


def test_the_page_shows_an_erasure_before_it_is_made(api: ApiUnderTest) -> None:
    lived(api)
    with api.store.transaction(api.clock()) as tx:
        people.add_user(tx, "Mia", Role.MANAGER, "a long enough phrase", "test")
    with api.store.transaction(api.clock()) as tx:
        cookie = sessions.open_session(tx, people.check_secret(tx, "Mia", "a long enough phrase"))
    headers = {"Origin": api.url, "Accept": "text/html"}
    with httpx.Client(base_url=api.url, headers=headers, verify=False, timeout=60) as page:
        page.cookies.set("nightwarden_session", cookie)
        assert "Erase the name" in page.get("/personal").text
        seen = page.get("/personal/res-12/erase?also=Miller")
        assert "Looked for: Joan, Miller" in seen.text
        set_days = page.post("/personal/retention/orders", data={"days": "9", "because": "fine"})
        assert set_days.headers["location"] == "/personal#kept"
        done = page.post("/personal/res-12/erase", data={"because": "asked", "also": "Miller"})
        assert "The name is erased" in done.text
        assert "too large" not in done.text, "its file was written anew"
        assert "Joan</strong>" not in page.get("/personal").text
