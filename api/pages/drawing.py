"""Turning a template and its surroundings into a response."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.evidence.answers import spoken
from api.pages.surroundings import Surroundings
from nightwarden import languages
from nightwarden.languages import gettext, pgettext, said
from nightwarden.model.readings import Quantity
from nightwarden.store.tables import ReadingRow

HERE = Path(__file__).parent


@cache
def templates() -> Environment:
    """The templates, read once. An unknown name in one is an error and never an empty place."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    # The extension brings these; they look for the reader's language each time they are called.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        languages.gettext, languages.ngettext, newstyle=True, pgettext=languages.pgettext
    )
    environment.filters["written"] = lambda text: languages.written(str(text))
    environment.filters["said"] = lambda text: languages.said(str(text))
    environment.filters["of_the_house"] = languages.room_said
    environment.filters["in_path"] = lambda text: quote(str(text), safe="")
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    environment.filters["sentence"] = lambda text: str(text)[:1].upper() + str(text)[1:]
    environment.filters["reading"] = _reading_words
    environment.globals["spoken"] = spoken
    environment.globals["stated"] = stated
    return environment


def draw(
    template: str, page: Surroundings, status: HTTPStatus = HTTPStatus.OK, **content: Any
) -> HTMLResponse:
    """A template as a response; it sees ``page`` and what is in ``content``."""
    return HTMLResponse(drawn(template, page, **content), status)


def drawn(template: str, page: Surroundings, **content: Any) -> str:
    """The text of :func:`draw`."""
    return templates().get_template(template).render(page=page, **content)


def stated(kind: str, state: str) -> str:
    """What is the matter with a kind of thing: ``bed mat missing``, ``mata łóżkowa: brakuje``.

    Where a word agrees with what it says something of, a colon stands between the two.
    """
    between = " " if languages.language() == languages.ENGLISH else ": "
    return between.join(said(word.replace("_", " ")) for word in (kind, state))


def back_to(path: str) -> RedirectResponse:
    """After a change: see other. A path of ours only, so that no link can lead away from here."""
    return RedirectResponse(local_path(path), HTTPStatus.SEE_OTHER)


def local_path(path: str) -> str:
    """``path`` if it stays on this site, else the board."""
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if ours and path.isprintable() else "/"


def _reading_words(reading: ReadingRow) -> str:
    """A reading as a person says it."""
    quantity = Quantity(reading.quantity)
    value = reading.word if reading.number is None else reading.number
    return value_words(quantity, "" if value is None else value)


def value_words(quantity: Quantity, value: bool | float | str) -> str:
    """A value as a person says it; booleans may be 0 and 1."""
    yes = bool(value)
    match quantity:
        case Quantity.OCCUPANCY:
            return gettext("somebody is on it") if yes else gettext("nobody is on it")
        case Quantity.CONTACT:
            return gettext("closed") if yes else pgettext("contact", "open")
        case Quantity.TEMPERATURE:
            return said(f"{float(value):.1f} °C")
        case Quantity.BATTERY:
            return gettext("battery {percent} %").format(percent=f"{float(value):.0f}")
        case Quantity.LINK:
            return gettext("online") if yes else gettext("offline")
        case _:
            return said(str(value) or quantity.value)
