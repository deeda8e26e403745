"""Sheets and the home file into the register, and out again."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response

from api.deps import Actor, ReadTx, requires
from api.importing import (
    AskedKind,
    BodyHomeFile,
    BodySheet,
    DryOrWetTx,
    Importer,
    preview_json,
)
from api.nouns import noun_router
from nightwarden.homefile import plan
from nightwarden.homefile.writer import export_home_file
from nightwarden.importing import preview, templates
from nightwarden.importing.columns import SheetKind
from nightwarden.model.roles import Right
from nightwarden.store.engine import Transaction

router = noun_router("import")

Planner = Annotated[Actor, Depends(requires(Right.CHANGE_PLANS))]
Seen = Annotated[str | None, Query(max_length=80)]

YAML_TYPE = "application/yaml; charset=utf-8"


@router.post("/import")
def import_sheet(
    actor: Importer,
    kind: AskedKind,
    sheet: BodySheet,
    tx: DryOrWetTx,
    *,
    dry_run: bool = False,
    skip_unreadable: bool = False,
    seen: Seen = None,
) -> dict[str, Any]:
    """Take a sheet into the register: the body is CSV or .xlsx, `of` says of what.

    `dry_run=true` shows what it would do, row by row, and changes nothing. `seen` of that answer
    makes sure that no more and no less is done: 409 where the register has changed meanwhile. Rows
    that cannot be read refuse the whole, unless `skip_unreadable=true`.
    """
    if dry_run:
        return preview_json(preview.preview(tx, kind, sheet), applied=False)
    done = preview.apply(tx, kind, sheet, actor.name, mark=seen, skip_unreadable=skip_unreadable)
    return preview_json(done, applied=True)


@router.get("/import/template")
def get_template(
    kind: AskedKind, tx: ReadTx, *, form: Literal["csv", "xlsx"] = "xlsx", filled: bool = False
) -> Response:
    """A sheet to fill in; `filled=true` has what is in the register."""
    return template(tx, kind, form, filled=filled)


@router.get("/home-file")
def get_home_file(_actor: Planner, tx: ReadTx) -> Response:
    """The register as the home file that `nightwarden apply` takes."""
    return home_file_download(tx)


@router.post("/home-file")
def apply_home_file(
    actor: Planner,
    home_file: BodyHomeFile,
    tx: DryOrWetTx,
    *,
    dry_run: bool = False,
    seen: Seen = None,
) -> dict[str, Any]:
    """Make the register match a home file, as `nightwarden apply` does; `dry_run` and `seen` as
    in `POST /import`."""
    lines = [str(change) for change in plan.plan(tx, home_file)]
    mark = preview.mark_of(tx, lines)
    if not dry_run:
        if seen is not None:
            preview.require_mark(tx, seen, mark)
        plan.apply(tx, home_file, actor.name)
    return {"applied": not dry_run, "seen": mark, "changes": lines}


def template(tx: Transaction, kind: SheetKind, form: str, *, filled: bool) -> Response:
    """The template as a download."""
    rows = templates.rows_now(tx, kind) if filled else iter(())
    if form == "csv":
        return _download(templates.as_csv(kind, rows), templates.CSV_TYPE, f"{kind.of}.csv")
    return _download(templates.as_xlsx(kind, rows), templates.XLSX_TYPE, f"{kind.of}.xlsx")


def home_file_download(tx: Transaction) -> Response:
    """The home file as a download.

    Raises:
        NotFound: there is no home yet.
    """
    return _download(export_home_file(tx).encode(), YAML_TYPE, "home.yaml")


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
