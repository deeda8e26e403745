"""What a sheet may hold: its kinds, their columns, and the names that people give those.

The policy:

1. A column's name is matched without regard to case, spaces and signs, by its own name or one of
   the others in :data:`KINDS`; docs/import.md shows the same table, which a test compares.
2. A column says where its value stands in the home file (``path``). What a value may be, the home
   file's reader says; here it is only brought into the form in which a home file has it.
3. An empty cell changes nothing. A cell with a single dash empties what it stands for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Right

CLEARED = frozenset({"-", "–", "—"})
"""What a person writes into a cell that is to be emptied."""


class Reads(StrEnum):
    """Into which form a cell is brought."""

    TEXT = "text"
    WORD = "word"
    """One of a list: ``Bed mat`` is ``bed_mat``."""
    DAY = "day"
    NUMBER = "number"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``whole``: clearing it takes the group away that it is in; ``lasting``: it cannot
    be cleared. ``inner``: it is of the inner part, such as a place of a room."""

    name: str
    path: tuple[str, ...]
    also: tuple[str, ...] = ()
    reads: Reads = Reads.TEXT
    inner: bool = False
    whole: bool = False
    lasting: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class SheetKind:
    """A kind of sheet: which list of the home file it speaks of.

    ``key`` is the column that names a part; ``inner_key`` names an inner part, where the sheet has
    a row for each. ``parent``: the part has to be in the register already.
    """

    of: str
    parts: str
    key: str
    columns: tuple[Column, ...]
    right: Right
    says: str
    inner: str | None = None
    inner_key: tuple[str, ...] = ()
    parent: bool = False

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if the sheet has none."""
        return next(iter(each for each in self.columns if each.name == name))

    def of_header(self, header: str) -> Column | None:
        """The column that somebody means by ``header``."""
        asked = plain(header)
        for column in self.columns:
            if asked and asked in {plain(column.name), *map(plain, column.also)}:
                return column
        return None


def plain(header: str) -> str:
    """``Asset No.`` as ``assetno``: what two ways of writing a name have in common."""
    return re.sub(r"[\W_]+", "", header.casefold())


def _day(name: str, *path: str, also: Sequence[str] = (), **more: bool) -> Column:
    return Column(name, path, tuple(also), Reads.DAY, example="2027-01-31", **more)


def _equipment() -> SheetKind:
    columns = (
        Column(
            "tag",
            ("tag",),
            ("asset", "asset tag", "asset no", "asset number", "asset id", "label", "item"),
            example="MAT-0012",
        ),
        Column(
            "kind",
            ("kind",),
            ("type", "equipment", "equipment type", "category", "what"),
            Reads.WORD,
            example="bed_mat",
        ),
        Column("at", ("at",), ("location", "where", "room/place", "position"), example="12/bed"),
        Column("room", ("at",), ("room no", "room number", "bedroom"), example="12"),
        Column("place", ("at",), ("spot", "place in room"), example="bed"),
        Column("mount", ("mount",), ("mounting", "fixed to"), Reads.WORD),
        Column("make", ("make",), ("maker", "manufacturer", "brand", "supplier")),
        Column("model", ("model",), ("model no", "model number", "product")),
        Column("serial", ("serial",), ("serial no", "serial number", "s/n", "sn")),
        _day(
            "in_service",
            "in_service",
            also=("in service date", "in use since", "date in service", "installed", "purchased"),
        ),
        Column(
            "service_life_days",
            ("service_life_days",),
            ("service life", "life days", "lifetime days"),
            Reads.NUMBER,
        ),
        Column("for", ("for",), ("resident", "resident id", "meant for", "belongs to")),
        Column("status", ("status",), ("condition",), Reads.WORD),
        Column("dialect", ("device", "dialect"), ("protocol", "device type", "language")),
        Column(
            "address",
            ("device", "address"),
            ("device", "device address", "device id", "friendly name", "dev eui", "mqtt"),
            whole=True,
        ),
        Column("channel", ("device", "channel"), ("input", "device channel")),
        Column(
            "supervision_s",
            ("device", "supervision_s"),
            ("supervision", "supervision seconds"),
            Reads.NUMBER,
        ),
        Column("proof_s", ("device", "proof_s"), ("proof", "proof seconds"), Reads.NUMBER),
        Column("confirmed_by", ("confirmed", "by"), ("seen by", "checked by"), lasting=True),
        _day(
            "confirmed_on",
            "confirmed",
            "on",
            also=("seen on", "checked on", "last seen", "last checked"),
            lasting=True,
        ),
        Column(
            "confirmed_state",
            ("confirmed", "state"),
            ("state", "found", "found as"),
            Reads.WORD,
            lasting=True,
        ),
        Column("transmitter_make", ("transmitter", "make"), ("box make",)),
        Column("transmitter_model", ("transmitter", "model"), ("box model",)),
        Column("transmitter_serial", ("transmitter", "serial"), ("transmitter", "box serial")),
        Column("sounds_for", ("sounds_for",), (), Reads.WORD),
        Column("sounds_from", ("sounds_from",), (), Reads.WORD),
        Column("owner", ("owner",), ("answers for it",)),
        _day("until", "until", also=("end date", "due back")),
    )
    says = phrase("Every item with its asset tag: one row an item.")
    return SheetKind(phrase("equipment"), "equipment", "tag", columns, Right.KEEP_REGISTER, says)


def _rooms() -> SheetKind:
    columns = (
        Column(
            "room", ("id",), ("id", "room no", "room number", "room id", "bedroom"), example="12"
        ),
        Column("zone", ("zone",), ("floor", "wing", "unit", "area"), example="ground floor"),
        Column(
            "kind", ("kind",), ("room kind", "room type", "type"), Reads.WORD, example="bedroom"
        ),
        Column(
            "place",
            ("id",),
            ("place id", "spot", "emitter name", "radiator", "heater"),
            inner=True,
            example="radiator-window",
        ),
        Column(
            "emitter",
            ("emitter",),
            ("emitter kind", "emitter type", "heat emitter", "heat source"),
            Reads.WORD,
            inner=True,
            example="radiator",
        ),
        Column("circuit", ("circuit",), ("heating circuit", "loop"), inner=True),
        Column("assessed_by", ("assessed", "by"), ("assessor",), inner=True, whole=True),
        _day("assessed_on", "assessed", "on", also=("assessed", "assessment date"), inner=True),
        Column("finding", ("assessed", "finding"), ("assessment", "result", "found"), inner=True),
        Column("owner", ("owner",), ("answers for it",), inner=True),
        _day("until", "until", also=("end date",), inner=True),
    )
    says = phrase(
        "Every room, and in a row each the places in it: beds, chairs and each heat emitter."
    )
    return SheetKind(
        phrase("rooms"), "rooms", "room", columns, Right.KEEP_REGISTER, says, "places", ("place",)
    )


def _residents() -> SheetKind:
    columns = (
        Column("resident", ("id",), ("id", "resident id", "ref", "reference"), example="res-12"),
        Column(
            "shown_as",
            ("shown_as",),
            ("name", "shown name", "first name", "initials", "known as"),
            example="Joan",
        ),
        Column("room", ("room",), ("room no", "room number", "bedroom"), example="12"),
        _day("admitted", "admitted", also=("admission", "admission date", "admitted on")),
        Column("consent", ("consent", "basis"), ("consent basis",), Reads.WORD, lasting=True),
        Column("consent_by", ("consent", "by"), ("consent from",), lasting=True),
        _day("consent_on", "consent", "on", also=("consent date",), lasting=True),
        _day("consent_review_by", "consent", "review_by", also=("consent review",)),
        Column("consent_note", ("consent", "note")),
        Column("place", ("place",), ("at", "where"), inner=True, example="bed"),
        Column(
            "needs",
            ("needs",),
            ("need", "required", "requires", "requirement", "equipment", "kind"),
            Reads.WORD,
            inner=True,
            example="bed_mat",
        ),
        Column(
            "hours",
            ("hours",),
            ("times", "watched", "when"),
            Reads.HOURS,
            inner=True,
            example="21:00-07:00",
        ),
        Column(
            "because",
            ("because",),
            ("reason", "why"),
            inner=True,
            example="falls assessment 2026-10-01",
        ),
        _day("review_by", "review_by", also=("review", "review date", "next review"), inner=True),
        Column(
            "dwell_s", ("dwell_s",), ("dwell", "dwell seconds", "delay"), Reads.NUMBER, inner=True
        ),
        Column("tell", ("tell",), ("policy", "who is told"), inner=True),
        Column("action", ("action",), ("what to do", "instructions"), inner=True),
        Column("assessment", ("assessment",), ("assessment id",), inner=True),
    )
    says = phrase("Every resident, and in a row each what their plan requires at which place.")
    return SheetKind(
        phrase("residents"),
        "residents",
        "resident",
        columns,
        Right.CHANGE_PLANS,
        says,
        "requirements",
        ("place", "needs"),
    )


def _assessments() -> SheetKind:
    columns = (
        Column("resident", ("id",), ("resident id", "ref"), example="res-12"),
        Column("assessment", ("id",), ("id", "assessment id"), inner=True, example="falls"),
        Column("kind", ("kind",), ("type", "what"), Reads.WORD, inner=True, example="falls"),
        Column("by", ("by",), ("assessor", "assessed by"), inner=True, example="A. Smith"),
        _day("on", "on", also=("date", "assessed on", "assessment date"), inner=True),
        _day("review_by", "review_by", also=("review", "review date", "next review"), inner=True),
        Column("mobility", ("mobility",), ("moves",), inner=True),
        Column("heat_sensitivity", ("heat_sensitivity",), ("sensitivity to heat",), inner=True),
        Column("capacity", ("capacity",), ("mental capacity",), inner=True),
        Column("furniture", ("furniture",), ("furniture that traps",), inner=True),
        Column("finding", ("finding",), ("result", "outcome"), inner=True),
    )
    says = phrase("What was judged of residents who are in the register: one row an assessment.")
    return SheetKind(
        phrase("assessments"),
        "residents",
        "resident",
        columns,
        Right.CHANGE_PLANS,
        says,
        "assessments",
        ("assessment",),
        parent=True,
    )


KINDS: dict[str, SheetKind] = {
    kind.of: kind for kind in (_equipment(), _rooms(), _residents(), _assessments())
}
"""By the name that ``--of`` takes."""
