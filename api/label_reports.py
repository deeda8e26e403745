"""A fault reported from a label: who may, how often, and the words that are offered.

1. Whoever is signed in reports under their name. Anybody else may too: agency staff who know no
   code have walked past what was broken (A22). It is marked as not signed in, and one phone may do
   so a few times in some minutes.
2. Words of each kind are offered, so that two taps are enough.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import Request

from api.deps import Actor, EnrolledScreen, get_parts
from nightwarden.errors import NotPermitted
from nightwarden.model import claims
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, EquipmentKind, PlaceId
from nightwarden.model.roles import Right
from nightwarden.store import faults, printed_labels
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.printed_labels import Labelled
from nightwarden.store.tables import Fault

STRANGER = phrase("somebody at the label")
LONGEST_NAME = 64

_MAT = (
    phrase("It does not sound"),
    phrase("The lead is loose or out"),
    phrase("It is torn or wet"),
    phrase("It is not here"),
)
_COMMON_WORDS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(map(str, MATS), _MAT),
    EquipmentKind.RADIATOR_COVER: (
        phrase("It is loose"),
        phrase("It is off"),
        phrase("It is broken"),
        phrase("It is too hot to touch"),
    ),
    EquipmentKind.CALL_BUTTON: (
        phrase("Nothing happens"),
        phrase("It is out of reach"),
        phrase("It is broken"),
    ),
    EquipmentKind.PORTABLE_HEATER: (
        phrase("It is too hot to touch"),
        phrase("It stands too close to the bed"),
        phrase("The plug or lead is damaged"),
    ),
}
_ANY_WORDS = (
    phrase("It does not work"),
    phrase("It is broken"),
    phrase("It is not here"),
    phrase("It is too hot to touch"),
)


def common_words(kind: str | None) -> Sequence[str]:
    """What is most often wrong with such a thing, in the words of who sees it."""
    return _COMMON_WORDS.get(kind or "", _ANY_WORDS)


def may_report(request: Request, viewer: Actor | EnrolledScreen | None, now: datetime) -> None:
    """Let a report through.

    Raises:
        TooOften: nobody is signed in there, and it was done too often.
        NotPermitted: the role may not.
    """
    if isinstance(viewer, Actor):
        if not viewer.may(Right.REPORT_FAULT):
            raise NotPermitted(f"A {viewer.role} may not {Right.REPORT_FAULT}.")
        return
    address = request.client.host if request.client else "unknown"
    get_parts(request).strangers.passes(address, now)


def reporter(viewer: Actor | EnrolledScreen | None, called: str | None) -> faults.Reporter:
    """Under whose name a report is kept."""
    if isinstance(viewer, Actor):
        return faults.Reporter(viewer.name)
    words = (called or "").strip()[:LONGEST_NAME]
    return faults.Reporter(checked(claims.text, words or STRANGER, "name"), signed_in=False)


def report_at_label(
    tx: Transaction, code: str, what: str, interim: str | None, by: faults.Reporter
) -> Fault:
    """Report a fault of what a label is on."""
    return faults.report(tx, subject_of(printed_labels.find(tx, code)), what, interim, by)


def subject_of(label: Labelled) -> str | PlaceId:
    """What a label is on: an item's tag, or a place."""
    if label.equipment is not None:
        return label.equipment
    assert label.place is not None, "a label is on an item or on a place"
    return label.place
