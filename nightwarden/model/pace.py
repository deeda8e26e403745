"""How often a device speaks, and whether it ever says the same again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

GAPS_KEPT = 16


@dataclass(slots=True)
class Pace:
    """What was seen of a device's rhythm, in seconds. Kept messages of a broker do not count.

    ``beats`` counts messages that said nothing new: a device without any speaks only when something
    changes, and its silence says nothing.
    """

    messages: int = 0
    beats: int = 0
    longest_s: float = 0.0
    gaps_s: list[float] = field(default_factory=list)
    """The latest silences, oldest first."""

    def heard(self, gap_s: float | None, *, news: bool) -> None:
        """One message more, so long after the one before; None where nobody listened between."""
        self.messages += 1
        self.beats += not news
        if gap_s is not None:
            self.longest_s = max(self.longest_s, gap_s)
            self.gaps_s = [*self.gaps_s[1 - GAPS_KEPT :], round(gap_s, 1)]

    @property
    def typical_s(self) -> float | None:
        """The usual silence between two messages; None before there was one."""
        return median(self.gaps_s) if self.gaps_s else None

    def as_json(self) -> dict[str, Any]:
        """For the store."""
        return {
            "messages": self.messages,
            "beats": self.beats,
            "longest_s": round(self.longest_s, 1),
            "gaps_s": self.gaps_s,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Pace":
        """From the store."""
        return cls(**kept)
