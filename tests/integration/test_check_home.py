"""``nightwarden check``: home, rules, clock, people, receivers, history and settings."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from nightwarden.checking.finding import Finding
from nightwarden.checking.home import look_at_deadman, look_at_receivers, look_at_rules
from nightwarden.clock import utc_now
from nightwarden.commands.broker import mosquitto
from nightwarden.model.readings import DeviceId
from nightwarden.model.roles import Role
from nightwarden.store import audit, history, meta, people, receivers, shifts, upkeep
from nightwarden.store.engine import Store, open_store
from nightwarden.store.placing import Binding
from nightwarden.store.receivers import ReceiverKind, Word
from nightwarden.store.tables import Requirement
from rules.rulebook import BedExitRule, HotSurfaceRule, Rulebook
from tests.checking import STORE, Checker, enrol_screen, ready_store


@pytest.fixture
def checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checker:
    monkeypatch.chdir(tmp_path)  # where nightwarden.toml would be
    return Checker(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with ready_store(tmp_path) as store:
        yield store


def test_no_home_and_nobody(checker: Checker) -> None:
    open_store(checker.data / STORE).close()
    lines = checker.lines()
    assert "`nightwarden apply FILE`" in lines["home"]
    assert lines["rules"].startswith("-")
    assert "Nobody can hear an alert" in lines["receivers"]
    assert "nightwarden user add" in lines["people"]


def test_a_home_without_a_manager_cannot_let_anybody_in(checker: Checker, store: Store) -> None:
    with store.transaction(utc_now()) as tx:
        people.add_user(tx, "Ann", Role.CARER, "4071", "test")
        people.remove_user(tx, "Mary", "test")
    assert "There is no manager" in checker.lines()["people"]


def test_a_clock_that_went_back_is_at_fault(checker: Checker, store: Store) -> None:
    with store.transaction(utc_now() + timedelta(hours=1)) as tx:
        audit.record(tx, "test", "happened", "an hour from now")
    line = checker.lines()["clock"]
    assert line.startswith("WRONG")
    assert "set the clock right" in line


def test_a_time_zone_that_this_machine_does_not_know(checker: Checker, store: Store) -> None:
    with store.transaction(utc_now()) as tx:
        home = meta.home(tx)
        assert home is not None
        home.timezone = "Mars/Olympus"
        tx.add(home)
    lines = checker.lines()
    assert 'does not know the time zone "Mars/Olympus"' in lines["clock"]
    assert lines["rules"].startswith("-")


def test_hours_that_cannot_be_read_are_said(checker: Checker, store: Store) -> None:
    with store.transaction(utc_now()) as tx:
        requirement = tx.get(Requirement, 1)
        assert requirement is not None
        requirement.hours = "nights"
        tx.add(requirement)
    assert 'hours "nights" are not HH:MM-HH:MM' in checker.lines()["rules"]


@pytest.mark.parametrize(
    "book",
    [
        Rulebook(hot_surface=HotSurfaceRule(clear_c=44.0)),
        Rulebook(hot_surface=HotSurfaceRule(at_once_c=42.0)),
        Rulebook(bed_exit=BedExitRule(dwell=timedelta(minutes=7))),
        Rulebook(hot_surface=HotSurfaceRule(hold=timedelta(seconds=-1))),
    ],
)
def test_numbers_that_contradict_each_other_are_said(store: Store, book: Rulebook) -> None:
    with store.reading(utc_now()) as tx:
        assert look_at_rules(tx, book).ok is False
        assert look_at_rules(tx).ok


def test_who_would_sound_an_alert_now_is_said_and_nobody_is_wrong(store: Store) -> None:
    def look(seconds: float) -> Finding:
        with store.reading(now + timedelta(seconds=seconds)) as tx:
            return look_at_receivers(tx, running=True)

    now = utc_now()
    assert "Nobody is listening" in look(0).sentence
    with store.transaction(now) as tx:
        enrol_screen(tx, "corridor")
    assert "corridor not seen" in look(1).sentence, "enrolled is not listening"
    for sound in (False, True):
        with store.transaction(now) as tx:
            word = Word("1", "corridor", ReceiverKind.SCREEN, sound, now)
            receivers.heard(tx, [word])
        assert not look(1).ok
    assert "corridor not heard in this shift" in look(1).sentence
    with store.transaction(now) as tx:
        [row] = receivers.present(tx)
        shifts.keep_sound_test(tx, row, "Ana", "night", now + timedelta(hours=1))
    assert look(1).ok
    assert look(1).sentence == "corridor would sound an alert now."
    assert "Nobody is listening" in look(30).sentence


def test_a_deadmans_switch_that_is_not_reached_has_a_line(store: Store) -> None:
    for trouble, ok in ((None, True), ("The dead-man's switch at x was not reached: no.", False)):
        with store.transaction(utc_now()) as tx:
            meta.put(tx, meta.DEADMAN, json.dumps({"set": True, "trouble": trouble}))
            assert look_at_deadman(tx, running=True).ok is ok


def test_an_access_list_that_is_behind_the_register_is_said(
    checker: Checker, store: Store, tmp_path: Path
) -> None:
    folder = ("--access", str(tmp_path / "access"))
    assert "cannot be read" in checker.lines(*folder)["access"]
    written = ["--data", str(tmp_path), "--out", folder[1], "--reader", "pager"]
    assert CliRunner().invoke(mosquitto, written).exit_code == 0
    assert checker.lines(*folder)["access"].startswith("ok")
    with store.transaction(utc_now()) as tx:
        upkeep.bind(tx, "MAT-0012", Binding.usual(DeviceId("nightwarden", "another")), "test")
    line = checker.lines(*folder)["access"]
    assert line.startswith("WRONG")
    assert "no password for device nightwarden:another" in line
    assert "device nightwarden:mat-12 has left and may still speak" in line


def test_readings_that_wait_for_the_long_history_are_said(checker: Checker, store: Store) -> None:
    with store.transaction(utc_now()) as tx:
        history.failing(tx, "influx", "it answers 401")
    line = checker.lines()["history"]
    assert line.startswith("WRONG")
    assert "it answers 401" in line


# --- settings -----------------------------------------------------------------------------------


def test_a_misspelt_setting_is_said(
    checker: Checker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = checker.data / "nightwarden.toml"
    settings.write_text('data = "."\nhtpp = "127.0.0.1:1"\n[up]\nbroker-ca = "x"\nsped = 2\n')
    monkeypatch.setenv("NIGHTWARDEN_BROKR", "mqtt://x")
    line = checker.lines()["configuration"]
    assert line.startswith("WRONG")
    assert '"htpp" in nightwarden.toml (did you mean "http"?)' in line
    assert '"sped" under [up]' in line
    assert 'NIGHTWARDEN_BROKR (did you mean "NIGHTWARDEN_BROKER"?)' in line
    assert "broker-ca" not in line


def test_every_setting_that_the_deployment_uses_is_known(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    for name in ("BROKER_PASSWORD_FILE", "INFLUX_TOKEN_FILE"):
        monkeypatch.setenv(f"NIGHTWARDEN_{name}", str(secret))
    for name in ("INFLUX", "INFLUX_ORG", "INFLUX_BUCKET"):
        monkeypatch.setenv(f"NIGHTWARDEN_{name}", "x")
    assert checker.lines()["configuration"].startswith("ok  Set here: NIGHTWARDEN_")
