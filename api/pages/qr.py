"""QR codes as drawings in a page: no request for an image, and no style of its own."""

import segno
from markupsafe import Markup


def qr(content: str) -> Markup:
    """The code as an ``svg`` that goes into the page as it is, since it is ours."""
    code = segno.make(content, error="m", micro=False)
    return Markup(code.svg_inline(border=2, omitsize=True))  # noqa: S704
