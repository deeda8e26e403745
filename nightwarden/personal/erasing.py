"""Erasing the name of a resident who has left, and keeping the record of what happened.

The policy:

1. Alerts, requirements, assessments, faults, reviews and the audit keep their facts; where the name
   stood stands a pseudonym, the same everywhere, which nothing ties to the person any more.
2. Nothing is erased in part: one transaction, with a reason and a name under it. What it would
   replace is shown before.
3. The audit stays verifiable: see ``nightwarden.store.audit`` and decision 25.
4. The journal of the rules and its plans are rewritten in place, under their old keys, so that
   last month's nights can be replayed.
5. Names of staff, rooms, places, devices and rules files are left; where the name is in one of
   those it is listed, because only a person can change them.
"""

import secrets
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import JSON, Column, LargeBinary, String, Table, func, select, update
from sqlmodel import SQLModel, col
from sqlmodel import select as rows_of
from sqlmodel.sql.sqltypes import AutoString

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.phrases import phrase
from nightwarden.personal.names import Names, words_of
from nightwarden.store import audit, meta
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Alert, Audit, Requirement, Resident, Review, Token, User

NOT_SEARCHED = frozenset(
    {"meta", "reading", "readingstretch", "audit", "notice_file", "photo_file"}
)
"""Without texts of people; the audit has a way of its own."""

LEFT = frozenset({"address", "dialect", "topic", "name", "id", "digest", "room", "place", "zone"})
_WORDS_OF_OURS_TEXT = (
    "kind state priority event outcome basis status needs hours role mount emitter "
    "circuit tell policy sha256 hash previous key code secret receipt sink evidence "
    "lost_to quantity file_type sounds_for sounds_from outlet"
)
_WORDS_OF_OURS = frozenset(_WORDS_OF_OURS_TEXT.split())
_IDENTS = frozenset({"equipment.meant_for", "review.resident", "removal.resident", "resident.id"})
_PACKED = {("engineinput", "body"), ("keptplan", "body")}
_SENT = {("delivery", "payload"), ("streamevent", "data")}
PSEUDONYM = "former resident"


@dataclass(slots=True)
class Found:
    """Where a name is: ``replaced`` has a count a table, ``shown`` the texts as they will be,
    ``left`` what is not touched and why somebody should look."""

    pseudonym: str
    words: tuple[str, ...]
    shared: bool
    replaced: Counter[str] = field(default_factory=Counter)
    shown: list[tuple[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    redacted: dict[str, str] = field(default_factory=dict)


def former(tx: Transaction) -> list[Resident]:
    """Everybody who has left and still has a name, who left first on top."""
    query = rows_of(Resident).where(
        col(Resident.removed_at).is_not(None), ~col(Resident.shown_as).startswith(PSEUDONYM)
    )
    return list(tx.exec(query.order_by(col(Resident.removed_at), col(Resident.id))))


def look(tx: Transaction, ident: str, also: tuple[str, ...] = ()) -> Found:
    """What an erasure would replace and leave; writes nothing.

    Args:
        also: further names of the person, such as the family name.

    Raises:
        NotFound: there never was such a resident.
        Conflict: they live here still, or one of their alerts is open.
    """
    return _Erasure(tx, ident, also, writes=False).run()


def erase(
    tx: Transaction, ident: str, because: str, actor: str, also: tuple[str, ...] = ()
) -> Found:
    """Erase the name; see :func:`look` for the rest."""
    because = checked(claims.text, because, "because")
    erasure = _Erasure(tx, ident, also, writes=True)
    if erasure.names.occurs(because) or erasure.names.occurs(actor):
        raise Invalid("because: say it without the name; what stands here is kept.")
    tx.sql.exec_driver_sql("PRAGMA secure_delete=ON")
    tx.sql.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    found = erasure.run()
    meta.plan_changed(tx)
    detail = {
        "because": because,
        "replaced": dict(found.replaced),
        audit.REDACTED: found.redacted,
    }
    audit.record(tx, actor, audit.ERASED, f"resident {erasure.new_id}", detail)
    return found


def names_of(
    tx: Transaction, row: Resident, also: tuple[str, ...] = (), instead: tuple[str, str] = ("", "")
) -> Names:
    """Every name under which a resident was shown, where they lived, and who shares a name.

    Args:
        row: the resident.
        also: further names of theirs.
        instead: the pseudonym and the id that takes the place of theirs.
    """
    ident, shown, rooms = row.id, {row.shown_as}, {row.room}
    for entry in tx.exec(rows_of(Audit).where(Audit.subject == f"resident {ident}")):
        told = entry.detail
        shown |= {v for v in (told.get("shown_as"),) if isinstance(v, str)}
        rooms |= {v for key in ("room", "from") if isinstance(v := told.get(key), str)}
    reviews = tx.exec(rows_of(Review.shown_as).where(Review.resident == ident))
    shown |= {name for name in reviews if name and " & " not in name}
    rooms |= set(tx.exec(rows_of(Requirement.room).where(Requirement.resident == ident)))
    words = words_of(shown, also)
    staff = {*tx.exec(rows_of(User.name)), *tx.exec(rows_of(Token.name))}
    others = tx.exec(rows_of(Resident.shown_as).where(Resident.id != ident))
    known = {name.casefold() for name in (*others, *staff)}
    return Names(
        words,
        instead[0],
        tuple(sorted(staff)),
        shared=any(word.casefold() in known for word in words),
        rooms=frozenset(rooms),
        ids={ident: instead[1]} if any(map(str.isalpha, ident)) and len(ident) > 2 else {},
    )


class _Erasure:
    """One walk through the store."""

    def __init__(self, tx: Transaction, ident: str, also: tuple[str, ...], *, writes: bool) -> None:
        self._tx, self._writes = tx, writes
        row = tx.get(Resident, ident)
        if row is None:
            raise NotFound(f'There never was a resident "{ident[:60]}".')
        if row.removed_at is None:
            raise Conflict(f'"{ident}" lives here; say first that they no longer do.')
        if row.shown_as.startswith(PSEUDONYM):
            raise Conflict(f'The name of "{ident}" is erased already.')
        self._id, self._row = ident, row
        number = _unused(tx)
        self.new_id = f"former-{number.lower()}"
        self.names = names_of(tx, row, also, (f"{PSEUDONYM} {number}", self.new_id))
        self._require_closed()
        self.found = Found(self.names.pseudonym, self.names.words, self.names.shared)

    def _require_closed(self) -> None:
        waiting = self._tx.exec(rows_of(Alert).where(Alert.state != "closed"))
        for alert in waiting:
            if self.names.occurs(alert.resident or "") and alert.room in self.names.rooms:
                raise Conflict(f"Alert {alert.id} of theirs is open; close it first.")

    def run(self) -> Found:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in NOT_SEARCHED:
                self._table(table)
        self._audit()
        if self._writes:
            self._rename()
        return self.found

    def _table(self, table: Table) -> None:
        columns = [column for column in table.columns if _holds_words(table, column)]
        if not columns:
            return
        keys = list(table.primary_key.columns)
        rooms = [table.c.room] if "room" in table.c else []
        asked = [*keys, *rooms, *columns]
        found = self._tx.sql.execute(select(*asked)).all()
        for values in found:
            key, rest = values[: len(keys)], values[len(keys) :]
            room = rest[0] if rooms else None
            here = not self.names.shared or room in self.names.rooms or self._is_theirs(key, table)
            said = zip(columns, rest[len(rooms) :], strict=True)
            self._row_of(table, dict(zip(keys, key, strict=True)), said, here=here)

    def _is_theirs(self, key: Any, table: Table) -> bool:
        if table.name == "resident":
            return bool(key[0] == self._id)
        if "resident" not in table.c or table.name == "alert":
            return False
        match = [column == value for column, value in zip(table.primary_key, key, strict=True)]
        return self._tx.sql.execute(select(table.c.resident).where(*match)).scalar() == self._id

    def _row_of(
        self, table: Table, key: dict[Column[Any], Any], said: Iterator[Any], *, here: bool
    ) -> None:
        changed: dict[str, Any] = {}
        for column, before in said:
            if before is None:
                continue
            after = self._replaced(table, column, before, here=here)
            if after == before:
                continue
            if _is_left(table, column):
                where = ", ".join(str(value) for value in key.values())
                self.found.left.append(f"{table.name} {where}: {column.name}")
                continue
            changed[column.name] = after
            if isinstance(after, str) and len(self.found.shown) < 500:
                self.found.shown.append((f"{table.name}.{column.name}", after))
        if changed:
            self.found.replaced[table.name] += 1
            if self._writes:
                match = [column == value for column, value in key.items()]
                self._tx.sql.execute(update(table).where(*match).values(**changed))

    def _replaced(self, table: Table, column: Column[Any], before: Any, *, here: bool) -> Any:
        names = self.names
        if (table.name, column.name) in _PACKED:
            content = zlib.decompress(before)
            after = self._json(content, here=here)
            return before if after == content else zlib.compress(after)
        if isinstance(before, bytes):
            if (table.name, column.name) in _SENT:
                return self._json(before, here=here)
            text = before.decode("utf-8", "surrogateescape")
            return names.text(text).encode("utf-8", "surrogateescape") if here else before
        if isinstance(before, str):
            if not here and names.occurs(before):
                why = phrase("somebody else has the name")
                self.found.left.append(f"{table.name}.{column.name}: {why}")
            return names.text(before, here=here)
        return names.value(before, here=here)

    def _json(self, content: bytes, *, here: bool) -> bytes:
        try:
            value = orjson.loads(content)
        except orjson.JSONDecodeError:
            return content
        after = self.names.value(value, here=here)
        return content if after == value else orjson.dumps(after)

    def _audit(self) -> None:
        """Subjects and details; each entry keeps its place in the chain, and the digest of what it
        says now goes into the entry of the erasure."""
        for entry in self._tx.exec(rows_of(Audit).order_by(col(Audit.id))):
            subject = entry.subject
            theirs = subject == f"resident {self._id}"
            here = not self.names.shared or theirs
            detail = self.names.value(entry.detail, here=here)
            if theirs:
                subject = f"resident {self.new_id}"
            elif here:
                subject = self.names.text(subject)
            if (subject, detail) == (entry.subject, entry.detail):
                continue
            self.found.replaced["audit"] += 1
            if self._writes:
                entry.subject, entry.detail = subject, detail
                self.found.redacted[str(entry.id)] = audit.hash_of(entry)
        if self._writes:
            self._tx.flush()

    def _rename(self) -> None:
        """The id goes too, wherever it stands for the person."""
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if is_ident(table, column):
                    self._tx.sql.execute(
                        update(table).where(column == self._id).values({column.name: self.new_id})
                    )
        consent = SQLModel.metadata.tables["consent"]
        mine = update(consent).where(consent.c.resident == self.new_id)
        self._tx.sql.execute(mine.values(by="(erased)"))
        self._tx.expire_all()


def is_ident(table: Table, column: Column[Any]) -> bool:
    """Whether a column has the id of a resident."""
    points = any(key.column.table.name == "resident" for key in column.foreign_keys)
    return points or f"{table.name}.{column.name}" in _IDENTS


def _holds_words(table: Table, column: Column[Any]) -> bool:
    if isinstance(column.type, LargeBinary):
        return (table.name, column.name) in _PACKED | _SENT | {("quarantine", "payload")}
    if is_ident(table, column) or column.name in _WORDS_OF_OURS:
        return False
    return isinstance(column.type, AutoString | String | JSON)


def _is_left(table: Table, column: Column[Any]) -> bool:
    """What names staff, a place, a device or a rule, and what rows are found by."""
    person = column.name in ("by", "actor", "owner", "person", "user") or (
        column.name.endswith("_by") and column.name != "made_safe_by"
    )
    rules = table.name in ("rulefile", "rulesshadow") and column.name == "text"
    keys = column.primary_key or bool(column.foreign_keys)
    return person or rules or keys or column.name in LEFT


def _unused(tx: Transaction) -> str:
    while True:
        number = secrets.token_hex(2).upper()
        taken = select(func.count()).where(col(Resident.id) == f"former-{number.lower()}")
        if not tx.sql.execute(taken).scalar():
            return number
