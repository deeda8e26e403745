"""Safety notices: which of our items they concern, what was done at each, and who has read them.

1. A notice is a national alert, a maker's recall, or an instruction of the home's own. It is never
   changed; a wrong one is withdrawn, with the why, and another is recorded.
2. Which items match is looked up each time by kind, make and model, so that one that came later
   has its check too.
3. It is open until every matching item in use was checked for it and everybody whose role it names
   has said that they have read and understood it, those who came later as well.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.notices import CheckOutcome, Concerns, NoticeKind
from nightwarden.model.roles import Role
from nightwarden.store import audit, register
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.notice_words import bounded, long_text
from nightwarden.store.register import Item
from nightwarden.store.tables import (
    Notice,
    NoticeCheck,
    NoticeFile,
    NoticeModel,
    NoticeRead,
    User,
)
from nightwarden.store.uploads import Upload

READERS = (Role.CARER, Role.SENIOR, Role.MAINTENANCE, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What is recorded. ``to_check`` is what is to be done at each item that it concerns."""

    number: str
    kind: NoticeKind
    source: str
    title: str
    text: str
    dated: date
    concerns: Sequence[Concerns] = ()
    to_check: str | None = None
    roles: Collection[Role] = READERS


@dataclass(frozen=True, slots=True)
class Standing:
    """A notice at one instant: what it matches, what was checked, who has read it."""

    notice: Notice
    concerns: tuple[Concerns, ...]
    checked: tuple[NoticeCheck, ...]
    unchecked: tuple[Item, ...]
    read: tuple[NoticeRead, ...]
    unread_by: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether somebody has yet to read it, or something to be checked."""
        return self.notice.withdrawn_at is None and bool(self.unread_by or self.unchecked)


def record(tx: Transaction, new: NewNotice, file: Upload | None, actor: str) -> Notice:
    """Record a notice, with its file if it has one.

    Raises:
        Invalid: words that are missing or too long, a date that has yet to come, or a ``Concerns``
            that would match everything.
    """
    for each in new.concerns:
        bounded(each)
    if not new.text.strip() and file is None:
        raise Invalid("text: write what the notice says, or send its file.")
    row = Notice(
        number=checked(claims.text, new.number, "number"),
        kind=new.kind.value,
        source=checked(claims.text, new.source, "source"),
        title=checked(claims.text, new.title, "title"),
        text=long_text(new.text),
        dated=checked(lambda day: claims.day_not_ahead(day, tx.now), new.dated, "dated"),
        to_check=checked(claims.text, new.to_check, "to_check") if new.to_check else None,
        roles=sorted(role.value for role in new.roles),
        recorded_by=actor,
        recorded_at=tx.now,
    )
    if not row.roles:
        raise Invalid("roles: name at least one role that has to read it.")
    tx.add(row)
    tx.flush()
    assert row.id is not None
    tx.add_all(
        NoticeModel(notice=row.id, kind=each.kind, make=each.make, model=each.model)
        for each in new.concerns
    )
    detail = {"number": row.number, "title": row.title, "roles": row.roles}
    _note(tx, row, actor, "recorded a notice", detail)
    if file is not None:
        attach(tx, row, file, actor)
    return row


def attach(tx: Transaction, row: Notice, file: Upload, actor: str) -> None:
    """Keep the file of a notice, once; another file is another notice."""
    assert row.id is not None
    if row.file_name is not None:
        raise Conflict(f"Notice {row.id} has its file, {row.file_name}; record another notice.")
    tx.add(NoticeFile(notice=row.id, content=file.content, sha256=file.sha256))
    row.file_name, row.file_type = file.name, file.media_type
    row.file_size = len(file.content)
    _note(tx, row, actor, "added the file of a notice", {"name": file.name, "sha256": file.sha256})


def find(tx: Transaction, number: int) -> Notice:
    """One notice, withdrawn or not.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(Notice, number)
    if row is None:
        raise NotFound(f"There is no notice {number}.")
    return row


def file_of(tx: Transaction, row: Notice) -> bytes:
    """The file of a notice; NotFound where it has none."""
    kept = tx.get(NoticeFile, row.id)
    if kept is None:
        raise NotFound(f"Notice {row.id} has no file; its text is all there is.")
    return kept.content


def every(tx: Transaction) -> list[Notice]:
    """Every notice, the latest first."""
    return list(tx.exec(select(Notice).order_by(col(Notice.id).desc())))


def standings(tx: Transaction, rows: Iterable[Notice]) -> list[Standing]:
    """How these notices stand at ``tx.now``, in their order."""
    rows = list(rows)
    concerns, done, read = _by_notice(tx, [row.id for row in rows])
    items = register.items_now(tx) if any(concerns.values()) else []
    staff = [user for user in tx.exec(select(User)) if user.removed_at is None]
    return [
        _standing(row, concerns[row.id], done[row.id], read[row.id], items, staff)
        for row in rows
        if row.id is not None
    ]


def unread(tx: Transaction, person: str, role: Role) -> list[Notice]:
    """What a person has yet to read and understand, the oldest first."""
    read = select(NoticeRead.notice).where(NoticeRead.person == person)
    query = select(Notice).where(col(Notice.withdrawn_at).is_(None), col(Notice.id).not_in(read))
    found = tx.exec(query.order_by(col(Notice.id)))
    return [row for row in found if role.value in row.roles]


def unread_count(tx: Transaction, person: str, role: Role) -> int:
    """How many those are, without their texts: every page asks."""
    read = select(NoticeRead.notice).where(NoticeRead.person == person)
    query = select(Notice.roles).where(
        col(Notice.withdrawn_at).is_(None), col(Notice.id).not_in(read)
    )
    return sum(role.value in roles for roles in tx.exec(query))


def mark_read(tx: Transaction, number: int, person: str) -> None:
    """A person says that they have read a notice and understand it. Saying it again is fine."""
    row = _in_force(tx, number)
    user = tx.get(User, person)
    if user is None or user.removed_at is not None:
        raise Invalid("Only a person reads a notice; sign in under your own name.")
    if tx.get(NoticeRead, (number, person)) is None:
        tx.add(NoticeRead(notice=number, person=person, at=tx.now))
        _note(tx, row, person, "read and understood a notice", {"number": row.number})


def check_item(
    tx: Transaction, number: int, tag: str, outcome: CheckOutcome, note: str | None, actor: str
) -> NoticeCheck:
    """Somebody has done at an item what a notice asks for.

    Raises:
        Invalid: the notice does not concern the item.
    """
    row = _in_force(tx, number)
    item = register.item(tx, tag)
    concerns, _, _ = _by_notice(tx, [row.id])
    if not any(_concerned(each, item) for each in concerns[number]):
        raise Invalid(f'Notice {number} does not concern "{tag}".')
    words = checked(claims.text, note, "note") if note else None
    done = NoticeCheck(
        notice=number, equipment=tag, outcome=outcome.value, note=words, by=actor, at=tx.now
    )
    tx.add(done)
    detail = {"equipment": tag, "outcome": outcome.value, "note": words}
    _note(tx, row, actor, "checked an item for a notice", detail)
    return done


def withdraw(tx: Transaction, number: int, why: str, actor: str) -> Notice:
    """A notice no longer holds; it stays in the record, and nobody is asked to read it."""
    row = _in_force(tx, number)
    row.withdrawn_why = checked(claims.text, why, "why")
    row.withdrawn_at, row.withdrawn_by = tx.now, actor
    _note(tx, row, actor, "withdrew a notice", {"why": row.withdrawn_why})
    return row


def of_item(tx: Transaction, item: Item) -> list[Notice]:
    """The notices in force for which an item was not checked yet, the oldest first."""
    rows = [row for row in every(tx) if row.withdrawn_at is None]
    concerns, done, _ = _by_notice(tx, [row.id for row in rows])
    return [
        row
        for row in reversed(rows)
        if row.id is not None
        and any(_concerned(each, item) for each in concerns[row.id])
        and item.tag not in {each.equipment for each in done[row.id]}
    ]


_Found = tuple[dict[int, list[Concerns]], dict[int, list[NoticeCheck]], dict[int, list[NoticeRead]]]


def _by_notice(tx: Transaction, numbers: Sequence[int | None]) -> _Found:
    known = [number for number in numbers if number is not None]
    concerns: dict[int, list[Concerns]] = {number: [] for number in known}
    done: dict[int, list[NoticeCheck]] = {number: [] for number in known}
    read: dict[int, list[NoticeRead]] = {number: [] for number in known}
    for model in tx.exec(select(NoticeModel).where(col(NoticeModel.notice).in_(known))):
        concerns[model.notice].append(Concerns(model.kind, model.make, model.model))
    checks = select(NoticeCheck).where(col(NoticeCheck.notice).in_(known))
    for each in tx.exec(checks.order_by(col(NoticeCheck.id))):
        done[each.notice].append(each)
    reads = select(NoticeRead).where(col(NoticeRead.notice).in_(known))
    for one in tx.exec(reads.order_by(col(NoticeRead.at))):
        read[one.notice].append(one)
    return concerns, done, read


def _standing(
    row: Notice,
    concerns: list[Concerns],
    done: list[NoticeCheck],
    read: list[NoticeRead],
    items: list[Item],
    staff: list[User],
) -> Standing:
    seen, have_read = {each.equipment for each in done}, {each.person for each in read}
    ours = (item for item in items if any(_concerned(each, item) for each in concerns))
    asked = (user.name for user in staff if user.role in row.roles)
    return Standing(
        notice=row,
        concerns=tuple(concerns),
        checked=tuple(done),
        unchecked=tuple(item for item in ours if item.tag not in seen),
        read=tuple(read),
        unread_by=tuple(sorted(name for name in asked if name not in have_read)),
    )


def _concerned(each: Concerns, item: Item) -> bool:
    return _matches(each, item.kind, item.make, item.model)


@lru_cache(maxsize=50_000)
def _matches(each: Concerns, kind: str, make: str | None, model: str | None) -> bool:
    """Of many items few differ in what is looked at."""
    return each.matches(kind, make, model)


def _in_force(tx: Transaction, number: int) -> Notice:
    row = find(tx, number)
    if row.withdrawn_at is not None:
        raise Conflict(f"Notice {number} was withdrawn by {row.withdrawn_by}.")
    return row


def _note(tx: Transaction, row: Notice, actor: str, action: str, detail: dict[str, Any]) -> None:
    tx.flush()
    audit.record(tx, actor, action, f"notice {row.id}", detail)
