"""What a mat makes of who lies on it: bounce, a moment's loss, an exit that it does not notice.

A pad under a sheet is a switch under a person. As weight comes on or goes off it may close and
open again within half a second (bounce); somebody who lies still may be lost for a moment; who
sits on the edge presses it or not, as the pad lies; and now and then it does not let go at all,
because it has slipped or a blanket's weight is on it. The last is no fault that any message tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from nightwarden.model.readings import Quantity
from simulators.residents import Move, Whereabouts
from simulators.senses import Change

NEVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Pad:
    """How good a mat is. Shares are of changes, ``losses_an_hour`` is while somebody lies on it."""

    bounces: float = 0.0
    losses_an_hour: float = 0.0
    edge_presses: float = 1.0
    sticks: float = 0.0
    late_s: float = 0.0
    """How long the box may take to say that it is empty: the time that the pad needs to rise."""


PERFECT = Pad()
USUAL = Pad(bounces=0.05, losses_an_hour=0.008, edge_presses=0.5, sticks=0.002, late_s=1.0)


def under_a_sleeper(moves: Iterator[Move], pad: Pad, rng: Random) -> Iterator[Change]:
    """A bed mat's changes, in order of time; what changes nothing is left in."""
    stuck = False
    for now, then in pairwise(_and_no_end(moves)):
        lies = now.to in (Whereabouts.BED, Whereabouts.LIFTED) or (
            now.to is Whereabouts.EDGE and rng.random() < pad.edge_presses
        )
        lies = lies and now.to is not Whereabouts.LIFTED
        sticks, slow = rng.random() < pad.sticks, rng.random() * pad.late_s
        if now.to is Whereabouts.BED:
            stuck = False
        elif not lies and sticks:
            stuck = True
        if stuck:
            continue
        at = now.at if lies else now.at + timedelta(seconds=slow)
        if at >= then.at:
            continue
        yield Change(at, Quantity.OCCUPANCY, lies)
        yield from _bounced(at, then.at, lies, pad, rng)
        if lies:
            yield from _lost(at, then.at, pad, rng)


def _and_no_end(moves: Iterator[Move]) -> Iterator[Move]:
    """Who never moves again has a last move too."""
    last: Move | None = None
    for last in moves:
        yield last
    if last is not None:
        yield Move(last.at + NEVER, last.to)


def _bounced(
    at: datetime,
    until: datetime,
    lies: bool,
    pad: Pad,
    rng: Random,  # noqa: FBT001
) -> Iterator[Change]:
    if rng.random() >= pad.bounces:
        return
    again = at + timedelta(seconds=rng.uniform(0.1, 0.3))
    settled = again + timedelta(seconds=rng.uniform(0.1, 0.3))
    if settled < until:
        yield Change(again, Quantity.OCCUPANCY, not lies)
        yield Change(settled, Quantity.OCCUPANCY, lies)


def _lost(at: datetime, until: datetime, pad: Pad, rng: Random) -> Iterator[Change]:
    if not pad.losses_an_hour:
        return
    at += timedelta(seconds=1)
    while True:
        at += timedelta(hours=rng.expovariate(pad.losses_an_hour))
        found = at + timedelta(seconds=rng.uniform(0.3, 3))
        if found >= until:
            return
        yield Change(at, Quantity.OCCUPANCY, value=False)
        yield Change(found, Quantity.OCCUPANCY, value=True)
        at = found
