"""``make messages``: the catalogues hold what the code says, no more and no less.

A message that is new stands in each catalogue with nothing beside it, and the tests name it until
somebody has translated it. One that is gone is taken out: Git remembers it. Nothing is guessed: a
message whose English changed is a new one.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from nightwarden.languages import extracting
from nightwarden.languages.reading import DOMAIN, ENGLISH, HERE, LANGUAGES, catalogue

ROOT = HERE.parents[1]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "say": None,
    "sayCount": (2, 3),
}
"""Which arguments of which calls are messages; in Python ``extracting`` says so."""

PHRASES = f"{extracting.__name__}:{extracting.phrases.__name__}"

MESSAGES_IN = [
    ("api/**.py", PHRASES),
    ("rules/**.py", PHRASES),
    ("nightwarden/binding.py", PHRASES),
    ("gateway/outlets/channels.py", PHRASES),
    *(
        (f"nightwarden/{part}/**.py", PHRASES)
        for part in (
            "elsewhere", "explaining", "homefile", "importing",
            "maintenance", "model", "personal", "rulesfile", "store",
        )
    ),
    ("api/pages/templates/**.html", "jinja2.ext:babel_extract"),
    ("api/pages/static/**.js", "javascript"),
]  # fmt: skip
"""What is read, and how. The command line and the gateway's log speak English alone."""

_OPTIONS = {"api/pages/templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
_TOP = frozenset({"api", "gateway", "rules", "nightwarden"})


@cache
def messages(root: Path = ROOT) -> Catalog:
    """Every message that the code holds, in the order of its files; read once a process."""
    found = Catalog(domain=DOMAIN, project="Nightwarden", charset="utf-8")
    for path, _, message, comments, context in extract_from_dir(
        root, MESSAGES_IN, _OPTIONS, KEYWORDS, ("NOTE:",), directory_filter=_is_ours
    ):
        _must_agree(found, message, context, path)
        found.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    for meaning in _meanings():
        found.add(meaning, locations=[("rules/rulebook.py", 0)])
    return found


def _meanings() -> Iterator[str]:
    """What each setting of the rules is called, and what it is: its rule's docstring says so."""
    from nightwarden.rulesfile.settings import all_settings

    for setting in all_settings().values():
        yield setting.meaning
        yield from (name.replace("_", " ") for name in setting.path[1:])


def _must_agree(
    found: Catalog, message: str | tuple[str, ...], context: str | None, path: str
) -> None:
    """A catalogue has one entry for a message: with forms by number, or with none."""
    first = message if isinstance(message, str) else message[0]
    before = found.get(first, context)
    if before is not None and isinstance(before.id, str) != isinstance(message, str):
        raise ValueError(f'{path}: "{first}" is counted here or elsewhere; count it in both')


def _is_ours(folder: str) -> bool:
    return Path(folder).relative_to(ROOT).parts[0] in _TOP


def main() -> int:
    """Update every catalogue; says how many messages wait for a translation."""
    template = messages()
    for code in LANGUAGES:
        if code == ENGLISH:
            continue
        file = HERE / code / "LC_MESSAGES" / f"{DOMAIN}.po"
        there = catalogue(code) if file.exists() else Catalog(locale=code, domain=DOMAIN)
        there.update(template, no_fuzzy_matching=True)
        with file.open("wb") as opened:
            opened.write(_header(code, there).encode())
            write_po(
                opened, there, width=0, omit_header=True, ignore_obsolete=True, include_lineno=False
            )
        waiting = sum(1 for one in there if one.id and not _translated(one.string))
        print(f"{file.relative_to(ROOT)}: {len(there)} messages, {waiting} to translate")  # noqa: T201
    return 0


def _header(code: str, there: Catalog) -> str:
    """What a reader of the file has to know, and no dates: Git has them."""
    lines = (
        f"Language: {code}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {there.plural_forms}",
    )
    said = "".join(f'"{line}\\n"\n' for line in lines)
    return f'# {LANGUAGES[code]}; see docs/languages.md\nmsgid ""\nmsgstr ""\n{said}\n'


def _translated(string: object) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
