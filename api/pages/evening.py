"""A room's evening as one picture: who lay where, how warm, what alarmed, who came, what was blind.

1. One axis of time for everything. A row has its name in words above it, and what is drawn differs
   by shape and hatching, so that no colour is needed to read it.
2. Everything that the picture shows stands below it in words, in order of time.
3. What is not known is drawn as not known: before the first reading of a mat, and while nothing
   could be heard, nothing is said of the bed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.coverage import spans_of
from api.pages.evening_parts import PLOT, ROW, Bar, Evening, Line, Row, Sign
from api.pages.evening_window import Window
from nightwarden.languages import gettext, ngettext, said
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, Mount
from nightwarden.model.protection import Loss
from nightwarden.model.readings import Quantity
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import evenings
from nightwarden.store.engine import Transaction
from nightwarden.store.evenings import Stood
from nightwarden.store.plan import load_plan
from nightwarden.store.tables import Alert
from rules.rulebook import Rulebook

WIDTH = 640
A_DAY = timedelta(days=1)
MOST_LANES = 5
LOSSES = {
    Loss.NOT_WATCHING: phrase("the monitor was not watching"),
    Loss.BLIND: phrase("blind"),
    Loss.FAULTY: phrase("faulty"),
    Loss.PAUSED: phrase("paused for long"),
    Loss.UNPROVED: phrase("unproved"),
    Loss.NOBODY_LISTENING: phrase("nobody was listening"),
}


def evening(tx: Transaction, room: str, window: Window, zone: ZoneInfo) -> Evening:
    """The picture of ``room`` in ``window``."""
    drawing = _Drawing(tx, room, window, zone)
    drawing.mats()
    drawing.temperatures(load_rules(tx).book)
    drawing.alerts(evenings.alerts_in(tx, room, window.since, window.until))
    drawing.quiet()
    return drawing.done()


class _Drawing:
    def __init__(self, tx: Transaction, room: str, window: Window, zone: ZoneInfo) -> None:
        self._tx, self._room, self._window, self._zone = tx, room, window, zone
        self._end = max(min(window.until, tx.now), window.since)
        self._rows: list[Row] = []
        self._lines: list[Line] = []
        self._stood = evenings.stood_in(tx, room, window.since, window.until)
        dark = evenings.unwatched(tx, window.since, window.until)
        self._dark = [(begin, end) for begin, end, _ in dark]
        self._said: list[str] = []

    def mats(self) -> None:
        for item in sorted(self._stood, key=lambda one: one.place != "bed"):
            if item.kind not in MATS:
                continue
            begin, end = self._there(item)
            heard = evenings.said(self._tx, item.device, Quantity.OCCUPANCY, begin, end)
            row = Row(f"{_words(item.place)}: {_words(item.kind)} {item.tag}")
            changes, on_it = _changes(heard), gettext("somebody on it")
            if not changes or changes[0][0] > begin:
                unknown = changes[0][0] if changes else end
                row.bars.append(self._bar(begin, unknown, "unknown", gettext("not known")))
            ends = [*(at for at, _ in changes[1:]), end]  # of a mat that never spoke, one too many
            for (at, on), until in zip(changes, ends, strict=False):
                if on and until > begin:
                    row.bars.append(self._bar(max(at, begin), until, "occupied", on_it))
                if at >= begin:
                    verb = on_it if on else gettext("nobody on it any more")
                    self._lines.append(Line(at, f"{_words(item.place)}: {verb}"))
            self._rows.append(row)
            times = sum(on for at, on in changes if at >= begin)
            occupied = ngettext("occupied {n} time anew", "occupied {n} times anew", times)
            self._said.append(f"{_words(item.place)}: {occupied.format(n=times)}")

    def temperatures(self, book: Rulebook) -> None:
        for item in self._stood:
            begin, end = self._there(item)
            heard = evenings.said(self._tx, item.device, Quantity.TEMPERATURE, begin, end)
            heard = [(max(at, begin), value) for at, value in heard]
            if not heard:
                continue
            limit, word = _limit(item, book)
            values = [value for _, value in heard]
            least, most = min(values), max(values)
            low = min(least, most if limit is None else limit) - 1
            high = max(most, least if limit is None else limit) + 1
            name = gettext("{place}: {least} to {most} ({kind} {tag})").format(
                place=_words(item.place),
                least=said(f"{least:.1f}"),
                most=said(f"{most:.1f} °C"),
                kind=_words(item.mount or item.kind),
                tag=item.tag,
            )
            row = Row(name, height=PLOT)
            row.points = self._line([*heard, (end, values[-1])], low, high)
            if limit is not None:
                row.limit, row.limit_word = _height(limit, low, high), word
            self._rows.append(row)
            self._said.append(name)
            hottest = max(heard, key=lambda one: one[1])
            words = gettext("{place}: {celsius}, the most")
            words = words.format(place=_words(item.place), celsius=said(f"{most:.1f} °C"))
            self._lines.append(Line(hottest[0], words))

    def alerts(self, found: Sequence[Alert]) -> None:
        row = Row(gettext("Alerts, from raised to closed"))
        visits = Row(gettext("Who came: ◆ at an alert, ● a look"))
        ends: list[float] = []
        for number, alert in enumerate(found, 1):
            end = alert.closed_at or self._end
            bar = self._bar(max(alert.raised_at, self._window.since), end, "alert", "")
            lane = next((i for i, free in enumerate(ends) if free <= bar.x), len(ends))
            lane = min(lane, MOST_LANES - 1)
            ends[lane : lane + 1] = [bar.x + max(bar.width, 30)]
            row.bars.append(Bar(bar.x, bar.width, "alert", "", lane))
            row.signs.append(Sign(bar.x, "raised", str(number), lane))
            self._tell(number, alert, visits)
        row.height = ROW * max(len(ends), 1)
        for look in evenings.looks_in(self._tx, self._room, self._window.since, self._window.until):
            visits.signs.append(Sign(self._x(look.at), "look"))
            words = gettext("{name} looked in ({place})")
            words = words.format(name=look.by, place=_words(look.place))
            self._lines.append(Line(look.at, words))
        self._rows += [row, visits]
        n, visited = len(found), len(visits.signs)
        self._said.append(
            ngettext("{n} alert", "{n} alerts", n).format(n=n)
            + ", "
            + ngettext("{n} visit", "{n} visits", visited).format(n=visited)
        )

    def _tell(self, number: int, alert: Alert, visits: Row) -> None:
        href = f"/alerts/{alert.id}"
        words = gettext("Alert {number}: {text}").format(number=number, text=said(alert.text))
        self._lines.append(Line(alert.raised_at, words, href))
        if alert.accepted_at and alert.accepted_by:
            words = gettext("Alert {number}: {name} goes")
            words = words.format(number=number, name=alert.accepted_by)
            self._lines.append(Line(alert.accepted_at, words, href))
        if alert.attended_at:
            if self._within(alert.attended_at):
                visits.signs.append(Sign(self._x(alert.attended_at), "attended", str(number)))
            words = gettext("Alert {number}: {name} is there")
            words = words.format(number=number, name=alert.attended_by)
            self._lines.append(Line(alert.attended_at, words, href))
        if alert.closed_at:
            outcome = _words(alert.outcome or phrase("without a word"))
            words = gettext("Alert {number} closed: {outcome}")
            words = words.format(number=number, outcome=outcome)
            self._lines.append(Line(alert.closed_at, words, href))

    def quiet(self) -> None:
        """Pauses, and when the room was not watched though it should have been."""
        window = self._window
        pauses, lost = Row(gettext("Paused")), Row(gettext("Not watched"))
        for pause in evenings.pauses_in(self._tx, self._room, window.since, window.until):
            end = min(filter(None, (pause.until, pause.ended_at, self._end)))
            begin = max(pause.since, window.since)
            reason = said(pause.reason)
            pauses.bars.append(self._bar(begin, end, "paused", reason))
            words = gettext("{place} paused by {name}: {reason}")
            words = words.format(place=_words(pause.place), name=pause.by, reason=reason)
            self._lines.append(Line(pause.since, words))
        plan = load_plan(self._tx)
        for span in spans_of(self._tx, plan, window.day - A_DAY, window.day + A_DAY, self._room):
            begin, end = max(span.since, window.since), min(span.until or self._end, self._end)
            if span.lost_to is None or begin >= end:
                continue
            why = said(LOSSES[span.lost_to])
            lost.bars.append(self._bar(begin, end, "lost", why))
            more = f" ({said(span.why)})" if span.why else ""
            words = gettext("{place} not watched until {time}: {why}").format(
                place=_words(span.place.place),
                time=f"{end.astimezone(self._zone):%H:%M}",
                why=f"{why}{more}",
            )
            self._lines.append(Line(begin, words))
        for begin, end in self._dark:
            lost.bars.append(self._bar(begin, end, "lost", gettext("not watching")))
            words = gettext("Nothing could be heard until {time}")
            words = words.format(time=f"{end.astimezone(self._zone):%H:%M:%S}")
            self._lines.append(Line(begin, words))
        self._rows += [row for row in (pauses, lost) if row.bars]
        if not lost.bars:
            self._said.append(gettext("watched all the time in its hours, as far as it is known"))

    def done(self) -> Evening:
        y = 0.0
        for row in self._rows:
            row.y = y + 18
            y = row.y + row.height + 8
        hour, ticks = self._window.since, []
        step = 1 if self._window.hours == "evening" else 2 if self._window.hours == "night" else 3
        while hour <= self._window.until:
            word = f"{hour.astimezone(self._zone):%H}"
            ticks.append((self._x(hour), word))
            hour += timedelta(hours=step)
        inside = [line for line in self._lines if self._within(line.at)]
        now = self._tx.now
        return Evening(
            self._window,
            self._rows,
            ticks,
            y + 18,
            sorted(inside, key=lambda line: line.at),
            "; ".join(self._said),
            self._x(now) if self._within(now) else None,
        )

    def _there(self, item: Stood) -> tuple[datetime, datetime]:
        begin = max(item.since, self._window.since)
        return begin, max(begin, min(item.until or self._end, self._end))

    def _within(self, at: datetime) -> bool:
        return self._window.since <= at <= self._window.until

    def _x(self, at: datetime) -> float:
        length = (self._window.until - self._window.since).total_seconds()
        share = (at - self._window.since).total_seconds() / length
        return round(min(max(share, 0.0), 1.0) * WIDTH, 1)

    def _bar(self, begin: datetime, end: datetime, pattern: str, word: str) -> Bar:
        x = self._x(begin)
        width = round(max(self._x(end) - x, 1.5), 1)
        return Bar(x, width, pattern, word if width > 8 * len(word) else "")

    def _line(self, heard: Sequence[tuple[datetime, float]], low: float, high: float) -> str:
        """Of each place on the axis the first, least, most and last value: a day is 50 kB less."""
        places: dict[float, list[float]] = {}
        for at, value in heard:
            places.setdefault(round(self._x(at)), []).append(value)
        points = []
        for x, values in places.items():
            told = dict.fromkeys((values[0], min(values), max(values), values[-1]))
            points += [f"{x:g},{_height(value, low, high):.1f}" for value in told]
        return " ".join(points)


def _changes(heard: Iterable[tuple[datetime, float]]) -> list[tuple[datetime, bool]]:
    found: list[tuple[datetime, bool]] = []
    for at, value in heard:
        if not found or found[-1][1] != bool(value):
            found.append((at, bool(value)))
    return found


def _limit(item: Stood, book: Rulebook) -> tuple[float | None, str]:
    """Where the rules draw the line for such a sensor, and what the line says."""
    if item.mount is Mount.ROOM_AIR:
        return book.room_too_cold.limit_c, gettext("too cold below {celsius} °C").format(
            celsius=f"{book.room_too_cold.limit_c:g}"
        )
    if item.mount is None:
        return None, ""
    limit = book.hot_surface.limit_c
    if item.mount is Mount.ACCESSIBLE_FACE:
        return limit, gettext("limit {celsius} °C").format(celsius=f"{limit:g}")
    return limit, gettext("{celsius} °C: normal under a good cover").format(celsius=f"{limit:g}")


def _height(value: float, low: float, high: float) -> float:
    return round(PLOT - 4 - (value - low) / (high - low) * (PLOT - 8), 1)


def _words(name: str) -> str:
    words = said(str(name).replace("-", " ").replace("_", " "))
    return words[:1].upper() + words[1:]
