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
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, EquipmentKind, ItemState

COLDEST_C, HOTTEST_C = -10.0, 110.0
"""What a surface in a home can have; anything else is a slip of the finger."""

_COVER = (
    Question(
        "cover",
        phrase("The cover is"),
        (
            Choice("fixed", phrase("Fixed"), None, ItemState.IN_PLACE),
            Choice("loose", phrase("Loose"), phrase("the cover is loose"), ItemState.LOOSE),
            Choice("off", phrase("Off"), phrase("the cover is off"), ItemState.OFF),
            Choice("damaged", phrase("Damaged"), phrase("the cover is damaged"), ItemState.DAMAGED),
        ),
    ),
    Question(
        "pipes",
        phrase("Pipes that somebody can touch"),
        (
            Choice("covered", phrase("Covered or none")),
            Choice("bare", phrase("Bare"), phrase("bare pipes are within reach")),
        ),
    ),
    Question(
        "valves",
        phrase("Valves that somebody can touch"),
        (
            Choice("covered", phrase("Covered or none")),
            Choice("bare", phrase("Bare"), phrase("a bare valve is within reach")),
        ),
    ),
    Question(
        "gap",
        phrase("A gap to the bed or a wardrobe in which somebody could be wedged"),
        (
            Choice("none", phrase("No gap")),
            Choice(
                "gap",
                phrase("There is one"),
                phrase("somebody could be wedged between it and the furniture"),
            ),
        ),
    ),
)
_HEATING = Question(
    "heating", phrase("The heating is"), (Choice("on", phrase("On")), Choice("off", phrase("Off")))
)
_TEMPERATURE = Question("temperature_c", phrase("Hottest place that a hand can touch"), unit="°C")
_BATTERY = Question(
    "battery",
    phrase("The battery is"),
    (
        Choice("good", phrase("Good")),
        Choice("changed", phrase("Changed now")),
        Choice("low", phrase("Low, not changed"), phrase("the battery is low")),
        Choice("empty", phrase("Empty, not changed"), phrase("the battery is empty")),
    ),
)
_SOUND = Question(
    "sound",
    phrase("Where people work"),
    (
        Choice("heard", phrase("Heard well")),
        Choice("faint", phrase("Too faint"), phrase("it is too faint to be heard")),
        Choice("silent", phrase("Silent"), phrase("it does not sound")),
    ),
)
_CONDITION = Question(
    "condition",
    phrase("It is"),
    (
        Choice("whole", phrase("Whole and clean")),
        Choice("damaged", phrase("Damaged"), phrase("it is damaged")),
    ),
)
_LEAD = Question(
    "lead",
    phrase("Lead and plug"),
    (
        Choice("whole", phrase("Whole, plugged in")),
        Choice("damaged", phrase("Damaged"), phrase("its lead or plug is damaged")),
        Choice("unplugged", phrase("Was unplugged"), phrase("it was found unplugged")),
    ),
)
_POSITION = Question(
    "position",
    phrase("It lies"),
    (
        Choice("right", phrase("As it should")),
        Choice("wrong", phrase("Wrongly"), phrase("it lies in the wrong place")),
    ),
)

_WORN = phrase("pads and leads wear and are moved with the linen; a green light proves nothing")
_USUAL: dict[EquipmentKind, dict[CheckKind, tuple[int, str]]] = {
    **{
        mat: {
            CheckKind.PRESS: (
                1,
                phrase("a light is no proof: it must show a real change each day"),
            ),
            CheckKind.VISUAL: (7, _WORN),
            CheckKind.BATTERY: (30, phrase("a mat was found with no batteries at a monthly check")),
        }
        for mat in MATS
    },
    EquipmentKind.RADIATOR_COVER: {
        CheckKind.COVER: (
            30,
            phrase("covers are taken off for work and come loose; 31 days and it is unverified"),
        ),
        CheckKind.TOUCH_TEMPERATURE: (
            90,
            phrase("a thermostat drifts; 43 °C is the limit (HSIS6)"),
        ),
    },
    EquipmentKind.CALL_BUTTON: {
        CheckKind.PRESS: (7, phrase("a pulled lead was never noticed: no routine test")),
        CheckKind.VISUAL: (30, phrase("it must be within reach of the bed")),
        CheckKind.BATTERY: (30, phrase("an empty battery says nothing")),
    },
    EquipmentKind.COVER_SWITCH: {
        CheckKind.PRESS: (90, phrase("a switch that sticks says closed for ever")),
        CheckKind.BATTERY: (90, phrase("an empty battery says nothing")),
    },
    EquipmentKind.TEMPERATURE_SENSOR: {
        CheckKind.VISUAL: (90, phrase("a sensor that has fallen off measures the room")),
        CheckKind.BATTERY: (90, phrase("an empty battery says nothing")),
    },
    EquipmentKind.PORTABLE_HEATER: {
        CheckKind.VISUAL: (
            1,
            phrase(
                "it stands there for a time, has an owner and must be clear of people and bedding"
            ),
        ),
        CheckKind.TOUCH_TEMPERATURE: (7, phrase("people have been burned by portable heaters")),
    },
    EquipmentKind.SOUNDER: {
        CheckKind.SOUND: (7, phrase("a volume that was turned down is invisible"))
    },
    EquipmentKind.LIGHT: {
        CheckKind.VISUAL: (30, phrase("a lamp that does not light calls nobody"))
    },
    EquipmentKind.HUB: {CheckKind.VISUAL: (90, phrase("power, aerial and ventilation"))},
}
_OTHERWISE = {CheckKind.VISUAL: (90, phrase("everything is looked at once a quarter"))}


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
        celsius, limit = f"{measured:.1f} °C", f"{limit_c:g} °C"
        fault = phrase(f"it is {celsius} where it can be touched; the limit is {limit}")
        return Judged(CheckOutcome.FAILED, given, (fault,))
    if given["heating"] != "on":
        why = phrase(
            "the heating is off, so a cool surface proves nothing; measure again when it is on"
        )
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
