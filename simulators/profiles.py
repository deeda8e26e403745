"""Four ways to spend a night, as numbers; ``docs/nights.md`` prints them with where they are from.

They are chosen so that what a mat can and cannot tell apart occurs often enough to be counted, and
lie within what is published of care homes where something is.
"""

from dataclasses import dataclass
from random import Random

NIGHT_H = 9.0
"""The hours in bed that ``…_a_night`` counts over."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one resident sleeps.

    ``share`` is how many of a home's residents are so. ``onset_min`` is how long falling asleep
    takes, ``trip_min`` how long an ordinary trip to the toilet, ``wander_min`` how long a resident
    walks about who does (``wanders``: the share of trips). ``lift_s`` is how long somebody who
    turns over lies off the mat. ``sits_first`` is the share of exits before which somebody sits on
    the edge of the bed, for ``edge_s``; ``edges_a_night`` counts who sits up and lies down again.
    ``falls`` is the share of trips that end on the floor. Ranges are least and most.
    """

    name: str
    share: float
    trips_a_night: float
    lifts_a_night: float
    edges_a_night: float
    onset_min: tuple[float, float]
    trip_min: tuple[float, float]
    wanders: float
    falls: float
    wander_min: tuple[float, float] = (10, 50)
    lift_s: tuple[float, float] = (1, 7)
    sits_first: float = 0.4
    edge_s: tuple[float, float] = (10, 120)


QUIET = Profile(
    "quiet sleeper",
    share=0.45,
    trips_a_night=1.2,
    lifts_a_night=0.15,
    edges_a_night=0.1,
    onset_min=(10, 30),
    trip_min=(3, 9),
    wanders=0.02,
    falls=0.001,
)
FREQUENT = Profile(
    "frequent riser",
    share=0.2,
    trips_a_night=6.5,
    lifts_a_night=0.3,
    edges_a_night=0.5,
    onset_min=(15, 40),
    trip_min=(3, 9),
    wanders=0.02,
    falls=0.003,
)
WANDERER = Profile(
    "wanderer",
    share=0.15,
    trips_a_night=3.0,
    lifts_a_night=0.3,
    edges_a_night=1.0,
    onset_min=(20, 60),
    trip_min=(3, 9),
    wanders=0.35,
    falls=0.006,
)
RESTLESS = Profile(
    "restless",
    share=0.2,
    trips_a_night=2.0,
    lifts_a_night=3.0,
    edges_a_night=1.5,
    onset_min=(30, 90),
    trip_min=(3, 9),
    wanders=0.05,
    falls=0.004,
)
PROFILES = (QUIET, FREQUENT, WANDERER, RESTLESS)


def drawn(rng: Random) -> Profile:
    """One of them, as often as its share; one draw."""
    return rng.choices(PROFILES, [one.share for one in PROFILES])[0]
