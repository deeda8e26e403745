"""Who reads in which language, and the catalogues.

The language belongs to what is being answered, as the reader does: a context variable, set around
a request and seen by whatever thread answers it. Nothing here is set at import, and outside a
request everything is English.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog
    from babel.support import Translations

ENGLISH: Final = "en"

LANGUAGES: Final = {ENGLISH: "English", "pl": "Polski", "ro": "Română"}
"""Each by its code (ISO 639-1), in its own words."""

DOMAIN: Final = "nightwarden"

HERE: Final = Path(__file__).parent

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
_one_reads = threading.Lock()


def language() -> str:
    """The language of whoever reads what is made now; one of :data:`LANGUAGES`."""
    return _language.get()


@contextmanager
def reading_in(chosen: str) -> Iterator[None]:
    """What is said inside is said in ``chosen``; in English where we do not speak it."""
    token = _language.set(chosen if chosen in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _language.reset(token)


def preferred(accept_language: str) -> str:
    """The first language of a browser's ``Accept-Language`` that we speak; English if none.

    Browsers send it with the best first (RFC 9110 12.5.4), so the weights need no sorting.
    """
    for one in accept_language.split(","):
        code = one.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return ENGLISH


def gettext(message: str) -> str:
    """``message`` in the reader's language."""
    if (chosen := language()) == ENGLISH:
        return message
    return translations(chosen).gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    """The form of a message that goes with ``number``, in the reader's language."""
    if (chosen := language()) == ENGLISH:
        return one if number == 1 else many
    return translations(chosen).ngettext(one, many, number)


def pgettext(context: str, message: str) -> str:
    """``message`` where English has one word for several: ``context`` says which is meant."""
    if (chosen := language()) == ENGLISH:
        return message
    return str(translations(chosen).pgettext(context, message))


def catalogue(chosen: str) -> "Catalog":
    """What stands in the file of a language."""
    from babel.messages.pofile import read_po

    with (HERE / chosen / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=chosen, domain=DOMAIN)


def translations(chosen: str) -> "Translations":
    """The catalogue of a language, ready to be asked: read from its text once a process."""
    with _one_reads:  # thirty boards that turn Polish together read it once
        return _translations(chosen)


@lru_cache
def _translations(chosen: str) -> "Translations":
    from babel.messages.mofile import write_mo
    from babel.support import Translations

    compiled = BytesIO()
    write_mo(compiled, catalogue(chosen))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)
