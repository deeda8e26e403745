"""``nightwarden up`` as a process: it says where it is, keeps its children, ends with them."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.publish as mqtt
import pytest

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.model.roles import Role
from tests.acceptance.program import CHILDREN, Program, gone, nightwarden
from tests.brokers import until

HOME = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - {id: "12", places: [{id: bed}]}
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {place: bed, needs: bed_mat, dwell_s: 0, because: falls, review_by: 2030-01-01}
equipment:
  - {tag: MAT-12, kind: bed_mat, at: 12/bed, device: {dialect: nightwarden, address: mat-12}}
"""


def apply_home(folder: Path) -> None:
    (folder / "home.yaml").write_text(HOME)
    done = nightwarden(folder, "apply", "home.yaml")
    assert done.returncode == 0, done.stderr


def say(program: Program, **body: object) -> None:
    """Publish as the mat in room 12."""
    broker = BrokerUrl.parse(program.broker)
    topic = "nightwarden/v1/elm-house/device/mat-12"
    mqtt.single(topic, json.dumps(body), qos=1, hostname=broker.host, port=broker.port)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Elm House, watched; each test leaves it so."""
    folder = tmp_path_factory.mktemp("up")
    apply_home(folder)
    with Program(folder) as program:
        yield program.watching()


def test_it_says_whose_home_it_watches_and_where_it_is(up: Program) -> None:
    lines = up.out.splitlines()
    assert lines[0] == "Home     Elm House (elm-house)"
    assert re.fullmatch(
        r"Broker   mqtt://127\.0\.0\.1:\d+  \(embedded; this machine only\)", lines[1]
    )
    assert re.fullmatch(r"Pages    http://127\.0\.0\.1:\d+", lines[2])
    assert lines[3] == f"API      {up.pages}/api/v1"
    assert re.fullmatch(r"Watching, \d+\.\d s after the start\.", lines[4])
    assert up.err == ""


def test_an_exit_goes_all_the_way_from_the_mat_to_the_api(up: Program) -> None:
    say(up, occupancy=True)
    say(up, occupancy=False)
    until(up.alerts)
    [alert] = up.alerts()
    assert alert["text"] == "Room 12 · Joan · out of bed"


def test_token_create_prints_the_token_and_nothing_else(up: Program) -> None:
    done = nightwarden(up.folder, "token", "create", "--role", "carer", "--name", "pager")
    assert (done.returncode, done.stderr) == (0, "")
    [line] = done.stdout.splitlines()
    assert " " not in line
    up.tokens[Role.SENIOR] = line  # whichever role it has: it opens the door
    assert up.call("GET", "/alerts", role=Role.SENIOR)["items"] is not None


@pytest.mark.parametrize("option", ["--http", "--mqtt"])
def test_a_port_in_use_is_one_line_and_exit_2(up: Program, tmp_path: Path, option: str) -> None:
    taken = (up.pages if option == "--http" else up.broker).partition("://")[2]
    ports = {"--http": "127.0.0.1:0", "--mqtt": "127.0.0.1:0"} | {option: taken}
    done = nightwarden(tmp_path, "up", *(word for pair in ports.items() for word in pair))
    assert done.returncode == 2
    assert done.stderr == (
        f"{option} {taken} cannot be used: Address already in use; "
        f"stop what uses it, or choose another with {option}.\n"
    )


def test_a_second_monitor_on_the_same_data_is_one_line_and_exit_2(up: Program) -> None:
    done = nightwarden(up.folder, "up", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0")
    assert done.returncode == 2
    assert done.stderr == (
        "Another Nightwarden runs on data; stop it, or choose another with --data.\n"
    )
    assert up.health()[1]["status"] == "watching", "and the first is not disturbed"


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_that_is_killed_is_started_again_loudly(up: Program, name: str) -> None:
    pages, broker, fallen_at = up.pages, up.broker, utc_now()
    killed = up.child(name)
    os.kill(killed, signal.SIGKILL)
    until(lambda: f"!!! The {name} fell (signal 9); starting it again." in up.err)
    up.proves_itself_after(fallen_at)
    up.proves_itself()
    assert up.child(name) != killed
    assert (up.pages, up.broker) == (pages, broker)
    say(up, occupancy=True)
    say(up, occupancy=False)
    until(lambda: up.alerts()[0]["cleared_at"] is None)


def test_a_gateway_that_stands_still_is_told_within_ten_seconds(up: Program) -> None:
    gateway = up.child("gateway")
    os.kill(gateway, signal.SIGSTOP)
    try:
        until(lambda: up.health()[0] == 503, seconds=10)
        assert up.health()[1]["status"] == "not_watching"
    finally:
        os.kill(gateway, signal.SIGCONT)
    up.proves_itself()
    assert up.health()[0] == 200
    assert up.child("gateway") == gateway


def test_a_home_applied_while_it_runs_is_watched_and_ctrl_c_ends_every_process(
    tmp_path: Path,
) -> None:
    with Program(tmp_path) as program:
        assert program.says("No home yet") == "No home yet: nightwarden apply FILE --data data"
        until(lambda: program.health()[0] == 503)
        apply_home(tmp_path)
        program.watching()
        program.proves_itself()
        started = program.descendants()
        assert len(started) >= len(CHILDREN)
        assert program.interrupt() == 0
        gone(started, seconds=0)
        [warning] = program.err.splitlines()
        assert "No home yet" in warning


def test_no_child_outlives_a_monitor_that_is_killed_and_the_next_may_be_told_otherwise(
    tmp_path: Path,
) -> None:
    apply_home(tmp_path)
    with Program(tmp_path) as program:
        program.watching()
        started = program.descendants()
        program.kill()
        gone(started)
    # Nothing of it stands in the way of the next, which gets its options from elsewhere.
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    (tmp_path / "nightwarden.toml").write_text(
        'data = "elsewhere"\n[up]\nhttp = "127.0.0.1:99999"\nmqtt = "127.0.0.1:0"\n'
    )
    done = nightwarden(tmp_path, "up")
    assert done.returncode == 2
    assert '--http "127.0.0.1:99999" is not HOST:PORT' in done.stderr
    environment = {"NIGHTWARDEN_HTTP": "127.0.0.1:0"}  # stronger than the file
    with Program(tmp_path, "--data", "elsewhere", environment=environment) as program:
        assert program.says("Home") == "Home     Elm House (elm-house)"
        program.watching()
        assert not program.broker.endswith(":1883"), "the file's, not the default"


@pytest.mark.timeout(120)
def test_in_the_demo_somebody_gets_up_within_a_minute(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {"TMPDIR": str(temporary)}
    with Program(tmp_path / "run", command="demo", environment=environment) as demo:
        demo.says("  Open the board:")
        [made] = temporary.iterdir()
        assert made.name.startswith("nightwarden-demo-")
        done = nightwarden(
            demo.folder, "token", "create", "--role", "carer", "--name", "t", "--data", str(made)
        )
        demo.tokens[Role.MANAGER] = done.stdout.strip()
        until(demo.alerts, seconds=60)
        assert demo.alerts()[0]["text"].startswith("Room ")
        started = demo.descendants()
        assert len(started) > len(CHILDREN)
        assert demo.interrupt() == 0
        gone(started, seconds=0)
        assert list(temporary.iterdir()) == []
