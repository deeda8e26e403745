"""What a backup is made of, told the same way by the one who writes and the one who reads."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from nightwarden.errors import Invalid

STORE = "nightwarden.db"
CONTENTS = "backup.json"
"""The last member: what the others are, and their digests."""

BEFORE_RESTORE = "before-restore-"
RESTORING = ".restoring"
LEFT_OUT = (STORE + "-", BEFORE_RESTORE, RESTORING)
"""Beginnings of names in the data folder that no backup has: the store's log, which is part of the
copy already, and what earlier restores have put aside."""

FORMAT = 1
_UNKNOWN = f"its {CONTENTS} is not one that this Nightwarden knows (format {FORMAT})"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself.

    ``made_at`` is when the copy of the store was taken, UTC; ``files`` has the SHA-256 by name.
    ``audit_entries`` and ``audit_head`` are those of the record in the copy.
    """

    home: str | None
    made_at: datetime
    made_by: str
    version: str
    audit_entries: int
    audit_head: str
    files: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """For ``backup.json``."""
        return {
            "format": FORMAT,
            "home": self.home,
            "made_at": self.made_at.isoformat(),
            "made_by": self.made_by,
            "version": self.version,
            "audit": {"entries": self.audit_entries, "head": self.audit_head},
            "files": self.files,
        }

    @classmethod
    def from_json(cls, said: object) -> Self:
        """From ``backup.json``.

        Raises:
            Invalid: it is not what ``as_json`` writes.
        """
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise Invalid(_UNKNOWN)
        try:
            return cls(
                home=said["home"],
                made_at=datetime.fromisoformat(said["made_at"]),
                made_by=str(said["made_by"]),
                version=str(said["version"]),
                audit_entries=int(said["audit"]["entries"]),
                audit_head=str(said["audit"]["head"]),
                files={str(name): str(digest) for name, digest in said["files"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Invalid(_UNKNOWN) from None


def beside_the_store(data: Path) -> Iterator[Path]:
    """Every file of the data folder that a backup has beside the store, in order of name."""
    for path in sorted(data.rglob("*")):
        first = path.relative_to(data).parts[0]
        if first == STORE or first.startswith(LEFT_OUT) or first.endswith(".lock"):
            continue
        if path.is_file() and not path.is_symlink():
            yield path


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
