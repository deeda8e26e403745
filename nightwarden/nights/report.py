"""The score as lines for a person, as JSON, and as the table of docs/nights.md."""

from typing import Any

from nightwarden.nights.score import Score, share
from simulators.profiles import PROFILES


def lines(score: Score) -> list[str]:
    """The report."""
    told = f"{score.missed} missed by the product, {score.not_sensed} that the mat did not sense"
    mute = f"{score.mute} while it had no power ({score.mute_and_shown} of them shown as silent)"
    false = f"{score.false_alerts}, {score.false_a_bed_and_night:.2f} a bed and night"
    heat = f"{score.hot_missed} missed; {score.hot_unwatched} without a sensor, which nothing tells"
    nobody = f"{score.nobody_came} times nobody came within half an hour"
    found = [
        f"{score.nights} nights, {score.bed_nights} bed-nights, {score.messages} messages",
        f"exits from bed      {score.exits}: {told}, {mute}",
        f"  to the alert      {_lengths(score.to_alert)}",
        f"  to the bedside    {_lengths(score.to_bedside)}; {nobody}",
        f"  while paused      {score.paused} more, not counted",
        f"false alerts        {false}; {score.early} while somebody sat on the edge",
        f"falls               {score.falls}; on the floor alone {_lengths(score.on_the_floor)}",
        f"hot surfaces        {score.hot}: {heat}",
        f"  to know of one    {_lengths(score.to_know_of_heat)}; {score.false_heat} false",
    ]
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(score.kinds.items()))
    found.append(f"alerts by kind      {kinds or 'none'}")
    doubts = score.not_believed.most_common(3)
    found += [f"not believed        {count} times: {why}" for why, count in doubts]
    return found + [f"! {remark}" for remark in score.remarks]


def as_json(score: Score) -> dict[str, Any]:
    """The same for programs; lengths in seconds."""
    return {
        "nights": score.nights,
        "bed_nights": score.bed_nights,
        "messages": score.messages,
        "readings": score.readings,
        "exits": {
            "total": score.exits,
            "missed": score.missed,
            "not_sensed": score.not_sensed,
            "mute": score.mute,
            "mute_and_shown": score.mute_and_shown,
            "paused": score.paused,
            "seconds_to_alert": _shares(score.to_alert),
            "seconds_to_bedside": _shares(score.to_bedside),
            "nobody_came": score.nobody_came,
        },
        "false_alerts": {
            "total": score.false_alerts,
            "a_bed_and_night": round(score.false_a_bed_and_night, 3),
            "early": score.early,
        },
        "falls": {"total": score.falls, "seconds_alone": _shares(score.on_the_floor)},
        "hot_surfaces": {
            "total": score.hot,
            "missed": score.hot_missed,
            "unwatched": score.hot_unwatched,
            "seconds_to_know": _shares(score.to_know_of_heat),
            "false": score.false_heat,
        },
        "kinds": dict(sorted(score.kinds.items())),
        "remarks": score.remarks,
    }


def table(score: Score) -> str:
    """The table of docs/nights.md."""
    rows = [line.split("  ", 1) for line in _named(score)]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""])


def residents_table() -> str:
    """How residents sleep, as docs/nights.md has it."""
    head = "| a night | " + " | ".join(one.name for one in PROFILES) + " |"
    rows = [
        ("share of residents", [f"{one.share:.0%}" for one in PROFILES]),
        ("trips", [f"{one.trips_a_night:g}" for one in PROFILES]),
        ("turns over and lifts off the mat", [f"{one.lifts_a_night:g}" for one in PROFILES]),
        ("sits up and lies down again", [f"{one.edges_a_night:g}" for one in PROFILES]),
        ("minutes to fall asleep", [_range(one.onset_min) for one in PROFILES]),
        ("minutes of a trip", [_range(one.trip_min) for one in PROFILES]),
        ("of 100 trips walk about instead", [f"{100 * one.wanders:g}" for one in PROFILES]),
        ("of 100 trips end on the floor", [f"{100 * one.falls:g}" for one in PROFILES]),
    ]
    lines = [head, "|---" * (len(PROFILES) + 1) + "|"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(each)} |" for name, each in rows), ""])


def _range(lengths: tuple[float, float]) -> str:
    return f"{lengths[0]:g} to {lengths[1]:g}"


def _named(score: Score) -> list[str]:
    return [
        f"bed-nights  {score.bed_nights} ({score.nights} nights)",
        f"exits  {score.exits}",
        f"missed by the product  **{score.missed}**",
        f"that the mat did not sense  {score.not_sensed}",
        f"while the mat had no power  {score.mute}, {score.mute_and_shown} of them shown as silent",
        f"false alerts a bed and night  **{score.false_a_bed_and_night:.2f}**",
        f"seconds to the alert  {_lengths(score.to_alert)}",
        f"seconds to the bedside  **{_lengths(score.to_bedside)}**",
        f"exits to which nobody came within half an hour  {score.nobody_came}",
        f"falls; seconds on the floor alone  {score.falls}; {_lengths(score.on_the_floor)}",
        f"hot surfaces within reach, with a sensor  {score.hot}",
        f"missed  **{score.hot_missed}**",
        f"seconds to know of one  {_lengths(score.to_know_of_heat)}",
        f"hot surfaces without a sensor  {score.hot_unwatched}",
    ]


def _lengths(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    median, most, longest = share(seconds, 0.5), share(seconds, 0.95), max(seconds)
    return f"median {median:.1f} s, 95 % within {most:.1f} s, longest {longest:.0f} s"


def _shares(seconds: list[float]) -> dict[str, float]:
    return {
        "median": round(share(seconds, 0.5), 1),
        "p95": round(share(seconds, 0.95), 1),
        "longest": round(max(seconds, default=0.0), 1),
    }
