"""The commands that let people, programs and screens in."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from nightwarden.clock import utc_now
from nightwarden.commands.screen import screen
from nightwarden.commands.token import token
from nightwarden.commands.user import user
from nightwarden.errors import Conflict, Invalid, NotFound, Unauthenticated
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.engine import Store, open_store


def run(command: click.Command, data: Path, *words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(command, [*words, "--data", str(data)], input=stdin)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "nightwarden.db")) as store:
        yield store


def test_a_token_is_printed_alone_and_works_until_it_is_revoked(
    tmp_path: Path, store: Store
) -> None:
    made = run(token, tmp_path, "create", "--role", "integrator", "--name", "pager")
    assert made.exit_code == 0
    (printed,) = made.stdout.splitlines()
    with store.reading(utc_now()) as tx:
        assert people.token_actor(tx, printed).role == Role.INTEGRATOR
    assert run(token, tmp_path, "list").stdout.startswith("pager\tintegrator\t")
    assert run(token, tmp_path, "revoke", "pager").exit_code == 0
    with store.reading(utc_now()) as tx, pytest.raises(Unauthenticated):
        people.token_actor(tx, printed)
    assert run(token, tmp_path, "list").stdout == ""
    assert isinstance(run(token, tmp_path, "revoke", "pager").exception, NotFound)


def test_a_person_is_added_asked_reset_and_removed(tmp_path: Path, store: Store) -> None:
    added = run(user, tmp_path, "add", "Ann", "--role", "carer", stdin="4071\n4071\n")
    assert added.exit_code == 0
    assert "4071" not in added.output
    again = run(user, tmp_path, "add", "Ann", "--role", "carer", "--stdin", stdin="4071\n")
    assert isinstance(again.exception, Conflict)
    weak = run(user, tmp_path, "add", "Mary", "--role", "manager", "--stdin", stdin="4071\n")
    assert isinstance(weak.exception, Invalid)
    nothing = run(user, tmp_path, "reset", "Ann", "--stdin", stdin="")
    assert isinstance(nothing.exception, Invalid)
    assert run(user, tmp_path, "reset", "Ann", "--stdin", stdin="8206\n").exit_code == 0
    with store.transaction(utc_now()) as tx:
        assert people.check_secret(tx, "Ann", "8206").name == "Ann"
    assert run(user, tmp_path, "list").stdout == "Ann\tcarer\n"
    assert run(user, tmp_path, "remove", "Ann").exit_code == 0
    assert run(user, tmp_path, "list").stdout == ""
    back = run(user, tmp_path, "add", "Ann", "--role", "senior", "--stdin", stdin="5150\n")
    assert back.exit_code == 0
    assert run(user, tmp_path, "list").stdout == "Ann\tsenior\n"


def test_a_screen_is_enrolled_by_a_link_once(tmp_path: Path, store: Store) -> None:
    printed = run(screen, tmp_path, "add", "corridor", "--http", "192.0.2.1:8080").stdout
    assert printed.startswith("http://192.0.2.1:8080/enrol/")
    code = printed.strip().rpartition("/")[2]
    with store.transaction(utc_now() + timedelta(minutes=29)) as tx:
        cookie = people.use_enrol_code(tx, code)
        assert people.screen_of(tx, cookie).name == "corridor"
    assert run(screen, tmp_path, "list").stdout.startswith("corridor\t")
    assert run(screen, tmp_path, "remove", "corridor").exit_code == 0
    assert run(screen, tmp_path, "list").stdout == ""


def test_a_role_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    refused = run(token, tmp_path, "create", "--role", "boss", "--name", "x")
    assert refused.exit_code == 2
    assert "'carer'" in refused.output
