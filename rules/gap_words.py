"""Whose a gap is, what ends it, and what people have said of it.

1. Every gap has an owner: the role that can take the next step, until somebody is named.
2. A gap ends by evidence: a live reading, a confirmation at the item, a record. No tick ends one.
3. A manager may decide that a gap stays for a time. It is a gap all the same, stands below those
   that nobody has decided on, and says who decided, why, and when it is looked at again. From the
   day after that one it counts as if nobody had decided.
4. What was said is said of that gap alone: when it has gone and comes again, or is another state,
   it is new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nightwarden.model.papers import GapKey, GapWord
from nightwarden.model.phrases import phrase
from nightwarden.model.places import WATCHES_A_PERSON, GapState
from nightwarden.model.plan import Gap
from rules.beside_requirements import midnight

MAINTENANCE, MANAGER, SHIFT = "maintenance", "manager", phrase("carer on shift")

_OWNERS = {
    GapState.MISSING: MAINTENANCE,
    GapState.FAULTY: MAINTENANCE,
    GapState.NO_NIGHT_PLAN: MANAGER,
    GapState.NO_ESCALATION: MANAGER,
    GapState.UNASSESSED: MANAGER,
    GapState.PAST_END_DATE: MAINTENANCE,
    GapState.WRONG_ROOM: SHIFT,
    GapState.UNVERIFIED: MAINTENANCE,
    GapState.CONSENT_MISSING: MANAGER,
    GapState.PAST_SERVICE_LIFE: MAINTENANCE,
    GapState.REVIEW_OVERDUE: MANAGER,
    GapState.UNDOCUMENTED: MANAGER,
}
_CLOSES = {
    GapState.NO_NIGHT_PLAN: phrase("an assessment or a requirement"),
    GapState.NO_ESCALATION: phrase("rules or a person that answers"),
    GapState.UNASSESSED: phrase("an assessment at the emitter"),
    GapState.PAST_END_DATE: phrase("the item taken away, or a new end date"),
    GapState.WRONG_ROOM: phrase("a move"),
    GapState.CONSENT_MISSING: phrase("a record of consent or best interests"),
    GapState.PAST_SERVICE_LIFE: phrase("a new item in its place"),
    GapState.REVIEW_OVERDUE: phrase("a new review"),
    GapState.UNDOCUMENTED: phrase("a requirement, or the item taken away"),
}
_LIVE, _CONFIRMED = phrase("a live reading"), phrase("a confirmation at the item")


def spoken_for(
    found: Iterable[Gap], words: Sequence[GapWord], zone: ZoneInfo, now: datetime
) -> list[Gap]:
    """The gaps with their owners, what ends them, and the decisions in force at ``now``."""
    said: dict[GapKey, list[GapWord]] = {}
    for word in words:
        said.setdefault(word.key, []).append(word)
    return [_with_words(gap, said.get(key_of(gap), []), zone, now) for gap in found]


def key_of(gap: Gap) -> GapKey:
    """What names a gap."""
    return GapKey(gap.place, gap.needs, gap.state, gap.equipment)


def closes_by(gap: Gap) -> str:
    """What ends a gap."""
    if gap.state in _CLOSES:
        return _CLOSES[gap.state]
    return _LIVE if gap.needs in _SPEAKS else _CONFIRMED


def _with_words(gap: Gap, words: Sequence[GapWord], zone: ZoneInfo, now: datetime) -> Gap:
    owner, decision, because = _owner(gap), None, gap.because
    for word in words:
        if word.at < gap.since:
            continue  # it was said of another time
        owner = word.owner or owner
        if word.decision is not None:
            decision = word.decision
    if decision is not None and midnight(decision.review_by, zone) + timedelta(days=1) <= now:
        day = f"{decision.review_by:%-d %b %Y}"
        because = phrase(f"{because} (the decision of {decision.by} ran out on {day})")
        decision = None
    return replace(gap, owner=owner, closes_by=closes_by(gap), decision=decision, because=because)


def _owner(gap: Gap) -> str:
    """A mat is pressed by whoever is there; a cover is seen to by maintenance."""
    if gap.state is GapState.UNVERIFIED and gap.needs in WATCHES_A_PERSON:
        return SHIFT
    return _OWNERS[gap.state]


_SPEAKS = WATCHES_A_PERSON | {"temperature_sensor", "cover_switch", "hub"}
