"""What announces itself to Home Assistant: its documentation's examples, and its traps."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from gateway.dialects import dialects, owner
from gateway.dialects.announced import MOST_ANNOUNCEMENTS
from gateway.dialects.base import Dialect, Heard, Learner, Lesson
from gateway.dialects.doubt import Doubt
from gateway.dialects.entity import pressed
from gateway.dialects.value_template import LONGEST_TEMPLATE, ValueTemplate
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model.readings import Quantity

NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
CAPTURES = Path(__file__).parents[1] / "captures" / "homeassistant.jsonl"


def taught(spoken: tuple[Dialect, ...], topic: str, payload: str, *, retain: bool = False) -> Heard:
    """What a message says; what it teaches is learnt, as the gateway has it."""
    dialect = owner(spoken, topic)
    assert dialect is not None, topic
    heard = dialect.read(RawMessage(topic, payload.encode(), NOW, retain=retain))
    for lesson in heard.lessons:
        assert isinstance(dialect, Learner)
        assert dialect.learn(lesson)
    return heard


def lines() -> Iterator[Any]:
    """Each captured line with what came of it, all read by one gateway in their order."""
    spoken = dialects("elm-house")
    for number, text in enumerate(CAPTURES.read_text().splitlines(), 1):
        line = json.loads(text)
        try:
            outcome: Heard | str = taught(
                spoken, line["topic"], line["payload"], retain=line["retain"]
            )
        except Unreadable as refused:
            outcome = str(refused)
        yield pytest.param(line, outcome, id=f"{number}-{line['topic']}")


@pytest.mark.parametrize(("line", "outcome"), list(lines()))
def test_a_captured_line_means_what_it_meant(line: dict[str, Any], outcome: Heard | str) -> None:
    bad = [each for each in line["expect"] if each["kind"] == "bad"]
    if isinstance(outcome, str):
        assert [str(each["value"]) in outcome for each in bad] == [True], outcome
        return
    meant = {
        (Quantity(each["kind"]), each["device"], each["value"])
        for each in line["expect"]
        if each["kind"] != "bad"
    }
    got = {(r.quantity, r.device.address.replace("#", "/"), r.value) for r in outcome.readings}
    assert got == meant
    assert all(reading.fresh is not line["retain"] for reading in outcome.readings)
    assert len(outcome.problems) == len(bad)
    for each, problem in zip(bad, outcome.problems, strict=True):
        assert problem.device.address.replace("#", "/") == each["device"]
        assert each["value"] in problem.reason


def home_assistant(spoken: tuple[Dialect, ...]) -> Learner:
    (found,) = (each for each in spoken if each.name == "homeassistant")
    assert isinstance(found, Learner)
    return found


def config(**more: str) -> str:
    return json.dumps({"state_topic": "a/b", "device_class": "temperature", **more})


def test_the_filters_grow_and_shrink_with_what_is_announced() -> None:
    spoken = dialects("elm-house")
    at_first = home_assistant(spoken).filters()
    assert owner(spoken, "a/b") is None
    taught(spoken, "homeassistant/sensor/x/config", config(availability_topic="a/lwt"))
    assert set(home_assistant(spoken).filters()) - set(at_first) == {"a/b", "a/lwt"}
    assert owner(spoken, "a/b") is home_assistant(spoken)
    taught(spoken, "homeassistant/sensor/x/config", "")
    assert home_assistant(spoken).filters() == at_first
    assert owner(spoken, "a/b") is None


@pytest.mark.parametrize(
    ("mode", "told"),
    [("latest", [True, False]), ("all", [False]), ("any", [True])],
)
def test_one_of_several_availabilities_says_no_more_than_it_knows(
    mode: str, told: list[bool]
) -> None:
    spoken = dialects("elm-house")
    several = [{"topic": "a/bridge"}, {"topic": "a/lwt"}]
    body = {"state_topic": "a/b", "availability": several, "availability_mode": mode}
    assert taught(spoken, "homeassistant/sensor/x/config", json.dumps(body)).lessons
    said = [taught(spoken, "a/lwt", word).readings for word in ("online", "offline")]
    assert [reading.value for readings in said for reading in readings] == told


def test_the_same_announcement_again_teaches_nothing() -> None:
    spoken = dialects("elm-house")
    assert taught(spoken, "homeassistant/sensor/x/config", config()).lessons
    assert taught(spoken, "homeassistant/sensor/x/config", config()) == Heard()


@pytest.mark.parametrize(
    "topic",
    [
        "zigbee2mqtt/mat",
        "tele/board/SENSOR",
        "shellies/x/sensor/temperature",
        "nightwarden/v1/elm-house/alert/1",
        "nightwarden/v1/elm-house/device/mat-12",
        "homeassistant/status",
        "homeassistant/sensor/y/config",
    ],
)
def test_a_topic_that_is_somebody_s_own_cannot_be_announced(topic: str) -> None:
    spoken = dialects("elm-house")
    before = home_assistant(spoken).filters()
    assert not taught(spoken, "homeassistant/sensor/x/config", config(state_topic=topic)).lessons
    assert home_assistant(spoken).filters() == before


def test_an_esphome_board_announces_what_its_objects_are() -> None:
    spoken = dialects("elm-house")
    topic = "panel-12/binary_sensor/lid/state"
    guessed = taught(spoken, topic, "ON").readings[0]
    assert (guessed.quantity, guessed.value) == (Quantity.OCCUPANCY, True)
    door = json.dumps({"stat_t": topic, "dev_cla": "opening", "dev": {"ids": "a020"}})
    assert taught(spoken, "homeassistant/binary_sensor/panel-12/lid/config", door).lessons
    said = taught(spoken, topic, "ON").readings[0]
    assert (said.device.dialect, said.device.address) == ("esphome", "panel-12#lid")
    assert (said.quantity, said.value) == (Quantity.CONTACT, False)


@pytest.mark.parametrize("component", ["sensor", "binary_sensor", "event", "device_automation"])
@pytest.mark.parametrize("odd", ["[[1]]", "{}", "7", "true", '"x"', "null"])
def test_an_announcement_may_have_anything_anywhere(component: str, odd: str) -> None:
    spoken = dialects("elm-house")
    keys = ["dev_cla", "unit_of_meas", "ent_cat", "type", "pl_on", "pl", "val_tpl", "dev", "avty"]
    for key in [*keys, "avty_mode", "evt_typ", "~", "platform"]:
        body = f'{{"stat_t":"a/b","topic":"a/b","{key}":{odd}}}'
        with suppress(Unreadable):  # a sentence is fine, and no other error
            taught(spoken, f"homeassistant/{component}/x/config", body)


def test_components_in_components_without_end_are_no_announcement_of_ours() -> None:
    depth = 500
    nested = '{"cmps":{"a":' * depth + "{}" + "}}" * depth
    assert taught(dialects("elm-house"), "homeassistant/device/x/config", nested) == Heard()


def test_strangers_who_announce_without_end_find_no_room() -> None:
    learner = home_assistant(dialects("elm-house"))
    for number in range(MOST_ANNOUNCEMENTS):
        key = f"homeassistant/sensor/s{number}/config"
        assert learner.learn(Lesson(key, config(state_topic=f"s/{number}").encode()))
    more = config(state_topic="s/more").encode()
    assert not learner.learn(Lesson("homeassistant/sensor/more/config", more))
    assert learner.learn(Lesson("homeassistant/sensor/s0/config", b""))
    assert learner.learn(Lesson("homeassistant/sensor/more/config", more))


def test_what_an_older_version_kept_and_this_one_cannot_use_is_forgotten() -> None:
    learner = home_assistant(dialects("elm-house"))
    before = learner.filters()
    assert learner.learn(Lesson("homeassistant/sensor/x/config", b"not JSON"))
    assert learner.filters() == before
    assert any(topic_matches_sub(each, "homeassistant/sensor/n/x/config") for each in before)


# --- value templates --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "payload", "text"),
    [
        ("{{ value }}", "3", "3"),
        ("{{ value_json.a.b }}", '{"a":{"b":2}}', "2"),
        ("{{ value_json['a'] | float | round(1) }}", '{"a":"2.34"}', "2.3"),
        ('{{ value_json["a"][1] }}', '{"a":[5,6]}', "6"),
        ("{{ value_json.a | round }}", '{"a":2.6}', "3"),
        ("{{ value_json.x | is_defined }}", "{}", None),
        ("{{ value_json.x }}", "not JSON", None),
        ("{{ value_json.x | default('OFF') }}", "{}", "OFF"),
        ("{{ value_json.x | int(0) }}", "{}", "0"),
        ("{% if value_json.x == 1 %}ON{% else %}OFF{% endif %}", '{"x":1}', "ON"),
        ("{% set t = value_json.x %}{{ t / 10 }}", '{"x":215}', "21.5"),
        ("{{ 'ON' if value_json.state else 'OFF' }}", '{"state":false}', "OFF"),
        ("{{ iif(value_json.x > 2, 'ON', 'OFF') }}", '{"x":3}', "ON"),
        ("{{ value_json.contact }}", '{"contact":false}', "False"),
        ("{{ value.split(',')[1] | trim }}", "a, b", "b"),
        ("{{ (value | float(0) * 9 / 5) + 32 }}", "10", "50.0"),
        ("{{ float(value, default=7) }}", "x", "7"),
        ("{{ value_json.a ~ '.' ~ value_json.b }}", '{"a":21,"b":5}', "21.5"),
        ("{{ value_json.a ~ '.' ~ value_json.b }}", '{"a":21}', None),
        ("{{ value_json.get('a', 1) }}", "{}", "1"),
        ("{{ value_json.a is defined and value_json.a > 3 }}", "{}", "False"),
        ("{{ value | replace('degC', '') }}", "21degC", "21"),
        ("{{ 'ON' if value in ['1', 'true'] else 'OFF' }}", "true", "ON"),
        ("{{ value_json.__class__ }}", "{}", None),
    ],
)
def test_a_template_is_worked_out(template: str, payload: str, text: str | None) -> None:
    assert ValueTemplate(template).render(payload.encode()) == text


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(99) %}x{% endfor %}",
        "{{ ''.__class__.__mro__() }}",
        "{{ cycler.__init__.__globals__ }}{{ lipsum() }}",
        "{{ 2 ** 99999999 }}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{{ value | map('upper') | list }}",
        "{% include '/etc/passwd' %}",
        "{{ states('sensor.z') }}",
        "{{ value",
        "{{" + "(" * 900 + ")" * 900 + "}}",
        "x" * (LONGEST_TEMPLATE + 1),
    ],
)
def test_a_template_that_does_more_is_refused(template: str) -> None:
    with pytest.raises(Doubt):
        ValueTemplate(template)


@pytest.mark.parametrize(
    ("template", "payload"),
    [
        ("{{ 'a' * 99999999 }}", "1"),
        ("{{ value | float }}", "warm"),
        ("{{ value_json.a / 0 }}", '{"a":1}'),
        ("{{ value" + " | replace('a', 'aaaaaaaa')" * 60 + " }}", "a"),
        ("{{ value_json.a | round(999999999999) }}", '{"a":"x"}'),
    ],
)
def test_what_cannot_be_worked_out_is_doubted(template: str, payload: str) -> None:
    with pytest.raises(Doubt):
        ValueTemplate(template).render(payload.encode())


TEMPLATE_WORDS = (
    "value value_json .a ['b'] [0] |float |round |int(1) 'x' 1 9 - == + * / % ( ) |d |upper "
    "|replace('x','xx') |is_defined |abs [ ] , { : ~ in if else and not is defined none"
)
WORDS = st.sampled_from(TEMPLATE_WORDS.split())


@given(st.lists(WORDS, max_size=12).map(" ".join), st.binary() | st.from_regex(rb'\{"a":[0-9.]*\}'))
def test_any_template_on_any_payload_is_worked_out_or_doubted(text: str, payload: bytes) -> None:
    try:
        said = ValueTemplate("{{ " + text + " }}").render(payload)
    except Doubt:
        return
    assert said is None or len(said) <= 10_000


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("single_push", "press"),
        ("button_long_release", None),
        ("btn_up", None),
        ("SOS", "help"),
        ("cancel", "cancel"),
        ("", None),
    ],
)
def test_what_an_event_s_word_means(word: str, meaning: str | None) -> None:
    assert pressed(word) == meaning
