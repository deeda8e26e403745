"""A sheet or a home file on its way in: read before any transaction is open, and its kind's right.

Reading a large sheet takes a second or two, in which nobody else may have to wait for the store.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.deps import Actor, Now, read_tx, requires, write_tx
from nightwarden.errors import Invalid, NotPermitted
from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.shape import HomeFile
from nightwarden.importing import preview
from nightwarden.importing.columns import SheetKind
from nightwarden.importing.preview import Preview, RowState
from nightwarden.importing.sheets import Sheet, read_sheet
from nightwarden.model.roles import Right
from nightwarden.store.engine import Transaction

Importer = Annotated[Actor, Depends(requires(Right.KEEP_REGISTER))]
Planner = Annotated[Actor, Depends(requires(Right.CHANGE_PLANS))]
Of = Annotated[str, Query(max_length=40)]


def asked_kind(actor: Importer, of: Of) -> SheetKind:
    """The kind of sheet that is asked for, if the role may change what it speaks of."""
    kind = preview.kind_of(of)
    require_right(actor, kind)
    return kind


def require_right(actor: Actor, kind: SheetKind) -> None:
    """Raises NotPermitted where the role may not change what this kind of sheet speaks of."""
    if not actor.may(kind.right):
        raise NotPermitted(f"A {actor.role} may not {kind.right}; ask somebody who may.")


AskedKind = Annotated[SheetKind, Depends(asked_kind)]


async def sheet_in_body(request: Request, _kind: AskedKind, name: str = "the sheet") -> Sheet:
    """The sheet that is the whole body of a request; ``name`` is in the address."""
    return await run_in_threadpool(read_sheet, await request.body(), name[:100])


BodySheet = Annotated[Sheet, Depends(sheet_in_body)]


async def home_file_in_body(request: Request, _actor: Planner, now: Now) -> HomeFile:
    """The home file that is the whole body of a request."""
    raw = await request.body()
    return await run_in_threadpool(read_home_file, raw, "the home file", now)


BodyHomeFile = Annotated[HomeFile, Depends(home_file_in_body)]


async def dry_or_wet(
    request: Request, now: Now, *, dry_run: bool = False
) -> AsyncIterator[Transaction]:
    """A reading transaction for a dry run, a writing one else."""
    async for tx in (read_tx if dry_run else write_tx)(request, now):
        yield tx


DryOrWetTx = Annotated[Transaction, Depends(dry_or_wet, scope="function")]


async def file_in_form(request: Request) -> tuple[str, bytes]:
    """The name and the bytes of the file of a form.

    Raises:
        Invalid: none was chosen.
    """
    sent = (await request.form()).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Invalid("Please choose a file.")
    name, content = sent.filename, await sent.read()
    await sent.close()
    return name.replace("\\", "/").rpartition("/")[2][:100], content


FormFile = Annotated[tuple[str, bytes], Depends(file_in_form)]


def preview_json(seen: Preview, *, applied: bool) -> dict[str, Any]:
    """A preview, or what was done, as the API gives it."""
    return {
        "of": seen.of,
        "applied": applied,
        "seen": seen.mark,
        "counts": {state.value: seen.count(state) for state in RowState},
        "rows": [preview.row_json(row) for row in seen.rows],
        "changes": list(seen.lines),
        "columns_not_read": list(seen.unused),
    }
