"""How fast life goes, and what is sure to happen in it.

A simulated night is as slow as a real one. A demo cannot wait for it, and must not depend on luck:
a :class:`Pace` hurries residents and radiators while the devices keep their own cadence (a mat
that speaks every 30 s still does), and a :class:`Story` has an opening in which named things
happen at named seconds. A story names parts, not people: :func:`cast` finds who plays them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from nightwarden.model.hours import ALWAYS
from nightwarden.model.places import EquipmentKind
from simulators.home_description import Fitting, HomeDescription


@dataclass(frozen=True, slots=True)
class Pace:
    """How much faster than in reality each thing goes.

    ``waiting`` divides the time between a resident's trips, ``away`` the length of an ordinary
    trip (not of one that goes wrong), ``heating`` the time that metal takes to warm and cool.
    ``endless_night``: nobody rises for the day.
    """

    waiting: float = 1.0
    away: float = 1.0
    heating: float = 1.0
    endless_night: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """Somebody leaves the bed ``after_s`` seconds and is back ``away_s`` seconds later."""

    after_s: float
    away_s: float


@dataclass(frozen=True, slots=True)
class Unplug:
    """A mat has no power from ``after_s`` seconds on, for ``for_s`` seconds."""

    after_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class BoilerCycle:
    """The boiler is cold until ``first_on_s``, then on and off in turns; seconds."""

    first_on_s: float
    on_s: float
    off_s: float


@dataclass(frozen=True, slots=True)
class Story:
    """A pace and an opening. Ordinary life begins ``quiet_s`` seconds after the start.

    ``begins`` is the hour on the home's wall at which the story starts, whatever the hour is in
    reality; None: it starts now. Without ``boiler`` the heating keeps its daily hours, in rooms
    with walls and weather. ``pads_err``: mats bounce and miss as real ones do.
    """

    pace: Pace = Pace()
    begins: time | None = None
    exits: tuple[Exit, ...] = ()
    unplugs: tuple[Unplug, ...] = ()
    boiler: BoilerCycle | None = None
    quiet_s: float = 0.0
    pads_err: bool = False


ORDINARY_LIFE = Story(pads_err=True)
"""No opening, nothing hurried: as a real home would be from this minute on."""

DEMO_STORY = Story(
    pace=Pace(waiting=10, away=3, heating=24, endless_night=True),
    begins=time(23, 0),
    exits=(Exit(after_s=18, away_s=55), Exit(after_s=110, away_s=25 * 60)),
    unplugs=(Unplug(after_s=90, for_s=6 * 60),),
    boiler=BoilerCycle(first_on_s=5, on_s=6 * 60, off_s=4 * 60),
    quiet_s=150,
)
"""One gets up and comes back; a bare radiator passes 50 °C; a mat loses power; one stays away."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays the parts of an opening: resident ids and equipment tags."""

    exits: Mapping[str, Exit] = field(default_factory=dict)
    unplugs: Mapping[str, Unplug] = field(default_factory=dict)


def cast(home: HomeDescription, story: Story) -> Cast:
    """Give the parts to beds that are watched round the clock, if there are any.

    Those who get up are taken from the front of the home file, mats that lose power from its end;
    parts for which nobody is left are not played.
    """
    beds = [fitting for fitting in home.fittings if _has_a_sleeper(home, fitting)]
    beds.sort(key=lambda fitting: not _always_watched(home, fitting))
    sleepers = [resident.id for bed in beds if (resident := home.resident_at(bed.place))]
    exits = dict(zip(dict.fromkeys(sleepers), story.exits, strict=False))
    idle = [fitting for fitting in reversed(beds) if not _gets_up(home, fitting, exits)]
    idle.sort(key=lambda fitting: not _always_watched(home, fitting))
    unplugs = zip((fitting.tag for fitting in idle), story.unplugs, strict=False)
    return Cast(exits, dict(unplugs))


def programme(home: HomeDescription, story: Story) -> tuple[str, ...]:
    """What the opening will show, one line each, in order of time; seconds from the start."""
    parts = cast(home, story)
    lines: list[tuple[float, str]] = []
    for resident in home.residents:
        if out := parts.exits.get(resident.id):
            who = f"{resident.name} in room {resident.room} gets up"
            lines.append((out.after_s, f"{who} and is back after {_span(out.away_s)}"))
    cuts = ((one, parts.unplugs[one.tag]) for one in home.fittings if one.tag in parts.unplugs)
    lines += [(cut.after_s, f"{one.tag} at {one.place} loses power") for one, cut in cuts]
    if story.boiler is not None:
        lines.append((story.boiler.first_on_s, "the boiler comes on and the radiators warm"))
    return tuple(f"at {after:.0f} s: {what}" for after, what in sorted(lines))


def story_start(home: HomeDescription, story: Story, now: datetime) -> datetime:
    """The simulated instant at which a story starts that is played from ``now`` (aware) on."""
    if story.begins is None:
        return now
    today = now.astimezone(home.zone).date()
    begins = datetime.combine(today, story.begins, home.zone)
    return begins.astimezone(now.tzinfo)


def _has_a_sleeper(home: HomeDescription, fitting: Fitting) -> bool:
    is_mat = fitting.kind is EquipmentKind.BED_MAT
    return is_mat and home.resident_at(fitting.place) is not None


def _always_watched(home: HomeDescription, fitting: Fitting) -> bool:
    resident = home.resident_at(fitting.place)
    return resident is not None and resident.watched.get(fitting.place.place) == ALWAYS


def _gets_up(home: HomeDescription, fitting: Fitting, exits: Mapping[str, Exit]) -> bool:
    resident = home.resident_at(fitting.place)
    return resident is not None and resident.id in exits


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
