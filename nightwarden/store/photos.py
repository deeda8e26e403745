"""Photos: who took which of what and when, and the files beside the store.

The bytes lie in ``photos/`` of the data folder, by the SHA-256 of the larger one. They are on the
disk before the row is committed; a file whose row was rolled back is harmless and is used when
the same photo comes again. See docs/decisions/.
"""

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from nightwarden.errors import NotFound
from nightwarden.model.places import PlaceId
from nightwarden.store import audit
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import ItemCheck, Photo

FOLDER = "photos"


class PhotoFiles:
    """The photos of one home, in a folder."""

    def __init__(self, data: Path) -> None:
        """``data`` is the folder of the store."""
        self._folder = data / FOLDER

    def keep(self, digest: str, content: bytes, small: bytes) -> None:
        """Write both to the disk, whole or not at all; what is there already stays."""
        for path, written in ((self.path(digest), content), (self.small(digest), small)):
            if not path.exists():
                _write(path, written)

    def path(self, digest: str) -> Path:
        """Where the photo is, or would be."""
        return self._folder / digest[:2] / f"{digest}.jpg"

    def small(self, digest: str) -> Path:
        """Where its thumbnail is, or would be."""
        return self._folder / digest[:2] / f"{digest}-small.jpg"


def add(  # noqa: PLR0913
    tx: Transaction,
    *,
    digest: str,
    size: tuple[int, int, int],
    equipment: str,
    place: PlaceId | None,
    at: datetime,
    by: str,
    check: ItemCheck | None = None,
    note: str | None = None,
) -> Photo:
    """Enter a photo whose files are kept; ``size`` is width, height and bytes.

    The same photo of the same check again is the same photo.
    """
    same = select(Photo).where(Photo.digest == digest, Photo.equipment == equipment)
    same = same.where(Photo.item_check == check.id if check else col(Photo.item_check).is_(None))
    if (kept := tx.exec(same).first()) is not None:
        return kept
    width, height, size_bytes = size
    row = Photo(
        digest=digest,
        equipment=equipment,
        room=place.room if place else None,
        place=place.place if place else None,
        item_check=check.id if check else None,
        note=note,
        width=width,
        height=height,
        size=size_bytes,
        by=by,
        at=at,
        recorded_at=tx.now,
    )
    tx.add(row)
    tx.flush()
    detail = {"photo": row.id, "sha256": digest, "check": row.item_check}
    audit.record(tx, by, "took a photo", f"equipment {equipment}", detail)
    return row


def find(tx: Transaction, number: int) -> Photo:
    """One photo.

    Raises:
        NotFound: there is none with this number.
    """
    row = tx.get(Photo, number)
    if row is None:
        raise NotFound(f"There is no photo {number}.")
    return row


def of_item(tx: Transaction, tag: str, limit: int = 60) -> list[Photo]:
    """The photos of an item, the latest first."""
    query = select(Photo).where(Photo.equipment == tag).order_by(col(Photo.id).desc())
    return list(tx.exec(query.limit(limit)))


def of_checks(tx: Transaction, numbers: Sequence[int]) -> dict[int, list[Photo]]:
    """The photos of some checks, by the number of the check."""
    found: dict[int, list[Photo]] = {}
    for row in tx.exec(select(Photo).where(col(Photo.item_check).in_(numbers))):
        assert row.item_check is not None
        found.setdefault(row.item_check, []).append(row)
    return found


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
