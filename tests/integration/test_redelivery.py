"""What a broker has to do for us before we rely on it; every one that we support is asked.

The heart of it: a gateway that is killed with messages in its hands loses none of them.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.messages import Will
from tests.brokers import Broker, Ear, EmbeddedForTests, until

ROOT = Path(__file__).parents[2]
MiB = 1024 * 1024

GATEWAY = """
import sys
from tests.brokers import Ear
from gateway.messages import Will

url, acknowledged = sys.argv[1], int(sys.argv[2])
with Ear(url, "mats/#", client_id="gateway", will=Will("state", b"gone"), acknowledging=False) as e:
    e.say("state", b"here", retain=True)
    for number in range(10_000):
        message = e.next()
        if number < acknowledged:
            e.link.ack(message)
            e.say("saved", message.payload)
        print(message.payload.decode(), flush=True)
"""


class Gateway:
    """A process that takes messages, acknowledges the first few and keeps the others in hand."""

    def __init__(self, url: str, acknowledged: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", GATEWAY, url, str(acknowledged)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def takes(self, count: int) -> None:
        """Returns when it has so many messages."""
        assert self._process.stdout is not None
        for _ in range(count):
            assert self._process.stdout.readline()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def device(broker: Broker) -> Iterator[Ear]:
    """What publishes, and hears what the gateway says of itself."""
    with Ear(broker.url, "state", "saved", client_id="device") as ear:
        yield ear


def publish(device: Ear, first: int, last: int) -> list[bytes]:
    payloads = [f"press {number}".encode() for number in range(first, last + 1)]
    for receipt in [device.link.publish("mats/12", payload) for payload in payloads]:
        receipt.result(60)
    return payloads


def test_nothing_in_the_hands_of_a_killed_gateway_is_lost(broker: Broker, device: Ear) -> None:
    gateway = Gateway(broker.url, acknowledged=5)
    assert device.up_to(b"here") == []
    saved = publish(device, 1, 5)
    in_hand = publish(device, 6, 20)
    gateway.takes(20)
    gateway.kill()
    assert device.up_to(b"gone")  # the broker knows, and says so with the will
    queued = publish(device, 21, 30)

    with Ear(broker.url, "mats/#", client_id="gateway") as restarted:
        device.say("mats/12", b"end")
        messages = restarted.up_to(b"end")

    again = [message.payload for message in messages]
    assert set(again) == set(in_hand + queued)
    assert not set(again) & set(saved)
    assert again == sorted(again, key=lambda payload: int(payload.split()[1]))


def test_what_was_acknowledged_stays_acknowledged(broker: Broker, device: Ear) -> None:
    with Ear(broker.url, "mats/#", client_id="gateway") as gateway:
        publish(device, 1, 30)
        device.say("mats/12", b"end")
        gateway.up_to(b"end")
        gateway.say("saved", b"end")  # receipted, so the acknowledgements before it were read
    with Ear(broker.url, "mats/#", client_id="gateway") as gateway:
        device.say("mats/12", b"and now")
        assert gateway.next().payload == b"and now"


def test_more_than_a_broker_keeps_in_flight_waits_its_turn(broker: Broker, device: Ear) -> None:
    with Ear(broker.url, "mats/#", client_id="gateway", acknowledging=False) as gateway:
        payloads = publish(device, 1, 500)
        gateway.acknowledging = True
        for payload in payloads:
            message = gateway.inbox.get(timeout=60)
            assert message.payload == payload
            gateway.link.ack(message)


@pytest.mark.parametrize(
    "topic",
    ["zigbee2mqtt/Room 12 radiator", "zigbee2mqtt/East wing/Room 3/bed", "zigbee2mqtt/Küche"],
)
def test_topics_that_people_give_their_devices_arrive(broker: Broker, topic: str) -> None:
    with Ear(broker.url, "zigbee2mqtt/#") as ear:
        ear.say(topic, b"{}")
        assert ear.next().topic == topic


def test_a_retained_message_is_kept_and_marked(broker: Broker, device: Ear) -> None:
    device.say("mats/12/availability", b"online", retain=True)
    with Ear(broker.url, "mats/#", client_id="late") as late:
        kept = late.next()
        assert (kept.payload, kept.retain) == (b"online", True)
        device.say("mats/12/availability", b"offline", retain=True)
        live = late.next()
        assert (live.payload, live.retain) == (b"offline", False)


def test_a_cleared_retained_message_is_gone(broker: Broker, device: Ear) -> None:
    device.say("mats/12", b"old", retain=True)
    device.say("mats/12", b"", retain=True)
    with Ear(broker.url, "mats/#", client_id="late") as late:
        device.say("mats/12", b"new")
        assert late.next().payload == b"new"


def test_a_hundred_retained_messages_arrive_at_once(broker: Broker, device: Ear) -> None:
    topics = {f"mats/{number}" for number in range(100)}  # the embedded broker hands over no more
    for receipt in [device.link.publish(topic, b"on", retain=True) for topic in sorted(topics)]:
        receipt.result(60)
    with Ear(broker.url, "mats/#", client_id="late") as late:
        assert {late.next().topic for _ in topics} == topics
        device.say("mats/1", b"after")
        assert late.next().payload == b"after"


def test_the_will_of_a_killed_client_is_published(broker: Broker, device: Ear) -> None:
    gateway = Gateway(broker.url, acknowledged=0)
    assert device.up_to(b"here") == []
    gateway.kill()
    assert device.next().payload == b"gone"


def test_a_goodbye_publishes_no_will(broker: Broker, device: Ear) -> None:
    with Ear(broker.url, client_id="polite", will=Will("state", b"gone")):
        pass
    device.say("state", b"after")
    assert device.next().payload == b"after"


def test_a_message_of_one_mebibyte_arrives(broker: Broker) -> None:
    payload = bytes(range(256)) * (MiB // 256)
    with Ear(broker.url, "mats/#") as ear:
        ear.say("mats/12", payload)
        assert ear.next().payload == payload


def test_a_second_client_of_the_same_name_takes_the_session_over(
    broker: Broker, device: Ear
) -> None:
    with Ear(broker.url, "mats/#", client_id="gateway", acknowledging=False) as first:
        publish(device, 1, 3)
        until(lambda: first.inbox.qsize() == 3)
        with Ear(broker.url, "mats/#", client_id="gateway", acknowledging=False) as second:
            assert {second.next().payload for _ in range(3)} == {b"press 1", b"press 2", b"press 3"}
            until(lambda: False in first.changes)


@pytest.mark.mosquitto
def test_mosquitto_remembers_through_a_power_cut(mosquitto: Broker, tmp_path: Path) -> None:
    with Ear(mosquitto.url, client_id="device") as device:
        with Ear(mosquitto.url, "mats/#", client_id="gateway", acknowledging=False) as gateway:
            in_hand = publish(device, 1, 15)
            until(lambda: gateway.inbox.qsize() == 15)
        device.say("plan", b"kept", retain=True)
        queued = publish(device, 16, 25)
        # Mosquitto gives its receipt a moment before it saves; what falls into it is lost.
        memory = tmp_path / "mosquitto" / "mosquitto.db"
        until(lambda: queued[-1] in memory.read_bytes())
        mosquitto.kill()
        mosquitto.start()
        until(lambda: device.link.connected)
        with Ear(mosquitto.url, "mats/#", client_id="gateway") as gateway:
            device.say("mats/12", b"end")
            assert {m.payload for m in gateway.up_to(b"end")} == set(in_hand + queued)
        with Ear(mosquitto.url, "plan", client_id="late") as late:
            assert late.next().payload == b"kept"


def test_the_embedded_broker_forgets_and_is_found_again() -> None:
    broker = EmbeddedForTests()
    broker.start()
    try:
        with Ear(broker.url, "mats/#", client_id="gateway") as gateway:
            gateway.say("mats/12", b"before", retain=True)
            assert gateway.next().payload == b"before"
            broker.kill()
            broker.start()
            until(lambda: gateway.link.connections == 2 and gateway.link.connected)
            gateway.say("mats/12", b"after")
            assert gateway.next().payload == b"after"
    finally:
        broker.stop()
