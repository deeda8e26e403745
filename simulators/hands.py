"""Somebody's hand on a device: a switch pressed or let go, a probe warmed, a lead pulled out.

A hand holds a value until it is taken away; then the device senses again what is really there. It
changes nothing that lies before it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from math import exp
from operator import attrgetter
from typing import NamedTuple

from nightwarden.model.readings import Quantity
from simulators.senses import Change, PowerCut, Sense

WARMS_WITHIN = timedelta(seconds=10)
"""Time constant with which a probe follows a warm hand: who waits for it is a tester."""


class Hand(NamedTuple):
    """From ``at`` (aware, simulated) on: a two-way value or degrees that are held; a word is an
    action, over at once; None: the hand is taken away.
    """

    at: datetime
    value: bool | float | str | None


@dataclass(frozen=True, slots=True)
class Hands:
    """Every hand so far, by the tag of the item; and leads pulled, by the tag that was meant."""

    on: dict[str, tuple[Hand, ...]] = field(default_factory=dict)
    unplugged: dict[str, tuple[PowerCut, ...]] = field(default_factory=dict)

    def and_on(self, tag: str, hand: Hand) -> "Hands":
        """One hand more."""
        return Hands({**self.on, tag: (*self.on.get(tag, ()), hand)}, self.unplugged)

    def and_pulled(self, tag: str, at: datetime, until: datetime) -> "Hands":
        """A lead is pulled out. It has an end: the next word of a device is looked for at once."""
        cuts = (*self.unplugged.get(tag, ()), PowerCut(at, until))
        return Hands(self.on, {**self.unplugged, tag: cuts})

    def and_plugged(self, tag: str, at: datetime) -> "Hands":
        """It is plugged in again."""
        cuts = [PowerCut(one.since, min(one.until, at)) for one in self.unplugged.get(tag, ())]
        return Hands(self.on, {**self.unplugged, tag: tuple(cuts)})


NO_HANDS = Hands()


def touched(sense: Sense, hands: Sequence[Hand], quantity: Quantity | None) -> Sense:
    """What a device senses with these hands on it; ``quantity`` is what its switch tells."""
    if not hands:
        return sense
    if sense.level is not None:
        return Sense(sense.changes, _warmed(sense.level, hands))
    return Sense(_held(sense.changes, hands, quantity or Quantity.OCCUPANCY))


def _held(changes: Iterator[Change], hands: Sequence[Hand], quantity: Quantity) -> Iterator[Change]:
    held: Change | None = None
    truth: Change | None = None
    streams: tuple[Iterator[Change | Hand], Iterator[Change | Hand]] = (changes, iter(hands))
    for one in merge(*streams, key=attrgetter("at")):
        if isinstance(one, Change):
            if one.quantity is Quantity.ACTION:
                yield one
                continue
            truth = one
            # Repeats are left in, as elsewhere: to wait for the end of a hold would be for ever.
            yield one if held is None else held._replace(at=one.at)
        elif isinstance(one.value, str):
            yield Change(one.at, Quantity.ACTION, one.value)
        elif one.value is None:
            held = None
            if truth is not None:
                yield truth._replace(at=one.at)
        else:
            held = Change(one.at, quantity, bool(one.value))
            yield held


def _warmed(
    level: Callable[[datetime], float], hands: Sequence[Hand]
) -> Callable[[datetime], float]:
    def at(instant: datetime) -> float:
        untouched = celsius = level(instant)
        begun = [one for one in hands if one.at <= instant]
        ends = [one.at for one in begun[1:]] + [instant]
        for hand, until in zip(begun, ends, strict=False):  # before the first there is none
            goal = untouched if hand.value is None else float(hand.value)
            celsius = goal + (celsius - goal) * exp(-((until - hand.at) / WARMS_WITHIN))
        return celsius

    return at


def cut_by_hand(cuts: Iterator[PowerCut], by_hand: Sequence[PowerCut]) -> Iterator[PowerCut]:
    """Both, in order and without overlap."""
    if not by_hand:
        yield from cuts
        return
    now: PowerCut | None = None
    for one in merge(cuts, by_hand, key=attrgetter("since")):
        if now is not None and one.since <= now.until:
            now = PowerCut(now.since, max(now.until, one.until))
        else:
            if now is not None:
                yield now
            now = one
