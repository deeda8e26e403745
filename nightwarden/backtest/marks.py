"""How a picture tells the kinds of alerts apart: a letter and a colour each, in a fixed order.

The letters alone are enough: colours are for those who see them (the first eight are chosen so that
most people can tell them apart).
"""

from dataclasses import dataclass

from nightwarden.model.alerts import AlertKind

_LETTERS = {
    AlertKind.BED_EXIT: "B",
    AlertKind.NOT_BACK_IN_BED: "N",
    AlertKind.HOT_SURFACE: "H",
    AlertKind.DEVICE_SILENT: "S",
    AlertKind.REQUIRED_NOT_IN_PLACE: "R",
    AlertKind.CALL_BUTTON: "C",
    AlertKind.CHAIR_EXIT: "E",
    AlertKind.FLOOR_MAT: "F",
    AlertKind.ROOM_TOO_COLD: "K",
    AlertKind.ROOM_TOO_HOT: "W",
    AlertKind.HUB_DOWN: "U",
    AlertKind.BATTERY_LOW: "P",
    AlertKind.FLAPPING_LEAD: "L",
    AlertKind.NEVER_CHANGES: "Z",
}
_COLOURS = (
    *("#d55e00", "#0072b2", "#b8005c", "#666666", "#009e73", "#a05a00", "#56808f", "#7a4fa3"),
    *("#1b4d89", "#c22f2f", "#4d4d00", "#007a87", "#8a2be2", "#2e6b2e", "#b35c8b", "#5c3317"),
    *("#3a6ea5", "#9c7a00", "#a3004f", "#005f56", "#6b6bd6", "#85503c", "#4b0082", "#738000"),
    *("#00525e", "#bf4080", "#2f4f4f", "#b34700", "#3d5c99", "#667300", "#993366", "#40664d"),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One kind's letter and colour (``#rrggbb``)."""

    letter: str
    colour: str


def _marks() -> dict[AlertKind, Mark]:
    marks: dict[AlertKind, Mark] = {}
    used = set(_LETTERS.values())
    spare = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm" if letter not in used]
    for number, kind in enumerate(AlertKind):
        letter = _LETTERS.get(kind) or spare.pop(0)
        marks[kind] = Mark(letter, _COLOURS[number % len(_COLOURS)])
    return marks


MARKS = _marks()
