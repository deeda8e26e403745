"""Sounders and lights, heard on the wire as the devices themselves hear it."""

import json
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.roles import Role
from tests.brokers import Broker, until
from tests.harness import ELM_HOUSE, Home

EQUIPMENT = """  - tag: SND-1
    kind: sounder
    at: 12/bed
    sounds_for: home
    device: {dialect: nightwarden, address: siren, supervision_s: 86400}
  - tag: LGT-14
    kind: light
    at: 14/bed
    sounds_for: room
    sounds_from: medium
    device: {dialect: zigbee2mqtt, address: Room 14 light, supervision_s: 86400}
  - tag: LGT-12
    kind: light
    at: 12/bed
    sounds_for: room
    device: {dialect: zigbee2mqtt, address: Room 12 light, supervision_s: 86400}
"""
WITH_OUTPUTS = ELM_HOUSE + EQUIPMENT
SIREN = "nightwarden/v1/elm-house/device/siren/set"


class Siren:
    """Hears orders on its own connection; what each topic was last told, and how often."""

    def __init__(self, broker: Broker) -> None:
        self.orders: list[tuple[str, bool]] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        url = BrokerUrl.parse(broker.url)
        self._client.connect(url.host, url.port)
        self._client.subscribe([(SIREN, 1), ("zigbee2mqtt/+/set", 1)])
        self._client.loop_start()

    def is_on(self, topic: str = SIREN) -> bool | None:
        told = [on for where, on in self.orders if where == topic]
        return told[-1] if told else None

    def room(self, room: str) -> bool | None:
        return self.is_on(f"zigbee2mqtt/Room {room} light/set")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        body = json.loads(message.payload)
        self.orders.append((message.topic, body.get("on", body.get("state") == "ON")))


@pytest.fixture
def home(any_broker: Broker, tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path, any_broker, WITH_OUTPUTS) as running:
        yield running
        running.pager.ignores_the_rest()


@pytest.fixture
def siren(any_broker: Broker, home: Home) -> Iterator[Siren]:  # noqa: ARG001  (after the home)
    heard = Siren(any_broker)
    yield heard
    heard.close()


def somebody_gets_up(home: Home) -> str:
    """In room 14; the alert's id."""
    mat = home.mat("mat-14")
    mat.press()
    mat.release()
    home.fast_forward(seconds=12)
    [alert] = home.alerts(kind="bed_exit")
    return str(alert["id"])


def test_it_sounds_until_somebody_is_going_and_again_when_nobody_gets_there(
    home: Home, siren: Siren
) -> None:
    until(lambda: siren.is_on() is False)  # retained: how it stood before it listened
    alert = somebody_gets_up(home)
    until(lambda: siren.is_on() and siren.room("14"))
    assert not siren.room("12"), "nothing is wrong in room 12"
    told = {line["equipment"]: line["told"] for line in home.get("/devices")["items"]}
    assert (told["SND-1"]["on"], told["LGT-12"]["on"]) == (True, False)
    assert told["MAT-14"] is None
    with home.api.client(Role.MAINTENANCE) as client:
        assert "On since" in client.get(f"{home.api.url}/devices/fragment").text
        shown = client.get(f"{home.api.url}/equipment/SND-1").text
    assert "for the whole home, high priority. Told to be <strong>on</strong>" in shown
    count = len(siren.orders)
    home.fast_forward(seconds=60)
    until(lambda: len(siren.orders) >= count + 2)
    assert siren.is_on(), "said again, for a siren that had no power"

    home.post(f"/alerts/{alert}/accept")
    until(lambda: siren.is_on() is False and siren.room("14") is False)
    home.fast_forward(minutes=3, seconds=10)
    until(lambda: siren.is_on() and siren.room("14"))
    home.post(f"/alerts/{alert}/accept")
    home.post(f"/alerts/{alert}/attend")
    home.post(f"/alerts/{alert}/close", {"outcome": "helped"})
    until(lambda: siren.is_on() is False)


def test_a_crash_leaves_it_neither_on_nor_silent(home: Home, siren: Siren) -> None:
    alert = somebody_gets_up(home)
    until(siren.is_on)
    home.stop_gateway()
    siren.orders.clear()
    home.start_gateway()
    home.settle()
    until(lambda: siren.is_on() is True)  # told anew, for it may have lost its power meanwhile

    home.stop_gateway()
    home.post(f"/alerts/{alert}/accept")  # while nobody is there to say so
    assert siren.is_on()
    home.start_gateway()
    home.settle()
    until(lambda: siren.is_on() is False)


def test_one_that_leaves_the_register_while_it_sounds_is_switched_off(
    home: Home, siren: Siren
) -> None:
    somebody_gets_up(home)
    until(siren.is_on)
    home.api.apply(ELM_HOUSE)
    home.fast_forward(seconds=2)
    until(lambda: siren.is_on() is False and siren.room("14") is False)
    told = len(siren.orders)
    home.fast_forward(minutes=1)
    assert len(siren.orders) == told, "and then it is forgotten"


def test_a_silent_sounder_is_raised_as_other_kit_is(any_broker: Broker, tmp_path: Path) -> None:
    quick = WITH_OUTPUTS.replace("address: siren, supervision_s: 86400", "address: siren")
    with Home(tmp_path, any_broker, quick) as home:
        home.publish("nightwarden/v1/elm-house/device/siren", '{"seq": 1}')
        home.fast_forward(minutes=3)
        [alert] = home.alerts(kind="device_silent")
        assert "sounder SND-1 silent" in alert["text"]
        home.pager.ignores_the_rest()


@pytest.mark.parametrize(
    ("was", "written", "words"),
    [
        ("    sounds_for: home\n", "", '"sounds_for" is missing: a sounder sounds for one of'),
        ("sounds_for: home", "sounds_for: all", "home"),
        ("sounds_from: medium", "sounds_from: technical", "'high', 'medium' or 'low'"),
        ("dialect: nightwarden, address: siren", "dialect: rtl_433, address: x", "must be told"),
        ("kind: light\n    at: 14", "kind: hub\n    at: 14", "a hub does not sound"),
    ],
)
def test_the_home_file_says_what_is_wrong_with_an_output(
    tmp_path: Path, was: str, written: str, words: str
) -> None:
    assert was in WITH_OUTPUTS
    wrong = WITH_OUTPUTS.replace(was, written, 1).encode()
    with pytest.raises(Invalid) as caught:
        read_home_file(wrong, str(tmp_path), utc_now())
    assert words in str(caught.value)
