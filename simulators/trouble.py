"""What goes wrong with the heat of a home in one night, drawn by a seed.

More often than in life, so that a month has some of each: a cover left off, a thermostat that
sticks open or a boiler that runs away (H10), the boiler or a pump out (H3, H4), a cold snap (H17),
and portable heaters when the boiler is out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightwarden.model.places import EmitterKind
from simulators.boiler import Outage, Runaway
from simulators.dice import dice
from simulators.home_description import HomeDescription
from simulators.house import Event, Heat
from simulators.rooms import Turn
from simulators.weather import ColdSnap


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely each is: of an emitter in a night, or of a night."""

    cover_off: float = 0.004
    sticks_open: float = 0.008
    boiler_out: float = 0.07
    pump_out: float = 0.04
    runs_away: float = 0.03
    cold_snap: float = 0.1
    heater_when_out: float = 0.1
    """Of a room, in a night in which the boiler is out."""


USUAL = Odds()


def troubles(
    home: HomeDescription, seed: int, start: datetime, end: datetime, odds: Odds = USUAL
) -> Heat:
    """What goes wrong between ``start`` and ``end`` (aware, UTC)."""
    rng = dice(seed, "trouble with the heat")
    out = start + (end - start) * rng.uniform(0, 0.5)
    outage = Outage(out, out + timedelta(hours=rng.uniform(3, 9)))
    outages: tuple[Outage, ...] = (outage,) if rng.random() < odds.boiler_out else ()
    runaway = Runaway(out, out + timedelta(hours=rng.uniform(1, 3)))
    runaways = (runaway,) if rng.random() < odds.runs_away and not outages else ()
    snap = ColdSnap(start - timedelta(hours=6), end, rng.uniform(6, 12))
    snaps = (snap,) if rng.random() < odds.cold_snap else ()
    circuits = sorted(set(home.circuits.values()))
    if rng.random() < odds.pump_out and circuits:
        outages += (outage._replace(circuit=rng.choice(circuits)),)
    events = [*_of_emitters(home, seed, start, end, odds)]
    if outage in outages:
        events += _heaters(home, seed, outage, odds)
    return Heat(tuple(sorted(events, key=lambda one: one.at)), outages, runaways, snaps)


def in_words(heat: Heat, start: datetime) -> list[str]:
    """What goes wrong, one line each, in order of time since ``start``."""
    lines = [(one.at, f"{one.place or one.room}: {one.turn}") for one in heat.events]
    for one in heat.outages:
        what = f"the pump of {one.circuit} stops" if one.circuit else "the boiler goes out"
        lines.append((one.since, what))
    lines += [(one.since, "the boiler runs away") for one in heat.runaways]
    lines += [(one.since, f"it is {one.by_c:.0f} °C colder outside") for one in heat.snaps]
    return [f"after {_span(at - start)}: {what}" for at, what in sorted(lines)]


def _span(length: timedelta) -> str:
    minutes = max(0, round(length / timedelta(minutes=1)))
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _of_emitters(
    home: HomeDescription, seed: int, start: datetime, end: datetime, odds: Odds
) -> Iterator[Event]:
    for place, kind in home.emitters.items():
        rng = dice(seed, f"trouble at {place}")
        at = start + (end - start) * rng.random()
        chance = rng.random()
        if place in home.covered:
            if chance < odds.cover_off:
                yield Event(at, Turn.COVER_OFF, place.room, place)
        elif kind is not EmitterKind.PIPE and chance < odds.sticks_open:
            yield Event(at, Turn.STUCK_OPEN, place.room, place)


def _heaters(home: HomeDescription, seed: int, outage: Outage, odds: Odds) -> Iterator[Event]:
    for room in sorted({resident.room for resident in home.residents}):
        rng = dice(seed, f"heater in {room}")
        brought = outage.since + timedelta(minutes=rng.uniform(30, 180))
        if rng.random() < odds.heater_when_out and brought < outage.until:
            yield Event(brought, Turn.HEATER_IN, room)
            yield Event(outage.until + timedelta(minutes=30), Turn.HEATER_OUT, room)
