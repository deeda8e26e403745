"""A strip: what one device said over a while, as the shapes of a small drawing.

A truth is a bar while it holds, a number a line. The drawing has no words in it, so that it may be
stretched to any width; the page has them beside it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nightwarden.explaining.answers import Said
from nightwarden.languages import gettext, said
from nightwarden.model.phrases import phrase
from nightwarden.model.readings import Quantity

WIDTH, HEIGHT = 1000, 100
_DRAWN = {
    Quantity.OCCUPANCY: phrase("somebody on it"),
    Quantity.CONTACT: phrase("closed"),
    Quantity.LINK: phrase("online"),
    Quantity.TEMPERATURE: "°C",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch in which it was so, in the drawing's units."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant worth a line through the strip."""

    name: str
    at: datetime
    x: float


@dataclass(frozen=True, slots=True)
class Strip:
    """One quantity of one device. ``points`` are an SVG polyline's, empty for a truth."""

    device: str
    equipment: str | None
    words: str
    least: float | None
    most: float | None
    bars: list[Bar]
    points: str
    dots: list[float]
    """Where each reading is."""


def strips(said: Sequence[Said], since: datetime, until: datetime) -> list[Strip]:
    """A strip of each device and quantity that can be drawn, from ``since`` until ``until``."""
    lines: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        if one.quantity in _DRAWN and one.value is not None and not one.late:
            lines[one.device, one.quantity].append(one)
    return [_strip(line, since, until) for line in lines.values()]


def mark(name: str, at: datetime, since: datetime, until: datetime) -> Mark:
    """A line through the strips at ``at``."""
    return Mark(name, at, _x(at, since, until))


def _strip(line: list[Said], since: datetime, until: datetime) -> Strip:
    first = line[0]
    xs = [_x(one.measured_at, since, until) for one in line]
    dots = [x for x, one in zip(xs, line, strict=True) if one.measured_at >= since]
    ends = [*xs[1:], float(WIDTH)]
    if isinstance(first.value, bool):
        bars = [
            Bar(x, max(end - x, 1.0))
            for x, end, one in zip(xs, ends, line, strict=True)
            if one.value and end > 0
        ]
        words = said(_DRAWN[Quantity(first.quantity)])
        return Strip(first.device, first.equipment, words, None, None, bars, "", dots)
    values = [float(one.value or 0) for one in line]
    least, most = min(values), max(values)
    height = (most - least) or 1.0
    ys = [HEIGHT - 10 - (value - least) / height * (HEIGHT - 20) for value in values]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip([*xs, WIDTH], [*ys, ys[-1]], strict=True))
    words = gettext("{least} to {most} °C").format(least=f"{least:.1f}", most=f"{most:.1f}")
    return Strip(first.device, first.equipment, words, least, most, [], points, dots)


def _x(at: datetime, since: datetime, until: datetime) -> float:
    length = (until - since).total_seconds() or 1.0
    share = (at - since).total_seconds() / length
    return round(min(max(share, 0.0), 1.0) * WIDTH, 1)
