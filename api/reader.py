"""In which language a request is answered: the person's, else the device's, else the browser's.

A person's choice is kept with the person and goes to the browser when they sign in
(``api/pages/tongue.py``), so that a request is answered without a look into the store.
"""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from nightwarden.languages import LANGUAGES, preferred, reading_in

DEVICE_COOKIE, PERSON_COOKIE = "nightwarden_language", "nightwarden_reads"


def asked_for(connection: HTTPConnection) -> str:
    """The language of whoever asks: one of :data:`nightwarden.languages.LANGUAGES`."""
    for cookie in (PERSON_COOKIE, DEVICE_COOKIE):
        if (chosen := connection.cookies.get(cookie)) in LANGUAGES:
            return chosen
    return preferred(connection.headers.get("accept-language", ""))


class ReaderLanguage:
    """ASGI middleware: whatever answers the request speaks the reader's language."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with reading_in(asked_for(HTTPConnection(scope))):
            await self._app(scope, receive, send)
