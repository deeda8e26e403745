"""Checks of equipment: entered, listed, due; how often; and the press test of the shift."""

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, WriteTx, requires
from api.fault_queue import by_age, fault_json
from api.nouns import noun_router
from api.paging import LARGEST_ID, PageQuery, listed
from api.routes.equipment import place_of
from nightwarden.errors import Invalid, NotFound
from nightwarden.maintenance import presses
from nightwarden.maintenance import today as due
from nightwarden.maintenance.entry import KEY_MAX, Entry, enter
from nightwarden.maintenance.presses import PressLine, ShiftPresses
from nightwarden.model.checks import CheckKind, DueCheck, EntryMark, Interval, Question
from nightwarden.model.places import EquipmentKind
from nightwarden.model.roles import Right
from nightwarden.store import checks, photos
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import ItemCheck, Photo
from nightwarden.wire import rfc3339
from rules.check_times import marks
from rules.checks import kinds_of_check, questions

router = noun_router("checks")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Checker = Annotated[Actor, Depends(requires(Right.CONFIRM))]
Setter = Annotated[Actor, Depends(requires(Right.SET_CHECKS))]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Answer = Annotated[str, Field(min_length=1, max_length=40)]


class NewCheck(BaseModel):
    """A check of an item. `answers` are to the questions of `GET /checks/kinds`."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[
        str, Field(min_length=8, max_length=KEY_MAX, description="made up by the sender; sent "
                   "again with the same key it is the same check")
    ]  # fmt: skip
    equipment: Text
    check: CheckKind
    answers: Annotated[dict[Answer, Answer | float], Field(max_length=12)] = Field(
        default_factory=dict
    )
    note: Text | None = None
    at: Annotated[AwareDatetime | None, Field(description="when it was done; now, if not")] = None
    seen_at: Annotated[
        Text | None, Field(description="ROOM/PLACE where it stood then; where it is, if not")
    ] = None
    round: Annotated[int | None, Field(ge=1, le=LARGEST_ID)] = None


class NewInterval(BaseModel):
    """How often, and why."""

    model_config = ConfigDict(extra="forbid")

    every_days: Annotated[int, Field(strict=True)]
    because: Text


class NewWindow(BaseModel):
    """How many minutes of a shift the press test may take, and why."""

    model_config = ConfigDict(extra="forbid")

    minutes: Annotated[int, Field(strict=True)]
    because: Text


@router.get("/checks")
def list_checks(
    _actor: Seer, tx: ReadTx, page: PageQuery, equipment: str | None = None
) -> dict[str, Any]:
    """Checks, the last entered first, with both times and what is odd about them."""
    after = page.after("checks", int)
    rows = checks.newest(tx, page.limit + 1, int(after[0]) if after else None, equipment)
    shown, cursor = page.cut("checks", rows, lambda row: (row.id or 0,))
    odd = marks_of(tx, list(shown))
    pictures = photos.of_checks(tx, [row.id or 0 for row in shown])
    items = [check_json(row, odd, pictures.get(row.id or 0, [])) for row in shown]
    return listed(items, cursor)


@router.post("/checks", status_code=201)
def add_check(sent: NewCheck, actor: Checker, tx: WriteTx) -> dict[str, Any]:
    """Enter a check that the actor has made; the same `key` again gives the same check."""
    entry = Entry(
        key=sent.key,
        equipment=sent.equipment,
        kind=sent.check,
        answers={name: str(said) for name, said in sent.answers.items()},
        note=sent.note,
        at=sent.at,
        place=place_of(sent.seen_at),
        round=sent.round,
    )
    row = enter(tx, entry, actor.name)
    return check_json(row, marks_of(tx, [row]), [])


@router.get("/checks/today")
def get_today(_actor: Seer, tx: ReadTx) -> Response:
    """What is overdue and due today, what is due within a week, and open faults by age."""
    found = due.today(tx)
    content = {
        "day": found.day,
        "overdue": [due_json(one) for one in found.overdue],
        "due": [due_json(one) for one in found.due],
        "soon": [due_json(one) for one in found.soon],
        "faults": [fault_json(line) for line in by_age(tx)],
    }
    # Thousands of lines on a bad day: they are plain values, and need no second look.
    return Response(orjson.dumps(content), media_type="application/json")


@router.get("/checks/kinds")
def list_kinds(_actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """Every kind of check with its questions, how often it is due, why, and who says so."""
    items = [_interval_json(interval) for interval in due.intervals(tx)]
    return listed(items, None) | {"press_window_minutes": checks.press_window_min(tx)}


@router.put("/checks/kinds/{kind}/{check}")
def set_interval(
    kind: str, check: str, wanted: NewInterval, actor: Setter, tx: WriteTx
) -> dict[str, Any]:
    """Change how often; what it was before stays in the record."""
    known, which = known_check(kind, check)
    checks.set_interval(tx, known, which, wanted.every_days, wanted.because, actor.name)
    now = {(one.equipment, one.check): one for one in due.intervals(tx)}
    return _interval_json(now[known, which])


@router.put("/checks/press-window")
def set_press_window(wanted: NewWindow, actor: Setter, tx: WriteTx) -> dict[str, Any]:
    """Change how long the press test of a shift may take."""
    row = checks.set_press_window(tx, wanted.minutes, wanted.because, actor.name)
    return {"minutes": int(row.value), "because": row.because, "set_by": row.set_by}


@router.get("/checks/press-test")
def get_press_test(_actor: Seer, tx: ReadTx, at: AwareDatetime | None = None) -> dict[str, Any]:
    """Which required mats have shown a real press in the shift that holds at `at`, or now.

    `missed`: none came within the window; `late`: it came after it.
    """
    found = shift_now(tx, at)
    return {
        "shift": found.shift.name,
        "hours": str(found.shift.hours),
        "since": rfc3339(found.shift.since),
        "window_until": rfc3339(found.shift.window_until),
        "until": rfc3339(found.shift.until),
        "items": [_press_json(line) for line in found.lines],
    }


def shift_now(tx: Transaction, at: datetime | None = None) -> ShiftPresses:
    """The press test at ``at`` or now; Invalid without a home, or for what has yet to come."""
    if at is not None and at > tx.now:
        raise Invalid("at: that shift has yet to come.")
    found = presses.shift_presses(tx, at or tx.now)
    if found is None:
        raise Invalid("There is no home here yet.")
    return found


def known_check(kind: str, check: str) -> tuple[EquipmentKind, CheckKind]:
    """A kind of equipment and of check, from an address.

    Raises:
        NotFound: there is no such kind, or items of it have no such check.
    """
    if kind not in set(EquipmentKind) or check not in set(CheckKind):
        raise NotFound(f"There is no {check} check of a {kind}.")
    known, which = EquipmentKind(kind), CheckKind(check)
    if which not in kinds_of_check(known):
        raise NotFound(f"There is no {check} check of a {kind}.")
    return known, which


def marks_of(tx: Transaction, rows: list[ItemCheck]) -> dict[int, tuple[EntryMark, ...]]:
    """What is odd about these checks, judged beside what was entered around them."""
    if not rows:
        return {}
    return marks(checks.entered_around(tx, rows))


def check_json(
    row: ItemCheck, odd: dict[int, tuple[EntryMark, ...]], pictures: list[Photo]
) -> dict[str, Any]:
    """A check. `at` is claimed, `recorded_at` is ours; `marks` say what is odd about them."""
    assert row.id is not None
    place = checks.place_of(row)
    return {
        "id": row.id,
        "equipment": row.equipment,
        "seen_at": str(place) if place else None,
        "check": row.kind,
        "outcome": row.outcome,
        "answers": row.answers,
        "note": row.note,
        "by": row.by,
        "at": rfc3339(row.at),
        "recorded_at": rfc3339(row.recorded_at),
        "kept_offline": row.kept_offline,
        "round": row.round,
        "proved_at": rfc3339(row.proved_at),
        "faults": row.faults,
        "remark": row.remark,
        "marks": list(odd.get(row.id, ())),
        "photos": [picture.id for picture in pictures],
    }


def due_json(one: DueCheck) -> dict[str, Any]:
    """A check that is due."""
    return {
        "equipment": one.equipment,
        "kind": one.kind,
        "at": str(one.place),
        "check": one.check,
        "due_on": one.due_on,
        "last_at": rfc3339(one.last_at),
        "every_days": one.interval.every_days,
        "because": one.interval.because,
    }


def _interval_json(interval: Interval) -> dict[str, Any]:
    return {
        "kind": interval.equipment,
        "check": interval.check,
        "every_days": interval.every_days,
        "because": interval.because,
        "set_by": interval.set_by,
        "since": rfc3339(interval.since),
        "questions": [_question_json(one) for one in questions(interval.equipment, interval.check)],
    }


def _question_json(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "asks": question.asks,
        "unit": question.unit or None,
        "answers": [
            {"value": choice.value, "word": choice.word, "fault": choice.fault}
            for choice in question.choices
        ],
    }


def _press_json(line: PressLine) -> dict[str, Any]:
    return {
        "room": line.place.room,
        "place": line.place.place,
        "needs": line.needs,
        "equipment": line.equipment,
        "shown": line.shown,
        "pressed_at": rfc3339(line.pressed_at),
        "why": line.why or None,
    }
