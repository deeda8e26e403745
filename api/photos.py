"""A photo on its way: taken from a request before any transaction is open, and kept by its digest.

Drawing a photo anew takes a good part of a second, in which nobody else may have to wait for the
store: so it is done before the transaction, and one at a time, which bounds the memory.
"""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.deps import get_parts
from nightwarden.errors import Invalid
from nightwarden.maintenance.pictures import Picture, redrawn
from nightwarden.store.photos import PhotoFiles

PHOTO = "photo"


async def photo_in_form(request: Request) -> Picture | None:
    """The photo of a form; None where none was chosen.

    Raises:
        Invalid: it is no photo, or too large.
    """
    form = await request.form()
    sent = form.get(PHOTO)
    if not isinstance(sent, UploadFile) or (not sent.filename and not sent.size):
        return None
    content = await sent.read()
    return await _kept(request, content) if content else None


async def photo_in_body(request: Request) -> Picture:
    """The photo that is the whole body of a request.

    Raises:
        Invalid: it is no photo, or too large.
    """
    return await _kept(request, await request.body())


async def _kept(request: Request, content: bytes) -> Picture:
    parts = get_parts(request)
    async with parts.drawing:
        try:
            picture = await run_in_threadpool(redrawn, content)
        except MemoryError:
            raise Invalid("The photo is too large for this machine; take a smaller one.") from None
        files = PhotoFiles(parts.store.folder)
        await run_in_threadpool(files.keep, picture.digest, picture.content, picture.small)
    return picture


FormPhoto = Annotated[Picture | None, Depends(photo_in_form)]
BodyPhoto = Annotated[Picture, Depends(photo_in_body)]
