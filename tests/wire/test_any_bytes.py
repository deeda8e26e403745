"""Any bytes on any topic of any dialect: a sound reading or a sentence, and no growth.

The short form is part of every run. The campaign of 100,000 payloads a dialect is
``make test-slow``: of five payloads one is drawn, and four are made of it and of those before it as
a fuzzer does, by bits, cuts and splices. Drawing costs ten times what reading does, and drawn
payloads are seldom nearly sound.
"""

import gc
import json
import os
import sys
from functools import cache
from pathlib import Path
from random import Random
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
MUTANTS = 4
MOST_BYTES = 64 * 1024 * 1024
"""What a dialect that learns may hold; the others hold nothing."""
MOST_GROWTH = 16 * 1024 * 1024
"""Of this process, from a quarter of the campaign to its end: what caches and the allocator do."""

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


def mutants(
    topic: str, payload: bytes, chance: Random, before: list[tuple[str, bytes]]
) -> list[tuple[str, bytes]]:
    """Messages that are nearly the drawn one, or half of one before it."""
    made = []
    for _ in range(MUTANTS):
        other_topic, other = chance.choice(before) if before else (topic, payload)
        at, length = chance.randrange(len(payload) + 1), chance.randrange(9)
        instead = chance.choice(
            (
                chance.randbytes(length),  # changed
                b"",  # cut out
                payload[at : at + length] * 2,  # said twice
                other[chance.randrange(len(other) + 1) :],  # spliced
                chance.choice((b"\0", b"\xff", b'"', b"-", b"9" * 20, b"null", b"NaN", b"}")),
            )
        )
        where = topic if chance.random() < 0.7 else other_topic
        made.append((where, payload[:at] + instead + payload[at + length :]))
    before[chance.randrange(64) :] = [(topic, payload)]
    return made


def campaign(name: str, drawn: int, number: int) -> None:
    """So many messages, and their mutants, to one gateway's dialect, which is taught by them."""
    spoken = dialects(HOME)
    (dialect,) = (each for each in spoken if each.name == name)
    before = size_of(dialect)
    earlier: list[tuple[str, bytes]] = []

    @seed(number)
    @settings(
        max_examples=drawn,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(topics(name), payloads(name), st.integers(0, 2**32))
    def any_bytes(topic: str, payload: bytes, chance: int) -> None:
        made = mutants(topic, payload, Random(chance), earlier)  # noqa: S311
        for bit, (where, what) in enumerate(((topic, payload), *made)):
            owners = [each.name for each in spoken if each.owns(where)]
            assert len(owners) <= 1
            comes = any(topic_matches_sub(each, where) for each in dialect.filters())
            if comes and owners == [name]:
                message = RawMessage(where, what, NOW, retain=bool(chance >> bit & 1))
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


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.parametrize("name", NAMES)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    campaign(name, 100, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_thousand_payloads_raise_nothing_and_leave_nothing(name: str) -> None:
    rounds = 100_000 // IN_ONE_GO
    for number in range(rounds):
        campaign(name, IN_ONE_GO // (1 + MUTANTS), number + 1)
        gc.collect()
        if number == rounds // 4:
            settled = resident()
    assert resident() - settled < MOST_GROWTH, f"{name} leaves something behind"
