"""What a room's picture is made of: rows with bars, signs and a line, and the same in words."""

from dataclasses import dataclass, field
from datetime import datetime

from api.pages.evening_window import Window

ROW, PLOT = 22, 74
"""Heights of a row and of a row with a curve, in the picture's units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch in a row; ``word`` is written on it where it is wide enough."""

    x: float
    width: float
    pattern: str
    word: str = ""
    lane: int = 0


@dataclass(frozen=True, slots=True)
class Sign:
    """A shape at an instant: ``raised``, ``attended`` or ``look``."""

    x: float
    shape: str
    word: str = ""
    lane: int = 0


@dataclass(slots=True)
class Row:
    """One line of the picture; ``y`` and ``height`` in its units, ``name`` stands above it."""

    name: str
    y: float = 0
    height: float = ROW
    bars: list[Bar] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    points: str = ""
    limit: float | None = None
    limit_word: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What happened, in words."""

    at: datetime
    what: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Evening:
    """The picture and its words. ``ticks``: where a full hour stands, and what it is called."""

    window: Window
    rows: list[Row]
    ticks: list[tuple[float, str]]
    height: float
    lines: list[Line]
    said: str
    now_x: float | None
