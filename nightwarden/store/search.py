"""Finding a thing of the home by words: "12 radiator", a tag, a maker, a resident's shown name.

1. Every word has to be found. A word of figures stands for the whole number and never for a part of
   one: "12" is not room 112. Zeros before it do not count, so it finds MAT-0012.
2. A whole word counts more than the beginning of one, and that more than a part; of two that are as
   good the more lasting comes first: a room, a place, a resident, an item, then what happened.
3. Of alerts and faults the newest :data:`NEWEST` are looked through.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from nightwarden.model.phrases import phrase, vocabulary
from nightwarden.store.engine import Transaction

NEWEST = 5_000
MOST_WORDS = 8
MOST_FOUND = 60
"""Of all; what is further down is not what anybody looks for."""

_EXACT, _BEGINS, _PART = 4, 2, 1
_PART_FROM = 3
_TOKEN = re.compile(r"[^\W_]+")


@vocabulary
class What(StrEnum):
    """What was found, in the order in which equals stand."""

    ROOM = "room"
    PLACE = "place"
    RESIDENT = "resident"
    ITEM = "item"
    ALERT = "alert"
    FAULT = "fault"
    NOTICE = "notice"


class Found(NamedTuple):
    """One thing. ``key`` names it among its own kind, ``room`` is where it is, if anywhere."""

    what: What
    key: str
    label: str
    more: str
    room: str | None = None


def search(tx: Transaction, asked: str) -> list[Found]:
    """What the words of ``asked`` find, best first, at most :data:`MOST_FOUND`."""
    words = _tokens(asked)[:MOST_WORDS]
    if not words:
        return []
    rank = list(What)
    scored: list[tuple[int, int, int, int, Found]] = []
    for found, text in _candidates(tx, words):
        tokens = _tokens(text)
        score = _score(words, tokens)
        if score:
            scored.append((-score, rank.index(found.what), len(tokens), len(scored), found))
    scored.sort()
    return [found for *_, found in scored[:MOST_FOUND]]


def _tokens(text: str) -> list[str]:
    """The words of a text, in small letters; a number without the zeros before it."""
    return [
        (token.lstrip("0") or "0") if token.isdigit() else token
        for token in _TOKEN.findall(text.casefold())
    ]


def _score(words: Sequence[str], tokens: Sequence[str]) -> int:
    total = 0
    for word in words:
        best = max((_match(word, token) for token in tokens), default=0)
        if not best:
            return 0
        total += best
    return total


def _match(word: str, token: str) -> int:
    if word == token:
        return _EXACT
    if word.isdigit():
        return 0
    if token.startswith(word):
        return _BEGINS
    return _PART if len(word) >= _PART_FROM and word in token else 0


def _candidates(tx: Transaction, words: Sequence[str]) -> Iterator[tuple[Found, str]]:
    yield from _rooms_and_places(tx)
    yield from _residents(tx)
    yield from _items(tx)
    yield from _alerts(tx, words)
    yield from _faults(tx, words)
    yield from _notices(tx)


def _rooms_and_places(tx: Transaction) -> Iterator[tuple[Found, str]]:
    for room, kind, zone in tx.sql.exec_driver_sql(
        "SELECT id, kind, zone FROM room WHERE removed_at IS NULL ORDER BY position"
    ):
        more = ", ".join(_words(word) for word in (kind, zone) if word)
        yield Found(What.ROOM, room, phrase(f"Room {room}"), more, room), f"room {room} {more}"
    for room, place, emitter in tx.sql.exec_driver_sql(
        "SELECT p.room, p.place, p.emitter FROM place p JOIN room r ON r.id = p.room"
        " WHERE p.removed_at IS NULL AND r.removed_at IS NULL ORDER BY r.position, p.position"
    ):
        label = f"Room {room} · {_words(place)}"
        more = _words(emitter or "")
        yield Found(What.PLACE, f"{room}/{place}", label, more, room), f"{label} {more}"


def _residents(tx: Transaction) -> Iterator[tuple[Found, str]]:
    for key, shown, room in tx.sql.exec_driver_sql(
        "SELECT id, shown_as, room FROM resident WHERE removed_at IS NULL ORDER BY shown_as"
    ):
        yield Found(What.RESIDENT, key, shown, phrase(f"room {room}"), room), f"{shown} room {room}"


def _items(tx: Transaction) -> Iterator[tuple[Found, str]]:
    for tag, kind, make, model, serial, room, place in tx.sql.exec_driver_sql(
        "SELECT e.tag, e.kind, e.make, e.model, e.serial, p.room, p.place FROM equipment e"
        " LEFT JOIN placement p ON p.equipment = e.tag AND p.until IS NULL"
        " WHERE e.removed_at IS NULL ORDER BY e.tag"
    ):
        where = f"room {room}, {_words(place)}" if room else phrase("in store")
        made = " ".join(filter(None, (make, model)))
        more = " · ".join(filter(None, (_words(kind), where, made)))
        yield Found(What.ITEM, tag, tag, more, room), f"{tag} {more} {serial or ''}"


def _alerts(tx: Transaction, words: Sequence[str]) -> Iterator[tuple[Found, str]]:
    text = "(kind || ' ' || room || ' ' || place || ' ' || text)"
    for number, kind, said, raised, state, room, place in tx.sql.exec_driver_sql(
        "SELECT id, kind, text, raised_at, state, room, place FROM alert"  # noqa: S608
        f" WHERE id > (SELECT max(id) FROM alert) - ?{_having(text, words)}"
        " ORDER BY id DESC LIMIT 60",
        (NEWEST, *_likes(words)),
    ):
        more = f"{raised[:16]} UTC, {phrase('closed' if state == 'closed' else 'open')}"
        text_of = f"alert {kind} {said} {room} {place}"
        yield Found(What.ALERT, str(number), said, more, room), text_of


def _faults(tx: Transaction, words: Sequence[str]) -> Iterator[tuple[Found, str]]:
    text = (
        "(coalesce(equipment, '') || ' ' || what || ' ' || coalesce(room, '')"
        " || ' ' || coalesce(place, '') || ' ' || coalesce(kind, ''))"
    )
    for number, tag, what, reported, mended, room, place, kind in tx.sql.exec_driver_sql(
        "SELECT id, equipment, what, reported_at, mended_at, room, place, kind FROM fault"  # noqa: S608
        f" WHERE id > (SELECT max(id) FROM fault) - ?{_having(text, words)}"
        " ORDER BY mended_at IS NOT NULL, id DESC LIMIT 60",
        (NEWEST, *_likes(words)),
    ):
        where = f"Room {room}, {_words(place or '')}" if room else phrase("A place")
        more = f"{phrase(f'reported {reported[:10]}')}, {phrase('mended' if mended else 'open')}"
        label = f"{tag or where}: {what}"
        text_of = f"fault {label} {room or ''} {place or ''} {kind or ''}"
        yield Found(What.FAULT, str(number), label, more, room), text_of


def _notices(tx: Transaction) -> Iterator[tuple[Found, str]]:
    for key, number, source, title, withdrawn in tx.sql.exec_driver_sql(
        "SELECT id, number, source, title, withdrawn_at FROM notice ORDER BY id DESC LIMIT 500"
    ):
        more = ", ".join(filter(None, (number, source, withdrawn and phrase("withdrawn"))))
        yield Found(What.NOTICE, str(key), title, more), f"notice {number} {source} {title}"


def _having(text: str, words: Sequence[str]) -> str:
    """Every word that is not the thing's own name, somewhere in ``text``; bound, never written."""
    return "".join(
        f" AND {text} LIKE ? ESCAPE '!'" for word in words if word not in ("alert", "fault", "room")
    )


def _likes(words: Sequence[str]) -> list[str]:
    return [f"%{word}%" for word in words if word not in ("alert", "fault", "room")]


def _words(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")
