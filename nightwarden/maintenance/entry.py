"""Entering a check: what the answers come to, and all that follows, in one transaction.

1. The same key again is the same check: a phone that was cut off may send it as often as it likes.
2. Each failed answer opens a fault. A cover's state is its confirmation as well.
3. A cover that measured too hot is not confirmed in place until it has measured well (H13).
4. A press test is closed by a reading of the item's device, near the time at which somebody says
   that they pressed; without one there is no check.
5. What was kept on a phone may come late. If the item was moved, retired or checked again
   meanwhile, the check is kept as it was made, with a remark, and the person is told; it then
   confirms nothing about the present.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.maintenance.presses import press_near
from nightwarden.model import claims
from nightwarden.model.checks import CheckKind, CheckOutcome, Judged
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind, ItemState, PlaceId
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import audit, check_rounds, checks, faults, meta, outgoing, register, upkeep
from nightwarden.store.engine import Transaction
from nightwarden.store.sign_off import too_hot
from nightwarden.store.tables import Equipment, ItemCheck
from nightwarden.wire import rfc3339
from rules.checks import judge, kinds_of_check

OLDEST = timedelta(days=14)
"""A check that a phone has kept for longer is written on paper by now, or forgotten."""

CLOCK_SLACK = timedelta(minutes=2)
KEY_MAX = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person sends. ``at`` None is now; ``place`` is where their page said it stood."""

    key: str
    equipment: str
    kind: CheckKind
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    at: datetime | None = None
    place: PlaceId | None = None
    round: int | None = None
    kept_offline: bool = False


def enter(tx: Transaction, entry: Entry, actor: str) -> ItemCheck:
    """Enter a check by ``actor``, who did it.

    Raises:
        NotFound: there never was such an item.
        Invalid: an answer, a time or the kind of check will not do.
        Conflict: nothing was heard of the press, or the key is another check's.
    """
    key = _key(entry.key)
    item = _item(tx, entry.equipment)
    judged = _judged(tx, item.kind, entry)
    if (kept := checks.by_key(tx, key)) is not None:
        same = (kept.equipment, kept.kind, kept.by) == (item.tag, entry.kind.value, actor)
        if not same or kept.answers != judged.answers:
            raise Conflict("Something else was sent with this key; open the page again.")
        return kept
    at, remarks = _claimed(tx, entry.at)
    proved_at = press_near(tx, item.tag, at) if entry.kind is CheckKind.PRESS else None
    stands = _stands(entry, item, remarks)
    later = checks.latest(tx, item.tag, entry.kind)
    overtaken = later is not None and later.at > at
    if overtaken and later is not None:
        by, again_at = later.by, rfc3339(later.at)
        remarks.append(phrase(f"{by} checked it again at {again_at}, which counts for the present"))
    mended_since = overtaken and later is not None and later.outcome == CheckOutcome.PASSED
    opened = [] if mended_since or item.retired else _open_faults(tx, item.tag, judged, actor)
    judged = _signed_off(tx, item, judged, remarks)
    place = entry.place or item.place
    check = checks.add(
        tx,
        ItemCheck(
            key=key,
            equipment=item.tag,
            room=place.room if place else None,
            place=place.place if place else None,
            kind=entry.kind.value,
            outcome=judged.outcome.value,
            answers=dict(judged.answers),
            note=_note(entry.note),
            by=actor,
            at=at,
            recorded_at=tx.now,
            kept_offline=entry.kept_offline,
            round=entry.round,
            proved_at=proved_at,
            faults=opened,
            remark="; ".join([*filter(None, [judged.why]), *remarks]) or None,
        ),
    )
    if judged.found is not None and stands and not overtaken:
        _confirm(tx, check, judged.found, actor)
    if entry.round is not None:
        check_rounds.scan(tx, entry.round, item.tag, f"{key}.round"[-KEY_MAX:], actor, at, place)
    _tell(tx, check, actor)
    return check


@dataclass(frozen=True, slots=True)
class _Checked:
    """The item as it is now, retired or not."""

    tag: str
    kind: EquipmentKind
    place: PlaceId | None
    placed_at: datetime | None
    retired: bool


def _item(tx: Transaction, tag: str) -> _Checked:
    row = tx.get(Equipment, tag)
    if row is None:
        raise NotFound(f'There is no equipment "{tag}".')
    kind = EquipmentKind(row.kind)
    if row.removed_at is not None:
        return _Checked(tag, kind, None, None, retired=True)
    item = register.item(tx, tag)
    return _Checked(tag, kind, item.place, item.placed_at, retired=False)


def _claimed(tx: Transaction, at: datetime | None) -> tuple[datetime, list[str]]:
    """When it was done, as they say; a clock that is ahead costs the claim, not the check."""
    if at is None:
        return tx.now, []
    at = at.astimezone(UTC)
    if at > tx.now + CLOCK_SLACK:
        claimed = rfc3339(at)
        return tx.now, [phrase(f"the phone's clock said {claimed}, which had yet to come")]
    if at < tx.now - OLDEST:
        raise Invalid(f"at: a check is entered within {OLDEST.days} days; do it again.")
    return min(at, tx.now), []


def _judged(tx: Transaction, kind: EquipmentKind, entry: Entry) -> Judged:
    if entry.kind not in kinds_of_check(kind):
        raise Invalid(f"A {kind.replace('_', ' ')} has no {entry.kind.replace('_', ' ')} check.")
    limit_c = load_rules(tx).book.hot_surface.limit_c
    try:
        return judge(kind, entry.kind, entry.answers, limit_c)
    except ValueError as problem:
        sentence = str(problem)
        raise Invalid(f"{sentence[:1].upper()}{sentence[1:]}.") from None


def _stands(entry: Entry, item: _Checked, remarks: list[str]) -> bool:
    """Whether what was found still speaks of the item where it stands."""
    if item.retired:
        remarks.append(phrase("it had been taken out of use before this was sent"))
        return False
    if entry.place is not None and entry.place != item.place:
        there, now = entry.place, item.place or phrase("in the store cupboard")
        remarks.append(phrase(f"it was checked at {there} and is {now} now"))
        return False
    if entry.at is not None and item.placed_at is not None and entry.at < item.placed_at:
        remarks.append(phrase("it was put where it stands after this check was made"))
        return False
    return True


def _signed_off(tx: Transaction, item: _Checked, judged: Judged, remarks: list[str]) -> Judged:
    if judged.found is not ItemState.IN_PLACE or item.retired:
        return judged
    if (hot := too_hot(tx, item.tag)) is None:
        return judged
    remarks.append(phrase(f"not signed off: {hot}"))
    return Judged(CheckOutcome.FAILED, judged.answers, judged.faults, judged.why, None)


def _open_faults(tx: Transaction, tag: str, judged: Judged, actor: str) -> list[int]:
    said = (f"{what[:1].upper()}{what[1:]}" for what in judged.faults)
    opened = [faults.report(tx, tag, what, None, faults.Reporter(actor)) for what in said]
    tx.flush()
    return [fault.id for fault in opened if fault.id is not None]


def _confirm(tx: Transaction, check: ItemCheck, found: ItemState, actor: str) -> None:
    zone = meta.zone(tx)
    day = check.at.astimezone(zone).date()
    upkeep.confirm(tx, check.equipment, found, actor, day, check.note, actor)


def _tell(tx: Transaction, check: ItemCheck, actor: str) -> None:
    detail = {
        "check": check.kind,
        "outcome": check.outcome,
        "answers": check.answers,
        "at": rfc3339(check.at),
        "kept_offline": check.kept_offline,
        "faults": check.faults,
        "remark": check.remark,
    }
    audit.record(tx, actor, "checked", f"equipment {check.equipment}", detail)
    line = {"id": check.id, "equipment": check.equipment, "room": check.room, "place": check.place}
    outgoing.stream(tx, "check", line | {"kind": check.kind, "outcome": check.outcome})


def _note(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    try:
        return claims.text(text)
    except ValueError as problem:
        raise Invalid(f"The note {problem}.") from None


def _key(key: str) -> str:
    if not 8 <= len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
        raise Invalid(f"key: 8 to {KEY_MAX} letters, digits or signs, another one for each check.")
    return key
