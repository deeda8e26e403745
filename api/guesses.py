"""Guessing who somebody is: every way to sign in passes through here and is counted when wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from fastapi import Request

from api.deps import SCREEN_COOKIE, get_parts, on_screen
from nightwarden.errors import Unauthenticated
from nightwarden.store.pins import LockedOut, digest

_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


@contextmanager
def guess(request: Request, now: datetime) -> Iterator[None]:
    """Around a check of a name, PIN, password or code; a wrong one counts against its place.

    Raises:
        TooOften: too many were wrong from there.
    """
    guesses, here = get_parts(request).guesses, place(request, now)
    guesses.look(here, now)
    try:
        yield
    except LockedOut:
        raise  # nothing was looked at, so nothing was learnt
    except Unauthenticated:
        guesses.passes(here, now)
        raise


def browser_words(request: Request) -> str:
    """The browser in two words, for the list of sessions: ``Firefox, Android``."""
    agent = request.headers.get("user-agent", "")
    browser = next((word for sign, word in _BROWSERS if sign in agent), "a browser")
    system = next((word for word in _SYSTEMS if word in agent), "")
    return f"{browser}, {system}" if system else browser


def place(request: Request, now: datetime) -> str:
    """Where somebody asks from: an address, or an enrolled screen by itself."""
    if on_screen(request, now):
        return f"screen {digest(request.cookies[SCREEN_COOKIE])}"
    return request.client.host if request.client else "unknown"
