"""What became of a reading: whether it was believed, and what the rules made of it."""

from enum import StrEnum
from typing import NamedTuple

from nightwarden.model.phrases import phrase
from rules.decisions import Decision


class Standing(StrEnum):
    """What became of a reading before any rule saw it."""

    BELIEVED = "believed"
    LATE = "late"
    DUPLICATE = "duplicate"
    IMPLAUSIBLE = "implausible"
    UNBOUND = "unbound"


class Hearing(NamedTuple):
    """What became of one reading: whether it was believed, and what the rules made of it."""

    standing: Standing
    why: str
    decisions: tuple[Decision, ...]


REPEATED = Hearing(Standing.BELIEVED, phrase("it said the same before"), ())
PROVED = Hearing(Standing.BELIEVED, phrase("the loop test has come through the rules"), ())
UNBOUND = Hearing(Standing.UNBOUND, phrase("no equipment is bound to this device"), ())
