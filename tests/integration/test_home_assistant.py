"""What a Home Assistant on the same broker is told, read as it reads it: discovery, templates."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from jinja2 import Environment
from paho.mqtt.enums import CallbackAPIVersion

from gateway.outlets.home_assistant import Discovery, HomeAssistant
from nightwarden.broker_url import BrokerUrl
from tests.brokers import Broker, until
from tests.harness import ELM_HOUSE, Home

JINJA = Environment(autoescape=False)  # noqa: S701  (Home Assistant's templates are no HTML)
NODE = "homeassistant/device/nightwarden_elm-house"


class Assistant:
    """Subscribes as Home Assistant does, and works out what its entities say."""

    def __init__(self, broker: Broker) -> None:
        self.topics: dict[str, bytes] = {}
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        url = BrokerUrl.parse(broker.url)
        self._client.connect(url.host, url.port)
        self._client.subscribe([("homeassistant/+/+/+/config", 1), ("nightwarden/#", 1)])
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def entities(self) -> dict[str, dict[str, Any]]:
        """Every component of every configuration, by its unique id."""
        found = {}
        for topic, payload in list(self.topics.items()):
            if topic.startswith("homeassistant/") and payload:
                config = json.loads(payload)
                assert config["origin"]["name"]
                assert config["device"]["identifiers"]
                for component in config["components"].values():
                    assert component["platform"] in ("sensor", "binary_sensor")
                    found[component["unique_id"]] = component
        return found

    def state(self, unique_id: str) -> str | None:
        """An entity's state; None while it has none."""
        entity = self.entities().get(unique_id)
        payload = self.topics.get(entity["state_topic"]) if entity else None
        if entity is None or not payload:
            return None
        available = self.topics.get(entity.get("availability_topic", ""), b"{}")
        if "availability_template" in entity:
            value = json.loads(available)
            told = JINJA.from_string(entity["availability_template"]).render(value_json=value)
            if told != "online":
                return "unavailable"
        template = JINJA.from_string(entity["value_template"])
        return template.render(value_json=json.loads(payload))

    def shows(self, unique_id: str, state: str) -> None:
        """Wait until an entity says this."""
        until(lambda: self.state(unique_id) == state)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        self.topics[message.topic] = bytes(message.payload)


def watched(home: Home) -> None:
    """A loop test has just come through, and health says so."""
    for _ in range(2):
        home.fast_forward(seconds=2)


HELP = "nightwarden_elm-house_room_14_help"


def test_an_alert_of_one_room_is_no_news_of_the_others(broker: Broker, tmp_path: Path) -> None:
    others = "nightwarden/v1/elm-house/room/12"
    with Home(tmp_path, broker) as home:
        assistant = Assistant(broker)
        watched(home)
        assistant.shows(HELP, "OFF")
        before = assistant.topics[others]
        mat = home.mat("mat-14")
        mat.press()
        mat.release()
        home.fast_forward(seconds=12)
        home.pager.expects("out of bed")
        watched(home)
        assistant.shows(HELP, "ON")
        assert assistant.topics[others] == before, "in a large home there are thousands"
        home.fast_forward(minutes=1)
        until(lambda: assistant.topics[others] != before)
        home.pager.ignores_the_rest()


def test_a_room_needs_help_from_the_exit_until_somebody_has_closed_it(
    broker: Broker, tmp_path: Path
) -> None:
    with Home(tmp_path, broker) as home:
        assistant = Assistant(broker)
        watched(home)
        assistant.shows(HELP, "OFF")
        assistant.shows("nightwarden_elm-house_watching", "ON")
        mat = home.mat("mat-14")
        mat.press()
        mat.release()
        home.fast_forward(seconds=15)
        home.pager.expects("out of bed")
        watched(home)
        assistant.shows(HELP, "ON")
        assistant.shows("nightwarden_elm-house_room_12_help", "OFF")
        assistant.shows("nightwarden_elm-house_newest", "Room 14 · out of bed")
        assistant.shows("nightwarden_elm-house_open_high", "1")
        assert not any(
            b"Ken" in payload
            for topic, payload in assistant.topics.items()
            if "/alert/" not in topic
        )

        watched(home)
        [alert] = home.alerts(kind="bed_exit")
        home.post(f"/alerts/{alert['id']}/accept")
        room = "nightwarden/v1/elm-house/room/14"
        until(lambda: json.loads(assistant.topics[room])["somebody_is_going"])
        assert assistant.state(HELP) == "ON", "somebody is on the way, and not there yet"
        home.post(f"/alerts/{alert['id']}/attend")
        home.post(f"/alerts/{alert['id']}/close", {"outcome": "helped"})
        assistant.shows(HELP, "OFF")
        home.pager.ignores_the_rest()
        assistant.close()


def test_a_restarted_broker_is_told_again(embedded_broker: Broker, tmp_path: Path) -> None:
    with Home(tmp_path, embedded_broker) as home:
        embedded_broker.kill()
        embedded_broker.start()
        assert home.running is not None
        until(lambda: home.running is not None and home.running.link.connections == 2)
        assistant = Assistant(embedded_broker)
        home.devices_come_back()
        for _ in range(10):  # the first loop test on a new connection may have come too early
            watched(home)
            if assistant.state(HELP) == "OFF":
                break
        assistant.shows(HELP, "OFF")
        assistant.close()
        home.pager.ignores_the_rest()


def test_a_room_that_goes_leaves_nothing_behind(embedded_broker: Broker, tmp_path: Path) -> None:
    with Home(tmp_path, embedded_broker) as home:
        watched(home)
        assistant = Assistant(embedded_broker)
        assistant.shows(HELP, "OFF")
        without = ELM_HOUSE[: ELM_HOUSE.index('  - id: "14"')] + ("residents: []\nequipment: []\n")
        home.api.apply(without)
        home.fast_forward(seconds=10)
        until(lambda: assistant.topics[f"{NODE}/room_14/config"] == b"")
        assert assistant.topics["nightwarden/v1/elm-house/room/14"] == b""
        assert HELP not in assistant.entities()
        assistant.close()
        home.pager.ignores_the_rest()


def test_off_takes_back_what_was_told() -> None:
    rooms = ["12", "Lounge (1st)"]
    now = datetime(2026, 11, 1, tzinfo=UTC)
    told = HomeAssistant("elm-house", "Elm House", rooms, Discovery.ROOMS).topics([], now)
    taken = HomeAssistant("elm-house", "Elm House", rooms, Discovery.OFF).topics([], now)
    assert taken == dict.fromkeys(told, b"")
    assert len(told) == 6
    allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/"
    assert all(set(topic) <= set(allowed) for topic in told if topic.startswith("homeassistant"))
