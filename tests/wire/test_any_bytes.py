"""Any bytes on any topic of any dialect: a sound reading or a sentence, and no growth.

The short form is part of every run. The campaign of 100,000 payloads a dialect is
``make test-slow``.
"""

import gc
import json
import sys
from functools import cache
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from gateway.dialects import dialects, owner
from gateway.dialects.base import Dialect, Learner
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from tests.wire.sparkplug_payloads import PAYLOADS as PROTOBUF
from tests.wire.test_whatever_comes import NOW, VALUES, assert_read_or_refused

HOME = "elm-house"
NAMES = [dialect.name for dialect in dialects(HOME)]
CAPTURES = Path(__file__).parents[1] / "captures"
IN_ONE_GO = 5_000
MOST_BYTES = 64 * 1024 * 1024
"""What a dialect that learns may hold; the others hold nothing."""

WORDS = ["ON", "OFF", "online", "Offline", "DeepSleep", "true", "nan", "None", "-127", "85.0"]
WORDS += ["single_push", "S", "open", "{{ value_json.a | float }}", "a/b", "~/state", "°F", "1e999"]
SENT = st.binary(max_size=64) | st.sampled_from(WORDS).map(str.encode)


@cache
def captured(name: str) -> tuple[tuple[str, Any], ...]:
    """Topic and payload of a dialect's captured lines; the payload's JSON where it is JSON."""
    path = CAPTURES / f"{name}.jsonl"
    if not path.exists():
        return ()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return tuple((line["topic"], _json(line["payload"])) for line in lines)


def _json(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload


def names_in(value: Any) -> set[str]:
    """Every name in a piece of JSON, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


@cache
def topics(name: str) -> st.SearchStrategy[str]:
    """Topics that a dialect's filters bring in, with the levels that its devices use."""
    levels = sorted({level for topic, _ in captured(name) for level in topic.split("/")})
    part = st.sampled_from([*levels, "", "12", "a b", "$x", "état"]) | st.text(
        st.characters(exclude_characters="#+/\0", exclude_categories=["Cs"]), max_size=12
    )
    wild = {"+": part, "#": st.lists(part, max_size=5).map("/".join)}
    (dialect,) = (each for each in dialects(HOME) if each.name == name)
    made = [
        st.tuples(*(wild.get(one, st.just(one)) for one in each.split("/"))).map("/".join)
        for each in dialect.filters()
    ]
    seen = [topic for topic, _ in captured(name)]
    return _either(st.sampled_from(seen), st.one_of(made)) if seen else st.one_of(made)


@cache
def payloads(name: str) -> st.SearchStrategy[bytes]:
    """Bytes, words, JSON with a language's names in wrong places, and captures with a change."""
    said = [body for _, body in captured(name) if isinstance(body, dict)]
    keys = st.sampled_from(sorted(set().union(*map(names_in, said))) or ["at"]) | st.text(
        max_size=8
    )
    values = VALUES | st.sampled_from(WORDS)
    inner = st.recursive(
        values,
        lambda deeper: st.dictionaries(keys, deeper, max_size=4) | st.lists(deeper, max_size=3),
        max_leaves=10,
    )
    bodies = st.dictionaries(keys, inner, max_size=6).map(orjson.dumps)
    if said:
        changed = st.tuples(st.sampled_from(said), st.lists(st.tuples(keys, inner), max_size=3))
        bodies |= changed.map(lambda drawn: orjson.dumps(_changed(drawn[0], dict(drawn[1]))))
    sent = SENT | values.map(orjson.dumps) | bodies
    return _either(PROTOBUF, sent) if name == "sparkplug" else sent


def _either(one: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Each as often as the other, which ``one_of`` would not do with strategies of many parts."""
    return st.booleans().flatmap(lambda first: one if first else other)


def _changed(body: Any, changes: dict[str, Any]) -> Any:
    """A captured body with some of its members, however deep, exchanged."""
    if isinstance(body, dict):
        return {k: changes.get(k, _changed(v, changes)) for k, v in body.items()}
    return [_changed(each, changes) for each in body] if isinstance(body, list) else body


def campaign(name: str, messages: int, number: int) -> None:
    """So many messages to one gateway's dialect, which is taught what they teach."""
    spoken = dialects(HOME)
    (dialect,) = (each for each in spoken if each.name == name)
    before = size_of(dialect)

    @seed(number)
    @settings(
        max_examples=messages,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(topics(name), payloads(name), st.booleans())
    def any_bytes(topic: str, payload: bytes, retain: bool) -> None:
        owners = [each.name for each in spoken if each.owns(topic)]
        assert len(owners) <= 1
        comes = any(topic_matches_sub(each, topic) for each in dialect.filters())
        if comes and owners == [name]:
            message = RawMessage(topic, payload, NOW, retain=retain)
            assert_read_or_refused(dialect, message)
            teach(spoken, message)

    any_bytes()
    allowed = MOST_BYTES if isinstance(dialect, Learner) else before
    assert size_of(dialect) <= allowed, f"{name} holds more than it may"


def teach(spoken: tuple[Dialect, ...], message: RawMessage) -> None:
    """As the gateway does."""
    dialect = owner(spoken, message.topic)
    if not isinstance(dialect, Learner):
        return
    try:
        lessons = dialect.read(message).lessons
    except Unreadable:
        return
    for lesson in lessons:
        dialect.learn(lesson)


def size_of(thing: object) -> int:
    """Bytes of all that is reachable from a thing, code apart."""
    seen: set[int] = set()
    todo, total = [thing], 0
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, type | ModuleType | FunctionType | MethodType):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        todo += gc.get_referents(each)
    return total


@pytest.mark.parametrize("name", NAMES)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    campaign(name, 150, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_thousand_payloads_raise_nothing_and_leave_nothing(name: str) -> None:
    for number in range(100_000 // IN_ONE_GO):
        campaign(name, IN_ONE_GO, number + 1)
