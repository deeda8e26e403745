"""What a watch has in mind, in words: what it knows, which timer runs, and what keeps it quiet.

Each sentence is made of the watch's memory and its settings alone, in the same few steps however
large the home is: so it is true of a running engine, and of one that a recorded night was given to.
Times are on the home's wall clock.

A watch of a kind that has no words here says when it looks next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nightwarden.model.alerts import AlertKind
from nightwarden.model.hours import Hours
from nightwarden.model.phrases import by_number, phrase
from nightwarden.model.places import Mount, PlaceId
from rules import explaining_kit as kit
from rules.armed import ArmedWatch
from rules.batteries import BatteryWatch
from rules.buttons import CallButtonWatch
from rules.calls import HelpCallWatch
from rules.chairs_and_floors import EdgeWatch
from rules.hubs import HubWatch
from rules.leads import LeadWatch
from rules.liveness import DeviceWatch
from rules.mats import BedWatch
from rules.missed_floor_mats import MissedFloorMatWatch
from rules.moments import Moments
from rules.required import CoverageWatch
from rules.restless_nights import RestlessNightsWatch
from rules.room_air import TOO_COLD, RoomAirWatch
from rules.surfaces import Reach, SurfaceWatch
from rules.unproved import UnprovedWatch
from rules.watch import Watch
from rules.wording import length, moment, raised, wall_time

NEVER_HELD = frozenset(
    {CallButtonWatch, CoverageWatch, HubWatch, BatteryWatch, LeadWatch, MissedFloorMatWatch}
    | {HelpCallWatch}
)
"""Watches that a pause of their place holds nothing back of, or counts nothing in."""


@dataclass(frozen=True, slots=True)
class WatchWords:
    """One watch at one instant.

    ``quieted_by`` are the reasons for which it would raise nothing now, whatever happened;
    ``due_at`` is when it looks again by itself, ``equipment`` the tag where it is about one item.
    """

    kinds: tuple[AlertKind, ...]
    place: PlaceId
    equipment: str | None
    words: str
    quieted_by: tuple[str, ...]
    due_at: datetime | None


def in_words(watch: Watch, now: datetime, moments: Moments) -> WatchWords:
    """What ``watch`` has in mind at ``now`` (aware, UTC)."""
    say = _SAYS.get(type(watch))
    words = _next_look(watch, now, moments) if say is None else say(watch, now, moments)
    kinds = tuple(dict.fromkeys(cause.kind for cause in watch.causes))
    quieted_by = _quieted_by(watch, now, moments)
    return WatchWords(kinds, watch.place, _tag(watch), words, quieted_by, watch.due_at)


def _tag(watch: Watch) -> str | None:
    match watch:
        case SurfaceWatch() | RoomAirWatch():
            return watch.sensor.tag
        case DeviceWatch():
            return watch.item.tag
        case CallButtonWatch():
            return watch.button.tag
        case BatteryWatch() | LeadWatch() | UnprovedWatch():
            return watch.device.item.tag
        case MissedFloorMatWatch():
            return watch.mat.item.tag
        case _:
            return None


def _quieted_by(watch: Watch, now: datetime, moments: Moments) -> tuple[str, ...]:
    reasons = []
    pause = moments.pause_at(watch.place, now)
    if pause is not None and type(watch) not in NEVER_HELD:
        until = wall_time(pause.until, moments.zone)
        reasons.append(phrase(f"paused by {pause.by} until {until}: {pause.reason}"))
    hours = _hours(watch)
    if hours is not None and not hours.cover(now, moments.zone):
        start = wall_time(hours.next_start(now, moments.zone), moments.zone)
        reasons.append(phrase(f"off hours until {start}"))
    return tuple(reasons)


def _hours(watch: Watch) -> Hours | None:
    match watch:
        case BedWatch() | EdgeWatch() | ArmedWatch():
            return watch.requirement.hours
        case DeviceWatch():
            return watch.hours
        case UnprovedWatch():
            return watch.device.hours
        case _:
            return None


def _next_look(watch: Watch, now: datetime, moments: Moments) -> str:
    due = watch.due_at
    return (
        phrase("waits for news")
        if due is None
        else phrase(f"looks next at {moment(due, moments.zone, now)}")
    )


# --- people ---------------------------------------------------------------------------------------


def _bed(watch: BedWatch, now: datetime, moments: Moments) -> str:
    memory, zone = watch.memory, moments.zone
    if memory.occupied is None:
        return phrase("the mat has not said yet whether somebody is on it")
    if memory.occupied:
        return _since(phrase("somebody on the mat"), memory.changed_at, zone, now)
    if memory.left_at is None:
        nobody = _since(phrase("nobody on the mat"), memory.changed_at, zone, now)
        return phrase(f"{nobody}, and that was no exit: off hours, or already answered")
    out = phrase(f"out of bed since {moment(memory.left_at, zone, now)}")
    if memory.exit_due:
        own = watch.requirement.dwell
        dwell = moments.book.bed_exit.dwell if own is None else own
        if memory.after_pause:
            return phrase(
                f"{out}, in a pause; raised at {moment(memory.exit_due, zone, now)} if still empty"
            )
        return phrase(
            f"{out}, exit due {moment(memory.exit_due, zone, now)} (dwell {length(dwell)})"
        )
    if memory.not_back_raised:
        return phrase(f"{out}, raised, and raised as not back")
    if memory.back_due:
        return phrase(f"{out}, exit raised, not back due {moment(memory.back_due, zone, now)}")
    return phrase(f"{out}, exit raised")


def _since(so: str, since: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    return so if since is None else phrase(f"{so} since {moment(since, zone, now)}")


def _edge(watch: EdgeWatch, now: datetime, moments: Moments) -> str:
    memory, zone = watch.memory, moments.zone
    if memory.occupied is None:
        return phrase("the mat has not said yet whether somebody is on it")
    now_so = phrase("somebody on the mat") if memory.occupied else phrase("nobody on the mat")
    if memory.since is None:
        began = memory.occupied is watch.edge.occupied
        return phrase(f"{now_so}, which began off hours") if began else now_so
    since = _since(now_so, memory.since, zone, now)
    if memory.due:
        held = phrase(f"{since}, in a pause") if memory.after_pause else since
        return phrase(f"{held}; due {moment(memory.due, zone, now)}")
    return phrase(f"{since}, answered") if not memory.raised else raised(since, so=True)


def _button(watch: CallButtonWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.pressed_at is None:
        return phrase("not pressed yet")
    pressed = phrase(f"last pressed at {moment(memory.pressed_at, moments.zone, now)}")
    return raised(pressed, so=memory.raised)


def _help_call(watch: HelpCallWatch, now: datetime, moments: Moments) -> str:
    return phrase(f"{watch.call.by} called at {moment(watch.call.at, moments.zone, now)}, raised")


def _armed(watch: ArmedWatch, now: datetime, moments: Moments) -> str:
    memory, zone = watch.memory, moments.zone
    if memory.raised:
        return phrase("the mat is not back, raised")
    if memory.care_due:
        at = moment(memory.care_due, zone, now)
        return phrase(f"care by {memory.care_by} ends; looks at {at} whether the mat is back")
    if memory.hours_due:
        return phrase(f"looks at {moment(memory.hours_due, zone, now)} whether the mat is there")
    return phrase("no care to look after")


def _nights(watch: RestlessNightsWatch, _now: datetime, _moments: Moments) -> str:
    exits = watch.memory.exits
    times = phrase("not left this night")
    if exits:
        times = by_number(exits, "left once this night", f"left {exits} times this night")
    return raised(times, so=watch.memory.raised)


def _missed(watch: MissedFloorMatWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.due:
        return phrase(f"an exit waits for its step until {moment(memory.due, moments.zone, now)}")
    return raised(phrase(f"{memory.missed} exits in a row missed"), so=memory.raised)


# --- heat and cold --------------------------------------------------------------------------------


def _surface(watch: SurfaceWatch, now: datetime, moments: Moments) -> str:
    memory, zone, rule = watch.memory, moments.zone, moments.book.hot_surface
    if memory.celsius is None:
        return phrase("no temperature has been said yet")
    reach = watch.reach
    if memory.switch_open and watch.sensor.mount is not Mount.ACCESSIBLE_FACE:
        reach = Reach.OPEN
    so, limit, reached = f"{memory.celsius:.1f} °C", f"{rule.limit_c:g} °C", reach.value
    if reach is Reach.COVERED:
        return phrase(f"{so} under a cover that is in place: hot by design")
    if memory.over_since is None:
        return phrase(f"{so}, below the limit of {limit}; {reached}")
    hot = phrase(f"{so}, hot since {moment(memory.over_since, zone, now)}; {reached}")
    if memory.raised:
        return raised(hot, so=True)
    if memory.trusted:
        return phrase(f"{hot}; answered, asked again {_at(watch.due_at, now, moments)}")
    held = _held(memory.over_since, rule.hold, now)
    return phrase(f"{hot}; {held}, due {_at(watch.due_at, now, moments)}")


def _air(watch: RoomAirWatch, now: datetime, moments: Moments) -> str:
    memory, cold = watch.memory, watch.side is TOO_COLD
    rule = moments.book.room_too_cold if cold else moments.book.room_too_hot
    if memory.celsius is None:
        return phrase("no temperature has been said yet")
    so = f"{memory.celsius:.1f} °C"
    if memory.since is None:
        limit = f"{rule.limit_c:g} °C"
        return phrase(f"{so}, not below {limit}" if cold else f"{so}, not above {limit}")
    word = watch.side.word
    since = phrase(f"{so}, {word} since {moment(memory.since, moments.zone, now)}")
    if memory.raised:
        return raised(since, so=True)
    held = _held(memory.since, rule.hold, now)
    return phrase(f"{since}; {held}, due {_at(watch.due_at, now, moments)}")


def _held(since: datetime, hold: timedelta, now: datetime) -> str:
    return phrase(f"held {length(max(now - since, timedelta()))} of {length(hold)}")


def _at(due: datetime | None, now: datetime, moments: Moments) -> str:
    return "never" if due is None else moment(due, moments.zone, now)


_SAYS: dict[type[Any], Callable[[Any, datetime, Moments], str]] = {
    BedWatch: _bed,
    EdgeWatch: _edge,
    CallButtonWatch: _button,
    HelpCallWatch: _help_call,
    ArmedWatch: _armed,
    RestlessNightsWatch: _nights,
    MissedFloorMatWatch: _missed,
    SurfaceWatch: _surface,
    RoomAirWatch: _air,
    **kit.SAYS,
}
