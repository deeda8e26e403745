"""The languages that people read here: which there are, who reads which, and what is said in them.

English is in the code. The others are gettext catalogues, ``LANGUAGE/LC_MESSAGES/nightwarden.po``,
that ``make messages`` keeps in step with the code (docs/languages.md).
"""

from nightwarden.languages.reading import (
    ENGLISH,
    LANGUAGES,
    gettext,
    language,
    ngettext,
    pgettext,
    preferred,
    reading_in,
)
from nightwarden.languages.sentences import room_said, said, written

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "gettext",
    "language",
    "ngettext",
    "pgettext",
    "preferred",
    "reading_in",
    "room_said",
    "said",
    "written",
]
