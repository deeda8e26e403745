"""The embedded broker as the supervisor sees it: a process, its address, its exit code."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.embedded_broker import EmbeddedBroker, ListenAddress, free_port
from nightwarden.errors import Invalid
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
            assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_it_listens_at_its_own_address_only() -> None:
    with EmbeddedBroker() as broker, pytest.raises(OSError, match=r"refused|reach|assign|timed"):
        # also this machine, and where a broker that listens everywhere would answer
        socket.create_connection(("127.0.0.2", broker.address.port), timeout=5).close()


@pytest.mark.parametrize("listen", ["0.0.0.0:1883", "192.168.1.5:1883", "[::]:1883", "broker:1883"])
def test_where_others_could_reach_it_it_does_not_listen(listen: str) -> None:
    ended = subprocess.run(
        command(listen), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 2
    assert "cannot tell devices apart" in ended.stderr
    assert "--broker" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_port_in_use_is_one_line_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = subprocess.run(
            command(listen), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
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
