"""The broker that docker-compose.yml starts, on this machine's Mosquitto: who may say what.

The files of ``deploy/mosquitto`` are used as they are; only their paths and the port are moved.
"""

import getpass
import os
import queue
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from gateway.embedded_broker import free_port
from tests.brokers import PATIENCE_S, find_program, until

pytestmark = pytest.mark.mosquitto
DEPLOY = Path(__file__).parents[2] / "deploy"
PASSWORDS = {
    "zigbee2mqtt": "zigbee-password-of-the-test",
    "pager": "pager-password-of-the-test",
    "mat-12": "mat-12 password of the test",
    "mat-13": "mat-13-password-of-the-test",
}
GATEWAY_PASSWORD = "gateway-password-of-the-test"


class DeployedBroker:
    """``start.sh`` with the paths of a container moved into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        for name in ("run", "secrets", "data"):
            (folder / name).mkdir()
        shutil.copytree(DEPLOY / "mosquitto", folder / "config")
        config = folder / "config" / "mosquitto.conf"
        moved = (
            config.read_text()
            .replace("listener 1883", f"listener {self.port} 127.0.0.1")
            .replace("/run/mosquitto", str(folder / "run"))
            .replace("/mosquitto/config", str(folder / "config"))
            .replace("/mosquitto/data", str(folder / "data"))
        )
        config.write_text(f"{moved}\nuser {getpass.getuser()}\n")
        self.secret("gateway_password", GATEWAY_PASSWORD)
        lines = [f"{user}:{password}" for user, password in PASSWORDS.items()]
        self.secret("mqtt_users", "\n".join(["# the home's devices", "", *lines]))
        self._process: subprocess.Popen[bytes] | None = None

    def secret(self, name: str, text: str) -> None:
        (self.folder / "secrets" / name).write_text(text)

    def command(self) -> tuple[list[str], dict[str, str]]:
        program = find_program("mosquitto")
        environment = {
            "PATH": f"{os.environ['PATH']}:{Path(program).parent}",
            "SECRETS": str(self.folder / "secrets"),
            "RUN": str(self.folder / "run"),
            "CONFIG": str(self.folder / "config" / "mosquitto.conf"),
        }
        return ["sh", str(self.folder / "config" / "start.sh")], environment

    def start(self) -> None:
        command, environment = self.command()
        self._process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        until(self._accepts)

    def refusal(self) -> str:
        """What it says when it does not start."""
        command, environment = self.command()
        ended = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
            text=True,
        )
        assert ended.returncode == 2
        return ended.stderr.strip()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def saved_at(self) -> int:
        """When it last wrote its memory to disk, in nanoseconds; 0 for never."""
        memory = self.folder / "data" / "mosquitto.db"
        return memory.stat().st_mtime_ns if memory.exists() else 0

    def _accepts(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Client:
    """A user of the broker; a context manager that connects and says whether it was let in."""

    def __init__(
        self,
        broker: DeployedBroker,
        user: str | None,
        password: str | None = None,
        session: str = "",
    ) -> None:
        self.heard: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self.answers: queue.Queue[ReasonCode] = queue.Queue()
        self._paho = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=session, clean_session=not session
        )
        if user is not None:
            known = PASSWORDS | {"gateway": GATEWAY_PASSWORD}
            self._paho.username_pw_set(user, password or known[user])
        self._paho.on_connect = lambda _c, _u, _f, answer, _p: self.answers.put(answer)
        self._paho.on_message = lambda _c, _u, message: self.heard.put(message)
        self._subscribed: queue.Queue[list[ReasonCode]] = queue.Queue()
        self._paho.on_subscribe = lambda _c, _u, _m, codes, _p: self._subscribed.put(codes)
        self._port = broker.port

    def __enter__(self) -> Self:
        self._paho.connect("127.0.0.1", self._port)
        self._paho.loop_start()
        self.answer = self.answers.get(timeout=PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()

    def subscribe(self, topic: str) -> None:
        self._paho.subscribe(topic, qos=1)
        self._subscribed.get(timeout=PATIENCE_S)

    def say(self, topic: str, payload: str = "", *, retain: bool = False) -> None:
        self._paho.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_S)

    def next(self) -> tuple[str, str]:
        message = self.heard.get(timeout=PATIENCE_S)
        return message.topic, message.payload.decode()


def _forge(broker: DeployedBroker, user: str, topic: str) -> None:
    """On a connection of its own: Mosquitto 2.0.11 says that it has it, and closes this one."""
    with Client(broker, user) as forger:
        forger.say(topic, "forged", retain=True)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[DeployedBroker]:
    made = DeployedBroker(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (None, None),
        ("gateway", "a guess of the test"),
        ("mat-12", PASSWORDS["mat-13"]),
        ("admin", "admin"),
    ],
)
def test_a_stranger_is_refused(
    broker: DeployedBroker, user: str | None, password: str | None
) -> None:
    with Client(broker, user, password) as stranger:
        assert stranger.answer == "Not authorized"


def test_a_device_speaks_as_itself_alone(broker: DeployedBroker) -> None:
    with Client(broker, "gateway") as gateway, Client(broker, "mat-12") as mat:
        assert mat.answer == "Success"
        gateway.subscribe("nightwarden/#")
        for forbidden in (
            "nightwarden/v1/elm-house/device/mat-13",
            "nightwarden/v1/elm-house/device/mat-13/availability",
            "nightwarden/v1/elm-house/device/mat-12/more",
            "nightwarden/v1/elm-house/alert/7",
            "nightwarden/v1/elm-house/health",
            "nightwarden/v1/elm-house/proof",
        ):
            _forge(broker, "mat-12", forbidden)
        mat.say("nightwarden/v1/elm-house/device/mat-12/availability", "online")
        mat.say("nightwarden/v1/elm-house/device/mat-12", '{"occupancy": false}')
        assert gateway.next() == (
            "nightwarden/v1/elm-house/device/mat-12/availability",
            "online",
        )
        assert gateway.next() == ("nightwarden/v1/elm-house/device/mat-12", '{"occupancy": false}')


def test_a_device_hears_nobody(broker: DeployedBroker) -> None:
    with Client(broker, "gateway") as gateway, Client(broker, "mat-13") as mat:
        mat.subscribe("#")
        gateway.say("nightwarden/v1/elm-house/alert/7", "Joan is up")
        gateway.subscribe("nightwarden/#")
        mat.say("nightwarden/v1/elm-house/device/mat-13", "{}")
        assert gateway.next() == ("nightwarden/v1/elm-house/device/mat-13", "{}")
        assert mat.heard.empty()


def test_a_pager_hears_alerts_and_cannot_change_them(broker: DeployedBroker) -> None:
    topic = "nightwarden/v1/elm-house/alert/7"
    with Client(broker, "gateway") as gateway, Client(broker, "pager") as pager:
        pager.subscribe("nightwarden/v1/elm-house/alert/+")
        gateway.say(topic, "Joan is up", retain=True)
        assert pager.next() == (topic, "Joan is up")
        _forge(broker, "pager", topic)
    with Client(broker, "pager") as later:
        later.subscribe("nightwarden/v1/elm-house/alert/+")
        assert later.next() == (topic, "Joan is up")


def test_zigbee2mqtt_keeps_to_its_own_topics(broker: DeployedBroker) -> None:
    with Client(broker, "gateway") as gateway, Client(broker, "zigbee2mqtt") as bridge:
        gateway.subscribe("#")
        _forge(broker, "zigbee2mqtt", "nightwarden/v1/elm-house/device/mat-12")
        bridge.say("zigbee2mqtt/Room 12/radiator", '{"temperature": 43}')
        assert gateway.next() == ("zigbee2mqtt/Room 12/radiator", '{"temperature": 43}')


def test_the_health_check_of_compose_is_let_in(broker: DeployedBroker) -> None:
    password = (broker.folder / "run" / "health").read_text()
    with Client(broker, "healthcheck", password) as check:
        check.subscribe("$SYS/broker/uptime")
        assert check.next()[1].endswith("seconds")


def test_passwords_are_kept_hashed(broker: DeployedBroker) -> None:
    kept = (broker.folder / "run" / "passwords").read_text()
    assert not [word for word in (*PASSWORDS.values(), GATEWAY_PASSWORD) if word in kept]
    assert (broker.folder / "run" / "passwords").stat().st_mode & 0o077 == 0


def test_what_waits_for_the_gateway_outlives_a_power_cut(broker: DeployedBroker) -> None:
    """More than Mosquitto's usual 1,000, and more than a second old when the power goes."""
    topic = "nightwarden/v1/elm-house/device/mat-12"
    with Client(broker, "gateway", session="nightwarden-gateway") as gateway:
        gateway.subscribe("nightwarden/#")
    with Client(broker, "mat-12") as mat:
        for number in range(1_200):
            mat.say(topic, str(number))
        # Two saves after the last message: the first may have begun before it.
        for _ in range(2):
            seen = broker.saved_at()
            until(lambda: broker.saved_at() > seen)  # noqa: B023 - waited for within the turn
    broker.kill()
    broker.start()
    with Client(broker, "gateway", session="nightwarden-gateway") as gateway:
        assert [gateway.next()[1] for _ in range(1_200)] == [str(n) for n in range(1_200)]


@pytest.mark.parametrize(
    ("secret", "text", "sentence"),
    [
        ("gateway_password", "short", "line 1 of gateway, healthcheck and mqtt_users is not"),
        ("mqtt_users", "mat-12:", "line 3 of"),
        ("mqtt_users", "mat-12", "line 3 of"),
        ("mqtt_users", "mat-12:would-be-cut:here", "line 3 of"),
        ("mqtt_users", "gateway:another-password", "gateway is given twice"),
    ],
)
def test_without_proper_passwords_it_does_not_start_and_says_why(
    tmp_path: Path, secret: str, text: str, sentence: str
) -> None:
    broker = DeployedBroker(tmp_path)
    broker.secret(secret, text)
    assert sentence in broker.refusal()


def test_without_its_secrets_it_does_not_start_and_says_why(tmp_path: Path) -> None:
    broker = DeployedBroker(tmp_path)
    (tmp_path / "secrets" / "gateway_password").unlink()
    assert "sh deploy/make-secrets.sh makes it" in broker.refusal()


def test_the_secrets_that_we_make_start_it_and_are_never_replaced(tmp_path: Path) -> None:
    broker = DeployedBroker(tmp_path)
    shutil.rmtree(tmp_path / "secrets")
    make = ["sh", str(DEPLOY / "make-secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(make, check=True, capture_output=True)
    first = (tmp_path / "secrets" / "gateway_password").read_text()
    subprocess.run(make, check=True, capture_output=True)
    assert (tmp_path / "secrets" / "gateway_password").read_text() == first
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    broker.start()
    with Client(broker, "gateway", first) as gateway:
        assert gateway.answer == "Success"
    broker.kill()
