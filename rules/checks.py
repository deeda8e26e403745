"""What is checked at which kind of equipment, what is asked, and what the answers come to.

1. A kind of equipment has several kinds of check, each with its own interval and a reason. The
   home may change an interval, and says why.
2. A cover is asked about as a whole: the panel's cover, then pipes, valves and the gap to the
   furniture (failure-modes.md, H2: a man died between a wardrobe and hot pipes).
3. A touch temperature counts only with the heating on. Above the limit it fails, and until a later
   one passes the item is not signed off (H13).
4. A press test has no answers: a reading is its proof.
5. Each failed answer is a fault of its own.
"""

from collections.abc import Mapping

from nightwarden.model.checks import (
    CheckKind,
    CheckOutcome,
    Choice,
    Interval,
    Judged,
    Question,
)
from nightwarden.model.places import MATS, EquipmentKind, ItemState

COLDEST_C, HOTTEST_C = -10.0, 110.0
"""What a surface in a home can have; anything else is a slip of the finger."""

_COVER = (
    Question(
        "cover",
        "The cover is",
        (
            Choice("fixed", "Fixed", None, ItemState.IN_PLACE),
            Choice("loose", "Loose", "the cover is loose", ItemState.LOOSE),
            Choice("off", "Off", "the cover is off", ItemState.OFF),
            Choice("damaged", "Damaged", "the cover is damaged", ItemState.DAMAGED),
        ),
    ),
    Question(
        "pipes",
        "Pipes that somebody can touch",
        (
            Choice("covered", "Covered or none"),
            Choice("bare", "Bare", "bare pipes are within reach"),
        ),
    ),
    Question(
        "valves",
        "Valves that somebody can touch",
        (
            Choice("covered", "Covered or none"),
            Choice("bare", "Bare", "a bare valve is within reach"),
        ),
    ),
    Question(
        "gap",
        "A gap to the bed or a wardrobe in which somebody could be wedged",
        (
            Choice("none", "No gap"),
            Choice("gap", "There is one", "somebody could be wedged between it and the furniture"),
        ),
    ),
)
_HEATING = Question("heating", "The heating is", (Choice("on", "On"), Choice("off", "Off")))
_TEMPERATURE = Question("temperature_c", "Hottest place that a hand can touch", unit="°C")
_BATTERY = Question(
    "battery",
    "The battery is",
    (
        Choice("good", "Good"),
        Choice("changed", "Changed now"),
        Choice("low", "Low, not changed", "the battery is low"),
        Choice("empty", "Empty, not changed", "the battery is empty"),
    ),
)
_SOUND = Question(
    "sound",
    "Where people work",
    (
        Choice("heard", "Heard well"),
        Choice("faint", "Too faint", "it is too faint to be heard"),
        Choice("silent", "Silent", "it does not sound"),
    ),
)
_CONDITION = Question(
    "condition",
    "It is",
    (Choice("whole", "Whole and clean"), Choice("damaged", "Damaged", "it is damaged")),
)
_LEAD = Question(
    "lead",
    "Lead and plug",
    (
        Choice("whole", "Whole, plugged in"),
        Choice("damaged", "Damaged", "its lead or plug is damaged"),
        Choice("unplugged", "Was unplugged", "it was found unplugged"),
    ),
)
_POSITION = Question(
    "position",
    "It lies",
    (Choice("right", "As it should"), Choice("wrong", "Wrongly", "it lies in the wrong place")),
)

_WORN = "pads and leads wear and are moved with the linen; a green light proves nothing"
_USUAL: dict[EquipmentKind, dict[CheckKind, tuple[int, str]]] = {
    **{
        mat: {
            CheckKind.PRESS: (1, "a light is no proof: it must show a real change each day"),
            CheckKind.VISUAL: (7, _WORN),
            CheckKind.BATTERY: (30, "a mat was found with no batteries at a monthly check"),
        }
        for mat in MATS
    },
    EquipmentKind.RADIATOR_COVER: {
        CheckKind.COVER: (30, ("covers are taken off for work and come loose; 31 days and it is"
                          " unverified")),
        CheckKind.TOUCH_TEMPERATURE: (90, "a thermostat drifts; 43 °C is the limit (HSIS6)"),
    },
    EquipmentKind.CALL_BUTTON: {
        CheckKind.PRESS: (7, "a pulled lead was never noticed: no routine test"),
        CheckKind.VISUAL: (30, "it must be within reach of the bed"),
        CheckKind.BATTERY: (30, "an empty battery says nothing"),
    },
    EquipmentKind.COVER_SWITCH: {
        CheckKind.PRESS: (90, "a switch that sticks says closed for ever"),
        CheckKind.BATTERY: (90, "an empty battery says nothing"),
    },
    EquipmentKind.TEMPERATURE_SENSOR: {
        CheckKind.VISUAL: (90, "a sensor that has fallen off measures the room"),
        CheckKind.BATTERY: (90, "an empty battery says nothing"),
    },
    EquipmentKind.PORTABLE_HEATER: {
        CheckKind.VISUAL: (1, ("it stands there for a time, has an owner and must be clear of"
                           " people and bedding")),
        CheckKind.TOUCH_TEMPERATURE: (7, "people have been burned by portable heaters"),
    },
    EquipmentKind.SOUNDER: {CheckKind.SOUND: (7, "a volume that was turned down is invisible")},
    EquipmentKind.LIGHT: {CheckKind.VISUAL: (30, "a lamp that does not light calls nobody")},
    EquipmentKind.HUB: {CheckKind.VISUAL: (90, "power, aerial and ventilation")},
}  # fmt: skip
_OTHERWISE = {CheckKind.VISUAL: (90, "everything is looked at once a quarter")}


def kinds_of_check(kind: EquipmentKind) -> tuple[CheckKind, ...]:
    """The kinds of check that an item of this kind has."""
    return tuple(_USUAL.get(kind, _OTHERWISE))


def usual_interval(kind: EquipmentKind, check: CheckKind) -> Interval:
    """How often as delivered.

    Raises:
        KeyError: an item of this kind has no such check.
    """
    every_days, because = _USUAL.get(kind, _OTHERWISE)[check]
    return Interval(kind, check, every_days, because)


def questions(kind: EquipmentKind, check: CheckKind) -> tuple[Question, ...]:
    """What is asked, in the order in which one looks; a press test asks nothing."""
    match check:
        case CheckKind.COVER:
            return _COVER
        case CheckKind.TOUCH_TEMPERATURE:
            return (_HEATING, _TEMPERATURE)
        case CheckKind.BATTERY:
            return (_BATTERY,)
        case CheckKind.SOUND:
            return (_SOUND,)
        case CheckKind.PRESS:
            return ()
        case CheckKind.VISUAL:
            return (_CONDITION, _LEAD, _POSITION) if kind in MATS else (_CONDITION,)


def judge(
    kind: EquipmentKind, check: CheckKind, answers: Mapping[str, str], limit_c: float
) -> Judged:
    """What the answers come to; ``limit_c`` is the hottest that a surface may be, in °C.

    Raises:
        ValueError: an answer is missing, unknown or impossible; one sentence.
    """
    asked = questions(kind, check)
    if unknown := set(answers) - {question.name for question in asked}:
        raise ValueError(f'"{min(unknown)}" is not asked at a {check} check')
    given: dict[str, str | float] = {}
    faults: list[str] = []
    found: ItemState | None = None
    for question in asked:
        said = answers.get(question.name, "").strip()
        if not said:
            raise ValueError(f'please answer "{question.asks}"')
        if not question.choices:
            given[question.name] = _degrees(said)
            continue
        choice = next((one for one in question.choices if one.value == said), None)
        if choice is None:
            known = ", ".join(one.value for one in question.choices)
            raise ValueError(f'"{said[:20]}" is no answer to "{question.asks}"; {known} are')
        given[question.name] = said
        found = choice.state or found
        if choice.fault:
            faults.append(choice.fault)
    if check is CheckKind.TOUCH_TEMPERATURE:
        return _touch(given, limit_c)
    outcome = CheckOutcome.FAILED if faults else CheckOutcome.PASSED
    return Judged(outcome, given, tuple(faults), None, found)


def _touch(given: dict[str, str | float], limit_c: float) -> Judged:
    measured = float(given["temperature_c"])
    if measured > limit_c:
        fault = f"it is {measured:.1f} °C where it can be touched; the limit is {limit_c:g} °C"
        return Judged(CheckOutcome.FAILED, given, (fault,))
    if given["heating"] != "on":
        why = "the heating is off, so a cool surface proves nothing; measure again when it is on"
        return Judged(CheckOutcome.NOT_PROVED, given, (), why)
    return Judged(CheckOutcome.PASSED, given)


def _degrees(said: str) -> float:
    plain = said.replace(",", ".").removesuffix("°C").strip()
    digits = plain.removeprefix("-").replace(".", "", 1)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 6:
        raise ValueError(f'"{said[:20]}" is no temperature; write it in °C, such as 41.5')
    if not COLDEST_C <= float(plain) <= HOTTEST_C:
        raise ValueError(f"{said[:20]} °C cannot be; {COLDEST_C:g} to {HOTTEST_C:g} °C can")
    return round(float(plain), 1)
