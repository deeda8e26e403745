"""A home's own Mosquitto as it is deployed: ``deploy/mosquitto``, and the folder of who may speak.

The files are used as they are; only their paths and ports are moved. ``nightwarden apply`` and
``nightwarden broker mosquitto`` are run with a person's arguments.
"""

import getpass
import os
import queue
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
import pytest
from click.testing import CliRunner
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.listen_address import free_port
from nightwarden.cli import nightwarden_command
from tests.brokers import PATIENCE_S, find_program, until

DEPLOY = Path(__file__).parents[1] / "deploy"
HOME = """\
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - {id: "12", places: [{id: bed}, {id: radiator, emitter: radiator}]}
  - {id: "13", places: [{id: bed}]}
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {place: bed, needs: bed_mat, hours: "00:00-24:00", because: falls, review_by: 2030-01-01}
equipment:
  - {tag: M12, kind: bed_mat, at: 12/bed, device: {dialect: nightwarden, address: mat-12}}
  - {tag: M13, kind: bed_mat, at: 13/bed, device: {dialect: nightwarden, address: mat-13}}
  - tag: T12
    kind: temperature_sensor
    mount: under_cover
    at: 12/radiator
    device: {dialect: zigbee2mqtt, address: Room 12 radiator}
"""


class OwnMosquitto:
    """``deploy/mosquitto/start.sh`` with the paths of a container moved into ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.access = folder, folder / "access"
        self.monitor_port, self.device_port = free_port(), free_port()
        (folder / "memory").mkdir(parents=True)
        config = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text()
        config = config.replace("/access/", f"{self.access}/")
        config = config.replace("/mosquitto/data", str(folder / "memory"))
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"{config}\nuser {getpass.getuser()}\n")
        self.process: subprocess.Popen[bytes] | None = None
        self.apply(HOME)

    def apply(self, home: str) -> None:
        """``nightwarden apply`` of this home file."""
        (self.folder / "home.yaml").write_text(home)
        self.command("apply", str(self.folder / "home.yaml"))

    def command(self, *arguments: str) -> str:
        """A ``nightwarden`` command on this home; what it says on standard output.

        Raises:
            NightwardenError: as for a person, who would read it in one line.
        """
        with pytest.MonkeyPatch.context() as monkey:
            for name in [name for name in os.environ if name.startswith("NIGHTWARDEN_")]:
                monkey.delenv(name)
            monkey.setenv("NIGHTWARDEN_DATA", str(self.folder / "data"))
            done = CliRunner().invoke(nightwarden_command, arguments)
        if done.exception is not None:
            raise done.exception
        return str(done.stdout)

    def let_in(self, *arguments: str) -> str:
        """``nightwarden broker mosquitto``; what it says."""
        return self.command(
            *("broker", "mosquitto", "--out", str(self.access), "--reader", "pager"),
            *("--monitor-listener", f"127.0.0.1:{self.monitor_port}"),
            *("--device-listener", f"127.0.0.1:{self.device_port}"),
            *arguments,
        )

    def password(self, user: str) -> str:
        """The one that was written down for this user."""
        return (self.access / "credentials" / user).read_text().strip()

    def client(self, user: str | None, password: str | None = None, session: str = "") -> "Client":
        """A client of this broker, over TLS where the home has an authority."""
        ca = self.folder / "data" / "ca" / "ca.crt"
        tls = ssl.create_default_context(cafile=ca) if ca.exists() else None
        return Client(self, user, password, session=session, tls=tls)

    def launch(self) -> None:
        """Start it, and do not wait."""
        mosquitto = Path(find_program("mosquitto"))
        environment = {
            "PATH": f"{os.environ['PATH']}:{mosquitto.parent}",
            "ACCESS": str(self.access),
            "CONFIG": str(self._config),
        }
        with (self.folder / "log").open("ab") as log:
            command = ["sh", str(DEPLOY / "mosquitto" / "start.sh")]
            self.process = subprocess.Popen(command, env=environment, stderr=log)

    def start(self) -> None:
        """Returns when it accepts connections on both listeners."""
        self.launch()
        until(lambda: self._accepts(self.monitor_port) and self._accepts(self.device_port))

    def kill(self) -> None:
        """As a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "log").read_text()

    def saved_at(self) -> int:
        """When it last wrote its memory to disk, in nanoseconds; 0 for never."""
        memory = self.folder / "memory" / "mosquitto.db"
        return memory.stat().st_mtime_ns if memory.exists() else 0

    def remove(self) -> None:
        """End it and forget its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _accepts(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


class Client:
    """A client over MQTT 5, in which a broker says why not; ``answer`` is that to its CONNECT."""

    def __init__(
        self,
        broker: OwnMosquitto,
        user: str | None,
        password: str | None = None,
        *,
        session: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.heard: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self.gone: queue.Queue[ReasonCode] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()
        self._paho = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=session,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        self._kept = bool(session)
        if user is not None:
            self._paho.username_pw_set(user, password or broker.password(user))
        if tls is not None:
            self._paho.tls_set_context(tls)
        self._paho.on_connect = lambda _c, _u, _f, answer, _p: self._answers.put(answer)
        self._paho.on_message = lambda _c, _u, message: self.heard.put(message)
        self._paho.on_subscribe = lambda _c, _u, _m, codes, _p: self._answers.put(codes)
        self._paho.on_publish = lambda _c, _u, _m, code, _p: self._answers.put(code)
        self._paho.on_disconnect = lambda _c, _u, _f, code, _p: self._left(code)
        own = user in ("gateway", "api")
        self._port = broker.monitor_port if own else broker.device_port

    def __enter__(self) -> Self:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        if self._kept:
            properties.SessionExpiryInterval = 3600
        self._paho.connect(
            "127.0.0.1", self._port, clean_start=not self._kept, properties=properties
        )
        self._paho.loop_start()
        self.answer = self._answers.get(timeout=PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()

    def _left(self, code: ReasonCode) -> None:
        self.gone.put(code)
        if not hasattr(self, "answer"):  # over TLS a broker may refuse without a word of MQTT
            self._answers.put(code)

    def subscribe(self, topic: str) -> None:
        """Returns when the broker has answered."""
        self._paho.subscribe(topic, qos=1)
        self._answers.get(timeout=PATIENCE_S)

    def say(self, topic: str, payload: str = "", *, retain: bool = False) -> str:
        """What the broker answers: ``Success``, ``No matching subscribers``, ``Not authorized``."""
        self._paho.publish(topic, payload, qos=1, retain=retain)
        return str(self._answers.get(timeout=PATIENCE_S))

    def next(self) -> tuple[str, str]:
        """The next message: topic and payload."""
        message = self.heard.get(timeout=PATIENCE_S)
        return message.topic, message.payload.decode()


def forge(broker: OwnMosquitto, user: str, topic: str) -> str:
    """What a user is told who publishes, retained, on a topic that may not be theirs.

    On a connection of its own: Mosquitto 2.0.11 answers, and closes this one.
    """
    with broker.client(user) as forger:
        return forger.say(topic, "forged", retain=True)
