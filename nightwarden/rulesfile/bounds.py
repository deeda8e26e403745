"""How far a setting may go, and why no further.

A bound is there to catch a slip of the finger (``50`` for ``5``, minutes for seconds) and a number
that would switch a watch off while the board still says that it watches. It is not advice: the
home's own assessment is. A setting that is not named here has the bound of its
field's name, or else of its kind.
"""

from datetime import timedelta
from typing import NamedTuple

Value = timedelta | float | int | bool | str


class Bound(NamedTuple):
    """``least`` to ``most``, both allowed; ``why`` completes "…, because"."""

    least: timedelta | float
    most: timedelta | float
    why: str


def _seconds(least: float, most: float, why: str) -> Bound:
    return Bound(timedelta(seconds=least), timedelta(seconds=most), why)


_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_ANY_TEMPERATURE = Bound(-10.0, 100.0, "no room and no heat emitter of a home is outside it")
_PER_CENT = Bound(0.0, 100.0, "it is a share of a hundred")
_ANY_NUMBER = Bound(0.0, 1_000.0, "it counts things that happen in a home")
_ANY_TIME = _seconds(0, 366 * _DAY, "what takes longer than a year never happens")

_NAMED = {
    "not_back_in_bed.after": _seconds(
        _MINUTE, _HOUR, "a fall must not lie unseen, and a visit to the toilet takes a minute"
    ),
    "hot_surface.limit_c": Bound(
        30.0, 60.0, "a warm hand reaches 30 °C, and 60 °C burns within seconds"
    ),
    "hot_surface.clear_c": Bound(25.0, 60.0, "a room alone reaches less, and 60 °C burns"),
    "hot_surface.at_once_c": Bound(
        35.0, 70.0, "what is hotter than 70 °C burns before anybody can be there"
    ),
    "hot_surface.hold": _seconds(0, 30 * _MINUTE, "a person may be leaning on it all that time"),
    "hot_surface.jump_c": Bound(
        5.0, 60.0, "a smaller step is ordinary, and a larger one lets a sensor's false value pass"
    ),
    "hot_surface.cooling_c": Bound(
        0.5, 20.0, "a sensor's noise is less, and a radiator that was turned off loses no more"
    ),
    "required_not_in_place.confirmation_holds": _seconds(
        _DAY, 366 * _DAY, "a cover that nobody has seen for a year may be anywhere"
    ),
    "room_too_cold.limit_c": Bound(10.0, 22.0, "it is about a room that a person lives in"),
    "room_too_hot.limit_c": Bound(22.0, 35.0, "it is about a room that a person lives in"),
    "missed_floor_mat.within": _seconds(
        5, 5 * _MINUTE, "later than that it was somebody else, or another way"
    ),
    "missed_floor_mat.in_a_row": Bound(1.0, 20.0, "more than that is a mat that is not looked at"),
    "out_of_bed_often.nights": Bound(3.0, 60.0, "what was usual a season ago is not usual now"),
    "out_of_bed_often.known_nights": Bound(3.0, 60.0, "two nights say nothing of what is usual"),
    "out_of_bed_often.at_least": Bound(2.0, 50.0, "once a night is nobody's question"),
    "out_of_bed_often.more_than": Bound(0.0, 50.0, "it counts exits of one night"),
    "circuit_hot.limit_c": Bound(60.0, 95.0, "60 to 80 °C are normal there, and water boils"),
    "circuit_hot.emitters": Bound(2.0, 100.0, "one alone says nothing of its circuit"),
    "nobody_listening.at_least": Bound(
        1.0, 50.0, "a home in which nobody need listen has no alarm"
    ),
    "nobody_listening.after": _seconds(
        20, 30 * _MINUTE, "a page takes some seconds to load, and nobody is heard meanwhile"
    ),
    "nobody_answers.after": _seconds(
        5 * _MINUTE, 4 * _HOUR, "a round of care takes some minutes, and a shift must not pass"
    ),
    "battery_low.trend_over": _seconds(
        3 * _DAY, 180 * _DAY, "a battery wanders within days, and lasts a year or so"
    ),
    "battery_low.trend_reports": Bound(3.0, 180.0, "two reports make a line of anything"),
    "battery_low.ahead_last": _seconds(
        _HOUR, 30 * _DAY, "somebody must have the time to change it"
    ),
    "clock_drift.limit": _seconds(1, _HOUR, "a message takes a moment, and an hour is a zone"),
    "clock_drift.times": Bound(1.0, 1_000.0, "it counts rounds of ten minutes"),
    "reading_implausible.readings": Bound(2.0, 200.0, "one doubted reading is nobody's fault"),
    "reading_frozen.after": _seconds(
        _DAY, 31 * _DAY, "a well kept room may say the same for half a day"
    ),
    "flapping_lead.losses": Bound(2.0, 100.0, "one loss alone says nothing of a lead"),
    "not_armed_after_care.after": _seconds(
        _MINUTE, 30 * _MINUTE, "somebody may be lying there with nothing that watches"
    ),
    "round_missed.after": _seconds(
        0, 10 * _MINUTE, "nothing else watches there, and a look is due every 15 minutes"
    ),
    "round_missed.ask_again": _seconds(_MINUTE, 15 * _MINUTE, "nothing else watches there"),
    "mains_lost.after": _seconds(0, 10 * _MINUTE, "call bells are dead meanwhile"),
    "untested_after_service.after": _seconds(
        _MINUTE, 12 * _HOUR, "the first night after the work must not be the test"
    ),
    "mats_silent_together.mats": Bound(2.0, 50.0, "one mat alone is its own alert"),
    "permit_overdue.after": _seconds(
        0, 4 * _HOUR, "what is hot under a cover that is off can be touched all that time"
    ),
    "fault_again.within": _seconds(
        _DAY, 366 * _DAY, "what was reported in another year is not looked at again"
    ),
    "heater_overdue.after": _seconds(
        0, 4 * _HOUR, "a heater that nobody looks after can burn all that time"
    ),
    "escalation.acceptance_holds": _seconds(
        30, 30 * _MINUTE, "a person needs time to walk there, and must not be waited for in vain"
    ),
    "after_fall.due_within": _seconds(
        _HOUR, 14 * _DAY, "what nobody remembers cannot be reviewed any more"
    ),
    "after_fall.similar_within": _seconds(
        _DAY, 2 * 366 * _DAY, "it is about the same way of living in the same room"
    ),
    "coverage.target_percent": Bound(
        50.0, 100.0, "a bed that is watched half of its hours is not a watched bed"
    ),
    "escalation.reminder_to_close": _seconds(_MINUTE, 4 * _HOUR, "it is for the same shift"),
}
_BY_FIELD = {
    "dwell": _seconds(0, 10 * _MINUTE, "later than that nobody is caught on the way"),
    "offline_grace": _seconds(0, 10 * _MINUTE, "nobody watches there in the meantime"),
    "ask_again": _seconds(
        _MINUTE, 7 * _DAY, "a closed alert must not come back at once, nor be forgotten for a week"
    ),
    "told_at": _seconds(0, _DAY - _MINUTE, "it is a time of the day"),
    "within": _seconds(_MINUTE, _DAY, "it counts what happens close together"),
    "steady_for": _seconds(_MINUTE, _DAY, "a mended lead must be told from a quiet one"),
    "hold": _seconds(0, 6 * _HOUR, "what has gone on for half a shift must have been told"),
}
_HIGH_LADDER = _seconds(5, 30 * _MINUTE, "a person may be on the floor")
_LADDER = _seconds(5, _DAY, "it must be answered within a day")


def bound_of(name: str, default: Value) -> Bound | None:
    """The bound of the setting ``name`` (``hot_surface.limit_c``); None where there is none."""
    if isinstance(default, bool | str):
        return None
    if name in _NAMED:
        return _NAMED[name]
    if (of_field := _BY_FIELD.get(name.rpartition(".")[2])) is not None:
        return of_field
    if name.startswith("escalation.high."):
        return _HIGH_LADDER
    if name.startswith("escalation."):
        return _LADDER
    if isinstance(default, timedelta):
        return _ANY_TIME
    if name.endswith("_c"):
        return _ANY_TEMPERATURE
    return _PER_CENT if name.endswith("_percent") else _ANY_NUMBER


def named() -> frozenset[str]:
    """Every setting that has a bound of its own."""
    return frozenset(_NAMED)
