"""The alerts of a night against the truth.

1. An *exit* is a time out of bed that begins in the hours in which the bed is watched, and not
   while a carer has paused it. It was
   *noticed* when a ``bed_exit`` of that bed was raised, or opened again, before the return, or
   stood open with its cause from before. What counts is the calling: an alert that comes when the
   resident is back is none.
2. One that was not noticed is *missed* when the mat was heard to say that it is empty: that is the
   product's fault. Else the mat had no power (*mute*; *shown* when a ``device_silent`` stood then)
   or did not let go (*not sensed*): no message could tell.
3. A *false alert* is a ``bed_exit`` that was raised or opened again while the resident lay in bed,
   as they had for 5 seconds before and do for 5 seconds after: a bounce, a moment's loss. While
   they turn over, or sit on the edge, it is *early*, and true of the mat.
4. *Seconds to the bedside* are from the foot on the floor until somebody is in the room; 0 when a
   carer was there already. Nobody within half an hour is *nobody came*.
5. A *hot surface* is one within reach at 43 °C or more for longer than the rules' hold time and a
   minute, or at 50 °C or more. It was known when a ``hot_surface`` of that place, or a
   ``circuit_hot`` of its circuit, stood or was raised until then; *seconds to know* are from its
   first 43 °C. Without a sensor it is *unwatched*: no message could tell.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nightwarden.model.alerts import AlertEvent, AlertKind
from nightwarden.model.places import PlaceId
from nightwarden.nights.desk import Desk, Kept
from nightwarden.nights.night import Played
from nightwarden.nights.truth import Absence, HotSpell, Sleeper, Truth
from rules.circuits import CIRCUITS
from simulators.residents import Whereabouts

CALLS = (AlertEvent.RAISED, AlertEvent.REOPENED, AlertEvent.WORSENED)
MARGIN = timedelta(seconds=5)
COMES_WITHIN = timedelta(minutes=30)
TOLD_WITHIN = timedelta(seconds=2)
"""A mat that says so in the second in which the resident is back says it too late for anybody."""


@dataclass(slots=True)
class Score:
    """Counts of one night, or of many. Lengths are seconds."""

    nights: int = 0
    bed_nights: int = 0
    exits: int = 0
    paused: int = 0
    missed: int = 0
    not_sensed: int = 0
    mute: int = 0
    mute_and_shown: int = 0
    false_alerts: int = 0
    early: int = 0
    to_alert: list[float] = field(default_factory=list)
    to_bedside: list[float] = field(default_factory=list)
    nobody_came: int = 0
    falls: int = 0
    on_the_floor: list[float] = field(default_factory=list)
    hot: int = 0
    hot_missed: int = 0
    hot_unwatched: int = 0
    to_know_of_heat: list[float] = field(default_factory=list)
    false_heat: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    readings: int = 0
    not_believed: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    """What was missed, one line each."""

    def add(self, other: "Score") -> None:
        """One more night, or several."""
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            elif isinstance(mine, list):
                mine.extend(theirs)
            else:
                setattr(self, name, mine + theirs)

    @property
    def false_a_bed_and_night(self) -> float:
        """False alerts of beds, per bed and night."""
        return self.false_alerts / self.bed_nights if self.bed_nights else 0.0


def score(played: Played) -> Score:
    """The score of one night."""
    truth, desk = played.truth, played.desk
    found = Score(
        nights=1,
        bed_nights=len(truth.sleepers),
        messages=played.messages,
        readings=desk.readings,
        not_believed=Counter(desk.not_believed),
    )
    for kept in desk.alerts.values():
        found.kinds[kept.alert.cause.kind.value] += len(kept.times(*CALLS))
    judge = _Judge(played, found)
    for sleeper in truth.sleepers:
        judge.bed(sleeper)
    for spell in truth.hot:
        judge.heat(spell)
    judge.false_heat()
    return found


def share(lengths: Sequence[float], part: float) -> float:
    """The length that ``part`` of all do not exceed (0.5: the median); 0 where there are none."""
    ordered = sorted(lengths)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


class _Judge:
    def __init__(self, played: Played, found: Score) -> None:
        self._truth: Truth = played.truth
        self._desk: Desk = played.desk
        self._book = played.desk.engine.book
        self._home = played.home
        self._night = played.night
        self._found = found

    # --- beds ----------------------------------------------------------------------

    def bed(self, sleeper: Sleeper) -> None:
        """One bed's night."""
        found, place = self._found, sleeper.mat.place
        alerts = [*self._of(AlertKind.BED_EXIT, place)]
        calls = sorted(at for kept in alerts for at in kept.times(*CALLS))
        for absence in sleeper.absences(self._truth.end, self._home):
            self._exit(sleeper, absence, alerts, calls)
        for at in calls:
            if sleeper.in_bed_between(at - MARGIN, at + MARGIN):
                found.false_alerts += 1
            elif sleeper.at(at) in (Whereabouts.LIFTED, Whereabouts.EDGE):
                found.early += 1

    def _exit(
        self,
        sleeper: Sleeper,
        absence: Absence,
        alerts: Sequence[Kept],
        calls: Sequence[datetime],
    ) -> None:
        found = self._found
        pauses = self._desk.engine.plan.pauses
        if any(p.place == absence.place and p.since <= absence.since < p.until for p in pauses):
            found.paused += 1
            return
        found.exits += 1
        self._who_came(absence)
        first = bisect_left(calls, absence.since)
        while first and sleeper.sat_before(absence.since, calls[first - 1]):
            first -= 1  # it called when they sat up, and stood when they left
        if first < len(calls) and calls[first] <= absence.until:
            late = (calls[first] - absence.since).total_seconds()
            found.to_alert.append(max(0.0, late))
        elif any(_stood(kept, absence.since) for kept in alerts):
            found.to_alert.append(0.0)
        elif self._was_told(absence):
            found.missed += 1
            self._remark(absence, "the mat said that it is empty, and no bed_exit was raised")
        elif any(c.since <= absence.until and absence.since <= c.until for c in sleeper.cuts):
            found.mute += 1
            silent = self._of(AlertKind.DEVICE_SILENT, absence.place)
            found.mute_and_shown += any(_stood(kept, absence.since) for kept in silent)
        else:
            found.not_sensed += 1

    def _was_told(self, absence: Absence) -> bool:
        said = self._desk.said_empty.get(absence.place, [])
        first = bisect_left(said, absence.since)
        return first < len(said) and said[first] < absence.until - TOLD_WITHIN

    def _who_came(self, absence: Absence) -> None:
        found, waits = self._found, self._alone_for(absence.resident.room, absence.since)
        if waits is not None and waits <= COMES_WITHIN.total_seconds():
            found.to_bedside.append(waits)
        else:
            found.nobody_came += 1
        if absence.fell_at is not None:
            found.falls += 1
            waits = self._alone_for(absence.resident.room, absence.fell_at)
            lay = (absence.until - absence.fell_at).total_seconds()
            found.on_the_floor.append(lay if waits is None else waits)

    def _alone_for(self, room: str, since: datetime) -> float | None:
        """Seconds until somebody was in the room; 0 when somebody was already."""
        for one in self._truth.visits:
            if one.room == room and (one.until is None or one.until >= since):
                return max(0.0, (one.at - since).total_seconds())
        return None

    # --- heat ----------------------------------------------------------------------

    def heat(self, spell: HotSpell) -> None:
        """One surface that was hot and within reach."""
        found, hot = self._found, self._book.hot_surface
        long = spell.until - spell.since >= hot.hold + timedelta(minutes=2)
        if not long and spell.highest < hot.at_once_c + 1:
            return
        if not spell.watched:
            found.hot_unwatched += 1
            return
        found.hot += 1
        plant = PlaceId(CIRCUITS, self._home.circuits.get(spell.place, ""))
        alerts = [*self._of(AlertKind.HOT_SURFACE, spell.place)]
        alerts += self._of(AlertKind.CIRCUIT_HOT, plant)
        calls = sorted(at for kept in alerts for at in kept.times(*CALLS))
        first = bisect_left(calls, spell.since)
        if first < len(calls) and calls[first] <= spell.until + hot.hold:
            found.to_know_of_heat.append((calls[first] - spell.since).total_seconds())
        elif any(_stood(kept, spell.since) for kept in alerts):
            found.to_know_of_heat.append(0.0)
        else:
            found.hot_missed += 1
            self._found.remarks.append(
                f"{self._night}: {spell.place} was at {spell.highest:.0f} °C from"
                f" {self._wall(spell.since)} to {self._wall(spell.until)}, and nothing was raised"
            )

    def false_heat(self) -> None:
        """Hot surfaces that were raised and were not."""
        for kept in self._kept(AlertKind.HOT_SURFACE):
            spells = [one for one in self._truth.hot if one.place == kept.alert.cause.place]
            for at in kept.times(*CALLS):
                near = timedelta(minutes=10)
                if not any(one.since - near <= at <= one.until + near for one in spells):
                    self._found.false_heat += 1

    # --- inside --------------------------------------------------------------------

    def _kept(self, kind: AlertKind) -> Iterator[Kept]:
        return (kept for kept in self._desk.alerts.values() if kept.alert.cause.kind is kind)

    def _of(self, kind: AlertKind, place: PlaceId) -> Iterable[Kept]:
        return (kept for kept in self._kept(kind) if kept.alert.cause.place == place)

    def _wall(self, at: datetime) -> str:
        return f"{at.astimezone(self._home.zone):%H:%M:%S}"

    def _remark(self, absence: Absence, what: str) -> None:
        span = f"{self._wall(absence.since)} to {self._wall(absence.until)}"
        self._found.remarks.append(f"{self._night}: {absence.place}, out from {span}: {what}")


def _stood(kept: Kept, at: datetime) -> bool:
    """Whether an alert was open at an instant, with its cause."""
    raised = kept.times(*CALLS)
    ended = kept.times(AlertEvent.CAUSE_CLEARED, AlertEvent.CLOSED)
    before = [one for one in raised if one <= at]
    return bool(before) and not any(max(before) <= one <= at for one in ended)
