"""Photos of equipment: drawn anew, without what the camera wrote beside them."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import FileResponse
from pydantic import AwareDatetime

from api.deps import Actor, ReadTx, Viewer, WriteTx, get_parts, requires
from api.nouns import noun_router
from api.paging import LARGEST_ID, listed
from api.photos import BodyPhoto
from nightwarden.errors import NotFound
from nightwarden.model.roles import Right
from nightwarden.store import photos, register
from nightwarden.store.engine import Transaction
from nightwarden.store.photos import PhotoFiles
from nightwarden.store.tables import Photo
from nightwarden.wire import rfc3339

router = noun_router("photos")

Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Checker = Annotated[Actor, Depends(requires(Right.CONFIRM))]

AS_A_PICTURE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=86400, immutable",
}
"""It is shown as a picture and can be nothing else, whatever it was once."""


@router.get("/equipment/{tag}/photos")
def list_photos(tag: str, _actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """The photos of an item, the latest first: who took them, and when."""
    register.item(tx, tag)
    return listed([photo_json(row) for row in photos.of_item(tx, tag)], None)


@router.post("/equipment/{tag}/photos", status_code=201)
def add_photo(
    tag: str, actor: Checker, picture: BodyPhoto, tx: WriteTx, at: AwareDatetime | None = None
) -> dict[str, Any]:
    """Keep a photo of an item: the body is a JPEG, PNG or WebP of up to 16 MiB."""
    item = register.item(tx, tag)
    row = photos.add(
        tx,
        digest=picture.digest,
        size=(picture.width, picture.height, len(picture.content)),
        equipment=item.tag,
        place=item.place,
        at=min(at or tx.now, tx.now),
        by=actor.name,
    )
    return photo_json(row)


@router.get("/photos/{number}")
def get_photo(
    number: str, _viewer: Viewer, tx: ReadTx, request: Request, *, small: bool = False
) -> Response:
    """The picture itself, a JPEG; `small=true` is its thumbnail."""
    return picture_file(tx, PhotoFiles(get_parts(request).store.folder), number, small=small)


def picture_file(tx: Transaction, files: PhotoFiles, number: str, *, small: bool) -> FileResponse:
    """The file of a photo, as a picture and nothing else.

    Raises:
        NotFound: there is no such photo, or its file is gone from the data folder.
    """
    if not number.isascii() or not number.isdigit() or int(number[:20]) > LARGEST_ID:
        raise NotFound(f"There is no photo {number[:40]}.")
    row = photos.find(tx, int(number))
    path = files.small(row.digest) if small else files.path(row.digest)
    if not path.is_file():
        raise NotFound(f"The file of photo {number} is not in the data folder; restore a backup.")
    name = f"{row.equipment}-{row.id}.jpg".encode("ascii", "replace").decode().replace('"', "")
    return FileResponse(
        path,
        media_type="image/jpeg",
        filename=name.replace("?", "_"),
        content_disposition_type="inline",
        headers=AS_A_PICTURE,
    )


def photo_json(row: Photo) -> dict[str, Any]:
    """A photo, without its bytes."""
    return {
        "id": row.id,
        "equipment": row.equipment,
        "seen_at": f"{row.room}/{row.place}" if row.room and row.place else None,
        "check": row.item_check,
        "note": row.note,
        "by": row.by,
        "at": rfc3339(row.at),
        "recorded_at": rfc3339(row.recorded_at),
        "width": row.width,
        "height": row.height,
        "size": row.size,
        "sha256": row.digest,
    }
