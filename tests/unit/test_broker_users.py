"""Which users the broker gets from the register: names nobody shares, topics that are theirs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.speaking import Speech
from nightwarden.errors import Invalid
from nightwarden.model.readings import DeviceId
from nightwarden.mosquitto.passwords import hashed, matches, new_password
from nightwarden.mosquitto.users import Asked, broker_users
from nightwarden.store.teaching import Teaching

OWN = ["gateway", "api"]
NOTHING = Asked()


def names(*devices: DeviceId, asked: Asked = NOTHING) -> list[str]:
    users, refused = broker_users("elm-house", devices, asked)
    assert refused == []
    return [user.name for user in users]


def native(address: str) -> DeviceId:
    return DeviceId("nightwarden", address)


def test_before_there_is_a_home_the_monitor_is_known() -> None:
    assert [user.name for user in broker_users(None, (), Asked())[0]] == OWN


def test_a_device_with_two_inputs_is_one_user() -> None:
    hall = native("hall")
    assert names(hall.at_channel("left"), hall.at_channel("right")) == [*OWN, "hall"]


def test_a_bridge_is_one_user_for_all_its_devices() -> None:
    behind = [DeviceId("zigbee2mqtt", "Room 12 mat"), DeviceId("zigbee2mqtt", "Room 13 mat")]
    assert names(*behind, asked=Asked(bridges=("zigbee2mqtt",))) == [*OWN, "zigbee2mqtt"]


@pytest.mark.parametrize("address", ["gateway", "api", "pager", "zigbee2mqtt"])
def test_no_device_gets_another_s_name(address: str) -> None:
    found = names(native(address), asked=Asked(readers=("pager",)))
    assert found == [*OWN, "pager", f"{address}@nightwarden"]


def test_a_device_that_would_open_more_gets_none_and_it_is_said() -> None:
    devices = [native("a b"), native("a/availability"), DeviceId("morse", "key")]
    users, refused = broker_users("elm-house", devices, Asked())
    assert [user.name for user in users] == [*OWN, "a%20b"]
    assert [sentence.split(" gets no password")[0] for sentence in refused] == [
        "morse:key",
        'nightwarden "a/availability"',
    ]


BED_15 = DeviceId("homeassistant", "bed-15")


def announced(*, by: str, topic: str, key: str = "mat") -> Teaching:
    body = {"dev_cla": "occupancy", "stat_t": topic, "avty_t": "bed15/up", "dev": {"ids": [by]}}
    content = json.dumps(body).encode()
    return Teaching("homeassistant", f"homeassistant/binary_sensor/{key}/config", content)


def test_what_announces_itself_gets_a_user_for_what_it_has_announced_and_no_more() -> None:
    taught = [
        announced(by="bed-15", topic="bed15/state"),
        announced(by="bed-16", topic="bed16/state", key="other"),
    ]
    users, refused = broker_users("elm-house", [BED_15.at_channel("mat")], Asked(), taught)
    assert refused == []
    assert users[-1].name == "bed-15@homeassistant"
    assert users[-1].speech == Speech(
        ("homeassistant/binary_sensor/mat/config", "bed15/state"), ("homeassistant/status",)
    )


@pytest.mark.parametrize(
    ("taught", "why"),
    [
        ([], "acl.local"),
        ([announced(by="bed-15", topic="a\ntopic readwrite #")], "not announced itself"),
        ([announced(by="bed-15", topic="zigbee2mqtt/Room 12 mat")], "not announced itself"),
        (
            [announced(by="bed-15", topic="a/s"), announced(by="x", topic="a/s", key="x")],
            "another device has announced a/s too",
        ),
    ],
)
def test_what_announces_itself_gets_no_user_that_could_speak_for_others(
    taught: list[Teaching], why: str
) -> None:
    users, refused = broker_users("elm-house", [BED_15], Asked(), taught)
    assert [user.name for user in users] == OWN
    assert 'homeassistant "bed-15" gets no password' in refused[0]
    assert why in refused[0]
    with pytest.raises(Invalid, match="to have a bridge"):
        broker_users("elm-house", (), Asked(bridges=("homeassistant",)))


@given(st.lists(st.text(min_size=1, max_size=30), unique=True, max_size=8))
def test_no_two_devices_share_a_user_and_none_breaks_a_line(addresses: list[str]) -> None:
    users, refused = broker_users("elm-house", map(native, addresses), Asked(readers=("pager",)))
    found = [user.name for user in users]
    whole = {native(address).whole for address in addresses}
    assert len(set(found)) == len(found)
    assert len(found) + len(refused) == len(whole) + 3
    for user in users:
        assert set(user.name).isdisjoint(":/+# \t\r\n")
        assert all(topic.isprintable() for topic in user.speech.publishes)


@pytest.mark.parametrize("name", ["", "api", "zigbee2mqtt", "a b", "a:b", "../x", "ä"])
def test_a_reader_has_a_plain_name(name: str) -> None:
    with pytest.raises(Invalid, match="cannot be a reader's name"):
        broker_users("elm-house", (), Asked(readers=(name,)))


def test_a_hash_of_mosquitto_passwd_is_understood() -> None:
    """Made with ``mosquitto_passwd -b -c FILE mat-12 'a known password'`` of Mosquitto 2.0.11."""
    assert matches(MADE_BY_MOSQUITTO, "a known password")
    assert not matches(MADE_BY_MOSQUITTO, "a known passwore")
    ours = hashed("a known password")
    assert matches(ours, "a known password")
    assert [len(part) for part in ours.split("$")] == [
        len(part) for part in MADE_BY_MOSQUITTO.split("$")
    ]


def test_passwords_are_new_each_time_and_can_be_typed() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 24 and password.isalnum() for password in made)


MADE_BY_MOSQUITTO = (
    "$7$101$u2h/IRZ6ZGPzlGWV$0s7yYoLs+xS6CcfBaw75xv642XEuvaShRZeD"
    "19Hrc2OwjMOBeO61lLzcNqQBig+NuK7M8jO9eb8YEO3/wBxYog=="
)
