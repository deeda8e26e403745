"""Languages with a memory: whatever is announced, nothing stops the gateway."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.base import Learner, Lesson
from gateway.dialects.homie import HomieDialect
from gateway.dialects.sparkplug import SparkplugDialect
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from tests.wire.sparkplug_wire import DATATYPES, encode
from tests.wire.test_whatever_comes import NOW, assert_read_or_refused

NAMES = st.sampled_from(
    ["Occupancy", "Bed 3/Occupancy", "Temperature", "a/b/Battery", "Button", "bdSeq", "", "#/Open"]
) | st.text(max_size=8)
NUMBERS = st.integers(0, 2**64 - 1)
TIMES = st.none() | NUMBERS | st.just(int(NOW.timestamp() * 1000))


@st.composite
def metrics(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(DATATYPES)))
    values: dict[str, st.SearchStrategy[Any]] = {
        "Float": st.floats(width=32),
        "Double": st.floats(),
        "Boolean": st.booleans(),
        "String": st.text(),
    }
    units = st.sampled_from(["°C", "degF", "K", "V", "%", "furlongs"])
    return draw(
        st.fixed_dictionaries(
            {"dataType": st.just(kind)},
            optional={
                "name": NAMES,
                "alias": st.integers(0, 5),
                "timestamp": TIMES,
                "value": values.get(kind, st.integers(-(2**31), 2**63)),
                "untyped": st.booleans(),
                "isNull": st.booleans(),
                "isHistorical": st.booleans(),
                "properties": st.fixed_dictionaries(
                    {}, optional={"engUnit": units, "Quality": st.integers(0, 500)}
                ),
            },
        )
    )


PAYLOADS = st.binary() | st.fixed_dictionaries(
    {"metrics": st.lists(metrics(), max_size=4)},
    optional={"timestamp": TIMES, "seq": st.integers(0, 260), "uuid": st.text(max_size=4)},
).map(encode)
KINDS = st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"])
IDS = st.sampled_from(["a", "b", "", "bed 12"])


@given(st.lists(st.tuples(KINDS, IDS, IDS, PAYLOADS, st.booleans()), max_size=6))
def test_whatever_a_node_says_in_whatever_order_is_read_or_refused(
    said: list[tuple[str, str, str, bytes, bool]],
) -> None:
    dialect = SparkplugDialect()
    for kind, node, device, payload, retain in said:
        topic = f"spBv1.0/elm/{kind}/{node}" + (f"/{device}" if kind[0] == "D" else "")
        assert dialect.owns(topic)
        message = RawMessage(topic, payload, NOW, retain=retain)
        assert_read_or_refused(dialect, message)
        learned_of(dialect, message)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["$unit", "$format", "$description", "$state", "value", "open"]),
            st.sampled_from(["°F", "K", "true", "closed,open", ",", "lost", "21.5", "\0"])
            | st.text(string.printable),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_whatever_a_homie_device_describes_is_read_or_refused(
    said: list[tuple[str, str, bool]],
) -> None:
    dialect = HomieDialect()
    for last, text, five in said:
        root = "homie/5/d" if five else "homie/d"
        below = "" if last in ("$description", "$state") else "/door"
        topic = f"{root}{below}{'/state' if last in ('$unit', '$format') else ''}/{last}"
        message = RawMessage(topic, text.encode(), NOW, retain=True)
        assert_read_or_refused(dialect, message)
        learned_of(dialect, message)


def learned_of(dialect: Learner, message: RawMessage) -> None:
    try:
        heard = dialect.read(message)
    except Unreadable:
        return
    for lesson in heard.lessons:
        assert dialect.learn(lesson)


KEYS = st.sampled_from(
    ["birth a/b", "birth a/b/c", "session a/b", "number a/b", "5/d", "d/n/p/$unit"]
)
CONTENTS = st.binary() | st.sampled_from(
    [
        b"",
        b"[]",
        b"7",
        b"null",
        b"[[],[],[]]",
        b'[{"1":"Temp"},{},{}]',
        b'["",{"a/b":["",""]}]',
        b"[{},[],{}]",
        b"1e999",
    ]
)


@pytest.mark.parametrize("kind", [SparkplugDialect, HomieDialect])
@given(st.lists(st.tuples(KEYS | st.text(), CONTENTS)), PAYLOADS)
def test_what_another_version_has_kept_stops_nobody(
    kind: type[Learner], kept: list[tuple[str, bytes]], payload: bytes
) -> None:
    dialect = kind()
    for key, content in kept:
        dialect.learn(Lesson(key, content))
    for topic in (
        "spBv1.0/a/NDATA/b",
        "spBv1.0/a/DDATA/b/c",
        "spBv1.0/a/NBIRTH/b",
        "homie/d/n/p",
        "homie/5/d/a/b",
    ):
        if dialect.owns(topic):
            assert_read_or_refused(dialect, RawMessage(topic, payload, NOW))


def test_what_is_remembered_is_bounded() -> None:
    sparkplug, homie = SparkplugDialect(), HomieDialect()
    births = [Lesson(f"birth g/n{each}", b"[{},{},{}]") for each in range(4_001)]
    assert [sparkplug.learn(each) for each in births] == [True] * 4_000 + [False]
    assert sparkplug.learn(Lesson("birth g/n1", b""))
    assert sparkplug.learn(births[-1]), "there is room again"
    units = [Lesson(f"d/n/p{each}/$unit", b"K") for each in range(5_001)]
    assert [homie.learn(each) for each in units] == [True] * 5_000 + [False]


@pytest.mark.parametrize(
    ("dialect", "key"), [(SparkplugDialect(), "birth g/n"), (HomieDialect(), "d/n/p/$unit")]
)
def test_what_is_remembered_is_bounded_in_bytes_too(dialect: Learner, key: str) -> None:
    most = 8 * 1024 * 1024
    half = b'[{"1": "' + b"x" * (most // 2 - 17) + b'"},{},{}]'
    assert [dialect.learn(Lesson(f"{each}{key}", half)) for each in "xyz"] == [True, True, False]
    assert dialect.learn(Lesson(f"x{key}", half[:-1] + b" ]")) is False, "one byte too many"
    assert dialect.learn(Lesson(f"x{key}", b"[{},{},{}]")), "less is always welcome"
