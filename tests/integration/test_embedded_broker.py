"""The embedded broker as the supervisor sees it: a process, its address, its exit code."""

import queue
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.embedded_broker import EmbeddedBroker
from gateway.listen_address import ListenAddress, free_port
from gateway.wide_listener import read_users
from nightwarden.errors import Invalid
from tests.acceptance.program import Program, nightwarden
from tests.brokers import Ear, until

ROOT = Path(__file__).parents[2]


def command(listen: str) -> list[str]:
    return [sys.executable, "-m", "gateway.embedded_broker", "--listen", listen]


def test_it_says_where_it_listens_and_ends_with_its_parent() -> None:
    with subprocess.Popen(
        command("127.0.0.1:0"),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"127\.0\.0\.1:\d+", address)
        with Ear(f"mqtt://{address}", "mats/#") as ear:
            ear.say("mats/12", b"press")
            assert ear.next().payload == b"press"
            process.stdin.close()  # as when the supervisor is killed
            assert process.wait(60) == 0
        assert process.stderr.read() == ""


def test_it_listens_at_its_own_address_only() -> None:
    with EmbeddedBroker() as broker, pytest.raises(OSError, match=r"refused|reach|assign|timed"):
        # also this machine, and where a broker that listens everywhere would answer
        socket.create_connection(("127.0.0.2", broker.address.port), timeout=60).close()


@pytest.mark.parametrize("listen", ["0.0.0.0:1883", "192.168.1.5:1883", "[::]:1883", "broker:1883"])
def test_where_others_could_reach_it_it_does_not_listen(listen: str) -> None:
    ended = subprocess.run(
        command(listen), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert "cannot tell devices apart" in ended.stderr
    assert "--broker" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_port_in_use_is_one_line_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = subprocess.run(
            command(listen), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 2
        assert ended.stderr.startswith(f"{listen} is in use by another program; ")
        assert ended.stderr.count("\n") == 1
        with pytest.raises(Invalid, match="is in use by another program"):
            EmbeddedBroker(port=taken.getsockname()[1]).start()


def test_it_is_found_again_on_the_same_port_after_a_crash() -> None:
    with EmbeddedBroker() as broker:
        address = broker.address
        broker.kill()
        assert not broker.running()
        broker.start()
        assert broker.running()
        assert broker.address == address


def test_stopping_frees_the_port() -> None:
    broker = EmbeddedBroker(port=free_port())
    broker.start()
    broker.stop()
    broker.stop()
    broker.address.check_free()


@pytest.mark.parametrize(
    "text", ["", "1883", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is not HOST:PORT"):
        ListenAddress.parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:1883", ("127.0.0.1", 1883)),
        ("localhost:0", ("127.0.0.1", 0)),
        ("[::1]:1883", ("::1", 1883)),
    ],
)
def test_addresses_of_this_machine_are_taken(text: str, expected: tuple[str, int]) -> None:
    address = ListenAddress.parse(text)
    assert address == expected
    assert ListenAddress.parse(str(address)) == address


def test_its_memory_stays_bounded_however_much_passes_through() -> None:
    def resident_mib(pid: int) -> float:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell a process's memory")
    payload = bytes(512 * 1024)
    with EmbeddedBroker() as broker, Ear(broker.url, "mats/#") as ear:
        assert broker.pid is not None
        for _ in range(400):  # 200 MiB
            ear.say("mats/12", payload)
            assert len(ear.next().payload) == len(payload)
        until(ear.inbox.empty)
        assert resident_mib(broker.pid) < 120


# --- for the network -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, int]]:
    """A monitor whose embedded broker also listens for others."""
    folder = tmp_path_factory.mktemp("wide")
    for arguments in (("create",), ("issue", "broker", "--host", "localhost")):
        assert nightwarden(folder, "ca", *arguments).returncode == 0
    users = folder / "users"
    users.touch(mode=0o600)
    users.write_text("# one line a client\nmat-12:a password: with a colon\n")
    port = free_port()
    options = ("--mqtt-certificate", "broker", "--mqtt-users", "users", "--http", "127.0.0.1:0")
    with Program(folder, "--mqtt", f"0.0.0.0:{port}", *options) as program:
        program.says("Pages")
        yield program, port


def word_over_tls(port: int, ca: Path, user: str | None, password: str = "") -> str:
    """Connects and publishes as a device does; "heard", or how it was refused."""
    answers: queue.Queue[str] = queue.Queue()
    client = paho.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    client.tls_set(str(ca))
    if user is not None:
        client.username_pw_set(user, password)

    def say(*_: object) -> None:
        client.publish("mats/12", "press", qos=1)

    client.on_connect = say
    client.on_publish = lambda *_: answers.put("heard")
    client.on_disconnect = lambda *_: answers.put("refused")
    client.connect("localhost", port)
    client.loop_start()
    answer = answers.get(timeout=60)
    client.disconnect()
    client.loop_stop()
    return answer


def test_others_come_by_password_over_tls_and_are_heard_here(wide: tuple[Program, int]) -> None:
    program, port = wide
    ca = program.folder / "data" / "ca" / "ca.crt"
    with Ear(program.broker, "mats/#") as ear:
        assert word_over_tls(port, ca, "mat-12", "a password: with a colon") == "heard"
        assert ear.next().payload == b"press"
        assert word_over_tls(port, ca, "mat-12", "a guess of the test") == "refused"
        assert word_over_tls(port, ca, None) == "refused"
        assert ear.inbox.empty()


def test_nobody_comes_in_the_clear(wide: tuple[Program, int]) -> None:
    _, port = wide
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        plain.sendall(b"\x10\x12\x00\x04MQTT\x04\x02\x00\x3c\x00\x06mat-12")
        assert b"\x20\x02" not in plain.recv(64)  # the acceptance that MQTT would give


def test_it_says_in_one_line_what_it_cannot_enforce(wide: tuple[Program, int]) -> None:
    program, port = wide
    line = program.says("Devices")
    assert f"mqtts://0.0.0.0:{port}" in line
    assert "one password can speak for every mat" in line
    assert "nightwarden broker mosquitto" in line


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "needs --mqtt-certificate and --mqtt-users; better, run Mosquitto"),
        (("--mqtt-users", "users"), "needs --mqtt-certificate and --mqtt-users"),
        (("--mqtt-certificate", "broker"), "needs --mqtt-certificate and --mqtt-users"),
        (("--mqtt-certificate", "broker", "--mqtt-users", "users"), "no certificate"),
    ],
)
def test_without_passwords_and_tls_it_is_one_line_and_exit_2(
    tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "users").touch(mode=0o600)
    (tmp_path / "users").write_text("mat-12:a long password\n")
    ended = nightwarden(tmp_path, "up", "--mqtt", "0.0.0.0:1883", *options)
    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("text", "mode", "sentence"),
    [
        ("mat-12:a long password\n", 0o644, "can be read by others"),
        ("mat-12:short\n", 0o600, "line 1 is not USER:PASSWORD"),
        ("mat-12\n", 0o600, "line 1 is not USER:PASSWORD"),
        ("a:a long password\na:a long password\n", 0o600, "line 2 names a a second time"),
        ("# nobody\n", 0o600, "names nobody"),
    ],
)
def test_a_file_of_users_that_will_not_do(
    tmp_path: Path, text: str, mode: int, sentence: str
) -> None:
    users = tmp_path / "users"
    users.write_text(text)
    users.chmod(mode)
    with pytest.raises(Invalid, match=sentence):
        read_users(users)
