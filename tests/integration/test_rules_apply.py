"""A rules file put in force: by the command line and by the API, its versions and its record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from nightwarden.model.roles import Role
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import meta, rule_files
from nightwarden.store.engine import open_store
from nightwarden.store.tables import Audit
from rules.rulebook import DEFAULT_RULEBOOK
from tests.acceptance.program import nightwarden
from tests.api_server import HOME, NIGHT, ApiUnderTest

SLOWER = "bed_exit: {dwell: 5s}\nbecause: mats bounce\n"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as made:
        made.apply(HOME)
        yield made


def post(
    api: ApiUnderTest, text: str, role: Role = Role.MANAGER, path: str = "/rules"
) -> httpx.Response:
    with api.client(role) as client:
        return client.post(path, content=text)


def get(api: ApiUnderTest, path: str, role: Role | None = Role.MANAGER) -> Any:
    with api.client(role) as client:
        answer = client.get(path)
    assert answer.is_success, answer.text
    return answer.json()


def setting(rules: Any, name: str) -> Any:
    [found] = [one for one in rules["settings"] if one["name"] == name]
    return found


def test_before_any_file_everything_is_a_default(api: ApiUnderTest) -> None:
    rules = get(api, "/rules", Role.CARER)
    assert (rules["version"], rules["applied_by"], rules["text"]) == (0, None, "")
    assert {one["from"] for one in rules["settings"]} == {"default"}
    limit = setting(rules, "hot_surface.limit_c")
    assert (limit["value"], limit["unit"]) == (43.0, "°C")
    assert limit["meaning"]


def test_a_manager_puts_a_file_in_force_and_the_record_says_what_changed(
    api: ApiUnderTest,
) -> None:
    answer = post(api, SLOWER)
    assert answer.is_success, answer.text
    assert answer.json()["changes"] == [{"name": "bed_exit.dwell", "before": "0", "after": "5s"}]
    rules = get(api, "/rules")
    assert (rules["version"], rules["applied_by"]) == (1, "test manager")
    assert (rules["text"], rules["because"]) == (SLOWER, "mats bounce")
    assert rules["applied_at"] == "2026-11-01T23:00:00.000Z"
    dwell = setting(rules, "bed_exit.dwell")
    assert (dwell["value"], dwell["default"], dwell["from"]) == ("5s", "0", "rules file")
    entry = get(api, "/audit")["items"][0]
    assert (entry["actor"], entry["action"]) == ("test manager", "applied rules file")
    assert entry["subject"] == "rules version 1"
    assert entry["detail"] == {"because": "mats bounce", "changes": ["bed_exit.dwell: 0 -> 5s"]}
    assert get(api, "/audit/verify")["intact"]


def test_the_rules_are_told_of_a_change_and_of_nothing_else(api: ApiUnderTest) -> None:
    def told() -> int:
        with api.store.reading(NIGHT) as tx:
            return meta.plan_version(tx)

    before = told()
    post(api, SLOWER)
    assert told() == before + 1
    assert post(api, SLOWER + "# only a remark\n").json()["changes"] == []
    assert post(api, SLOWER, path="/rules/dry-run").json()["changes"] == []
    assert told() == before + 1
    assert get(api, "/rules")["version"] == 1


def test_a_change_without_a_reason_is_refused(api: ApiUnderTest) -> None:
    post(api, SLOWER)
    for text in ("bed_exit: {dwell: 6s}", ""):  # back to the defaults is a change too
        answer = post(api, text)
        assert answer.status_code == 422
        assert '"because" is missing: 1 setting changes' in answer.json()["detail"]
    assert get(api, "/rules")["version"] == 1


def test_going_back_is_a_version_of_its_own(api: ApiUnderTest) -> None:
    post(api, SLOWER)
    answer = post(api, "because: the new mats do not bounce\n")
    assert answer.json()["changes"] == [{"name": "bed_exit.dwell", "before": "5s", "after": "0"}]
    assert answer.json()["version"] == 2


def test_a_dry_run_shows_the_change_and_makes_none(api: ApiUnderTest) -> None:
    answer = post(api, SLOWER, path="/rules/dry-run")
    assert answer.json() == {"changes": [{"name": "bed_exit.dwell", "before": "0", "after": "5s"}]}
    assert get(api, "/rules")["version"] == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_nobody_but_a_manager_changes_the_rules(api: ApiUnderTest, role: Role) -> None:
    for path in ("/rules", "/rules/dry-run"):
        answer = post(api, SLOWER, role, path)
        assert answer.status_code == 403
        assert answer.json()["detail"] == f"A {role} may not change the rules; a manager may."
    assert get(api, "/rules")["version"] == 0


def test_a_wrong_file_is_refused_with_every_line(api: ApiUnderTest) -> None:
    answer = post(api, "bed_exit: {dwell: 5}\nhot_surface: {limit_c: 99}\n")
    assert answer.status_code == 422
    first, second = answer.json()["detail"].splitlines()
    assert first.startswith('rules:1: bed_exit.dwell: "5" is not a length of time')
    assert second.startswith("rules:2: hot_surface.limit_c: 99 is too large")


def test_what_a_requirement_sets_otherwise_is_listed(api: ApiUnderTest) -> None:
    api.apply(HOME.replace('because: "falls assessment"', "dwell_s: 10, because: falls"))
    [override] = get(api, "/rules")["overrides"]
    assert (override["name"], override["value"]) == ("bed_exit.dwell", "10s")
    assert (override["room"], override["place"]) == ("12", "bed")
    assert (override["from"], override["because"]) == ("requirement", "falls")


def test_the_schema_is_published(api: ApiUnderTest) -> None:
    schema = get(api, "/schema/rules", None)
    assert schema["title"] == "Nightwarden rules file"
    assert "dwell" in schema["properties"]["bed_exit"]["properties"]


def test_a_file_that_an_upgrade_cannot_read_is_told_and_can_be_replaced(
    api: ApiUnderTest,
) -> None:
    with api.store.transaction(NIGHT) as tx:
        rule_files.add(tx, "a_rule_of_old: {limit: 3}\n", "Ann", "it was so")
    with api.store.reading(NIGHT) as tx:
        assert load_rules(tx).book == DEFAULT_RULEBOOK
    rules = get(api, "/rules")
    assert rules["version"] == 1
    assert "rules version 1:1: a_rule_of_old: is not known here" in rules["problem"]
    assert post(api, "because: as delivered\n").json()["version"] == 2
    assert get(api, "/rules")["problem"] is None


# --- the command line -------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty store, and a rules file."""
    open_store(tmp_path / "data" / "nightwarden.db").close()
    (tmp_path / "rules.yaml").write_text(SLOWER, encoding="utf-8")
    return tmp_path


def test_the_command_line_applies_once_and_shows_what_is_in_force(folder: Path) -> None:
    done = nightwarden(folder, "rules", "apply", "rules.yaml")
    assert done.stdout.splitlines() == [
        "bed_exit.dwell: 0 -> 5s",
        "1 setting changed; rules version 1 is in force",
    ]
    shown = nightwarden(folder, "rules", "show").stdout
    assert shown.startswith("# Version 1, applied ")
    assert "  dwell: 5s  # default 0\n" in shown
    (folder / "shown.yaml").write_text(shown, encoding="utf-8")
    again = nightwarden(folder, "rules", "apply", "shown.yaml")
    assert (again.returncode, again.stdout) == (0, "rules version 1: nothing to change\n")
    store = open_store(folder / "data" / "nightwarden.db")
    with store.reading(NIGHT) as tx:
        [entry] = tx.exec(select(Audit)).all()
    store.close()
    assert entry.actor.startswith("command line")


def test_check_needs_no_store_and_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(SLOWER, encoding="utf-8")
    done = nightwarden(tmp_path, "rules", "check", "good.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "good.yaml: can be applied; 1 setting differs from the defaults" in done.stdout
    (tmp_path / "bad.yaml").write_text("hot_surface: {limit_c: 20}\n", encoding="utf-8")
    done = nightwarden(tmp_path, "rules", "check", "bad.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bad.yaml:1: hot_surface.limit_c: 20 is too small; the least is")
    assert "Traceback" not in done.stderr


def test_rules_test_ends_with_the_code_of_what_it_found(tmp_path: Path) -> None:
    story = (
        'home: "home.yaml"\nstart: 2026-11-23T23:00:00Z\nsteps:\n'
        "  - {at: 0s, expect: [{kind: required_not_in_place, place: 12/radiator-window}]}\n"
    )
    (tmp_path / "home.yaml").write_text(HOME, encoding="utf-8")
    (tmp_path / "night.yaml").write_text(story, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(story.replace("radiator-window", "bed"), encoding="utf-8")
    done = nightwarden(tmp_path, "rules", "test", "night.yaml")
    assert (done.returncode, done.stdout) == (0, "night.yaml: 1 expectation, all met\n")
    done = nightwarden(tmp_path, "rules", "test", "other.yaml")
    assert done.returncode == 1
    assert "! required_not_in_place 12/bed  -" in done.stdout
