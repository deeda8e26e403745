"""What holds for every request and every answer, so that no page can forget it.

The pages load their own files and nothing else: no inline script or style, no other site, no
frame around them. What a signed-in person or a screen was shown is not kept by the browser.
"""

import re
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nightwarden.importing.sheets import LARGEST_SHEET
from nightwarden.store.uploads import LARGEST_FILE

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

LARGEST_BODY = 1 << 20
"""1 MiB; the largest thing that anybody has to send is a sentence."""

LARGEST_PHOTO = 17 << 20
"""A photo of a phone (``nightwarden.maintenance.pictures``), and the form around it."""

LARGEST_NOTICE = LARGEST_FILE + (1 << 20)
"""A notice with its file (``nightwarden.store.uploads``), and the form around it."""

LARGEST_LIST = LARGEST_SHEET + (1 << 20)
"""A sheet or a home file (``nightwarden.importing``), and the form around it."""

_LARGER = (
    (re.compile(r"/import|/import/confirm|/home-file|/home-file/confirm"), LARGEST_LIST),
    (re.compile(r"/api/v1/import|/api/v1/home-file"), LARGEST_LIST),
    (re.compile(r"/l/[^/]+/check|/floors|/api/v1/equipment/[^/]+/photos"), LARGEST_PHOTO),
    (re.compile(r"/notices|/api/v1/notices/[^/]+/file"), LARGEST_NOTICE),
)
"""Where more may be sent, by the whole path."""


def largest_body(path: str) -> int:
    """How many bytes may be sent to this path."""
    return next((most for known, most in _LARGER if known.fullmatch(path)), LARGEST_BODY)


class SecurityHeaders:
    """ASGI middleware: adds the headers, and ``no-store`` where nothing else was said."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; complete what is sent back (ASGI)."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)


class BodyLimit:
    """ASGI middleware: stops reading a body at :func:`largest_body`, declared or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; whoever reads too much of it gets a 413 to answer with (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = largest_body(scope["path"])
        declared = Headers(scope=scope).get("content-length", "")
        too_large = declared.isascii() and declared.isdigit() and int(declared[:20]) > most
        read = 0

        async def limited() -> Message:
            nonlocal read
            message: Message = {} if too_large else await receive()
            read += len(message.get("body", b""))
            if too_large or read > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, limited, send)
