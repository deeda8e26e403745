"""A backtest as a picture: a night a row, from noon to noon, as SVG or for a terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from html import escape

from nightwarden.backtest.comparison import Raised
from nightwarden.backtest.marks import MARKS
from nightwarden.backtest.nights import night_begins, night_of, nights_between
from nightwarden.backtest.trial import Backtest
from nightwarden.model.alerts import AlertKind

_LEFT, _TOP, _WIDTH, _ROW, _LANE = 190, 66, 1200, 40, 16
_APART = 17.0
_FONT = "font-family='system-ui, sans-serif'"
SLOT = timedelta(minutes=20)
"""What one letter of the terminal's picture stands for."""
_SLOTS = 72


# --- for a terminal -----------------------------------------------------------------------------


def terminal_picture(test: Backtest) -> list[str]:
    """A line a night and side; a letter is an alert, ``+`` more than one kind, ``/`` unwatched."""
    really, again = _by_night(test, test.really), _by_night(test, test.again)
    lines = [f"{'':19} 12    15    18    21    00    03    06    09    12"]
    for night in nights_between(test.recorded_from, test.until, test.zone):
        before, after = _slots(test, night, really), _slots(test, night, again)
        lines.append(f"{night:%a %d %b}  raised  |{before}|")
        if after != before:
            lines.append(f"{'':10}  these   |{after}|")
    kinds = sorted({alert.cause.kind for alert in (*test.really, *test.again)})
    lines.append("  ".join(f"{MARKS[kind].letter} {kind}" for kind in kinds))
    return lines


def _slots(test: Backtest, night: date, by_night: dict[date, list[Raised]]) -> str:
    begins = night_begins(night, test.zone)
    letters = [_blank(test, begins + SLOT * n) for n in range(_SLOTS)]
    for alert in by_night.get(night, []):
        slot = min((alert.raised_at - begins) // SLOT, _SLOTS - 1)
        letter = MARKS[alert.cause.kind].letter
        letters[slot] = letter if letters[slot] in (" ", "/", "-", letter) else "+"
    return "".join(letters)


def _blank(test: Backtest, at: datetime) -> str:
    if at + SLOT <= test.recorded_from or at >= test.until:
        return "-"
    unwatched = any(since < at + SLOT and at < until for since, until in test.unwatched)
    return "/" if unwatched else " "


# --- SVG ----------------------------------------------------------------------------------------


def svg_picture(test: Backtest) -> str:
    """The picture as an SVG file: above the line what was raised, below what these rules raise."""
    nights = list(nights_between(test.recorded_from, test.until, test.zone))
    really, again = _by_night(test, test.really), _by_night(test, test.again)
    missed, added = set(test.comparison.missed), set(test.comparison.added)
    kinds = sorted({alert.cause.kind for alert in (*test.really, *test.again)})
    bottom = _TOP + _ROW * len(nights)
    height = bottom + 54 + 18 * ((len(kinds) + 3) // 4)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_LEFT + _WIDTH + 20}' height='{height}'",
        f"{_FONT} font-size='13' fill='#1a1a1a'>",
        "<rect width='100%' height='100%' fill='#fff'/>",
        f"<text x='12' y='22' font-size='16' font-weight='600'>{escape(_title(test))}</text>",
        *_hours(bottom),
    ]
    for number, night in enumerate(nights):
        y = _TOP + _ROW * number
        parts += _row(test, night, y)
        parts += _letters(really.get(night, []), _begins(test, night), y + _LANE - 2, missed)
        parts += _letters(again.get(night, []), _begins(test, night), y + 2 * _LANE, added)
    parts += _legend(test, kinds, bottom + 24)
    return "\n".join([*parts, "</svg>", ""])


def _title(test: Backtest) -> str:
    rules = test.rules or "the rules in force then"
    return f"Alerts from noon to noon: raised (above), and by {rules} (below)"


def _hours(bottom: int) -> Iterable[str]:
    for hour in range(0, 25, 3):
        x = _LEFT + _WIDTH * hour / 24
        words = f"{(12 + hour) % 24:02}:00"
        yield f"<line x1='{x:.1f}' y1='{_TOP - 6}' x2='{x:.1f}' y2='{bottom}' stroke='#ddd'/>"
        yield f"<text x='{x:.1f}' y='{_TOP - 12}' text-anchor='middle' fill='#555'>{words}</text>"


def _row(test: Backtest, night: date, y: int) -> Iterable[str]:
    begins = _begins(test, night)
    yield f"<text x='12' y='{y + 22}' font-weight='600'>{night:%a %d %b}</text>"
    yield f"<text x='110' y='{y + _LANE - 2}' font-size='11' fill='#555'>raised</text>"
    yield f"<text x='110' y='{y + 2 * _LANE}' font-size='11' fill='#555'>these rules</text>"
    yield (
        f"<line x1='{_LEFT}' y1='{y + _ROW - 3}' x2='{_LEFT + _WIDTH}' y2='{y + _ROW - 3}' "
        "stroke='#bbb'/>"
    )
    ends = begins + timedelta(days=1)
    unrecorded = [(begins, test.recorded_from), (test.until, ends)]
    for words, colour, spans in (
        ("not recorded", "#eee", unrecorded),
        ("NOT WATCHING", "#f6c8c8", test.unwatched),
    ):
        for since, until in spans:
            left, right = max(since, begins), min(until, ends)
            if left < right:
                x, width = _x(left, begins), max(_x(right, begins) - _x(left, begins), 2.0)
                yield (
                    f"<rect x='{x:.1f}' y='{y}' width='{width:.1f}' height='{_ROW - 4}' "
                    f"fill='{colour}'><title>{words}</title></rect>"
                )


def _letters(
    alerts: Sequence[Raised], begins: datetime, y: int, alone: set[Raised]
) -> Iterable[str]:
    right = 0.0
    for alert in alerts:
        mark = MARKS[alert.cause.kind]
        x = right = max(_x(alert.raised_at, begins), right + _APART)  # none hides another
        title = f"{alert.raised_at:%H:%M} UTC {alert.text}"
        if alert in alone:
            yield (
                f"<rect x='{x - 8:.1f}' y='{y - 12}' width='16' height='15' rx='3' fill='none' "
                f"stroke='{mark.colour}' stroke-width='1.5'/>"
            )
        yield (
            f"<text x='{x:.1f}' y='{y}' text-anchor='middle' font-size='12' font-weight='700' "
            f"fill='{mark.colour}'>{mark.letter}<title>{escape(title)}</title></text>"
        )


def _legend(test: Backtest, kinds: Sequence[AlertKind], y: int) -> Iterable[str]:
    really = Counter(alert.cause.kind for alert in test.really)
    again = Counter(alert.cause.kind for alert in test.again)
    yield (
        f"<text x='12' y='{y}' fill='#555'>A letter in a box: only on this side. "
        "Grey: not recorded. Red: NOT WATCHING.</text>"
    )
    for number, kind in enumerate(kinds):
        mark = MARKS[kind]
        x, line = 12 + 340 * (number % 4), y + 22 + 18 * (number // 4)
        words = f"{kind}: {really[kind]} raised, {again[kind]} by these rules"
        yield (
            f"<text x='{x}' y='{line}' font-weight='700' fill='{mark.colour}'>{mark.letter}</text>"
            f"<text x='{x + 18}' y='{line}'>{escape(words)}</text>"
        )


def _x(at: datetime, begins: datetime) -> float:
    share = (at - begins) / timedelta(days=1)
    return _LEFT + _WIDTH * min(max(share, 0.0), 1.0)


def _begins(test: Backtest, night: date) -> datetime:
    return night_begins(night, test.zone)


def _by_night(test: Backtest, alerts: Iterable[Raised]) -> dict[date, list[Raised]]:
    found: dict[date, list[Raised]] = {}
    for alert in alerts:
        found.setdefault(night_of(alert.raised_at, test.zone), []).append(alert)
    return found
