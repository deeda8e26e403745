"""How often a device must speak and prove itself: a proposal, with its reason in words.

Proposed for a device that is about to be bound, from its dialect's usual and from what was heard of
it. A person may set anything else. The policy:

1. **It repeats itself** (it has said the same again at least four times): three times the longest
   of its latest silences, so that two lost messages are no alert, rounded up to whole minutes and
   within 1 min and 1 day. On a battery never less than its dialect's usual: what was seen within an
   hour says little of a sensor that sleeps at night.
2. **It was heard too little to tell**: its dialect's usual.
3. **It speaks only when something changes**: no silence of it means anything. Where its bridge or
   broker says that it has gone, the usual interval stands behind that word. Else a day, and it is
   said in plain words that only a press test finds it unplugged.
"""

from datetime import timedelta
from typing import NamedTuple

from nightwarden.model.pace import Pace
from nightwarden.model.phrases import by_number, phrase
from nightwarden.model.places import EquipmentKind
from rules.wording import kind_words

SHORTEST_S, LONGEST_S = 60, 86_400
ENOUGH = 4
"""Messages that said nothing new, and silences between messages, before its rhythm is believed."""

_DAY_S = 86_400
_PROOF_DAYS = {
    EquipmentKind.BED_MAT: (1, phrase("a bed is used every day")),
    EquipmentKind.CHAIR_MAT: (2, phrase("a chair may stay empty for a day")),
    EquipmentKind.FLOOR_MAT: (
        7,
        phrase("nobody steps on it in a quiet week: press it once a week"),
    ),
    EquipmentKind.CALL_BUTTON: (7, phrase("it may not be needed for long: press it once a week")),
    EquipmentKind.TEMPERATURE_SENSOR: (1, phrase("a room and its heating warm and cool every day")),
    EquipmentKind.COVER_SWITCH: (
        31,
        phrase("a cover stays shut: open it once a month to try the switch"),
    ),
    EquipmentKind.HUB: (31, phrase("a hub proves itself by what is heard through it")),
}


class Proposal(NamedTuple):
    """Seconds, and why so many."""

    seconds: int
    why: str


class Seen(NamedTuple):
    """What was heard of a device: its pace, whether it runs on a battery and has a link word."""

    pace: Pace
    battery: bool = False
    link: bool = False

    @property
    def speaks_only_when_it_changes(self) -> bool:
        """Heard often enough, and it never once said the same again."""
        return self.pace.messages > ENOUGH and not self.pace.beats


def supervision(dialect: str, usual_s: int, seen: Seen) -> Proposal:
    """Within how many seconds it must speak, or be raised as silent.

    Args:
        dialect: the name of its language.
        usual_s: what devices of this dialect are usually asked for.
        seen: what was heard of it.
    """
    pace = seen.pace
    if pace.beats >= ENOUGH and len(pace.gaps_s) >= ENOUGH:
        return _by_its_rhythm(dialect, usual_s, seen)
    if not seen.speaks_only_when_it_changes:
        n = pace.messages
        why = by_number(
            n,
            f"usual for {dialect}; {n} message heard, too few to tell its rhythm",
            f"usual for {dialect}; {n} messages heard, too few to tell its rhythm",
        )
        return Proposal(usual_s, why)
    if seen.link:
        why = phrase(
            "it speaks only when it changes; its bridge says when it has gone, and this is usual "
            f"for {dialect}"
        )
        return Proposal(usual_s, why)
    return Proposal(
        max(usual_s, _DAY_S),
        phrase(
            "it speaks only when it changes: it can be watched for being unplugged only by "
            "pressing it, once a day"
        ),
    )


def proof(kind: EquipmentKind, seen: Seen) -> Proposal:
    """Within how many seconds it must show a real change, or be pressed."""
    words = kind_words(kind)
    days, why = _PROOF_DAYS.get(kind, (1, phrase(f"usual for a {words}")))
    if seen.speaks_only_when_it_changes and not seen.link and days > 1:
        return Proposal(
            _DAY_S, phrase("it is silent by nature: only a press shows that it is there")
        )
    return Proposal(days * _DAY_S, why)


def _by_its_rhythm(dialect: str, usual_s: int, seen: Seen) -> Proposal:
    longest, typical = max(seen.pace.gaps_s), seen.pace.typical_s or 0.0
    minutes = max(1, -(-int(3 * longest) // 60))
    seconds = min(max(minutes * 60, SHORTEST_S), LONGEST_S)
    every, most = span_words(typical), span_words(longest)
    heard = phrase(f"it speaks about every {every}, {most} at the longest")
    if seen.battery and seconds < usual_s:
        why = phrase(f"{heard}; it runs on a battery, and this is usual for {dialect}")
        return Proposal(usual_s, why)
    return Proposal(seconds, phrase(f"{heard}; three times that"))


def span_words(seconds: float) -> str:
    """``20 s``, ``5 min``, ``3 h``."""
    length = timedelta(seconds=seconds)
    if seconds < 1:
        return phrase("second")
    if length < timedelta(minutes=2):
        return f"{seconds:.0f} s"
    if length < timedelta(hours=2):
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
