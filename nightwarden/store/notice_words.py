"""What may be said in a notice, and which items it may name."""

from nightwarden.errors import Invalid
from nightwarden.model import claims
from nightwarden.model.notices import Concerns
from nightwarden.model.places import EquipmentKind
from nightwarden.store.descriptions import checked

LONGEST_TEXT = 20_000
"""Signs; what is longer is sent as a file."""


def bounded(each: Concerns) -> None:
    """Refuse what would match every item of the home."""
    if each.kind is not None and each.kind not in set(EquipmentKind):
        raise Invalid(f'kind: "{each.kind}" is none of {", ".join(EquipmentKind)}.')
    for field in ("make", "model"):
        if (value := getattr(each, field)) is not None:
            checked(claims.text, value, field)
    said = (each.kind, (each.make or "").strip("*? "), (each.model or "").strip("*? "))
    if not any(said):
        raise Invalid("concerns: name a kind, a make or a model; * alone would be everything.")


def long_text(text: str) -> str:
    """The text of a notice, with its lines; Invalid where it is too long or cannot be seen."""
    kept = text.replace("\r\n", "\n").strip()
    if len(kept) > LONGEST_TEXT:
        raise Invalid(f"text: {LONGEST_TEXT} characters at most; send a longer one as a file.")
    if not all(sign.isprintable() or sign in "\n\t" for sign in kept):
        raise Invalid("text: it has a character in it that cannot be seen; remove it.")
    return kept
