"""``nightwarden check``: the monitor, the store as a file, the broker."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from nightwarden.store import receivers
from nightwarden.store.engine import Store
from nightwarden.store.receivers import ReceiverKind, Word
from tests.brokers import Broker, Mosquitto
from tests.checking import STORE, Checker, enrol_screen, ready_store, something_silent, up
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider


@pytest.fixture
def checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checker:
    monkeypatch.chdir(tmp_path)  # where nightwarden.toml would be
    return Checker(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with ready_store(tmp_path) as store:
        yield store


# --- the monitor runs ---------------------------------------------------------------------------


def test_a_running_monitor_in_good_order_is_right_in_every_line(
    checker: Checker, store: Store
) -> None:
    with store.transaction(utc_now()) as tx:
        enrol_screen(tx, "corridor")
    with up(checker):
        with store.transaction(utc_now()) as tx:
            receivers.heard(tx, [Word("1", "corridor", ReceiverKind.PAGER, True, utc_now())])
        lines = checker.lines()
        assert all(line.startswith("ok") for line in lines.values()), lines
        assert checker.exit_code == 0
        assert "loop test" in lines["watching"]
        assert f"embedded broker at {checker.mqtt} lets us in" in lines["broker"]
        assert "watching" in lines["pages"]
        assert lines["discovery"].startswith("ok  On (rooms); ")
        shown = re.search(r"; (\d+) of (\d+) configurations", lines["discovery"])
        assert shown
        assert shown[1] == shown[2] > "0"

        off = checker.lines("--home-assistant-discovery", "off")["discovery"]
        assert off.startswith(f"WRONG  Off, and {shown[1]} of our configurations are still")

        elsewhere = Checker(checker.data).lines()  # as if --http and --mqtt had been forgotten
        assert "--mqtt that up was given" in elsewhere["broker"]
        assert "--http that up was given" in elsewhere["pages"]


def test_a_monitor_that_does_not_run_has_one_wrong_line_for_it(
    checker: Checker, store: Store
) -> None:
    lines = checker.lines()
    assert checker.exit_code == 1
    wrong = [about for about, line in lines.items() if line.startswith("WRONG")]
    assert wrong == ["watching"]
    assert "NOT WATCHING" in lines["watching"]
    assert "comes with `nightwarden up`" in lines["broker"]


def test_a_taken_port_is_said_before_up_runs_into_it(checker: Checker, store: Store) -> None:
    with something_silent() as address:
        checker.http = checker.mqtt = address
        lines = checker.lines()
    assert lines["broker"].startswith(f"WRONG  Another program listens at {address}")
    assert lines["pages"].startswith(f"WRONG  Another program listens at {address}")


# --- the store ----------------------------------------------------------------------------------


def test_without_a_store_the_rest_is_not_looked_at_and_none_is_made(checker: Checker) -> None:
    lines = checker.lines()
    assert checker.exit_code == 1
    assert "nightwarden apply FILE" in lines["store"]
    assert lines["home"].startswith("-  ")
    assert not (checker.data / STORE).exists()


def test_a_file_that_is_no_store_is_said_and_left_as_it_is(checker: Checker) -> None:
    path = checker.data / STORE
    path.write_text("shopping list " * 400)
    assert "cannot be used: file is not a database" in checker.lines()["store"]
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE shopping (item)")
    assert "is not a store of Nightwarden" in checker.lines()["store"]
    with closing(sqlite3.connect(path)) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_schema")] == ["shopping"]


def test_a_damaged_store_is_noticed(checker: Checker, store: Store) -> None:
    store.close()
    path = checker.data / STORE
    content = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'audit'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)
    line = checker.lines()["store"]
    assert line.startswith("WRONG")
    assert "put a backup in its place" in line


@pytest.mark.parametrize(
    ("revision", "said"), [("9999", "a newer Nightwarden (schema 9999)"), (None, "schema None")]
)
def test_a_schema_of_another_version_is_said_and_not_touched(
    checker: Checker, store: Store, revision: str | None, said: str
) -> None:
    store.close()
    with closing(sqlite3.connect(checker.data / STORE)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
        if revision:
            connection.execute("INSERT INTO alembic_version VALUES (?)", [revision])
    assert said in checker.lines()["store"]
    with closing(sqlite3.connect(checker.data / STORE)) as connection:
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert rows == ([(revision,)] if revision else [])


# --- the broker ---------------------------------------------------------------------------------


def test_a_broker_that_lets_us_in(checker: Checker, embedded_broker: Broker) -> None:
    line = checker.lines("--broker", embedded_broker.url)["broker"]
    assert line.startswith("ok")
    assert embedded_broker.url.removeprefix("mqtt://") in line


def test_a_broker_that_is_not_there(checker: Checker) -> None:
    line = checker.lines("--broker", f"mqtt://{checker.mqtt}")["broker"]
    assert line.startswith("WRONG  The broker at")
    assert "cannot be reached" in line


def test_what_accepts_and_never_answers_is_no_broker(checker: Checker) -> None:
    with something_silent() as address:
        line = checker.lines("--broker", f"mqtt://{address}")["broker"]
    assert line.endswith("does not answer as an MQTT broker.")


@pytest.mark.mosquitto
def test_a_wrong_password_is_said_without_the_password(checker: Checker, tmp_path: Path) -> None:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(folder, users={"gateway": "right"})
    broker.start()
    try:
        port = broker.port
        wrong = checker.lines("--broker", f"mqtt://gateway:guess@127.0.0.1:{port}")["broker"]
        right = checker.lines("--broker", f"mqtt://gateway:right@127.0.0.1:{port}")["broker"]
    finally:
        broker.stop()
    assert "refuses the user name or password" in wrong
    assert "guess" not in wrong
    assert right.startswith("ok")


@pytest.mark.parametrize(
    "words", [("--broker", "http://127.0.0.1"), ("--mqtt", "nowhere:x"), ("--http", "8080")]
)
def test_wrong_usage_is_an_error_of_its_own(checker: Checker, words: tuple[str, str]) -> None:
    with pytest.raises(Invalid):  # exit code 2, see run_command
        checker.lines(*words)


# --- the organisation's own provider --------------------------------------------------------------


def test_a_provider_is_asked_for_its_discovery_and_must_be_who_we_take_it_for(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "sign-in" not in checker.lines(), "no provider, no line"
    monkeypatch.setenv("NIGHTWARDEN_OPENID_SECRET", SECRET)
    with OpenIdProvider(utc_now()) as provider:
        told = ["--openid", provider.issuer, "--openid-client", CLIENT]
        told += ["--openid-roles", "night=carer"]
        assert checker.lines(*told)["sign-in"] == (
            f'ok  {provider.issuer} answers as itself and is asked as client "{CLIENT}".'
        )
        provider.down = True
        assert "answers 503" in checker.lines(*told)["sign-in"]
        provider.down = False
        asked = provider.issuer
        provider.issuer = "https://login.example.org"
        assert 'calls itself "https://login.example.org"' in checker.lines(*told)["sign-in"]
        provider.issuer = asked
    line = checker.lines(*told)["sign-in"]
    assert line.startswith("WRONG  Nobody can sign in through the provider: ")
    assert "cannot be reached" in line
    assert checker.exit_code == 1
