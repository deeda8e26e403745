"""Sparkplug payloads of every sort: sound, odd and broken, as protobuf."""

import struct
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.wire.sparkplug_wire import DATATYPES, encode

INSTANTS = st.integers(0, 2**64 - 1) | st.integers(1_793_500_000_000, 1_793_504_000_000)
SMALL = st.integers(0, 300)
KNOWN = ["bdSeq", "Node Control/Rebirth", "Occupancy", "Bed 3/Occupancy", "Contact", "Closed"]
KNOWN += ["Open", "Door", "Temperature", "Radiator/Temperature", "Temp", "Battery", "Battery Level"]
KNOWN += ["Button", "Help", "", "/", "#", "a#b/Temperature", "Signal Strength (dBm)"]
NAMES = st.sampled_from(KNOWN) | st.text(max_size=12)
WORDS = st.sampled_from(["open", "closed", "true", "nan", "", "°C"]) | st.text(max_size=8)
FLOATS = st.floats() | st.sampled_from([21.5, -127.0, 85.0, 109.4, 1e308])


@st.composite
def metrics(draw: st.DrawFn) -> dict[str, Any]:
    """One metric, as its specification prints it; every field may be missing or out of place."""
    kind = draw(st.sampled_from(sorted(DATATYPES)))
    values: dict[str, st.SearchStrategy[Any]] = {
        "Float": st.floats(width=32),
        "Double": FLOATS,
        "Boolean": st.booleans(),
        "String": WORDS,
    }
    optional: Mapping[str, st.SearchStrategy[Any]] = {
        "name": NAMES,
        "alias": SMALL | st.integers(0, 2**64 - 1),
        "timestamp": INSTANTS,
        "untyped": st.booleans(),
        "isHistorical": st.booleans(),
        "isNull": st.booleans(),
        "value": values.get(kind, SMALL | st.integers(-(2**63), 2**64 - 1)),
        "properties": st.dictionaries(
            st.sampled_from(["engUnit", "Engineering Units", "Quality", "other"]),
            st.sampled_from(["°C", "°F", "degF", "K", "V", 192, 0, 500]),
            max_size=3,
        ),
    }
    return {"dataType": kind} | draw(st.fixed_dictionaries({}, optional=optional))


SAID = {
    "Boolean": ["Occupancy", "Bed 3/Occupancy", "Contact", "Closed", "Open", "Button", "Help"],
    "Double": ["Temperature", "Radiator/Temperature", "Battery"],
    "String": ["Door"],
}
VALUES = {"Boolean": st.booleans(), "Double": st.floats(-20, 120), "String": WORDS}


def _sound(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """A metric that means something to us."""
    return st.fixed_dictionaries(
        {
            "dataType": st.just(kind),
            "name": st.sampled_from(SAID[kind]),
            "value": VALUES[kind],
        },
        optional={"alias": SMALL, "timestamp": INSTANTS},
    )


SOUND_METRICS = st.sampled_from(sorted(SAID)).flatmap(_sound)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "timestamp": INSTANTS,
        "metrics": st.lists(SOUND_METRICS | metrics(), max_size=5),
        "seq": st.integers(0, 255) | st.integers(0, 2**64 - 1),
        "uuid": st.sampled_from(["SPBV1.0_COMPRESSED", "x"]),
    },
)


def _broken(drawn: tuple[bytes, int, bytes]) -> bytes:
    payload, at, instead = drawn
    at %= len(payload) + 1
    return payload[:at] + instead + payload[at + len(instead) :]


WRITTEN = BODIES.map(encode)
PAYLOADS = WRITTEN | st.tuples(
    WRITTEN,
    st.integers(0, 2**16),
    st.binary(max_size=6) | SMALL.map(lambda n: struct.pack("<H", n)),
).map(_broken)
