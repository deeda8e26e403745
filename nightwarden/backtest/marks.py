"""How a picture tells the kinds of alerts apart: a letter and a colour each, in a fixed order.

The letters alone are enough: colours are for those who see them (Okabe and Ito's eight, which most
people can tell apart).
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
_COLOURS = ("#d55e00", "#0072b2", "#b8005c", "#666666", "#009e73", "#a05a00", "#56808f", "#7a4fa3")


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
