"""The link itself: what it does when the broker goes, refuses or talks nonsense."""

import logging
import queue
import socket
import subprocess
import threading
from concurrent.futures import Future
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.listen_address import free_port
from gateway.messages import RawMessage
from gateway.mqtt import MqttLink
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.errors import DeliveryFailed, Invalid
from tests.brokers import IMPATIENT, Broker, Ear, Mosquitto, find_program, until

PASSWORD = "correct horse battery"  # not in any sentence that could be printed by chance


def link_to(url: str, *filters: str, ca_file: Path | None = None) -> MqttLink:
    """A link that nobody listens to, for what it says of itself."""
    inbox: queue.Queue[RawMessage] = queue.Queue()
    address = BrokerUrl.parse(url, ca_file)
    return MqttLink(address, "gateway", filters, utc_now, inbox.put, backoff=IMPATIENT)


class ScriptedBroker:
    """Bytes on a socket, for what no sound broker would send.

    It answers CONNECT and one SUBSCRIBE with one filter, then sends ``script``, answers a further
    SUBSCRIBE with ``further`` if there is one, and listens without answering.
    """

    def __init__(self, script: bytes = b"", suback: int = 1, further: int | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._script = script
        self._suback = suback
        self._further = further
        self._hang_up = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "ScriptedBroker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Drops the connection, and is gone."""
        self._hang_up.set()
        self._thread.join()

    def _serve(self) -> None:
        with self._listener, self._listener.accept()[0] as client:
            client.recv(4096)
            client.sendall(b"\x20\x02\x00\x00")
            subscribe = client.recv(4096)
            client.sendall(b"\x90\x03" + subscribe[2:4] + bytes([self._suback]) + self._script)
            if self._further is not None:
                subscribe = client.recv(4096)
                client.sendall(b"\x90\x03" + subscribe[2:4] + bytes([self._further]))
            self._hang_up.wait()


def test_it_comes_back_when_the_broker_does(broker: Broker) -> None:
    with Ear(broker.url, "mats/#") as ear:
        broker.kill()
        until(lambda: "cannot be reached" in (ear.link.trouble or ""))
        assert not ear.link.connected
        assert ear.link.alive()
        broker.start()
        until(lambda: ear.link.connected)
        assert ear.link.trouble is None
        assert ear.changes == [True, False, True]
        ear.say("mats/12", b"again")
        assert ear.next().payload == b"again"


def test_an_acknowledgement_belongs_to_the_connection_of_its_message(broker: Broker) -> None:
    with Ear(broker.url, client_id="device") as device:
        with Ear(broker.url, "mats/#", client_id="gateway", acknowledging=False) as ear:
            device.say("mats/12", b"press")
            before = ear.next()
            with Ear(broker.url, client_id="gateway", acknowledging=False) as other:
                until(lambda: not ear.link.connected)
                other.link.stop()
            until(lambda: ear.link.connected)
            again = ear.next()
            assert again.connection > before.connection
            ear.link.ack(before)
            ear.say("elsewhere", b"")  # receipted: the broker has read all that was sent before
        with Ear(broker.url, "mats/#", client_id="gateway") as ear:
            assert ear.next().payload == b"press"
            ear.say("elsewhere", b"")
        with Ear(broker.url, "mats/#", client_id="gateway") as ear:
            device.say("mats/12", b"next")
            assert ear.next().payload == b"next"


def test_acknowledgements_leave_in_the_order_of_the_messages(broker: Broker) -> None:
    with Ear(broker.url, client_id="device") as device:
        with Ear(broker.url, "mats/#", client_id="gateway", acknowledging=False) as ear:
            for number in range(10):
                device.say("mats/12", b"%d" % number)
            messages = [ear.next() for _ in range(10)]
            for message in reversed(messages[:4] + messages[5:]):  # all but number 4
                ear.link.ack(message)
            ear.say("elsewhere", b"")
            assert ear.link.connections == 1
        with Ear(broker.url, "mats/#", client_id="gateway") as ear:
            device.say("mats/12", b"end")
            assert [m.payload for m in ear.up_to(b"end")] == [b"4", b"5", b"6", b"7", b"8", b"9"]


def test_receipts_come_for_what_is_published_from_many_threads(broker: Broker) -> None:
    receipts: queue.Queue[Future[None]] = queue.Queue()
    with Ear(broker.url, client_id="gateway") as ear:

        def publish() -> None:
            for _ in range(200):
                receipts.put(ear.link.publish("alert/1", b"{}"))

        threads = [threading.Thread(target=publish) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _ in range(800):
            assert receipts.get().result(60) is None
        assert ear.link.publish("alert/1", b"{}", qos=0).done()
        assert ear.link.connections == 1


def test_publishing_while_down_fails_and_may_be_tried_again() -> None:
    link = link_to(f"mqtt://127.0.0.1:{free_port()}")
    with pytest.raises(DeliveryFailed, match="not connected"):
        link.publish("alert/1", b"{}")
    with link:
        until(lambda: link.trouble is not None)
        with pytest.raises(DeliveryFailed, match="cannot be reached: Connection refused") as failed:
            link.publish("alert/1", b"{}")
        assert not failed.value.permanent


def test_a_topic_that_is_none_fails_for_good(broker: Broker) -> None:
    with Ear(broker.url) as ear:
        with pytest.raises(DeliveryFailed, match=r"'alert/#' cannot be sent") as failed:
            ear.link.publish("alert/#", b"{}")
        assert failed.value.permanent
        ear.say("alert/1", b"{}")


def test_a_publish_without_receipt_fails_with_its_connection() -> None:
    with ScriptedBroker() as scripted, Ear(scripted.url, "#") as ear:
        receipt = ear.link.publish("alert/1", b"{}")
        scripted.hang_up()
        with pytest.raises(DeliveryFailed, match="was lost"):
            receipt.result(60)


def test_a_topic_that_is_not_utf8_is_handed_on() -> None:
    publish = b"\x30\x06\x00\x03m\xff2\x01"  # QoS 0, topic m\xff2, payload \x01
    with ScriptedBroker(publish) as scripted, Ear(scripted.url, "#") as ear:
        message = ear.next()
        assert (message.topic, message.payload) == ("m\N{REPLACEMENT CHARACTER}2", b"\x01")
        assert ear.link.alive()


@pytest.mark.parametrize(
    "astray", [b"\x36\x05\x00\x01t\x00\x01", b"\x30\xff\xff\xff\xff\x01", b"HTTP/1.1 400\r\n"]
)
def test_bytes_that_are_not_mqtt_cost_the_connection_and_never_the_link(astray: bytes) -> None:
    publish = b"\x32\x08\x00\x04mats\x00\x01"  # QoS 1, topic mats, packet id 1
    with ScriptedBroker(publish + astray) as scripted, Ear(scripted.url, "#") as ear:
        assert ear.next().topic == "mats", "what came before is handed on"
        until(lambda: not ear.link.connected)
        assert "was lost" in str(ear.link.trouble)
        scripted.hang_up()
        until(lambda: "cannot be reached" in str(ear.link.trouble))
        assert ear.link.alive()


@pytest.mark.mosquitto
def test_a_message_of_an_old_subscription_at_qos_2_is_receipted_in_its_way(
    mosquitto: Broker,
) -> None:
    """A session may hold what somebody else asked for under our client id."""
    older = paho.Client(CallbackAPIVersion.VERSION2, "gateway", clean_session=False)

    def leave(*_: object) -> None:
        older.disconnect()

    older.on_subscribe = leave
    address = BrokerUrl.parse(mosquitto.url)
    older.connect(address.host, address.port)
    older.subscribe("mats/#", 2)
    older.loop_forever()
    with Ear(mosquitto.url, "elsewhere/#", client_id="gateway") as ear:
        device = paho.Client(CallbackAPIVersion.VERSION2, "device")
        device.connect(address.host, address.port)
        device.loop_start()
        for number in range(50):  # more than are in flight at once
            device.publish("mats/12", b"%d" % number, qos=2)
        messages = [ear.next() for _ in range(50)]
        assert [int(message.payload) for message in messages] == list(range(50))
        assert {message.qos for message in messages} == {2}
        device.disconnect()
        device.loop_stop()


def test_a_refused_subscription_is_trouble_and_not_connected() -> None:
    with ScriptedBroker(suback=0x80) as scripted, link_to(scripted.url, "mats/#") as link:
        until(lambda: link.trouble is not None)
        assert "does not let us hear mats/# at QoS 1" in str(link.trouble)
        assert not link.connected


def test_what_devices_announce_is_heard_while_it_is_wanted(broker: Broker) -> None:
    with Ear(broker.url, client_id="device") as device, Ear(broker.url, "mats/#") as ear:
        device.say("mats/12", b"at first")
        assert ear.next().payload == b"at first"
        ear.link.also_hear([f"probes/{number}" for number in range(120)])
        device.say("probes/119", b"kept", retain=True)
        assert ear.next().payload == b"kept"
        broker.kill()
        until(lambda: not ear.link.connected)
        broker.start()
        until(lambda: ear.link.connected and device.link.connected)
        device.say("probes/7", b"after a reconnect", retain=True)
        ear.up_to(b"after a reconnect")
        ear.link.also_hear(["probes/new"])
        device.say("probes/new", b"asked for last", retain=True)
        ear.up_to(b"asked for last")
        device.say("probes/7", b"no longer wanted")
        device.say("mats/12", b"end")
        # A broker may hand over what is kept twice around a new subscription: live, and as kept.
        assert b"no longer wanted" not in [message.payload for message in ear.up_to(b"end")]


def test_a_refused_announced_topic_makes_nobody_deaf(caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedBroker(further=0x80) as scripted, link_to(scripted.url, "mats/#") as link:
        link.also_hear(["secret/door"])
        until(lambda: "does not let us hear secret/door" in caplog.text)
        assert link.connected
        assert link.trouble is None


def test_what_is_no_broker_is_named_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with link_to(f"mqtt://{address}") as link:
            for _ in range(2):  # MQTT 5, and then 3.1.1
                listener.accept()[0].close()
            until(lambda: link.trouble is not None)
            assert link.trouble == f"what listens at {address} does not answer as an MQTT broker."


@pytest.mark.mosquitto
def test_a_refused_password_is_reported_and_never_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mosquitto = Mosquitto(tmp_path, users={"gateway": "another one"})
    mosquitto.start()
    address = f"127.0.0.1:{mosquitto.port}"
    wrong = f"mqtt://gateway:{PASSWORD.replace(' ', '%20')}@{address}"
    try:
        with link_to(wrong) as link:
            until(lambda: link.trouble is not None)
            assert link.trouble == f"the broker at {address} refuses the user name or password."
            assert link.alive()
        with link_to(f"mqtt://gateway:another%20one@{address}") as link:
            until(lambda: link.connected)
            assert link.trouble is None
    finally:
        mosquitto.stop()
    assert "refuses the user name" in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.mosquitto
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves the
# socket of a failed handshake to the garbage collector, which says so
def test_over_tls_the_certificate_is_checked(tmp_path: Path) -> None:
    certificate, key = certificate_for_localhost(tmp_path)
    mosquitto = Mosquitto(tmp_path, lines=(f"certfile {certificate}", f"keyfile {key}"))
    mosquitto.start()
    try:
        with link_to(f"mqtts://localhost:{mosquitto.port}", ca_file=certificate) as link:
            until(lambda: link.connected)
        with link_to(f"mqtts://localhost:{mosquitto.port}") as link:
            until(lambda: link.trouble is not None)
            assert "cannot be reached: self-signed certificate" in str(link.trouble)
    finally:
        mosquitto.stop()


def test_a_ca_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="CA file"):
        link_to("mqtts://localhost", ca_file=tmp_path / "none.pem")


def test_a_full_inbox_holds_the_broker_back_and_loses_nothing(broker: Broker) -> None:
    with Ear(broker.url, client_id="device") as device:
        with Ear(broker.url, "mats/#", client_id="gateway", room=2) as ear:
            for number in range(300):
                device.say("mats/12", b"%d" % number)
            assert [ear.next().payload for _ in range(100)] == [b"%d" % n for n in range(100)]
            until(ear.inbox.full)
        assert not ear.link.alive()  # stopped in time, though the inbox was full
        with Ear(broker.url, "mats/#", client_id="gateway") as ear:
            device.say("mats/12", b"end")
            rest = [int(message.payload) for message in ear.up_to(b"end")]
        assert rest == list(range(rest[0], 300))
        assert rest[0] <= 100


def test_a_failure_in_taking_a_message_ends_the_link_loudly(
    embedded_broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    def take(message: RawMessage) -> None:
        raise RuntimeError("the disk is full")

    address = BrokerUrl.parse(embedded_broker.url)
    with MqttLink(address, "gateway", ["mats/#"], utc_now, take, backoff=IMPATIENT) as link:
        until(lambda: link.connected)
        link.publish("mats/12", b"press")
        until(lambda: not link.alive())
        assert not link.connected
    assert [r.levelno for r in caplog.records if "has failed" in r.message] == [logging.ERROR]


def test_a_link_that_never_connected_stops_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts, and never says a word
        link = link_to(f"mqtt://127.0.0.1:{listener.getsockname()[1]}")
        link.start()
        connection, _ = listener.accept()
        with connection:
            link.stop()
        assert not link.alive()


def certificate_for_localhost(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for a day, and its key."""
    certificate, key = folder / "broker.pem", folder / "broker.key"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = [find_program("openssl"), "req", "-x509", *curve, *subject, *files]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
