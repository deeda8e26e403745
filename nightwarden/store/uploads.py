"""Files that people send: how large, of which type by their content, and under which name.

1. What a file is, its bytes say, and neither its name nor the browser. What we do not know is
   refused: a document, a picture or plain text is enough for a notice.
2. It is given back as a download and never shown as a page of ours.
"""

import hashlib
import re
from dataclasses import dataclass

from nightwarden.errors import Invalid

LARGEST_FILE = 8 << 20
"""8 MiB: a notice of some pages with pictures."""

_MAGIC = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)
_NOT_IN_NAMES = re.compile(r"[^\w .,()\-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it is kept; ``name`` is safe to give back, ``sha256`` in hexadecimal."""

    name: str
    media_type: str
    content: bytes
    sha256: str


def checked_upload(name: str, content: bytes) -> Upload:
    """A file that somebody sent.

    Raises:
        Invalid: it is empty, too large, or of no type that is taken.
    """
    if not content:
        raise Invalid("file: it is empty; choose the notice itself.")
    if len(content) > LARGEST_FILE:
        raise Invalid(f"file: it is larger than {LARGEST_FILE >> 20} MiB; send a smaller copy.")
    media_type, ending = _type_of(content)
    stem = _NOT_IN_NAMES.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem = stem.rpartition(".")[0] or stem or "notice"
    digest = hashlib.sha256(content).hexdigest()
    return Upload(f"{stem[:80]}{ending}", media_type, content, digest)


def _type_of(content: bytes) -> tuple[str, str]:
    for magic, media_type, ending in _MAGIC:
        if content.startswith(magic):
            return media_type, ending
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if all(sign.isprintable() or sign in "\r\n\t\f\ufeff" for sign in text):
        return "text/plain; charset=utf-8", ".txt"
    raise Invalid("file: send a PDF, a PNG or JPEG picture, or plain text in UTF-8.")
