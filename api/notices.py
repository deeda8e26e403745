"""Notices and outside findings as the api gives them, and the file that is sent with one."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from nightwarden.store.notices import Standing
from nightwarden.store.outside_findings import days_open
from nightwarden.store.tables import Notice, OutsideFinding
from nightwarden.store.uploads import Upload, checked_upload
from nightwarden.wire import rfc3339

FILE = "file"

AS_A_DOWNLOAD = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


async def file_in_form(request: Request) -> Upload | None:
    """The file of a form; None where none was chosen.

    Raises:
        Invalid: it is too large, or of no type that is taken.
    """
    sent = (await request.form()).get(FILE)
    if not isinstance(sent, UploadFile):
        return None
    name, content = sent.filename, await sent.read()
    await sent.close()
    if not name and not content:  # a form in which no file was chosen
        return None
    return await run_in_threadpool(checked_upload, name or "notice", content)


async def file_in_body(request: Request, name: str = "notice") -> Upload:
    """The file that is the whole body of a request; ``name`` is in the address."""
    return await run_in_threadpool(checked_upload, name, await request.body())


FormFile = Annotated[Upload | None, Depends(file_in_form)]
BodyFile = Annotated[Upload, Depends(file_in_body)]


def download(row: Notice, content: bytes) -> Response:
    """The file of a notice, to be saved and never shown as a page of ours."""
    headers = {"Content-Disposition": f'attachment; filename="{row.file_name}"'} | AS_A_DOWNLOAD
    return Response(content, media_type=row.file_type, headers=headers)


def notice_json(standing: Standing) -> dict[str, Any]:
    """A notice with what it matches, what was done, and who has read it."""
    row = standing.notice
    return {
        **plain_json(row),
        "open": standing.open,
        "concerns": [
            {"kind": each.kind, "make": each.make, "model": each.model}
            for each in standing.concerns
        ],
        "unchecked": [
            {"equipment": item.tag, "kind": item.kind, "at": str(item.place or "") or None}
            for item in standing.unchecked
        ],
        "checked": [
            {
                "equipment": each.equipment,
                "outcome": each.outcome,
                "note": each.note,
                "by": each.by,
                "at": rfc3339(each.at),
            }
            for each in standing.checked
        ],
        "read": [{"person": each.person, "at": rfc3339(each.at)} for each in standing.read],
        "unread_by": list(standing.unread_by),
    }


def plain_json(row: Notice) -> dict[str, Any]:
    """What a notice says."""
    file = row.file_name and {
        "name": row.file_name,
        "type": row.file_type,
        "size": row.file_size,
        "path": f"/api/v1/notices/{row.id}/file",
    }
    return {
        "id": str(row.id),
        "number": row.number,
        "kind": row.kind,
        "source": row.source,
        "title": row.title,
        "text": row.text,
        "dated": row.dated,
        "to_check": row.to_check,
        "roles": row.roles,
        "file": file,
        "recorded_by": row.recorded_by,
        "recorded_at": rfc3339(row.recorded_at),
        "withdrawn_at": rfc3339(row.withdrawn_at),
        "withdrawn_by": row.withdrawn_by,
        "withdrawn_why": row.withdrawn_why,
    }


def finding_json(row: OutsideFinding, today: date) -> dict[str, Any]:
    """A finding from outside, and for how many days it has been open."""
    return {
        "id": str(row.id),
        "source": row.source,
        "reference": row.reference,
        "text": row.text,
        "room": row.room,
        "place": row.place,
        "found_on": row.found_on,
        "owner": row.owner,
        "due_on": row.due_on,
        "days_open": days_open(row, row.closed_at.date() if row.closed_at else today),
        "overdue": row.closed_at is None and row.due_on < today,
        "recorded_by": row.recorded_by,
        "recorded_at": rfc3339(row.recorded_at),
        "closed_at": rfc3339(row.closed_at),
        "closed_by": row.closed_by,
        "closed_how": row.closed_how,
    }
