"""The plan as the rules see it: what is required where, what stands there, and who is paused.

Compiled from the register by ``nightwarden/store/plan.py`` whenever the register changes; a frozen
value, so that gateway and api judge the same facts by the same functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from nightwarden.model.calls import HelpCall
from nightwarden.model.channels import PLAIN, ChannelMap
from nightwarden.model.hours import Hours
from nightwarden.model.places import (
    EmitterKind,
    EquipmentKind,
    GapState,
    ItemState,
    Mount,
    PlaceId,
)
from nightwarden.model.readings import DeviceId
from nightwarden.model.rounds import Round
from nightwarden.model.watches import Pause


@dataclass(frozen=True, slots=True)
class PlannedRequirement:
    """This place needs this kind of equipment in these hours. ``resident`` is the shown name.

    ``tell`` names the policy by which its alerts call, ``action`` is what to do when it is raised;
    None: as for every place.
    """

    place: PlaceId
    needs: EquipmentKind
    hours: Hours
    resident: str
    because: str
    review_by: date
    since: datetime
    dwell: timedelta | None = None
    tell: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item at its present place, with its device and what was last found at it.

    ``meant_for`` is the shown name of the resident whose it is, ``meant_room`` the room in which
    that resident lives (None: no longer here). ``life_ends`` is the day of the home on which its
    service life does, ``uses_left`` how often it may be used still (None: nobody counts),
    ``used_up_at`` when the last of its uses was.
    ``worked_on_at`` is when work on it last ended: a permit, a fault, a move, a binding; None: not
    since it was set up. ``lent_to`` looks after what is there for a time, until ``due_back``.
    ``failed_test``: why its newest test was not passed; ``untested_since``: since when it has a
    transmitter that nobody has tried with it. ``rearm``: for so long after somebody has come back
    onto it it stays silent (M12).
    """

    tag: str
    kind: EquipmentKind
    place: PlaceId
    placed_at: datetime
    mount: Mount | None = None
    device: DeviceId | None = None
    supervision: timedelta = timedelta(minutes=2)
    proof: timedelta = timedelta(days=1)
    bound_at: datetime | None = None
    channels: ChannelMap = PLAIN
    found: ItemState | None = None
    found_on: date | None = None
    found_by: str | None = None
    fault: str | None = None
    fault_since: datetime | None = None
    permit_until: datetime | None = None
    permit_since: datetime | None = None
    permit_by: str | None = None
    meant_for: str | None = None
    meant_room: str | None = None
    life_ends: date | None = None
    worked_on_at: datetime | None = None
    failed_test: str | None = None
    failed_since: datetime | None = None
    untested_since: datetime | None = None
    rearm: timedelta = timedelta()
    uses_left: int | None = None
    used_up_at: datetime | None = None
    lent_to: str | None = None
    due_back: datetime | None = None

    @property
    def stands_since(self) -> datetime:
        """From when on its device speaks for this place: what it said before proves nothing here.

        A device that is bound to it anew, or read otherwise than before, begins anew too, and so
        does one whose item was worked on (A11).
        """
        return max(filter(None, (self.placed_at, self.bound_at, self.worked_on_at)))


@dataclass(frozen=True, slots=True)
class Emitter:
    """A heat emitter and whether anybody has judged it."""

    place: PlaceId
    kind: EmitterKind
    since: datetime
    assessed: bool = False
    circuit: str | None = None
    """The heating circuit that feeds it, where the register knows."""


@dataclass(frozen=True, slots=True)
class ReportedFault:
    """A fault that somebody reported, where its item stood then; open until ``mended_at``.

    ``tag`` and ``kind`` are empty for a fault of a place without an item.
    """

    id: int
    place: PlaceId
    tag: str
    kind: str
    what: str
    reported_at: datetime
    mended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the rules know of a home besides readings and time."""

    home: str
    zone: ZoneInfo
    requirements: tuple[PlannedRequirement, ...] = ()
    items: tuple[PlacedItem, ...] = ()
    emitters: tuple[Emitter, ...] = ()
    pauses: tuple[Pause, ...] = ()
    rounds: tuple[Round, ...] = ()
    calls: tuple[HelpCall, ...] = ()
    """The newest call for help by hand of each room."""
    faults: tuple[ReportedFault, ...] = ()
    """Those that are open, and those before them that may have been the same."""
    residents: Mapping[str, str] = field(default_factory=dict)
    """Room to the name that its board line may show; rooms of several are joined."""
    zones: Mapping[str, str] = field(default_factory=dict)
    """Room to the zone that it is in, for rooms that are in one."""


@dataclass(frozen=True, slots=True)
class Liveness:
    """When a device last spoke and last really changed. ``online`` False: it said goodbye;
    ``at_fault_since``: too much of what it says cannot be believed. ``occupied``: somebody is on it
    (None: it has not said)."""

    heard_at: datetime | None = None
    changed_at: datetime | None = None
    online: bool = True
    at_fault_since: datetime | None = None
    occupied: bool | None = None


@dataclass(frozen=True, slots=True)
class GapDecision:
    """A manager lets a gap be for a time. It stays a gap: a decision covers nobody."""

    by: str
    at: datetime
    reason: str
    review_by: date


@dataclass(frozen=True, slots=True)
class Gap:
    """A requirement that nothing live or confirmed meets, or kit and emitters without a plan.

    ``owner`` is who is to take the next step, a name or a role; ``closes_by`` what ends it.
    """

    place: PlaceId
    needs: str
    state: GapState
    since: datetime
    because: str
    equipment: str | None = None
    resident: str | None = None
    next_step: str = ""
    owner: str = ""
    closes_by: str = ""
    decision: GapDecision | None = None
