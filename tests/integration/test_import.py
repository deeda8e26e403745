"""Sheets into the register: what a preview says is what is done, and nothing is removed."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from nightwarden.cli import nightwarden_command
from nightwarden.errors import Invalid
from nightwarden.importing.columns import KINDS
from nightwarden.importing.sheets import read_sheet
from nightwarden.model.roles import Role
from nightwarden.store import audit, people, sessions
from tests.api_server import HOME, ApiUnderTest

PASSWORD = "a long enough phrase"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        yield api


def send(
    api: ApiUnderTest, of: str, sheet: str | bytes, role: Role = Role.MANAGER, **query: Any
) -> httpx.Response:
    content = sheet.encode() if isinstance(sheet, str) else sheet
    with api.client(role) as client:
        return client.post("/import", params={"of": of, **query}, content=content)


def rows(answer: httpx.Response) -> dict[int, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {row["row"]: row for row in answer.json()["rows"]}


def exported(api: ApiUnderTest) -> str:
    with api.client(Role.MANAGER) as client:
        return client.get("/home-file").text


EQUIPMENT = """\
Asset No.;TYPE;Room number;Place;Manufacturer;In service date;device;Protocol;Colour
MAT-0012;Bed mat;12;bed;Acme;01/02/2026;mat-12;nightwarden;blue
MAT-0013;Bed Mat;;;Acme;3 March 2026;;;

MAT-0014;Bedmatt;12;bedd;;32/01/2026;;;
;bed mat;;;;;;;
MAT-0013;bed mat;;;;;;;
MAT-0015;bed mat;;;;;mat-12;nightwarden;
"""


def test_a_preview_says_of_each_row_what_becomes_of_it(api: ApiUnderTest) -> None:
    before = exported(api)
    answer = send(api, "equipment", EQUIPMENT, dry_run=True)
    said = rows(answer)
    assert said[2]["state"] == "changed"
    assert said[2]["changes"] == [
        {"column": "make", "before": "", "after": "Acme"},
        {"column": "in_service", "before": "", "after": "2026-02-01"},
    ]
    assert said[3]["state"] == "new"
    assert {"column": "in_service", "before": "", "after": "2026-03-03"} in said[3]["changes"]
    wrong = {one["column"]: one["sentence"] for one in said[5]["problems"]}
    assert 'did you mean "bed_mat"?' in wrong["kind"]
    assert 'no place "bedd" in room "12"; did you mean "bed"' in wrong["room, place"]
    assert "is not a date, such as 2027-01-31" in wrong["in_service"]
    assert said[6]["problems"][0]["column"] == "tag"
    assert said[7]["problems"][0]["sentence"] == "MAT-0013 is in row 3 already; it has one row."
    assert "is bound in row 2 already" in said[8]["problems"][0]["sentence"]
    assert said[8]["problems"][0]["column"] == "address"
    assert answer.json()["columns_not_read"] == ["Colour"]
    assert exported(api) == before, "a dry run changes nothing"

    refused = send(api, "equipment", EQUIPMENT)
    assert refused.status_code == 422
    assert "row 5, kind:" in refused.json()["detail"]
    assert exported(api) == before, "all of it or nothing"

    done = send(api, "equipment", EQUIPMENT, skip_unreadable=True)
    assert done.json()["changes"] == answer.json()["changes"], "what was shown is what is done"
    assert "MAT-0013" in exported(api)
    again = send(api, "equipment", EQUIPMENT, dry_run=True).json()
    assert (again["counts"]["same"], again["changes"]) == (2, [])
    with api.store.reading(api.clock()) as tx:
        assert audit.verify(tx).intact
    with api.client(Role.MANAGER) as client:
        entry = client.get("/audit?limit=1").json()["items"][0]
    assert entry["action"] == "imported equipment"
    assert entry["detail"]["rows_left_out"] == 4


def test_rooms_and_residents_come_by_sheet_and_nothing_leaves(api: ApiUnderTest) -> None:
    new_rooms = "room,floor,place,heat emitter\n14,ground floor,bed,\n14,,pipe,Pipe\n12,,chair,\n"
    assert send(api, "rooms", new_rooms).json()["counts"]["new"] == 3
    plans = (
        "Resident,Name,Room,Place,Needs,Times,Reason,Review date\n"
        "res-14,Arthur,14,bed,bed mat,21:00 - 07:00,falls,31/01/2027\n"
        "res-14,,,pipe,radiator cover,,burns,31/01/2027\n"
        "res-12,Joan,12,bed,bed mat,,,2027-02-01\n"
        "res-15,Ann,15,bed,bed mat,,falls,2027-02-01\n"
    )
    seen = send(api, "residents", plans, dry_run=True)
    assert rows(seen)[4]["changes"] == [
        {"column": "review_by", "before": "2027-01-01", "after": "2027-02-01"}
    ]
    assert 'there is no room "15"' in rows(seen)[5]["problems"][0]["sentence"]
    assert not [line for line in seen.json()["changes"] if line.startswith("-")]
    assert send(api, "residents", plans, skip_unreadable=True).status_code == 200
    papers = (
        "resident,assessment,kind,by,on,review by\n"
        "res-14,falls,falls,A. Smith,2026-10-01,2027-01-31\n"
        "res-99,falls,falls,A. Smith,2026-10-01,2027-01-31\n"
    )
    told = rows(send(api, "assessments", papers, dry_run=True))
    assert told[2]["state"] == "new"
    assert told[3]["problems"][0]["sentence"].startswith('There is no resident "res-99"')
    text = exported(api)
    assert "shown_as: Arthur" in text
    assert 'hours: "21:00-07:00"' in text
    assert "radiator-window" in text, "what no row names stays"
    assert "MAT-0012" in text


def test_a_preview_older_than_the_register_is_refused_with_what_changed(api: ApiUnderTest) -> None:
    sheet = "tag,make\nMAT-0012,Acme\n"
    seen = send(api, "equipment", sheet, dry_run=True).json()["seen"]
    with api.client(Role.MAINTENANCE) as client:
        version = client.get("/equipment/MAT-0012").json()["version"]
        changed = client.patch("/equipment/MAT-0012", json={"version": version, "make": "Other"})
        assert changed.status_code == 200, changed.text
    refused = send(api, "equipment", sheet, seen=seen)
    assert refused.status_code == 409
    assert "changed equipment MAT-0012" in refused.json()["detail"]
    anew = send(api, "equipment", sheet, dry_run=True).json()
    assert anew["rows"][0]["changes"][0]["before"] == "Other"
    assert send(api, "equipment", sheet, seen=anew["seen"]).status_code == 200


def test_each_role_brings_in_what_it_may_change(api: ApiUnderTest) -> None:
    assert send(api, "equipment", "tag,make\nMAT-0012,A\n", Role.MAINTENANCE).status_code == 200
    assert send(api, "residents", "resident\nres-12\n", Role.MAINTENANCE).status_code == 403
    assert send(api, "equipment", "tag\nx\n", Role.CARER).status_code == 403
    assert send(api, "people", "tag\nx\n").json()["detail"].startswith('"people" is no kind')


@pytest.mark.parametrize("of", list(KINDS))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_register_as_a_sheet_changes_nothing(api: ApiUnderTest, of: str, form: str) -> None:
    send(api, "equipment", "tag,kind,make,transmitter\n+X,hub,=1+1,S1\n")
    send(
        api,
        "assessments",
        "resident,assessment,kind,by,on,review by\nres-12,a,falls,B,2026-10-01,2027-01-31\n",
    )
    with api.client(Role.MANAGER) as client:
        empty = client.get("/import/template", params={"of": of, "form": form})
        filled = client.get("/import/template", params={"of": of, "form": form, "filled": True})
    assert "nothing below it" in send(api, of, empty.content, dry_run=True).json()["detail"]
    answer = send(api, of, filled.content, dry_run=True).json()
    assert answer["changes"] == []
    assert answer["counts"]["same"] == len(answer["rows"]) > 0
    assert not answer["columns_not_read"]


def test_a_dash_empties_and_a_record_is_not_taken_back(api: ApiUnderTest) -> None:
    send(api, "equipment", "tag,make,model\nMAT-0012,Acme,One\n")
    sheet = "tag,make,model,device,at\nMAT-0012,-,,-,-\n"
    done = rows(send(api, "equipment", sheet))
    assert [each["column"] for each in done[2]["changes"]] == ["at", "make", "address"]
    assert "model: One" in exported(api)
    told = rows(send(api, "residents", "resident,consent\nres-12,-\n", dry_run=True))
    assert "no sheet takes back" in told[2]["problems"][0]["sentence"]


def xlsx(*lines: tuple[Any, ...]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        for name, content in parts.items():
            packed.writestr(f"{name}.xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "is empty"),
        (b"tag,kind\n", "nothing below it"),
        (b"x" * (8 << 20) + b"x", "larger than 8 MiB"),
        (b"\xd0\xcf\x11\xe0old", "old spreadsheet"),
        (b"PK\x03\x04broken", "damaged or locked"),
        (bomb(a=bytes(97 << 20)), "unpacks to more than 96 MiB"),
        (bomb(a=b'<!DOCTYPE x [<!ENTITY a "b">]>'), "document type"),
        (bomb(a=b"<a/>"), "cannot be read as a spreadsheet"),
        (b"tag\n" + b"x\n" * 20_001, "more than 20000 rows"),
        (b"a," * 101 + b"b\nx", "more than 100 columns"),
        (b"tag\n" + b"x" * 2_001, "longer than 2000 signs"),
        (b'tag\n"x"y\n', "is not CSV"),
        (b"\x00\x01\x02", "neither CSV nor"),
    ],
)
def test_what_is_no_sheet_is_one_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=re.escape(sentence)):
        read_sheet(raw, "list.csv")


def test_a_spreadsheets_own_values_are_read(api: ApiUnderTest) -> None:
    from datetime import datetime

    day = datetime(2026, 2, 1)  # noqa: DTZ001 - a spreadsheet's days have no zone
    sheet = xlsx((), ("Tag", "Kind", "In service", "Service life"), ("M-1", "bed mat", day, 90.0))
    said = rows(send(api, "equipment", sheet, dry_run=True))
    assert said[3]["changes"][1:] == [
        {"column": "in_service", "before": "", "after": "2026-02-01"},
        {"column": "service_life_days", "before": "", "after": "90"},
    ]
    with api.client(Role.MANAGER) as client:
        raw = client.get("/import/template?of=equipment").content
    assert load_workbook(io.BytesIO(raw)).sheetnames == ["equipment", "columns"]


def test_the_command_shows_and_applies(api: ApiUnderTest, tmp_path: Path) -> None:
    (tmp_path / "kit.csv").write_text("tag,kind\nMAT-1,bed mat\nMAT-2,bat\n")
    call = ["import", str(tmp_path / "kit.csv"), "--of", "equipment", "--data", str(tmp_path)]
    dry = CliRunner().invoke(nightwarden_command, [*call, "--dry-run"])
    assert dry.exit_code == 1
    assert "+ row 2: MAT-1" in dry.stdout
    assert "kit.csv, row 3, kind:" in dry.stderr
    assert "nothing was changed" in dry.stdout
    done = CliRunner().invoke(nightwarden_command, [*call, "--skip-unreadable"])
    assert done.exit_code == 0, done.output
    assert "MAT-1" in exported(api)


def test_pages_show_a_sheet_and_a_home_file_before_they_are_applied(api: ApiUnderTest) -> None:
    with api.store.transaction(api.clock()) as tx:
        people.add_user(tx, "Mia", Role.MANAGER, PASSWORD, "test")
    with api.store.transaction(api.clock()) as tx:
        cookie = sessions.open_session(tx, people.check_secret(tx, "Mia", PASSWORD))
    origin = {"Origin": api.url, "Accept": "text/html"}
    with httpx.Client(base_url=api.url, headers=origin, verify=False, timeout=60) as page:
        page.cookies.set("nightwarden_session", cookie)
        assert "asset number" in page.get("/import").text
        sheet = {"file": ("kit.csv", b"tag,kind\nMAT-77,bed mat\nMAT-78,bat\n")}
        shown = page.post("/import", data={"of": "equipment"}, files=sheet)
        assert "MAT-77" in shown.text
        assert "did you mean" in shown.text
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
        refused = page.post("/import/confirm", data=form)
        assert refused.status_code == 422
        done = page.post("/import/confirm", data=form | {"skip_unreadable": "yes"})
        assert done.headers["location"] == "/import?of=equipment&made=1"
        stale = page.post("/import/confirm", data=form | {"skip_unreadable": "yes"})
        assert stale.status_code == 409
        assert "Mia imported equipment home elm-house" in stale.text

        assert 'class="button main" href="/home-file/download"' in page.get("/home-file").text
        text = page.get("/home-file/download").text.replace("shown_as: Joan", "shown_as: Jo")
        planned = page.post("/home-file", files={"file": ("home.yaml", text.encode())})
        assert "~ res-12 shown_as" in planned.text
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', planned.text))
        done = page.post("/home-file/confirm", data=form)
        assert done.headers["location"] == "/home-file?made=1"
        assert page.post("/home-file/confirm", data=form).status_code == 409
    assert "shown_as: Jo\n" in exported(api)


def test_the_table_of_columns_is_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "import.md").read_text()
    for kind in KINDS.values():
        for column in kind.columns:
            row = f"| `{column.name}` | {', '.join(column.also)} |"
            assert row in text, f"{kind.of}: {row}"
