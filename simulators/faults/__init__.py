"""Faults on order, as a pure pipeline over wire messages.

:func:`with_faults` takes messages in order of time, of a simulation or of a recording, and gives
those that arrive when these faults befall them, in order of time. The same seed gives the same.
Faults are applied in the order in which they are given::

    night = with_faults(simulation.messages(), [parse_fault("mat-12:stuck@5m")], start, seed=1)
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from simulators.dice import dice
from simulators.faults.orders import Fault, parse_fault
from simulators.faults.pipes import PIPES
from simulators.wire import WireMessage

__all__ = ["Fault", "parse_fault", "with_faults"]


def with_faults(
    messages: Iterable[WireMessage], faults: Sequence[Fault], start: datetime, seed: int
) -> Iterator[WireMessage]:
    """The messages as they arrive under the faults; ``start`` (aware) is when the play begins."""
    stream = iter(messages)
    for number, fault in enumerate(faults):
        rng = dice(seed, f"fault {number} {fault.name}")
        stream = PIPES[fault.name](stream, fault, start, rng)
    return stream
