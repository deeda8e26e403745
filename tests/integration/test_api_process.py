"""``python -m api``: how it begins, how it ends, and its doorbell at a real broker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from api.bell import Bell, BrokerAddress
from api.process import main
from nightwarden.model.roles import Role
from nightwarden.store import people
from nightwarden.store.engine import open_store
from tests.api_server import HOME, NIGHT, ApiUnderTest
from tests.brokers import Broker

STARTS_WITHIN_S = 20.0
ENVIRONMENT = {name: value for name, value in os.environ.items() if "NIGHTWARDEN" not in name}


@contextmanager
def api_process(data: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "api", "--data", str(data), "--http", "127.0.0.1:0", *options]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            assert said.startswith("api: listening at http://127.0.0.1:"), said
            yield process, said.split()[-1]
        finally:
            process.kill()


def test_it_ends_in_good_order_with_thirty_open_streams(tmp_path: Path) -> None:
    store = open_store(tmp_path / "nightwarden.db")
    with store.transaction(NIGHT) as tx:
        token = people.create_token(tx, "board", Role.CARER, "test")
    store.close()
    with api_process(tmp_path) as (process, url), ExitStack() as stack:
        headers = {"Authorization": f"Bearer {token}"}
        client = stack.enter_context(httpx.Client(timeout=STARTS_WITHIN_S, verify=False))
        streams = [
            stack.enter_context(client.stream("GET", f"{url}/api/v1/stream", headers=headers))
            for _ in range(30)
        ]
        lines = [stream.iter_lines() for stream in streams]
        assert {next(line) for line in lines} == {"retry: 1000"}
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        for line in lines:
            assert list(line)  # to its proper end: a cut one would raise
        assert process.wait(15) == 0
        assert time.monotonic() - began < 10
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    with api_process(tmp_path, "--until-stdin-closes") as (process, url):
        assert httpx.get(f"{url}/api/v1/health", timeout=STARTS_WITHIN_S).status_code == 503
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(15) == 0


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "api", "--data", str(tmp_path), "--http", address],
            capture_output=True,
            text=True,
            timeout=STARTS_WITHIN_S,
            env=ENVIRONMENT,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"{address} is in use by another program; ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--http", "8080"], "is not HOST:PORT"),
        (["--http", "127.0.0.1:65536"], "is not HOST:PORT"),
        (["--http", "192.0.2.1:8080"], "cannot be listened at"),
        (["--http", "127.0.0.1:0", "--broker", "http://x"], "a broker's address is"),
    ],
)
def test_what_cannot_be_is_one_line_and_2(
    tmp_path: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), *options]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_the_doorbell_rings_both_ways(tmp_path: Path, embedded_broker: Broker) -> None:
    host, port = embedded_broker.url.removeprefix("mqtt://").split(":")
    bell = Bell(BrokerAddress(host, int(port)), lambda: "elm-house")
    api = ApiUnderTest(tmp_path, bell=bell)
    api.looks_only_when_rung()
    with api, gateway(host, int(port)) as ears:
        api.apply(HOME)
        wait_until(lambda: bell.connected)
        with api.stream() as events, api.client(Role.CARER) as carer:
            next(events)
            number = api.raise_alert()
            ears.publish("nightwarden/v1/elm-house/ring/api", b"")
            assert next(event for event in events if event.event == "alert").data["id"]
            carer.post(f"/alerts/{number}/accept")
            wait_until(lambda: ears.user_data_get() == ["nightwarden/v1/elm-house/ring/gateway"])


def test_without_a_broker_everything_but_the_ring_works(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    bell = Bell(BrokerAddress("127.0.0.1", port), lambda: "elm-house")
    with ApiUnderTest(tmp_path, bell=bell) as api, api.stream() as events:
        next(events)
        api.raise_alert()
        assert next(event for event in events if event.event == "alert").data["state"] == "raised"
        with api.client(Role.CARER) as carer:
            assert carer.post("/alerts/1/accept").status_code == 200


@contextmanager
def gateway(host: str, port: int) -> Iterator[paho.Client]:
    """Ears at the broker in the gateway's stead; ``user_data_get`` is what they heard."""
    client = paho.Client(CallbackAPIVersion.VERSION2, userdata=[])
    client.on_message = lambda _client, heard, message: heard.append(message.topic)
    subscribed: list[int] = []
    client.on_subscribe = lambda _client, _heard, mid, *_: subscribed.append(mid)
    client.connect(host, port)
    client.loop_start()
    client.subscribe("nightwarden/v1/elm-house/ring/gateway")
    wait_until(lambda: bool(subscribed))
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def wait_until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
