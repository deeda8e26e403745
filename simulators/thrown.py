"""Faults that are thrown at a bench: what each is on order, and how it is lifted."""

from dataclasses import dataclass
from datetime import timedelta

from nightwarden.bench.orders import BenchFault
from simulators.faults.orders import Fault

AMOUNTS: dict[BenchFault, tuple[str, float]] = {
    BenchFault.GOODBYE: ("disconnect", 1.0),
    BenchFault.FLAP: ("flapping", 2.0),
    BenchFault.DRAIN: ("battery", 3.0),
    BenchFault.STICK: ("stuck", 0.0),
    BenchFault.FREEZE: ("loss", 1.0),
    BenchFault.SKEW: ("skew", -7_200.0),
    BenchFault.DUPLICATE: ("duplicate", 1.0),
    BenchFault.REORDER: ("reorder", 0.5),
    BenchFault.DELAY: ("delay", 5.0),
    BenchFault.LOSE: ("loss", 0.3),
    BenchFault.DRIFT: ("drift", 600.0),
    BenchFault.FLOOD: ("flood", 50.0),
}
"""What each is on order (:mod:`simulators.faults`), strong enough to be seen within a minute."""

SAYS_AGAIN = frozenset({BenchFault.FLAP, BenchFault.FLOOD})


class Liftable(Fault):
    """A fault that ends when it is lifted."""

    __slots__ = ("lifted_at",)

    def __init__(self, name: str, amount: float, device: str | None, since: timedelta) -> None:
        super().__init__(name, amount, device, since)
        object.__setattr__(self, "lifted_at", timedelta.max)

    def lift(self, passed: timedelta) -> None:
        """From so long after the start on it does nothing."""
        object.__setattr__(self, "lifted_at", passed)

    def lasts_at(self, passed: timedelta) -> bool:
        """Whether it lasts then."""
        lifted_at: timedelta = self.lifted_at  # type: ignore[attr-defined]
        return self.since <= passed < lifted_at


@dataclass(frozen=True, slots=True)
class Thrown:
    """A fault that lasts until ``ends`` (monotonic). ``pulled`` are leads, by the items' tags."""

    id: str
    fault: BenchFault
    equipment: str | None
    by: str
    ends: float
    wire: Liftable | None = None
    pulled: tuple[str, ...] = ()
