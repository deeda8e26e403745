"""How long to wait before trying again."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before each new attempt, in seconds: doubling, and never in step.

    After a power cut everything in the house comes back at once; the random part spreads it.
    """

    first: float = 1.0
    longest: float = 30.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (1 or more): ``first`` to ``longest``."""
        doubled = self.first * 2.0 ** min(failures - 1, 16)  # 2.0**1024 is an OverflowError
        return min(self.longest / 2, doubled) * random.uniform(1.0, 2.0)  # noqa: S311


PATIENT = Backoff()
