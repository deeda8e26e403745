"""What one broker carried, recorded and played on another, with the program as it is started."""

import json
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nightwarden.recording.lines import Header, Recorded, RecordingFile, read
from nightwarden.wire import Topics
from tests.acceptance.program import ENVIRONMENT, NIGHTWARDEN, nightwarden
from tests.brokers import PATIENCE_S, Broker, Ear, EmbeddedForTests, until
from tests.harness import ELM_HOUSE, HOME_ID, Home

PRACTICE = ELM_HOUSE.replace("Europe/London}", "Europe/London, practice: true}")
MAT = f"nightwarden/v1/{HOME_ID}/device/mat-14"


class Recording:
    """``nightwarden record`` that runs until :meth:`end`; it hears from the start on."""

    def __init__(self, folder: Path, broker: Broker, *options: str) -> None:
        self.file = folder / "night.jsonl"
        command = [*NIGHTWARDEN, "record", str(self.file), "--broker", broker.url, *options]
        self._process = subprocess.Popen(
            command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        with Ear(broker.url, client_id="knocks") as ear:

            def heard() -> bool:
                ear.say("knock", b"")
                return self.file.exists() and b"knock" in self.file.read_bytes()

            until(heard)

    def end(self) -> tuple[int, str]:
        """Ctrl-C; exit code and summary."""
        self._process.send_signal(signal.SIGINT)
        out, err = self._process.communicate(timeout=PATIENCE_S)
        assert b"Traceback" not in err, err.decode()
        return self._process.returncode, out.decode()

    def messages(self) -> list[Recorded]:
        """What was recorded, knocks apart."""
        entries = [entry for entry in read(self.file) if isinstance(entry, Recorded)]
        return [entry for entry in entries if entry.topic != "knock"]


def test_traffic_is_kept_with_its_bytes_and_flags_and_said_again(
    broker: Broker, tmp_path: Path
) -> None:
    with Ear(broker.url, client_id="devices") as devices:
        devices.say("kept/before", b"\xff\x00", retain=True)
        recording = Recording(tmp_path, broker)
        devices.say("zigbee2mqtt/Room 12 mat", b'{"pressure": true}')
        devices.say("zigbee2mqtt/siren/set", b'{"state": "ON"}')
        devices.say("nightwarden/v1/elm-house/proof", b'{"token": "secret"}')
        devices.say("last", b"")
        until(lambda: b'"last"' in recording.file.read_bytes())
        code, summary = recording.end()
    assert code == 0
    assert "1 of the monitor's own were left out" in summary
    assert "Names were not looked for" in summary
    said = {(one.topic, one.payload, one.retain) for one in recording.messages()}
    assert said == {
        ("kept/before", b"\xff\x00", True),
        ("zigbee2mqtt/Room 12 mat", b'{"pressure": true}', False),
        ("zigbee2mqtt/siren/set", b'{"state": "ON"}', False),
        ("last", b"", False),
    }

    other = EmbeddedForTests()
    other.start()
    try:
        with Ear(other.url, "#") as ear:
            done = nightwarden(
                tmp_path, "replay", "night.jsonl", "--broker", other.url, "--speed", "max"
            )
            assert done.returncode == 0, done.stderr
            assert "1 were not said" in done.stdout
            heard = []
            while (message := ear.next()).topic != "last":
                if message.topic != "knock":
                    heard.append((message.topic, message.payload))
        with Ear(other.url, "kept/#") as late:
            assert late.next().retain, "what was retained is retained again"
    finally:
        other.stop()
    assert heard == [
        ("kept/before", b"\xff\x00"),
        ("zigbee2mqtt/Room 12 mat", b'{"pressure": true}'),
    ]


def test_a_recorded_exit_raises_the_same_alert_in_a_practice_home(
    embedded_broker: Broker, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "practice").mkdir()
    with Home(tmp_path / "real", embedded_broker) as home:
        recording = Recording(tmp_path, embedded_broker)
        mat = home.mat("mat-14")
        mat.press()
        mat.release()
        home.fast_forward(seconds=15)
        home.pager.expects("out of bed", state="raised")
        [real] = home.alerts(kind="bed_exit")
        home.pager.ignores_the_rest()
        until(lambda: b'"bed_exit' in recording.file.read_bytes().replace(b"\\", b""))
        assert recording.end()[0] == 0
    assert b"Ken" not in recording.file.read_bytes(), "the alert's name is not in it"

    other = EmbeddedForTests()
    other.start()
    try:
        with Home(tmp_path / "practice", other, PRACTICE) as practice:
            with Ear(other.url, Topics(HOME_ID).health, client_id="health") as ear:
                assert json.loads(ear.next().payload)["practice"] is True
            done = nightwarden(
                tmp_path, "replay", "night.jsonl", "--broker", other.url, "--speed", "10"
            )
            assert done.returncode == 0, done.stderr
            practice.fast_forward(seconds=15)
            [played] = practice.alerts(kind="bed_exit")
            practice.pager.ignores_the_rest()
    finally:
        other.stop()
    same = ("kind", "room", "place", "priority", "text", "caused_at")
    assert {name: played[name] for name in same} == {name: real[name] for name in same}


@pytest.mark.parametrize(
    "health", [b'{"status":"watching"}', b'{"status":"not_watching","practice":false}', b"?"]
)
def test_nothing_is_played_where_a_home_may_be_live(
    broker: Broker, tmp_path: Path, health: bytes
) -> None:
    file = tmp_path / "exit.jsonl"
    _write_exit(file)
    with Ear(broker.url, MAT, client_id="gateway") as ear:
        ear.say(Topics(HOME_ID).health, health, retain=True)
        done = nightwarden(tmp_path, "replay", str(file), "--broker", broker.url, "--speed", "max")
        ear.say(MAT, b"nothing before this")
        assert ear.next().payload == b"nothing before this"
    assert done.returncode == 2
    [told] = [line for line in done.stderr.splitlines() if "serves" in line]
    assert f'serves the home "{HOME_ID}", which is not known to be a practice home' in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["replay", "nothing.jsonl"], "nothing.jsonl cannot be read: No such file"),
        (["replay", "exit.jsonl", "--speed", "0"], "not a number over 0"),
        (["replay", "exit.jsonl", "--home", "a/b"], "an id must be free of"),
        (["record", "x.jsonl", "--topic", "a#"], "is not a topic filter"),
        (["record", "x.jsonl", "--data", "nowhere"], "holds no store"),
        (["record", "x.jsonl", "--broker", "mqtt://127.0.0.1:1"], "cannot be reached"),
    ],
)
def test_wrong_usage_is_one_sentence_and_leaves_no_file(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    _write_exit(tmp_path / "exit.jsonl")
    done = nightwarden(tmp_path, *arguments)
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert not (tmp_path / "x.jsonl").exists()


def _write_exit(path: Path) -> None:
    at = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
    with RecordingFile(path) as sink:
        sink.write(Header(at))
        sink.write(Recorded(at, MAT, b'{"occupancy":true}', 1))
        sink.write(Recorded(at, MAT, b'{"occupancy":false}', 1))
