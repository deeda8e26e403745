"""Notices: where they come from, which items they concern, and what was found at each."""

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from nightwarden.model.phrases import vocabulary


@vocabulary
class NoticeKind(StrEnum):
    """Where a notice comes from."""

    ALERT = "alert"  # of an authority
    RECALL = "recall"  # of a maker
    INSTRUCTION = "instruction"  # the home's own


@vocabulary
class CheckOutcome(StrEnum):
    """What somebody found who did at an item what the notice asks for."""

    NOT_AFFECTED = "not_affected"
    PUT_RIGHT = "put_right"
    TAKEN_OUT = "taken_out"


@dataclass(frozen=True, slots=True)
class Concerns:
    """Which items: a kind, a make, a model, any of them left out. ``*`` stands for anything."""

    kind: str | None = None
    make: str | None = None
    model: str | None = None

    def matches(self, kind: str, make: str | None, model: str | None) -> bool:
        """Whether such an item is one of them; letters may be large or small."""
        if self.kind is not None and kind != self.kind:
            return False
        pairs = ((self.make, make), (self.model, model))
        return all(
            pattern is None or fnmatchcase((said or "").casefold(), pattern.casefold())
            for pattern, said in pairs
        )
