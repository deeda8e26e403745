"""Whatever arrives ends as a right reading, a quarantine row with its reason, or a recorded
duplicate; and the next message is handled. Through a real broker, to what the api shows.
"""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import Broker, EmbeddedForTests, until
from tests.harness import ELM_HOUSE, Home, Mat

NATIVE = "nightwarden/v1/elm-house/device"
MAT = f"{NATIVE}/mat-12"
RADIATOR = "zigbee2mqtt/Room 12 radiator"
MiB = 1024 * 1024


@pytest.fixture
def home(tmp_path: Path, any_broker: Broker) -> Iterator[Home]:
    """Elm House at 23:00."""
    with Home(tmp_path / "data", any_broker) as made:
        yield made


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Mat]]:
    """One home, and its mat in room 14, that live through everything in the table below."""
    folder = tmp_path_factory.mktemp("lasting") / "data"
    with EmbeddedForTests() as broker, Home(folder, broker) as made:
        yield made, made.mat("mat-14")


def quarantined(home: Home) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = home.get("/quarantine?limit=500")["items"]
    return items


def values(home: Home, device: str, quantity: str) -> list[Any]:
    """What was recorded, the latest measured first."""
    items = home.get(f"/readings?device={device}")["items"]
    return [item["value"] for item in items if item["quantity"] == quantity]


def duplicates(home: Home, device: str) -> int:
    [line] = [d for d in home.get("/devices")["items"] if d["device"] == device]
    return int(line["duplicates"])


WHAT_COMES = {
    "not JSON": (MAT, b"occupied!", "The payload is not JSON (unexpected character"),
    "half a message": (MAT, b'{"occupancy": tr', "The payload is not JSON ("),
    "not an object": (MAT, b"true", "The payload is true; a JSON object is due."),
    "a list": (MAT, b"[true]", "The payload is a list; a JSON object is due."),
    "empty": (MAT, b"", "The payload is empty; a JSON object is due."),
    "not UTF-8": (MAT, b'{"occupancy": "\xff\xfe"}', "The payload is not JSON (str is not valid"),
    "nested too deeply": (MAT, b'{"a":' * 5000 + b"1" + b"}" * 5000, "The payload is not JSON (de"),
    "nothing known in it": (MAT, b'{"colour": "red"}', "The message has none of the fields at, "),
    "a word for a truth value": (
        MAT,
        b'{"occupancy": "yes"}',
        'occupancy is "yes"; true (somebody is on the mat) or false is due.',
    ),
    "a number for a truth value": (
        MAT,
        b'{"occupancy": 1}',
        "occupancy is 1; true (somebody is on the mat) or false is due.",
    ),
    "null for a truth value": (MAT, b'{"occupancy": null}', "occupancy is null; true (somebody"),
    "a word for a number": (
        RADIATOR,
        b'{"temperature": "warm"}',
        'temperature is "warm"; a number of °C from -10 to 110 is due.',
    ),
    "NaN": (
        RADIATOR,
        b'{"temperature": NaN}',
        "The payload holds NaN or Infinity, which JSON has not; leave the field out instead.",
    ),
    "infinity": (MAT, b'{"temperature": -Infinity}', "The payload holds NaN or Infinity, whi"),
    "a number beyond all": (RADIATOR, b'{"temperature": 1e400}', "The payload is not JSON (number"),
    "a huge number": (
        RADIATOR,
        b'{"temperature": 1e300}',
        "temperature is 1e+300 °C; -10 to 110 °C is due: the sensor is faulty or misread.",
    ),
    "an unplugged DS18B20": (
        RADIATOR,
        b'{"temperature": -127}',
        "temperature is -127 °C, a DS18B20 unplugged: look at the sensor's lead.",
    ),
    "a DS18B20 that was just switched on": (
        RADIATOR,
        b'{"temperature": 85.0}',
        "Not believed: 85.0 °C is a sensor's power-on value until it is repeated.",
    ),
    "a huge counter": (
        MAT,
        b'{"seq": 99999999999999999999, "battery": 50}',
        "seq is 1e+20; a whole number from 0 to 9223372036854775807 is due.",
    ),
    "a year ahead": (
        MAT,
        b'{"at": "2027-11-01T23:00:00Z", "battery": 51}',
        'at says "2027-11-01T23:00:00Z", 365 days away: set the device\'s clock.',
    ),
    "a year behind": (
        MAT,
        b'{"at": "2025-11-01T23:00:00Z", "battery": 52}',
        'at says "2025-11-01T23:00:00Z", 365 days away: set the device\'s clock.',
    ),
    "a time without its zone": (
        MAT,
        b'{"at": "2026-11-01T23:00:00", "battery": 53}',
        'at is "2026-11-01T23:00:00", which has no offset; end it with Z or one such as +01:00.',
    ),
    "an unknown availability": (
        f"{MAT}/availability",
        b"maybe",
        "The availability is not readable; the bare word online or offline is due.",
    ),
    "no address": (f"{NATIVE}/", b'{"occupancy": true}', "The topic names no device; nightwarden/"),
    "the system's own address": (
        f"{NATIVE}/~proof",
        b'{"occupancy": true}',
        'The address "~proof" begins with ~, which is the system\'s own.',
    ),
    "a device that nobody has bound": (
        f"{NATIVE}/from-the-shed",
        b'{"occupancy": true}',
        "No equipment is bound to nightwarden:from-the-shed; bind it in the register if it is",
    ),
    "a name with spaces and slashes that nobody has bound": (
        "zigbee2mqtt/East wing/Room 3 mat",
        b'{"occupancy": true, "battery": 99}',
        "No equipment is bound to zigbee2mqtt:East wing/Room 3 mat; bind it in the register",
    ),
    "a megabyte": (
        MAT,
        b"x" * MiB,
        "The payload is 1048576 bytes long; at most 262144 is due.",
    ),
}


@pytest.mark.parametrize("what", WHAT_COMES)
def test_what_cannot_be_believed_is_kept_with_its_reason(
    lasting: tuple[Home, Mat], what: str
) -> None:
    home, mat = lasting
    topic, payload, reason = WHAT_COMES[what]
    home.publish(topic, payload)
    mat.say(battery=50 + list(WHAT_COMES).index(what))
    home.settle()
    row = quarantined(home)[0]
    assert row["reason"].startswith(reason), row["reason"]
    assert row["reason"].endswith(".")
    assert (row["topic"], row["size"]) == (topic, len(payload))
    assert b64decode(row["payload_base64"]) == payload[:4096], "what came can be looked at"
    assert values(home, "mat-14", "battery")[0] == 50 + list(WHAT_COMES).index(what)


def test_doubt_of_one_field_does_not_cost_the_others(home: Home) -> None:
    home.publish(MAT, '{"occupancy": true, "temperature": "warm", "at": "2027-01-01T00:00:00Z"}')
    home.publish(MAT, '{"occupancy": false, "battery": 777}')
    page = home.pager.expects("Room 12", "Joan", "out of bed", "raised")
    assert page["caused_at"] == "2026-11-01T23:00:00.000Z", "the time of receipt"
    home.settle()
    assert sorted(row["reason"].split()[0] for row in quarantined(home)) == [
        "at",
        "battery",
        "temperature",
    ]


def test_a_megabyte_is_cut_and_the_next_message_is_heard(home: Home) -> None:
    home.publish(MAT, b'{"occupancy": true, "note": "' + b"x" * MiB + b'"}')
    home.publish(MAT, '{"occupancy": true}')
    home.publish(MAT, '{"occupancy": false}')
    home.pager.expects("Room 12", "out of bed", "raised")
    [row] = quarantined(home)
    assert row["size"] > MiB
    assert len(row["payload"]) == 4096


def test_the_same_message_twice_is_one_and_is_counted(home: Home) -> None:
    home.mat("mat-12").press()
    body = {"at": home.clock().isoformat(), "seq": 2, "occupancy": False}
    home.publish(MAT, json.dumps(body))
    home.publish(MAT, json.dumps(body))  # the same bytes, as a device that heard no receipt
    home.settle()
    home.fast_forward(seconds=5)
    home.publish(MAT, json.dumps(body, indent=1))  # the same number in other bytes, later
    home.settle()
    home.pager.expects("out of bed", "raised")
    assert duplicates(home, "nightwarden:mat-12") == 2
    assert values(home, "mat-12", "occupancy") == [False, True]
    [alert] = home.alerts()
    assert [step["event"] for step in alert["events"]] == ["raised"]


def test_messages_in_the_wrong_order_are_recorded_and_move_nothing(home: Home) -> None:
    def say(seconds: int, seq: int | None, *, occupied: bool, topic: str = MAT) -> None:
        at = start + timedelta(seconds=seconds)
        body: dict[str, Any] = {"at": at.isoformat(), "occupancy": occupied}
        home.publish(topic, json.dumps(body if seq is None else body | {"seq": seq}))

    start = home.clock()
    home.fast_forward(minutes=1)
    by_time = f"{NATIVE}/mat-14"  # has no counter
    say(0, 5, occupied=False)
    say(20, 7, occupied=True)
    say(10, 6, occupied=False)
    say(0, None, occupied=False, topic=by_time)
    say(20, None, occupied=True, topic=by_time)
    say(10, None, occupied=False, topic=by_time)
    home.settle()
    home.fast_forward(seconds=30)
    assert home.alerts() == [], "both lie in bed, whatever came last"
    assert values(home, "mat-12", "occupancy") == [True, False, False]
    assert values(home, "mat-14", "occupancy") == [True, False, False]
    late = [r["late"] for r in home.get("/readings?device=mat-14")["items"]]
    assert late == [False, True, False]
    assert quarantined(home) == []
    say(50, 8, occupied=False)
    home.pager.expects("Room 12", "out of bed", "raised")


def test_one_sample_of_85_is_not_believed_and_the_next_decides(home: Home) -> None:
    for celsius in (60, 85.0, 62):
        home.publish(RADIATOR, json.dumps({"temperature": celsius}))
    home.settle()
    [row] = quarantined(home)
    assert row["reason"] == (
        "Not believed: a step of 25.0 °C from 60.0 to 85.0 °C in one sample; "
        "the next sample decides."
    )
    for celsius in (85.0, 84.5):
        home.publish(RADIATOR, json.dumps({"temperature": celsius}))
    home.settle()
    assert values(home, "Room 12 radiator", "temperature") == [84.5, 62.0, 60.0]


def test_a_friendly_name_with_spaces_and_slashes_is_a_name(tmp_path: Path, broker: Broker) -> None:
    name = "East wing/Room 12/bed mat"
    native = "{dialect: nightwarden, address: mat-12, supervision_s: 86400}"
    assert native in ELM_HOUSE
    home_file = ELM_HOUSE.replace(
        native, f'{{dialect: zigbee2mqtt, address: "{name}", supervision_s: 86400}}'
    )
    with Home(tmp_path / "data", broker, home_file) as home:
        home.publish(f"zigbee2mqtt/{name}/availability", '{"state": "online"}', retain=True)
        home.publish(f"zigbee2mqtt/{name}", '{"occupancy": true, "linkquality": 120}')
        home.publish(f"zigbee2mqtt/{name}", '{"occupancy": false, "linkquality": 118}')
        home.pager.expects("Room 12", "Joan", "out of bed", "raised")
        assert quarantined(home) == []


@pytest.mark.mosquitto
def test_what_is_retained_is_heard_anew_at_reconnect(tmp_path: Path, mosquitto: Broker) -> None:
    """Equal to what was last known it is nothing; changed meanwhile, it happened unseen."""
    with Home(tmp_path / "data", mosquitto) as home:
        assert home.running is not None
        link = home.running.link

        def lose_the_broker_for_a_minute() -> None:
            home.clock.advance(seconds=10)
            home.settle()
            mosquitto.stop()
            until(lambda: not link.connected)
            home.clock.advance(minutes=1)
            mosquitto.start()
            until(lambda: link.connected)
            until(home._client.is_connected)

        home.publish(MAT, '{"occupancy": true}', retain=True)
        home.settle()
        lose_the_broker_for_a_minute()
        home.settle()
        assert home.alerts() == []
        lose_the_broker_for_a_minute()
        home.publish(MAT, '{"occupancy": false}', retain=True)
        until(home.alerts)
        [alert] = home.alerts()
        assert "while not watching" in alert["text"]
        assert alert["while_not_watching"]
        home.pager.ignores_the_rest()
