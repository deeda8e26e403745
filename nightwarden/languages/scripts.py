"""The words of the pages' scripts: sent with a page, so that no script holds a second catalogue."""

import json
from functools import lru_cache

from nightwarden.languages.reading import ENGLISH, catalogue, language, translations

SCRIPTS = ".js"
_ENOUGH = 200
"""Every plural category of our languages has a number below this (CLDR: the few of Polish, 2)."""


def script_words() -> str:
    """What the scripts say, as JSON for the reader's language: empty for English.

    A message is a text; a counted one is a text for each plural category of ``Intl.PluralRules``,
    under its two English forms joined by a line end, as ``static/words.js`` asks for it.
    """
    return "" if (chosen := language()) == ENGLISH else _words(chosen)


@lru_cache
def _words(chosen: str) -> str:
    from babel import Locale

    there, plural = translations(chosen), Locale(chosen).plural_form
    numbers = {str(plural(number)): number for number in reversed(range(_ENOUGH))}
    words: dict[str, str | dict[str, str]] = {}
    for message in catalogue(chosen):
        if not any(path.endswith(SCRIPTS) for path, _ in message.locations):
            continue
        if isinstance(message.id, str):
            words[message.id] = there.gettext(message.id)
        else:
            one, many = message.id
            words[f"{one}\n{many}"] = {
                category: there.ngettext(one, many, number) for category, number in numbers.items()
            }
    # It stands inside a <script> of type application/json: nothing in it may look like its end.
    return json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
