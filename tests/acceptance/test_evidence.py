"""What an inspector gets: the pack of a period in both forms, and one incident as one file."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import Home

DAYS = "from=2026-11-01&to=2026-11-01"
DOCS = Path(__file__).parents[2] / "docs" / "evidence.md"


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00 on 1 November 2026: Joan has got up, and Maria went and helped."""
    with Home(tmp_path / "data", any_broker) as made:
        mat = made.mat("mat-12")
        mat.press()
        made.fast_forward(minutes=5)
        mat.release()
        page = made.pager.expects("Room 12", "out of bed", "raised")
        made.fast_forward(seconds=20)
        made.post(f"/alerts/{page['id']}/accept")
        made.fast_forward(seconds=40)
        made.post(f"/alerts/{page['id']}/attend")
        made.post(f"/alerts/{page['id']}/close", {"outcome": "helped"})
        yield made
        made.pager.ignores_the_rest()


def lists(home: Home, query: str = DAYS) -> dict[str, list[dict[str, str]]]:
    """The pack's lists, by name."""
    with home.api.client(Role.MANAGER) as client:
        answer = client.get(f"/evidence?{query}&as=zip")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {
            name.removesuffix(".csv"): rows_of(archive.read(name).decode())
            for name in archive.namelist()
            if name.endswith(".csv")
        }


def rows_of(text: str) -> list[dict[str, str]]:
    """A list whose columns each have a name of their own: whoever reads by name reads all of it."""
    rows = csv.DictReader(text.splitlines())
    names = list(rows.fieldnames or ())
    assert len(set(names)) == len(names), names
    return list(rows)


def test_the_pack_says_what_was_required_missing_and_answered(home: Home) -> None:
    found = lists(home)
    [alert] = [line for line in found["alerts"] if line["Kind"] == "bed exit"]
    assert alert["Raised"] == "2026-11-01 23:05:00"
    assert (alert["Accepted"], alert["Attended"]) == ("after 20 s", "after 1 min 0 s")
    assert alert["Outcome"] == "helped"
    assert {line["Item"] for line in found["required"] if line["Needs"] == "bed mat"} >= {"MAT-12"}
    gaps = home.get("/gaps?limit=500")["items"]
    assert len(found["gaps"]) == len(gaps) > 0, "no gap is left out"
    with home.api.client(Role.MANAGER) as client:
        pdf = client.get(f"/evidence?{DAYS}")
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF-")
        assert "attachment" in pdf.headers["content-disposition"]
        head = client.get("/audit/verify").json()["head"]
        guide = client.get(f"/evidence?{DAYS}&as=zip").content
        page = client.get(f"{home.api.url}/evidence").text
    with zipfile.ZipFile(io.BytesIO(guide)) as archive:
        assert head in archive.read("README.txt").decode()
    assert 'action="/api/v1/evidence"' in page

    of_joan = lists(home, f"{DAYS}&resident=res-12")
    assert {line["Room"] for line in of_joan["required"]} == {"12"}
    assert [line["Number"] for line in of_joan["alerts"]] == [
        line["Number"] for line in found["alerts"] if line["Room"] == "12"
    ]
    of_mat = lists(home, f"{DAYS}&item=MAT-14")
    assert {line["Item"] for line in of_mat["required"]} == {"MAT-14"}


WRONG = [
    ("from=2026-11-02&to=2026-11-01", 400, "exchange them"),
    ("from=2026-11-01&to=2027-11-01", 400, "has yet to come"),
    ("from=2016-11-01&to=2026-11-01", 400, "at most five years"),
    (f"{DAYS}&resident=nobody", 404, 'no resident "nobody"'),
    (f"{DAYS}&item=nothing", 404, 'no item "nothing"'),
    (f"{DAYS}&item=MAT-12&resident=res-12", 400, "not for both"),
]


def test_what_is_asked_wrongly_is_one_sentence(home: Home) -> None:
    with home.api.client(Role.MANAGER) as client:
        for query, status, words in WRONG:
            refused = client.get(f"/evidence?{query}")
            assert refused.status_code == status, query
            assert words in refused.json()["detail"]


def verified(folder: Path, content: Any) -> subprocess.CompletedProcess[str]:
    """What the few lines of docs/evidence.md say of a file."""
    [script] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    (folder / "verify.py").write_text(script)
    (folder / "incident.json").write_text(json.dumps(content))
    command = [sys.executable, "verify.py", "incident.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_incident_is_one_file_in_which_a_later_change_shows(home: Home, tmp_path: Path) -> None:
    [closed] = [one for one in home.alerts("closed") if one["kind"] == "bed_exit"]
    content = home.get(f"/alerts/{closed['id']}/incident")
    kinds = [entry["kind"] for entry in content["entries"]]
    assert kinds[:2] == ["alert", "rules"]
    steps = [entry["what"]["event"] for entry in content["entries"] if entry["kind"] == "step"]
    assert steps == ["raised", "accepted", "attended", "closed"]
    readings = [entry["what"] for entry in content["entries"] if entry["kind"] == "reading"]
    assert [one["value"] for one in readings] == [1, 0], "on the mat, and off it"
    assert "delivery" in kinds
    assert verified(tmp_path, content).returncode == 0

    for spoil in (_another_name, _one_less, _cut_off):
        changed = json.loads(json.dumps(content))
        spoil(changed)
        refused = verified(tmp_path, changed)
        assert refused.returncode == 1
        assert "Entr" in refused.stderr


def _another_name(content: Any) -> None:
    step = next(entry for entry in content["entries"] if entry["kind"] == "step")
    step["what"]["actor"] = "Somebody Else"


def _one_less(content: Any) -> None:
    del content["entries"][2]


def _cut_off(content: Any) -> None:
    del content["entries"][-1]
