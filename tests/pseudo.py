"""A language for tests: each message is itself between ⟦ and ⟧, so that one sees what was found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from nightwarden.languages import reading, reading_in, scripts, sentences, shapes

CODE = "pl"
"""It takes the place of a language that we have, whose numbers have several forms."""


def wrapped(text: str) -> str:
    """A message as it is said."""
    return f"⟦{text}⟧"


@contextmanager
def speaking(
    messages: Catalog, folder: Path, say: Callable[[str], str] = wrapped
) -> Iterator[None]:
    """What is said inside is said in the language for tests; ``say`` makes it of the English."""
    there = Catalog(locale=CODE, domain=reading.DOMAIN)
    for one in messages:
        if not one.id:
            continue
        if isinstance(one.id, str):
            said: str | tuple[str, ...] = say(one.id)
        else:
            first, many = one.id
            said = (say(first), *[say(many)] * (there.num_plurals - 1))
        there.add(one.id, said, one.locations, one.flags, context=one.context)
    file = folder / CODE / "LC_MESSAGES" / f"{reading.DOMAIN}.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_po(out, there)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "HERE", folder)
        _forget()
        try:
            with reading_in(CODE):
                yield
        finally:
            _forget()


def _forget() -> None:
    """What is kept of a catalogue once it was read."""
    for kept in (reading._translations, scripts._words, sentences._said, shapes.phrases):
        kept.cache_clear()
