"""What a scanned label shows: the item, what is due at it, and the forms to enter it."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from api.gaps import judged
from api.pages.check_words import CHECK_WORDS
from api.pages.press_view import RECENT
from api.pages.register_view import RegisterLine, register_lines
from nightwarden import binding
from nightwarden.languages import said
from nightwarden.maintenance.today import due_at, intervals
from nightwarden.model.checks import CheckKind, Question
from nightwarden.model.places import EquipmentKind, PlaceId
from nightwarden.store import check_rounds, photos, printed_labels, register
from nightwarden.store.engine import Transaction
from nightwarden.store.presses import presses, proves_by_press
from nightwarden.store.register import Item
from nightwarden.store.tables import CheckRound, CheckRoundItem, CheckRoundScan, Photo
from rules.checks import questions

PRESSED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class CheckForm:
    """One kind of check of the item: what is asked, and when it is due. ``key`` is this form's."""

    check: CheckKind
    word: str
    questions: tuple[Question, ...]
    key: str
    due_on: date | None
    last_at: datetime | None
    every_days: int
    because: str


@dataclass(frozen=True, slots=True)
class RoundHere:
    """A running check round as it concerns this item."""

    round: CheckRound
    expected: CheckRoundItem | None
    scan: CheckRoundScan | None
    key: str


@dataclass(frozen=True, slots=True)
class LivePress:
    """Whether the item was pressed just now. ``todo`` is what to do to it."""

    item: Item
    todo: str
    pressed_at: datetime | None
    recent: bool


@dataclass(frozen=True, slots=True)
class ScannedItem:
    """The page of an item's label."""

    code: str
    item: Item
    line: RegisterLine | None
    forms: tuple[CheckForm, ...]
    press: LivePress | None
    rounds: tuple[RoundHere, ...]
    photos: list[Photo]


@dataclass(frozen=True, slots=True)
class ScannedPlace:
    """The page of a place's label: what should be there, and the labels of what is."""

    code: str
    place: PlaceId
    lines: list[RegisterLine]
    items: list[tuple[Item, str | None]]


def scanned_item(tx: Transaction, code: str, tag: str) -> ScannedItem:
    """The item as whoever scanned its label sees it.

    Raises:
        NotFound: it is retired.
    """
    item = register.item(tx, tag)
    due = {one.check: one for one in due_at(tx, item)}
    paces = {one.check: one for one in intervals(tx) if one.equipment is item.kind}
    waits = {kind: due[kind].due_on if kind in due else date.max for kind in paces}
    forms = tuple(
        CheckForm(
            check=kind,
            word=CHECK_WORDS[kind],
            questions=questions(item.kind, kind),
            key=new_key(),
            due_on=due[kind].due_on if kind in due else None,
            last_at=due[kind].last_at if kind in due else None,
            every_days=paces[kind].every_days,
            because=paces[kind].because,
        )
        for kind in sorted(paces, key=waits.__getitem__)
        if kind is not CheckKind.PRESS or item.device is not None
    )
    return ScannedItem(
        code=code,
        item=item,
        line=_line_of(tx, item),
        forms=forms,
        press=live_press(tx, item) if CheckKind.PRESS in paces and item.device else None,
        rounds=tuple(_rounds_here(tx, tag)),
        photos=photos.of_item(tx, tag, 6),
    )


def scanned_place(tx: Transaction, code: str, place: PlaceId) -> ScannedPlace:
    """The place with what the register says of it."""
    home = judged(tx)
    lines = [] if home is None else register_lines(home, tx.now, place.room)
    labels = {label.equipment: label.code for label in printed_labels.now(tx)}
    here = [item for item in register.items_now(tx) if item.place == place]
    return ScannedPlace(
        code=code,
        place=place,
        lines=[line for line in lines if line.place == place],
        items=[(item, labels.get(item.tag)) for item in here],
    )


def live_press(tx: Transaction, item: Item) -> LivePress:
    """The last press of the item within the last minutes."""
    until = tx.now + timedelta(microseconds=1)
    heard = presses(tx, item, tx.now - PRESSED_WITHIN, until) if proves_by_press(item) else []
    last = heard[-1] if heard else None
    recent = last is not None and tx.now - last <= RECENT
    return LivePress(item, binding.how_to_prove(item.kind), last, recent)


def new_key() -> str:
    """Another key for another check."""
    return secrets.token_hex(16)


def item_words(kind: EquipmentKind, tag: str) -> str:
    """An item as anybody may read it: ``Radiator cover CVR-0012``."""
    return f"{begun(said(kind.replace('_', ' ')))} {tag}"


def begun(words: str) -> str:
    """Words as a line begins with them: ``Radiator cover``."""
    return f"{words[:1].upper()}{words[1:]}"


def _line_of(tx: Transaction, item: Item) -> RegisterLine | None:
    home = judged(tx)
    if home is None or item.place is None:
        return None
    lines = register_lines(home, tx.now, item.place.room)
    return next((one for one in lines if any(i.tag == item.tag for i in one.items)), None)


def _rounds_here(tx: Transaction, tag: str) -> list[RoundHere]:
    found = []
    for row in check_rounds.running(tx):
        assert row.id is not None
        expected, scan = check_rounds.of_item(tx, row.id, tag)
        found.append(RoundHere(row, expected, scan, new_key()))
    return found
