"""A photo from a phone, made anew: nothing of the file that was sent is kept but its pixels.

1. What it is is judged by its content, never by its name: JPEG, PNG or WebP.
2. It is drawn anew as a JPEG of at most 1,600 pixels a side, turned the way it was held. What a
   camera writes beside it (place, time, owner) is not taken over.
3. How many pixels it claims is looked at before any is read: a small file can unfold to gigabytes.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from nightwarden.errors import Invalid

LARGEST_FILE = 16 << 20
"""16 MiB: the largest that phones make at full quality."""

KINDS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = {"JPEG": 120_000_000, "PNG": 26_000_000, "WEBP": 26_000_000}
"""A JPEG is read at a fraction of its size (``draft``); the others have to be unfolded whole."""

LONGEST_SIDE, SMALL_SIDE = 1600, 320
QUALITY, SMALL_QUALITY = 82, 70


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as it is kept: two JPEGs, the size of the larger, and its SHA-256."""

    content: bytes
    small: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """What it is kept by."""
        return hashlib.sha256(self.content).hexdigest()


def redrawn(sent: bytes) -> Picture:
    """The photo that was sent, made anew.

    Raises:
        Invalid: it is too large, no photo, cut off, or unfolds to too many pixels.
    """
    if not sent:
        raise Invalid("The photo is empty; take it again.")
    if len(sent) > LARGEST_FILE:
        raise Invalid(f"The photo is larger than {LARGEST_FILE >> 20} MiB; take a smaller one.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its size is judged below, by our own numbers
            return _drawn(sent)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        if isinstance(problem, Image.DecompressionBombError):
            raise Invalid("The photo has more pixels than any camera; take it again.") from None
        raise Invalid("This is no photo that can be read; send a JPEG, PNG or WebP.") from None


def _drawn(sent: bytes) -> Picture:
    with Image.open(io.BytesIO(sent), formats=KINDS) as photo:
        kind = photo.format or ""
        if photo.width * photo.height > MOST_PIXELS[kind]:
            raise Image.DecompressionBombError
        if kind == "JPEG":
            photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        held = ImageOps.exif_transpose(photo)
        drawn = _on_white(held)
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    width, height = drawn.size
    content = _jpeg(drawn, QUALITY)
    drawn.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Picture(content, _jpeg(drawn, SMALL_QUALITY), width, height)


def _on_white(photo: Image.Image) -> Image.Image:
    """Plain red, green and blue; what can be seen through is white."""
    if photo.mode in {"RGBA", "LA", "P", "PA"}:
        seen = photo.convert("RGBA")
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    plain = Image.new("RGB", photo.size)  # a new one: ``convert`` would take its notes along
    plain.paste(photo.convert("RGB"))
    return plain


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()
