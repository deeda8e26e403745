"""A scenario: a home, what happens in it and when, and what must come of it by when.

Times count from the start. What is raised and neither expected nor ignored is a difference too.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from nightwarden.homefile.shape import HomeFile
from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.model.roles import Role
from nightwarden.rulesfile.reader import RulesFile
from simulators.faults import Fault

Value = bool | float | str


@dataclass(frozen=True, slots=True)
class Say:
    """A device says something.

    ``every``: it says it again and again, until it says or does something else. ``times``: so many
    messages at once, each a new one; ``copies``: the very same message so often, as a sender does
    that had no receipt. ``retained``: the broker keeps it. ``behind``: by how much the device's
    own clock is behind. ``faults`` befall what this step says; their times count from it.
    """

    device: DeviceId
    values: dict[Quantity, Value]
    every: timedelta | None = None
    times: int = 1
    copies: int = 1
    retained: bool = False
    behind: timedelta = timedelta()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Publish:
    """Any bytes on any topic, as a device of another language sends them; ``every`` as of
    :class:`Say`, until something else is published there."""

    topic: str
    payload: str
    every: timedelta | None = None
    retained: bool = False


class Cable(StrEnum):
    """What becomes of a device's connection."""

    UNPLUG = "unplug"  # no power: it vanishes, and the broker says its will
    GOODBYE = "goodbye"  # a clean disconnection: no will, nothing is said
    PLUG_IN = "plug_in"


@dataclass(frozen=True, slots=True)
class Wire:
    """A device is plugged in or not."""

    deed: Cable
    device: DeviceId


class Act(StrEnum):
    """What a person does, over HTTP as a page or a phone would."""

    PAUSE = "pause"
    RESUME = "resume"
    ACCEPT = "accept"
    ATTEND = "attend"
    CLOSE = "close"
    PERMIT = "permit"
    CONFIRM = "confirm"


ON_ALERTS = frozenset({Act.ACCEPT, Act.ATTEND, Act.CLOSE})
ON_ITEMS = frozenset({Act.PERMIT, Act.CONFIRM})


@dataclass(frozen=True, slots=True)
class Deed:
    """``subject`` is a place, the kind of an alert (then ``place`` is its own) or an item's tag.

    ``word`` is the outcome of an alert, or the state in which an item was found.
    """

    act: Act
    subject: str
    by: Role
    place: str = ""
    length: timedelta = timedelta()
    word: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Any other thing that a person does over the api. ``refused``: words of the refusal that is
    expected; None: it must be done."""

    method: str
    path: str
    body: dict[str, Any]
    by: Role
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """So many screens and phones can sound an alert from here on."""

    count: int


@dataclass(frozen=True, slots=True)
class GatewayPower:
    """The gateway's process ends in good order, or is started again; ``forgotten``: the broker has
    forgotten its session, so that everything retained comes again."""

    on: bool
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class BrokerRestart:
    """The broker falls, with all that it knew, and is started again where it was."""


What = Say | Publish | Wire | Deed | Call | Listening | GatewayPower | BrokerRestart


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens ``at`` a time after the start."""

    line: int
    at: timedelta
    what: What


class Sign(StrEnum):
    """How something shows."""

    RAISED = "raised"
    REOPENED = "reopened"
    CLEARED = "cleared"
    ACCEPTED = "accepted"
    ATTENDED = "attended"
    CLOSED = "closed"
    ESCALATED = "escalated"
    QUIET = "quiet"
    GAP = "gap"
    WATCH = "watch"
    API = "api"
    PAGE = "page"


READ = frozenset({Sign.API, Sign.PAGE})
"""An answer of the api or a page, in which words are looked for."""

SHOWN = frozenset({Sign.GAP, Sign.WATCH}) | READ
"""What is looked at once, at its time; the others are events, with times of their own."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come of it between ``after`` and ``by``, or not at all (``quiet``).

    ``subject`` is the kind of an alert, or the state of a gap or watch. An empty ``place`` is any
    place. ``to`` is who must have been called with it. Of an answer ``subject`` is the path, asked
    for by ``role``; ``text`` is in it, ``lacks`` is not.
    """

    line: int
    sign: Sign
    subject: str
    place: str
    after: timedelta
    by: timedelta
    priority: Priority | None = None
    text: str | None = None
    to: str | None = None
    lacks: str | None = None
    role: Role = Role.MANAGER


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario, ready to be played. ``kind`` is what it is about: without it, it must fail. So it
    must with each of ``broken`` (``breakages.py``).

    ``faults`` befall what its devices say; ``seed`` is that of their chance.
    """

    source: str
    id: str
    title: str
    kind: AlertKind | None
    start: datetime
    lasts: timedelta
    home: HomeFile
    rules: RulesFile | None = None
    steps: tuple[Step, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    ignored: frozenset[AlertKind] = field(default_factory=frozenset)
    broken: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    seed: int = 1
