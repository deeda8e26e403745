"""A silence in sentences, what explains most first; times on the home's wall clock."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from nightwarden.explaining.answers import WhyQuiet
from nightwarden.model.alerts import AlertKind
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind
from nightwarden.model.watches import WatchState
from rules.explaining import WatchWords
from rules.watching import WatchView
from rules.wording import exactly, kind_words, wall_time

_MAIN = {
    EquipmentKind.BED_MAT: AlertKind.BED_EXIT,
    EquipmentKind.CHAIR_MAT: AlertKind.CHAIR_EXIT,
    EquipmentKind.FLOOR_MAT: AlertKind.FLOOR_MAT,
    EquipmentKind.CALL_BUTTON: AlertKind.CALL_BUTTON,
    EquipmentKind.TEMPERATURE_SENSOR: AlertKind.HOT_SURFACE,
}
"""The rule that a person means who asks of such equipment."""


def sentences(answer: WhyQuiet, zone: ZoneInfo, *, now: bool) -> Iterator[str]:
    """What ``answer`` says, in sentences; ``now``: it is about the present."""
    yield from _unwatched(answer, zone, now=now)
    if answer.not_kept:
        yield phrase(
            f"What the rules had in mind then is not kept any more. {answer.not_kept} "
            "Readings, pauses and alerts of the time are below, as far as they are kept."
        )
    yield from _alerts(answer, zone, later=False)
    for state in answer.states:
        yield _state(answer, state, zone)
    if not answer.states and not answer.not_kept:
        yield phrase(
            "Nothing was watched here: no plan asked for it, and no sensor of a surface was here."
        )
    if answer.listening == 0:
        yield phrase("Nobody was listening: no screen, phone or pager could sound an alert.")
    yield from _alerts(answer, zone, later=True)


def _unwatched(answer: WhyQuiet, zone: ZoneInfo, *, now: bool) -> Iterator[str]:
    for span in answer.unwatched:
        if not span.since <= answer.at < span.until:
            continue
        since, until = (exactly(at, zone) for at in (span.since, span.until))
        if now:
            yield phrase(f"The monitor is NOT WATCHING: nothing has been heard since {since}.")
        else:
            yield phrase(
                f"Nobody watched: the monitor could hear nothing from {since} to {until}. "
                "What follows is what it knew last."
            )


def _alerts(answer: WhyQuiet, zone: ZoneInfo, *, later: bool) -> Iterator[str]:
    """The alerts of this very place: those that were open, or those that came ``later``."""
    here = f"{answer.room}/{answer.place}"
    for alert in answer.alerts:
        if alert.place != here or (alert.raised_at > answer.at) is not later:
            continue
        raised, line = exactly(alert.raised_at, zone), alert.text
        if later:
            yield phrase(f"Alert {alert.id} was raised shortly after, at {raised}: {line}.")
        else:
            yield phrase(f"It was not silent: alert {alert.id} was open since {raised}: {line}.")


def _state(answer: WhyQuiet, state: WatchView, zone: ZoneInfo) -> str:
    what = kind_words(state.needs).capitalize()
    main = next((one for one in answer.watches if _MAIN.get(state.needs) in one.kinds), None)
    until = "" if state.until is None else wall_time(state.until, zone)
    why = state.why
    match state.state:
        case WatchState.PAUSED:
            said = phrase(f"paused until {until} by {why}" if until else f"paused by {why}")
        case WatchState.OFF_HOURS:
            said = phrase(f"off hours until {until} ({why})" if until else f"off hours ({why})")
        case WatchState.BLIND:
            said = phrase(f"blind: {why}")
        case WatchState.ARMED:
            said = _nothing_to_raise(answer, main)
    mind = "" if main is None else f" {main.words[:1].upper()}{main.words[1:]}."
    return f"{what}: {said}.{mind}"


def _nothing_to_raise(answer: WhyQuiet, main: WatchWords | None) -> str:
    """What to add of a place that was watched; nothing where an alert was open."""
    here = f"{answer.room}/{answer.place}"
    if any(alert.place == here and alert.raised_at <= answer.at for alert in answer.alerts):
        return phrase("watched")
    waits = main is not None and main.due_at is not None
    return phrase(
        "watched, and had nothing to raise yet" if waits else "watched, and had nothing to raise"
    )
