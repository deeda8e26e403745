"""The home's own Mosquitto, with what the register lets in: who may say what."""

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightwarden.errors import Invalid, NightwardenError
from nightwarden.mosquitto.passwords import hashed, matches, read_password_lines
from tests.brokers import find_program, until
from tests.own_mosquitto import HOME, Client, OwnMosquitto, forge

pytestmark = pytest.mark.mosquitto
DEVICE = "nightwarden/v1/elm-house/device"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnMosquitto]:
    """One for all tests that leave its users as they are."""
    made = OwnMosquitto(tmp_path_factory.mktemp("home"))
    made.let_in()
    made.start()
    yield made
    made.remove()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[OwnMosquitto]:
    """One of which a test changes the users."""
    made = OwnMosquitto(tmp_path)
    made.let_in()
    made.start()
    yield made
    made.remove()


@pytest.mark.parametrize(
    ("user", "password"),
    [(None, None), ("gateway", "a guess"), ("mat-12", "a guess"), ("admin", "admin")],
)
def test_a_stranger_is_refused(
    broker: OwnMosquitto, user: str | None, password: str | None
) -> None:
    with Client(broker, user, password) as stranger:
        assert stranger.answer == "Not authorized"


def test_another_device_s_password_does_not_open(broker: OwnMosquitto) -> None:
    with Client(broker, "mat-12", broker.password("mat-13")) as stranger:
        assert stranger.answer == "Not authorized"


def test_a_device_speaks_as_itself_alone(broker: OwnMosquitto) -> None:
    with Client(broker, "gateway") as gateway:
        gateway.subscribe("#")
        for forbidden in (
            f"{DEVICE}/mat-13",
            f"{DEVICE}/mat-13/availability",
            f"{DEVICE}/mat-12/more",
            "nightwarden/v1/other-house/device/mat-12",
            "nightwarden/v1/elm-house/alert/7",
            "nightwarden/v1/elm-house/health",
            "nightwarden/v1/elm-house/proof",
            "nightwarden/v1/elm-house/ring/gateway",
            "zigbee2mqtt/Room 12 radiator",
            "mat-12",
        ):
            assert forge(broker, "mat-12", forbidden) == "Not authorized"
        with Client(broker, "mat-12") as mat:
            assert mat.say(f"{DEVICE}/mat-12/availability", "online") == "Success"
            assert mat.say(f"{DEVICE}/mat-12", '{"occupancy": false}') == "Success"
        assert gateway.next() == (f"{DEVICE}/mat-12/availability", "online")
        assert gateway.next() == (f"{DEVICE}/mat-12", '{"occupancy": false}')


def test_a_device_hears_nobody(broker: OwnMosquitto) -> None:
    with Client(broker, "gateway") as gateway, Client(broker, "mat-13") as mat:
        for topic in ("#", "nightwarden/v1/elm-house/alert/+", f"{DEVICE}/mat-13"):
            mat.subscribe(topic)
        gateway.say("nightwarden/v1/elm-house/alert/7", "Joan is up")
        gateway.subscribe("nightwarden/#")
        mat.say(f"{DEVICE}/mat-13", "{}")
        assert gateway.next() == (f"{DEVICE}/mat-13", "{}")
        assert mat.heard.empty()


def test_a_pager_hears_alerts_and_cannot_change_them(broker: OwnMosquitto) -> None:
    topic = "nightwarden/v1/elm-house/alert/7"
    with Client(broker, "gateway") as gateway, Client(broker, "pager") as pager:
        pager.subscribe("nightwarden/v1/elm-house/alert/+")
        gateway.say(topic, "Joan is up", retain=True)
        assert pager.next() == (topic, "Joan is up")
        assert forge(broker, "pager", topic) == "Not authorized"
        with Client(broker, "pager") as later:
            later.subscribe("nightwarden/v1/elm-house/alert/+")
            assert later.next() == (topic, "Joan is up")
        gateway.say(topic, "", retain=True)


def test_zigbee2mqtt_keeps_to_its_own_topics(broker: OwnMosquitto) -> None:
    assert forge(broker, "zigbee2mqtt", f"{DEVICE}/mat-12") == "Not authorized"
    with Client(broker, "gateway") as gateway, Client(broker, "zigbee2mqtt") as bridge:
        gateway.subscribe("zigbee2mqtt/#")
        assert bridge.say("zigbee2mqtt/Room 12 radiator", '{"temperature": 43}') == "Success"
        assert gateway.next() == ("zigbee2mqtt/Room 12 radiator", '{"temperature": 43}')


def test_the_api_rings_and_does_no_more(broker: OwnMosquitto) -> None:
    for topic in (f"{DEVICE}/mat-12", "nightwarden/v1/elm-house/alert/7"):
        assert forge(broker, "api", topic) == "Not authorized"
    with Client(broker, "gateway") as gateway, Client(broker, "api") as api:
        gateway.subscribe("nightwarden/v1/elm-house/ring/gateway")
        assert api.say("nightwarden/v1/elm-house/ring/gateway", "look") == "Success"
        assert gateway.next() == ("nightwarden/v1/elm-house/ring/gateway", "look")


def test_a_device_cannot_take_the_gateway_s_session(broker: OwnMosquitto) -> None:
    session = "nightwarden-gateway-elm-house"
    with Client(broker, "gateway", session=session) as gateway:
        gateway.subscribe(f"{DEVICE}/#")
        with Client(broker, "mat-12", session=session) as thief:
            assert thief.answer == "Success"
            thief.say(f"{DEVICE}/mat-12", "{}")
            assert gateway.next() == (f"{DEVICE}/mat-12", "{}")
            assert gateway.gone.empty()


def test_compose_s_health_check_is_a_stranger_who_is_refused(broker: OwnMosquitto) -> None:
    command = [find_program("mosquitto_sub"), "-p", str(broker.monitor_port), "-t", "stranger"]
    done = subprocess.run([*command, "-C", "1", "-W", "5"], capture_output=True, check=False)
    assert done.returncode == 5


def test_passwords_are_kept_hashed_and_out_of_others_reach(broker: OwnMosquitto) -> None:
    kept = (broker.access / "passwords").read_text()
    for name, kept_hash in read_password_lines(kept, "passwords").items():
        assert broker.password(name) not in kept
        assert matches(kept_hash, broker.password(name))
    for path in broker.access.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_waits_for_the_gateway_outlives_a_power_cut(own_broker: OwnMosquitto) -> None:
    """More than Mosquitto's usual 1,000, and more than a second old when the power goes."""
    broker = own_broker
    with Client(broker, "gateway", session="nightwarden-gateway") as gateway:
        gateway.subscribe("nightwarden/#")
    with Client(broker, "mat-12") as mat:
        for number in range(1_200):
            mat.say(f"{DEVICE}/mat-12", str(number))
        # Two saves after the last message: the first may have begun before it.
        for _ in range(2):
            seen = broker.saved_at()
            until(lambda: broker.saved_at() > seen)  # noqa: B023 - waited for within the turn
    broker.kill()
    broker.start()
    with Client(broker, "gateway", session="nightwarden-gateway") as gateway:
        assert [gateway.next()[1] for _ in range(1_200)] == [str(n) for n in range(1_200)]


def test_a_device_that_leaves_the_register_is_cut_off(own_broker: OwnMosquitto) -> None:
    broker = own_broker
    left = broker.password("mat-13")
    with Client(broker, "mat-12") as mat_12, Client(broker, "mat-13") as mat_13:
        broker.apply("\n".join(line for line in HOME.splitlines() if "mat-13" not in line))
        assert "withdrawn  mat-13" in broker.let_in()
        mat_13.gone.get(timeout=60)  # start.sh has Mosquitto read it anew
        assert mat_12.say(f"{DEVICE}/mat-12", "{}") == "No matching subscribers"
    assert not (broker.access / "credentials" / "mat-13").exists()
    with Client(broker, "mat-13", left) as mat_13:
        assert mat_13.answer == "Not authorized"


def test_a_new_password_ends_the_old_one(own_broker: OwnMosquitto) -> None:
    broker = own_broker
    assert broker.process is not None
    old = broker.password("mat-12")
    with Client(broker, "mat-12") as mat:
        told = broker.let_in("--renew", "mat-12", "--pid", str(broker.process.pid))
        assert "renewed    mat-12" in told
        mat.gone.get(timeout=60)
    with Client(broker, "mat-12", old) as mat:
        assert mat.answer == "Not authorized"
    with Client(broker, "mat-12") as mat:
        assert mat.answer == "Success"


def test_a_second_run_changes_nothing_and_the_audit_names_no_secret(tmp_path: Path) -> None:
    broker = OwnMosquitto(tmp_path)
    first = broker.let_in()
    files = {path: path.read_bytes() for path in broker.access.rglob("*") if path.is_file()}
    again = broker.let_in()
    assert again == f"{broker.access}: 0 issued, 0 withdrawn, 6 kept; nothing to change\n"
    assert {path: path.read_bytes() for path in files} == files
    store = (tmp_path / "data" / "nightwarden.db").read_bytes()
    wal = tmp_path / "data" / "nightwarden.db-wal"
    store += wal.read_bytes() if wal.exists() else b""
    assert b"issued broker password" in store
    for path in (broker.access / "credentials").iterdir():
        password = path.read_text().strip()
        assert password not in first
        assert password.encode() not in store


def test_the_home_s_own_users_are_taken_in(tmp_path: Path) -> None:
    broker = OwnMosquitto(tmp_path)
    broker.access.mkdir()
    (broker.access / "passwords.local").write_text(f"lights:{hashed('of the lights')}\n")
    (broker.access / "acl.local").write_text("user lights\ntopic readwrite lights/#\n")
    broker.let_in()
    broker.start()
    with Client(broker, "lights", "of the lights") as lights:
        assert lights.say("lights/1", "on") == "No matching subscribers"
    with Client(broker, "lights", "of the lights") as lights:
        assert lights.say(f"{DEVICE}/mat-12", "forged") == "Not authorized"
    broker.kill()


def test_a_group_may_read_what_mosquitto_reads_and_no_password_in_the_clear(
    tmp_path: Path,
) -> None:
    broker = OwnMosquitto(tmp_path)
    broker.let_in("--group", str(os.getgid()))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in broker.access.rglob("*")}
    assert modes["conf.d"] == 0o750
    assert modes["passwords"] == modes["acl"] == modes["nightwarden.conf"] == 0o640
    assert modes["credentials"] == 0o700
    assert modes["mat-12"] == modes["gateway"] == 0o600


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("passwords", "mat-12:plain\n", "passwords, line 1 is not USER:$7$"),
        ("passwords.local", f"mat-12:{hashed('x')}\n", "names mat-12, whose password is made here"),
        ("acl.local", "topic readwrite #\n", 'must begin with a line "user NAME"'),
    ],
)
def test_what_cannot_be_taken_in_is_one_sentence(
    tmp_path: Path, file: str, text: str, sentence: str
) -> None:
    broker = OwnMosquitto(tmp_path)
    broker.access.mkdir()
    (broker.access / file).write_text(text)
    with pytest.raises(Invalid, match=re.escape(sentence)):
        broker.let_in()
    assert not (broker.access / "acl").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--renew", "mat-99"), 'there is no user "mat-99" to renew'),
        (("--bridge", "zigbee"), 'there is no dialect "zigbee" to have a bridge'),
        (("--reader", "gateway"), '"gateway" cannot be a reader\'s name'),
        (("--group", "no-such-group"), 'there is no group "no-such-group"'),
        (("--device-listener", "everywhere"), '"everywhere" is not HOST:PORT'),
        (("--certificate", "broker"), 'There is no certificate "broker"'),
        (("--client-certificates",), "give --certificate"),
        (("--monitor-tls",), "give --certificate"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    broker = OwnMosquitto(tmp_path)
    with pytest.raises(NightwardenError, match=re.escape(sentence)):
        broker.let_in(*arguments)
    assert not (broker.access / "passwords").exists()


def test_without_the_register_s_word_it_waits_and_says_so(tmp_path: Path) -> None:
    broker = OwnMosquitto(tmp_path)
    broker.launch()
    until(lambda: "waits for" in broker.log)
    broker.let_in()
    until(lambda: broker._accepts(broker.device_port))
    broker.kill()
