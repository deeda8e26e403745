"""What nobody here wrote: Mosquitto's own ``mosquitto_pub`` says what a Zigbee2MQTT bridge says,
and ``curl -N`` follows the live stream.

Topics and forms are those of Zigbee2MQTT's page "MQTT Topics and Messages", its first example
(27.34 °C) to the letter; a device's further fields are those that it lists under "Exposes".
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nightwarden.broker_url import BrokerUrl
from tests.acceptance.program import FREE_PORTS, Program, nightwarden
from tests.brokers import Mosquitto, find_program, until

pytestmark = pytest.mark.mosquitto

BED = "East wing/Room 12 bed mat"
RADIATOR = "Room 12 radiator"
COVER = "Room 12 radiator cover"

HOME = f"""
home: {{id: elm-house, name: Elm House, timezone: Europe/London}}
rooms:
  - id: "12"
    places: [{{id: bed}}, {{id: radiator-window, emitter: radiator}}]
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {{place: bed, needs: bed_mat, dwell_s: 0, because: falls, review_by: 2030-01-01}}
equipment:
  - tag: MAT-12
    kind: bed_mat
    at: 12/bed
    device: {{dialect: zigbee2mqtt, address: {BED}}}
  - tag: TMP-12
    kind: temperature_sensor
    mount: accessible_face
    at: 12/radiator-window
    device: {{dialect: zigbee2mqtt, address: {RADIATOR}}}
  - tag: SWI-12
    kind: cover_switch
    at: 12/radiator-window
    device: {{dialect: zigbee2mqtt, address: {COVER}}}
"""


@pytest.fixture(scope="module", params=["embedded", "mosquitto"])
def program(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """Elm House, watched, on its own broker and on a Mosquitto."""
    tmp_path = tmp_path_factory.mktemp("real")
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "home.yaml").write_text(HOME)
    done = nightwarden(folder, "apply", "home.yaml")
    assert done.returncode == 0, done.stderr
    if request.param == "embedded":
        with Program(folder, *FREE_PORTS) as running:
            yield running.watching()
        return
    (tmp_path / "mosquitto").mkdir()
    broker = Mosquitto(tmp_path / "mosquitto")
    broker.start()
    with Program(folder, "--http", "127.0.0.1:0", "--broker", broker.url) as running:
        yield running.watching()
    broker.stop()


def publish(program: Program, topic: str, payload: str, *options: str) -> None:
    """As a bridge would, with Mosquitto's own client."""
    broker = BrokerUrl.parse(program.broker)
    address = ["-h", broker.host, "-p", str(broker.port)]
    message = ["-t", f"zigbee2mqtt/{topic}", "-m", payload, "-q", "1", *options]
    subprocess.run([find_program("mosquitto_pub"), *address, *message], check=True, timeout=60)


class Curl:
    """``curl -N`` on the live stream; the frames that it has written so far."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def frames(self) -> list[tuple[str, Any]]:
        """Name and content of each whole frame, heartbeats left out."""
        found = []
        for block in self._output.read_text().split("\n\n")[:-1]:
            fields = dict(line.partition(": ")[::2] for line in block.splitlines())
            if "event" in fields:
                found.append((fields["event"], json.loads(fields["data"])))
        return found

    def alerts(self, kind: str) -> list[dict[str, Any]]:
        """Every alert frame of a kind, in order."""
        return [data for name, data in self.frames() if name == "alert" and data["kind"] == kind]

    def hears(self, kind: str, event: str) -> dict[str, Any]:
        """Wait for a frame of this kind of alert whose last event is this; that frame."""

        def found() -> list[dict[str, Any]]:
            return [a for a in self.alerts(kind) if a["events"][-1]["event"] == event]

        until(found)
        return found()[-1]


@contextmanager
def curl(program: Program, folder: Path) -> Iterator[Curl]:
    """Follows the stream from now on."""
    output = folder / "frames.txt"
    command = [
        *(find_program("curl"), "--silent", "--show-error", "--fail", "-N"),
        *("-H", f"Authorization: Bearer {program.token()}"),
        f"{program.pages}/api/v1/stream",
    ]
    with output.open("wb") as frames, subprocess.Popen(command, stdout=frames) as process:
        following = Curl(output)
        try:
            until(following.frames)
            yield following
            assert process.poll() is None, "the stream ended by itself"
        finally:
            process.terminate()


def test_what_a_bridge_says_is_followed_and_what_it_does_not_is_kept(
    program: Program, tmp_path: Path
) -> None:
    with curl(program, tmp_path) as stream:
        assert stream.frames()[0][0] == "hello"

        # the bridge comes up, then its devices: the form since version 2, and the one before it
        publish(program, "bridge/state", '{"state":"online"}', "-r")
        publish(program, f"{BED}/availability", '{"state":"online"}', "-r")
        publish(program, f"{RADIATOR}/availability", "online", "-r")

        state = '"battery":97,"battery_low":false,"linkquality":120,"voltage":3000'
        publish(program, BED, f'{{"occupancy":true,{state}}}')
        publish(program, BED, f'{{"occupancy":false,{state}}}')
        out_of_bed = stream.hears("bed_exit", "raised")
        assert out_of_bed["text"] == "Room 12 · Joan · out of bed"
        assert out_of_bed["priority"] == "high"
        publish(program, BED, f'{{"occupancy":true,{state}}}')
        assert stream.hears("bed_exit", "cause_cleared")["id"] == out_of_bed["id"]

        publish(program, RADIATOR, '{"temperature": 27.34, "humidity": 44.72}')
        publish(program, RADIATOR, '{"temperature":42.1,"humidity":38,"battery":78}')
        publish(program, RADIATOR, '{"temperature":53.1,"humidity":31,"battery":78}')
        hot = stream.hears("hot_surface", "raised")
        assert "53" in hot["text"]
        assert (hot["room"], hot["place"]) == ("12", "radiator-window")

        publish(program, COVER, '{"contact":false,"battery":100,"linkquality":84}')
        publish(program, f"{BED}/availability", '{"state":"offline"}', "-r")
        until(lambda: device(program, BED)["online"] is False)
        assert [what for what, _ in stream.frames()].count("proof") >= 1

    recorded = {
        (reading["device"].partition(":")[2], reading["quantity"]): reading["value"]
        for reading in reversed(program.call("GET", "/readings?limit=100")["items"])
    }
    assert recorded[BED, "battery"] == 97.0
    assert recorded[RADIATOR, "temperature"] == 53.1
    assert recorded[COVER, "contact"] is False
    assert program.call("GET", "/quarantine")["items"] == []
    assert program.err == ""
    _what_is_not_a_bridge_s_is_kept_with_its_reason(program)


def _what_is_not_a_bridge_s_is_kept_with_its_reason(program: Program) -> None:
    publish(program, BED, "no json at all")
    publish(program, RADIATOR, "no json at all")
    publish(program, "Kitchen motion", '{"occupancy":true,"illuminance":87,"battery":71}')
    until(lambda: len(program.call("GET", "/quarantine")["items"]) == 3)
    unknown, not_json, neither = program.call("GET", "/quarantine")["items"]
    assert unknown["reason"].startswith("No equipment is bound to zigbee2mqtt:Kitchen motion;")
    assert not_json["reason"].startswith("The payload is not JSON")
    assert not_json["topic"] == f"zigbee2mqtt/{RADIATOR}"
    # BED has a slash in its name: its last part might have been a property on its own topic
    assert neither["reason"] == "The payload is neither a JSON object nor a property's bare value."
    assert neither["topic"] == f"zigbee2mqtt/{BED}"


def device(program: Program, address: str) -> dict[str, Any]:
    """A line of ``GET /devices``."""
    [line] = [d for d in program.call("GET", "/devices")["items"] if d["address"] == address]
    return dict(line)
