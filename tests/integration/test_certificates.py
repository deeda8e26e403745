"""The home's own certificates, as a broker and its clients use them."""

import re
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.mqtt import MqttLink
from nightwarden.broker_url import BrokerUrl
from nightwarden.certificates.authority import Authority, Purpose
from nightwarden.checking.certificates import look_at_certificates
from nightwarden.clock import utc_now
from nightwarden.errors import Conflict, Invalid, NightwardenError, NotFound
from nightwarden.store.engine import open_store
from nightwarden.store.tables import Audit
from tests.brokers import IMPATIENT, until
from tests.own_mosquitto import Client, OwnMosquitto

NOW = datetime(2026, 11, 1, 22, 0, tzinfo=UTC)
BROKER = Purpose(hosts=("localhost", "127.0.0.1"))
DEVICE = "nightwarden/v1/elm-house/device"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "ca")
    made.create("Nightwarden elm-house", NOW)
    return made


# --- the authority -------------------------------------------------------------------------------


def test_keys_are_their_owner_s_alone(authority: Authority) -> None:
    issued = authority.issue("broker", BROKER, NOW)
    for key in (authority.folder / "ca.key", issued.key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700


def test_nothing_is_overwritten(authority: Authority) -> None:
    before = authority.certificate.read_bytes(), authority.issue("b", BROKER, NOW).key.read_bytes()
    with pytest.raises(Conflict, match="is there already and is not overwritten"):
        authority.create("another", NOW)
    with pytest.raises(Conflict, match="nightwarden ca renew b"):
        authority.issue("b", BROKER, NOW)
    authority.certificate.unlink()  # half of one is not one to write over either
    with pytest.raises(Conflict, match=r"ca\.key is there already"):
        authority.create("another", NOW)
    assert authority.find("b").key.read_bytes() == before[1]


def test_a_renewed_certificate_is_for_the_same_key_and_hosts(authority: Authority) -> None:
    old = authority.issue("broker", Purpose(("localhost", "192.168.1.10"), client=True), NOW)
    key = old.key.read_bytes()
    new = authority.renew("broker", NOW + timedelta(days=700))
    assert new.key.read_bytes() == key
    assert new.purpose == old.purpose
    assert new.serial != old.serial
    assert new.not_after == NOW + timedelta(days=1430)
    assert authority.find("broker") == new


def test_no_certificate_outlives_its_authority(authority: Authority) -> None:
    late = NOW + timedelta(days=3_600)
    assert authority.issue("late", BROKER, late).not_after == NOW + timedelta(days=3_650)
    with pytest.raises(Invalid, match="has ended"):
        authority.issue("later", BROKER, NOW + timedelta(days=3_650))


@pytest.mark.parametrize("days", [-1, 0, 826, 10_000])
def test_how_long_is_within_bounds(authority: Authority, days: int) -> None:
    with pytest.raises(Invalid, match="from 1 to 825 days"):
        authority.issue("broker", BROKER, NOW, timedelta(days=days))


@pytest.mark.parametrize("name", ["", "ca", "../ca", "a/b", ".x", "a b", "x" * 65, "ä"])
def test_a_name_is_a_plain_word(authority: Authority, name: str) -> None:
    with pytest.raises(Invalid, match="cannot be a certificate's name"):
        authority.issue(name, BROKER, NOW)
    with pytest.raises(NotFound):
        authority.find(name)


@pytest.mark.parametrize("host", ["", "a b", "-x", "*.local", "http://x", "x.", "1.2.3.4/8"])
def test_a_host_is_a_host(authority: Authority, host: str) -> None:
    with pytest.raises(Invalid, match="neither a host name nor an IP address"):
        authority.issue("broker", Purpose((host,)), NOW)
    assert len(authority.all()) == 1


def test_the_audit_says_who_issued_what_and_holds_no_key(tmp_path: Path) -> None:
    broker = OwnMosquitto(tmp_path)
    broker.command("ca", "create")
    broker.command("ca", "issue", "mat-12", "--client")
    broker.command("ca", "renew", "mat-12")
    store = open_store(tmp_path / "data" / "nightwarden.db")
    with store.reading(utc_now()) as tx:
        entries = [entry for entry in tx.exec(select(Audit)) if "certificate" in entry.subject]
    store.close()
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("created authority", "certificate ca"),
        ("issued certificate", "certificate mat-12"),
        ("renewed certificate", "certificate mat-12"),
    ]
    assert all(entry.actor.startswith("command line") for entry in entries)
    assert set(entries[1].detail) == {"hosts", "client", "until", "serial"}


def test_check_says_so_thirty_days_before(authority: Authority) -> None:
    authority.issue("broker", BROKER, NOW)
    fine = look_at_certificates(NOW + timedelta(days=700), authority.folder, [], None)
    soon = look_at_certificates(NOW + timedelta(days=701), authority.folder, [], None)
    gone = look_at_certificates(NOW + timedelta(days=731), authority.folder, [], None)
    assert fine.ok
    assert soon.ok is False
    assert "broker ends in 29 days, on 2028-10-31; make it anew" in soon.sentence
    assert "broker ended on 2028-10-31" in gone.sentence
    given = look_at_certificates(
        NOW + timedelta(days=3_630), authority.folder / "none", [authority.certificate], None
    )
    assert "ca.crt ends in 20 days" in given.sentence
    none = look_at_certificates(NOW, authority.folder / "none", [], None)
    assert none.sentence == "None is used: MQTT goes in the clear."


# --- with a real broker --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnMosquitto]:
    """Passwords on the devices' listener, and TLS on both."""
    broker = OwnMosquitto(tmp_path_factory.mktemp("tls"))
    broker.command("ca", "create")
    broker.command("ca", "issue", "broker", "--host", "localhost", "--host", "127.0.0.1")
    broker.let_in("--certificate", "broker", "--monitor-tls")
    broker.start()
    yield broker
    broker.remove()


def ca_of(broker: OwnMosquitto) -> Path:
    return broker.folder / "data" / "ca" / "ca.crt"


def link_of_the_gateway(broker: OwnMosquitto, ca: Path | None) -> MqttLink:
    url = f"mqtts://gateway:{broker.password('gateway')}@localhost:{broker.monitor_port}"
    address = BrokerUrl.parse(url, ca)
    return MqttLink(address, "gateway", ("#",), utc_now, lambda _: None, backoff=IMPATIENT)


@pytest.mark.mosquitto
def test_the_gateway_knows_the_broker_by_the_home_s_authority(over_tls: OwnMosquitto) -> None:
    with link_of_the_gateway(over_tls, ca_of(over_tls)) as link:
        until(lambda: link.connected)


@pytest.mark.mosquitto
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see test_link.py
def test_the_gateway_does_not_believe_another_authority(
    over_tls: OwnMosquitto, authority: Authority
) -> None:
    with link_of_the_gateway(over_tls, authority.certificate) as link:
        until(lambda: "certificate" in (link.trouble or ""))
        assert link.connections == 0


@pytest.mark.mosquitto
def test_check_looks_at_what_the_broker_shows(over_tls: OwnMosquitto) -> None:
    address = BrokerUrl.parse(f"mqtts://localhost:{over_tls.device_port}")
    late = utc_now() + timedelta(days=710)
    found = look_at_certificates(late, over_tls.folder / "none", [], address)
    assert re.search(r"the broker's at localhost:\d+ ends in \d+ days", found.sentence)


@pytest.fixture(scope="module")
def by_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnMosquitto]:
    """The devices' listener takes certificates and no passwords."""
    broker = OwnMosquitto(tmp_path_factory.mktemp("certificates"))
    broker.command("ca", "create")
    broker.command("ca", "issue", "broker", "--host", "localhost", "--host", "127.0.0.1")
    for device in ("mat-12", "mat-99"):
        broker.command("ca", "issue", device, "--client")
    broker.let_in("--certificate", "broker", "--client-certificates")
    broker.start()
    yield broker
    broker.remove()


def shown_by(broker: OwnMosquitto, authority: Authority, name: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_of(broker))
    if name is not None:
        issued = authority.find(name)
        context.load_cert_chain(issued.certificate, issued.key)
    return context


@pytest.mark.mosquitto
def test_a_device_with_its_certificate_speaks_as_itself(by_certificate: OwnMosquitto) -> None:
    broker = by_certificate
    home = Authority(broker.folder / "data" / "ca")
    with Client(broker, None, tls=shown_by(broker, home, "mat-12")) as mat:
        assert mat.say(f"{DEVICE}/mat-12", "{}") == "No matching subscribers"
        assert mat.say(f"{DEVICE}/mat-13", "forged") == "Not authorized"


@pytest.mark.mosquitto
def test_a_certificate_of_nobody_in_the_register_says_nothing(by_certificate: OwnMosquitto) -> None:
    broker = by_certificate
    home = Authority(broker.folder / "data" / "ca")
    with Client(broker, None, tls=shown_by(broker, home, "mat-99")) as mat:
        assert mat.say(f"{DEVICE}/mat-99", "{}") == "Not authorized"


@pytest.mark.mosquitto
@pytest.mark.parametrize("shown", ["mat-12", None])
def test_a_certificate_of_another_authority_and_none_at_all_are_refused(
    by_certificate: OwnMosquitto, authority: Authority, shown: str | None
) -> None:
    broker = by_certificate
    authority.issue("mat-12", Purpose(client=True), NOW)
    with Client(broker, "mat-12", tls=shown_by(broker, authority, shown)) as stranger:
        assert stranger.answer != "Success"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("issue", "joan-mat", "--client"), '"joan-mat" has the name of a person here'),
        (("issue", "broker", "--host", "joan.local"), '"joan.local" has the name of a person'),
        (("issue", "broker"), "with --host, or a client's, with --client"),
        (("renew", "broker"), 'There is no certificate "broker"'),
    ],
)
def test_what_cannot_be_issued_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    broker = OwnMosquitto(tmp_path)
    broker.command("ca", "create")
    with pytest.raises(NightwardenError, match=re.escape(sentence)):
        broker.command("ca", *arguments)
