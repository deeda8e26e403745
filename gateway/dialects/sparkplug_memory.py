"""What Sparkplug's births have taught: which alias is which metric, who lives, what was last heard.

Each lesson has a key of its own: ``birth ADDRESS``, ``session NODE`` and ``number NODE``. The last
changes with every message of a node and is a few bytes long.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

import orjson

from gateway.dialects.allowance import Allowance
from gateway.dialects.base import Lesson
from gateway.dialects.sparkplug_payload import Metric, Said, signed

Kept = TypeVar("Kept")

MOST_KNOWN = 4_000
"""Births, sessions and numbers that are remembered; a large home has a few hundred."""

MOST_BYTES = 8 * 1024 * 1024


class Session(NamedTuple):
    """A node's connection.

    ``bd`` ties its death to its birth. ``died``: it is over. ``doubted``: a birth with the number
    of the dead one came after the death, late or anew; the next one will tell.
    """

    bd: int | None = None
    died: bool = False
    doubted: bool = False


class Meant(NamedTuple):
    """A metric with what its birth told of it."""

    name: str
    unit: str
    value: bool | int | float | str | None


class Known(NamedTuple):
    """The metrics of one birth: names by alias, units and datatypes by name."""

    aliases: Mapping[int, str]
    units: Mapping[str, str]
    datatypes: Mapping[str, int]

    @classmethod
    def of(cls, said: Said) -> "Known":
        """What a birth teaches."""
        return cls(
            {metric.alias: metric.name for metric in said.metrics if metric.alias is not None},
            {metric.name: metric.unit for metric in said.metrics if metric.unit},
            {metric.name: metric.datatype for metric in said.metrics if metric.datatype},
        )

    def meaning(self, metric: Metric) -> Meant | None:
        """What a metric is; None when it has an alias alone, and one that nobody told of."""
        name = metric.name or self.aliases.get(-1 if metric.alias is None else metric.alias)
        if not name:
            return None
        value = metric.value
        if type(value) is int and not metric.datatype:  # only the birth says that it has a sign
            value = signed(value, self.datatypes.get(name, 0))
        return Meant(name, metric.unit or self.units.get(name, ""), value)


NOTHING_KNOWN = Known({}, {}, {})


class Births:
    """The memory of one gateway. What is not in it was never told."""

    def __init__(self) -> None:
        self._allowance = Allowance(MOST_KNOWN, MOST_BYTES)
        self._known: dict[str, Known] = {}
        self._sessions: dict[str, Session] = {}
        self._numbers: dict[str, int] = {}
        self._devices: dict[str, set[str]] = defaultdict(set)

    def session(self, node: str) -> Session | None:
        """The node's connection as far as it is known."""
        return self._sessions.get(node)

    def number(self, node: str) -> int | None:
        """The number of the node's last message, 0 to 255."""
        return self._numbers.get(node)

    def metrics_of(self, address: str) -> Known:
        """What the last birth of a node or device told."""
        return self._known.get(address, NOTHING_KNOWN)

    def devices_of(self, node: str) -> list[str]:
        """The addresses of the devices that a node has told of since its own birth."""
        return sorted(self._devices.get(node, ()))

    def learn(self, lesson: Lesson) -> bool:
        """Take up one lesson, or forget it; False when too much is known already."""
        kind, _, about = lesson.key.partition(" ")
        try:
            content = orjson.loads(lesson.content) if lesson.content else None
            if not self._allowance.take(lesson.key, len(lesson.content)):
                return False
            match kind:
                case "birth":
                    self._learn_birth(about, content)
                case "session":
                    _keep(self._sessions, about, None if content is None else Session(*content))
                case "number":
                    _keep(self._numbers, about, None if content is None else int(content))
                case _:
                    pass
        except (ValueError, TypeError, AttributeError, OverflowError):
            pass  # kept by a version that wrote it otherwise
        return True

    def _learn_birth(self, address: str, content: list[dict[str, str]] | None) -> None:
        node, _, device = address.rpartition("/")
        if content is None:
            self._known.pop(address, None)
            self._devices[node].discard(address)
            return
        aliases, units, datatypes = content
        self._known[address] = Known(
            {int(alias): str(name) for alias, name in aliases.items()},
            {name: str(unit) for name, unit in units.items()},
            {name: int(datatype) for name, datatype in datatypes.items()},
        )
        if device and "/" in node:
            self._devices[node].add(address)


def birth_lesson(address: str, known: Known) -> Lesson:
    """What the birth of a node or device teaches."""
    aliases = {str(alias): name for alias, name in known.aliases.items()}
    content = orjson.dumps([aliases, known.units, known.datatypes])
    return Lesson(f"birth {address}", content)


def forgotten(address: str) -> Lesson:
    """The birth of a device is void."""
    return Lesson(f"birth {address}", b"")


def session_lesson(node: str, session: Session) -> Lesson:
    """A node was born or has died."""
    return Lesson(f"session {node}", orjson.dumps(tuple(session)))


def number_lesson(node: str, number: int) -> Lesson:
    """The number of the node's last message."""
    return Lesson(f"number {node}", orjson.dumps(number))


def _keep(memory: dict[str, Kept], about: str, content: Kept | None) -> None:
    if content is None:
        memory.pop(about, None)
    else:
        memory[about] = content
