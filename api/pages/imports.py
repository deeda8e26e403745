"""Bring lists in: a sheet or a home file is shown with what it would do, and then confirmed.

What was chosen goes into the preview's own form and comes back with the confirmation, so that
nothing of it is kept anywhere until then.
"""

import base64
import zlib
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.deps import Actor, ReadTx, WriteTx
from api.importing import FormFile, require_right
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.surroundings import ViewerPage
from api.routes.imports import home_file_download, template
from nightwarden.errors import ChangedMeanwhile, Invalid, NotPermitted
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.shape import HomeFile
from nightwarden.importing import preview
from nightwarden.importing.columns import KINDS
from nightwarden.importing.preview import RowState
from nightwarden.importing.sheets import (
    LARGEST_SHEET,
    MOST_ROWS,
    Sheet,
    packed,
    read_sheet,
    unpacked,
)
from nightwarden.model.roles import Right
from nightwarden.store.engine import Transaction

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Keeper = Annotated[Actor, Depends(person_with(Right.KEEP_REGISTER))]
Planner = Annotated[Actor, Depends(person_with(Right.CHANGE_PLANS))]

LARGEST_CARRIED = 900_000
"""What a form's field may hold; a browser sends no more than 1 MiB in one."""
MOST_SHOWN = 500
"""Rows of each state on a page."""


def _signed_in(page: ViewerPage) -> ViewerPage:
    if page.actor is None or not page.may("KEEP_REGISTER"):
        raise NotPermitted("Sign in as somebody who keeps the register to bring lists in.")
    return page


SignedIn = Annotated[ViewerPage, Depends(_signed_in)]


@router.get("/import")
def show_import(page: SignedIn, of: str = "equipment", made: str = "") -> Response:
    """Choose what to bring in; ``made`` is how many changes the last one made."""
    return draw(
        "import.html",
        page,
        kind=preview.kind_of(of),
        kinds=[kind for kind in KINDS.values() if page.may(kind.right.name)],
        made=made if made.isascii() and made.isdigit() else "",
        most_rows=MOST_ROWS,
        most_mib=LARGEST_SHEET >> 20,
    )


@router.get("/import/template")
def get_template(
    page: SignedIn, tx: ReadTx, of: str = "equipment", form: str = "xlsx", filled: str = ""
) -> Response:
    """The template of a kind, empty or with what there is."""
    kind = preview.kind_of(of)
    assert page.actor is not None
    require_right(page.actor, kind)
    return template(tx, kind, form, filled=bool(filled))


@router.post("/import")
def show_preview(
    page: ViewerPage, form: Filled, file: FormFile, actor: Keeper, tx: ReadTx
) -> Response:
    """What the sheet would do."""
    kind = preview.kind_of(form.get("of", ""))
    require_right(actor, kind)
    sheet = read_sheet(file[1], file[0])
    return draw("import_preview.html", page, **_shown(tx, kind.of, sheet))


@router.post("/import/confirm")
def confirm(page: ViewerPage, form: Filled, actor: Keeper, tx: WriteTx) -> Response:
    """Take it into the register, if it does now what the preview showed."""
    kind = preview.kind_of(form.get("of", ""))
    require_right(actor, kind)
    sheet, mark = (
        unpacked(field(form, "sheet", "the file")),
        field(form, "seen", "the preview"),
    )
    skip = bool(form.get("skip_unreadable"))
    try:
        done = preview.apply(tx, kind, sheet, actor.name, mark=mark, skip_unreadable=skip)
    except ChangedMeanwhile as problem:
        shown = _shown(tx, kind.of, sheet) | {"refusal": str(problem), "since": problem.changes}
        return draw("import_preview.html", page, HTTPStatus.CONFLICT, **shown)
    return back_to(f"/import?of={kind.of}&made={len(done.lines)}")


@router.get("/home-file")
def show_home_file(page: SignedIn, made: str = "") -> Response:
    """The home file both ways."""
    if not page.may("CHANGE_PLANS"):
        raise NotPermitted("A home file changes plans; ask somebody who may.")
    made = made if made.isascii() and made.isdigit() else ""
    return draw("home_file.html", page, made=made, plan=None)


@router.get("/home-file/download")
def get_home_file(page: SignedIn, tx: ReadTx) -> Response:
    """The home file, to be saved."""
    if not page.may("CHANGE_PLANS"):
        raise NotPermitted("A home file has every plan in it; ask somebody who may change plans.")
    return home_file_download(tx)


@router.post("/home-file")
def show_plan(page: ViewerPage, file: FormFile, _actor: Planner, tx: ReadTx) -> Response:
    """What a home file would do."""
    text = _carried(file[1], file[0])
    return draw("home_file.html", page, **_planned(tx, text, file[0]))


@router.post("/home-file/confirm")
def apply_home_file(page: ViewerPage, form: Filled, actor: Planner, tx: WriteTx) -> Response:
    """Apply it, if it does now what was shown."""
    text, name = field(form, "sheet", "the file"), form.get("name", "")
    home_file = _home_file(tx, text, name)
    lines = [str(change) for change in plan.plan(tx, home_file)]
    try:
        preview.require_mark(tx, field(form, "seen", "the plan"), preview.mark_of(tx, lines))
    except ChangedMeanwhile as problem:
        shown = _planned(tx, text, name) | {"refusal": str(problem)}
        return draw("home_file.html", page, HTTPStatus.CONFLICT, **shown)
    plan.apply(tx, home_file, actor.name)
    return back_to(f"/home-file?made={len(lines)}")


def _shown(tx: Transaction, of: str, sheet: Sheet) -> dict[str, Any]:
    carried = packed(sheet)
    if len(carried) > LARGEST_CARRIED:
        raise Invalid("The sheet is too large for a page; use the command `nightwarden import`.")
    seen = preview.preview(tx, KINDS[of], sheet)
    rows = {state: [row for row in seen.rows if row.state is state] for state in RowState}
    return {
        "kind": KINDS[of],
        "seen": seen,
        "rows": rows,
        "most": MOST_SHOWN,
        "carried": carried,
        "refusal": "",
        "since": [],
    }


def _planned(tx: Transaction, text: str, name: str) -> dict[str, Any]:
    lines = [str(change) for change in plan.plan(tx, _home_file(tx, text, name))]
    mark = preview.mark_of(tx, lines)
    shown = {"lines": lines[:MOST_SHOWN], "all": len(lines), "mark": mark, "text": text}
    return {"plan": shown | {"name": name}, "made": "", "refusal": ""}


def _carried(content: bytes, name: str) -> str:
    text = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(text) > LARGEST_CARRIED:
        raise Invalid(f"{name} is too large for a page; use the command `nightwarden apply`.")
    return text


def _home_file(tx: Transaction, text: str, name: str) -> HomeFile:
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), 8 << 20)
    except (ValueError, zlib.error):
        raise Invalid("The plan did not come back whole; choose the file again.") from None
    return read_home_file(content, name or "the home file", tx.now)
