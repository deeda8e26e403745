"""``nightwarden backtest`` and the shadow, on a night that the gateway's parts have recorded."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nightwarden.cli import nightwarden_command
from nightwarden.errors import Invalid, NightwardenError
from nightwarden.model.alerts import AlertEvent
from nightwarden.model.roles import Role
from nightwarden.store import listings, people, rule_files
from nightwarden.store.engine import open_store
from tests.api_server import ApiUnderTest
from tests.plain_gateway import NIGHT, PlainGateway, do

LONGER = "bed_exit: {dwell: 2m}\nbecause: short rolls call people\n"


@pytest.fixture
def night(tmp_path: Path) -> Iterator[PlainGateway]:
    """Ken (room 14) is up for a minute and helped, and later for ten minutes."""
    store = open_store(tmp_path / "nightwarden.db")
    gateway = PlainGateway(store)
    for minutes, occupied in ((1, True), (2, False), (3, True), (20, False), (30, True)):
        gateway.now = NIGHT + timedelta(minutes=minutes)
        do(gateway, "occupancy", ("mat-14", occupied))
        gateway.turn()
        if minutes == 3:
            for event in (AlertEvent.ATTENDED, AlertEvent.CLOSED):
                gateway.answer(0, event)
    gateway.now += timedelta(minutes=1)
    gateway.turn()
    yield gateway
    store.close()


def run(folder: Path, *arguments: str) -> Result:
    """A command on the store in ``folder``."""
    return CliRunner().invoke(nightwarden_command, [*arguments, "--data", str(folder)])


def rules_file(folder: Path, text: str = LONGER) -> str:
    """A rules file on the disk."""
    path = folder / "other.yaml"
    path.write_text(text)
    return str(path)


SPAN = ("--from", "2026-11-01", "--to", "2026-11-01")


def test_the_rules_in_force_hold_no_surprise(night: PlainGateway, tmp_path: Path) -> None:
    done = run(tmp_path, "backtest", *SPAN)
    assert done.exit_code == 0, done.output
    assert "Missed: raised then, and not by these rules: none" in done.output
    assert "Added: raised by these rules alone: none" in done.output
    assert "Recorded only from 2026-11-01 22:00:00 on" in done.output


def test_a_longer_dwell_misses_the_exit_that_led_to_care(
    night: PlainGateway, tmp_path: Path
) -> None:
    picture = tmp_path / "nights.svg"
    other = ("--rules", rules_file(tmp_path), "--picture", str(picture))
    done = run(tmp_path, "backtest", *other, *SPAN)
    assert done.exit_code == 0, done.output
    [missed] = [line for line in done.output.splitlines() if line.startswith("  - ")]
    assert "2026-11-01 22:02:00" in missed
    assert "helped" in missed
    assert "1 of 1 led to care" in done.output
    assert "10 minutes after its cause has cleared" in done.output, "what is assumed is said"
    svg = picture.read_text()
    assert svg.startswith("<svg")
    assert "Ken" in svg


def test_json_says_it_by_night_and_kind(night: PlainGateway, tmp_path: Path) -> None:
    done = run(tmp_path, "backtest", "--rules", rules_file(tmp_path), "--json", *SPAN)
    report = json.loads(done.output)
    assert {"kind": "bed_exit", "raised": 2, "these": 1, "missed": 1, "added": 0} in report["kinds"]
    assert [night["night"] for night in report["nights"]] == ["2026-11-01"] * len(report["nights"])


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("2026-11-02", "2026-11-01", "--from must be before --to"),
        ("yesterday", "2026-11-01", '"yesterday" is no time'),
        ("2026-10-01", "2026-10-02", "there is no recording of that time"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(
    night: PlainGateway, tmp_path: Path, since: str, until: str, words: str
) -> None:
    done = run(tmp_path, "backtest", "--from", since, "--to", until)
    assert isinstance(done.exception, Invalid)
    assert words in str(done.exception)


def test_a_shadow_is_reported_and_promoted_by_a_manager(
    night: PlainGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([NIGHT + timedelta(seconds=30)] + [night.now] * 9)
    monkeypatch.setattr("nightwarden.commands.shadow.utc_now", lambda: next(times))
    with night.store.transaction(night.now) as tx:
        people.add_user(tx, "Mary", Role.MANAGER, "a long password", "test")
        people.add_user(tx, "Carl", Role.CARER, "2580", "test")
    begun = run(tmp_path, "rules", "shadow", rules_file(tmp_path))
    assert begun.exit_code == 0, begun.output
    report = json.loads(run(tmp_path, "rules", "shadow", "--json").output)
    assert (report["figures"]["missed"], report["figures"]["added"]) == (1, 0)
    promote = ["rules", "promote", "--stdin", "--data", str(tmp_path)]
    refused = CliRunner().invoke(nightwarden_command, [*promote, "--as", "Carl"], input="2580\n")
    assert isinstance(refused.exception, NightwardenError)
    signed = CliRunner().invoke(
        nightwarden_command, [*promote, "--as", "Mary"], input="a long password\n"
    )
    assert signed.exit_code == 0, signed.output
    with night.store.reading(night.now) as tx:
        assert rule_files.latest(tx).applied_by == "Mary"  # type: ignore[union-attr]
        [entry] = [e for e in listings.audit_entries(tx, 50) if e.action == "promoted a shadow run"]
        assert (entry.actor, entry.detail["missed"]) == ("Mary", 1)


def test_over_the_api_for_managers(night: PlainGateway, tmp_path: Path) -> None:
    with ApiUnderTest(tmp_path) as api, api.client(Role.MANAGER) as manager:
        manager.timeout = 50  # each is a process of its own, at low priority
        api.clock.now = datetime.fromisoformat("2026-11-01T22:40:00+00:00")
        span = {"from": "2026-11-01", "to": "2026-11-01"}
        done = manager.post("/backtest", params=span, content=LONGER)
        assert done.status_code == 200, done.text
        assert [alert["outcome"] for alert in done.json()["missed"]] == ["helped"]
        long = {"from": "2026-09-01", "to": "2026-11-01"}
        assert manager.post("/backtest", params=long, content=LONGER).status_code == 422
        assert manager.get("/rules/shadow").status_code == 404
        assert manager.post("/rules/shadow", content=LONGER).json()["because"]
        assert manager.post("/rules/shadow", content=LONGER).status_code == 409
        assert manager.get("/rules/shadow").json()["figures"]["missed"] == 0
        assert manager.post("/rules/shadow/promote").json()["changes"] == 1
        assert manager.get("/rules").json()["version"] == 1
        with api.client(Role.CARER) as carer:
            assert carer.post("/backtest", params=span, content=LONGER).status_code == 403
            assert carer.post("/rules/shadow/promote").status_code == 403
