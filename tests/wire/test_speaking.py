"""What one device's password opens: its own topics, whatever its address is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from gateway.dialects import dialects
from gateway.dialects.base import Dialect
from gateway.dialects.speaking import (
    SpeaksForItself,
    Speech,
    bridge_speech,
    device_speech,
    spoken_by,
)
from nightwarden.errors import Invalid

HOME = "elm-house"
ALL = dialects(HOME)
ONE_LEVEL = st.text(st.characters(exclude_characters="/"), max_size=40)
"""Where a dialect's addresses hold slashes, one device may be the branch of another."""

each_dialect = pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.name)


def named(name: str) -> Dialect:
    dialect = spoken_by(ALL, name)
    assert dialect is not None
    return dialect


def test_a_native_device_says_its_state_and_whether_it_is_there() -> None:
    topic = f"nightwarden/v1/{HOME}/device/mat-12"
    assert device_speech(named("nightwarden"), "mat-12") == Speech(
        (topic, f"{topic}/availability"), (f"{topic}/set",)
    )


def test_a_bridge_has_all_of_its_dialect() -> None:
    zigbee2mqtt = named("zigbee2mqtt")
    assert device_speech(zigbee2mqtt, "Room 12 radiator") is None
    assert bridge_speech(zigbee2mqtt) == Speech(("zigbee2mqtt/#",), ("zigbee2mqtt/#",))


def test_a_sparkplug_node_hears_that_it_is_asked_for_a_rebirth() -> None:
    speech = bridge_speech(named("sparkplug"))
    assert any(topic_matches_sub(each, "spBv1.0/elm-house/NCMD/node-1") for each in speech.hears)
    assert not any("CMD" in each for each in speech.publishes)


def test_a_dialect_on_everybody_s_topics_has_no_password_for_a_bridge() -> None:
    class Everywhere:
        name = "everywhere"

        def filters(self) -> tuple[str, ...]:
            return ("+/sensor/+/state",)

        owns = read = None

    with pytest.raises(Invalid, match=r"\+/sensor/\+/state is not of its own alone"):
        bridge_speech(Everywhere())  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["+", "mat/#", "", " mat", "a//b", "/a", "a\nuser gateway"])
@each_dialect
def test_an_address_that_opens_more_is_refused(dialect: Dialect, address: str) -> None:
    if isinstance(dialect, SpeaksForItself):
        with pytest.raises(Invalid, match="give the device another address"):
            device_speech(dialect, address)


@each_dialect
@given(address=ONE_LEVEL, other=ONE_LEVEL)
def test_a_device_stays_among_its_dialect_s_topics_and_off_every_other_device_s(
    dialect: Dialect, address: str, other: str
) -> None:
    try:
        mine, theirs = device_speech(dialect, address), device_speech(dialect, other)
    except Invalid:
        return
    if mine is None or theirs is None:
        return
    for topic in mine.publishes:
        spoken = topic.replace("+", "x").replace("#", "x")
        announces_itself = topic.startswith("homeassistant/") and f"/{address}/" in topic
        assert dialect.owns(spoken) or announces_itself
        if address != other:
            assert not any(
                topic_matches_sub(topic, said) or topic_matches_sub(said, topic)
                for said in theirs.publishes
            )
