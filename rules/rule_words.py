"""What each rule watches for, in one sentence that whoever was called can read.

The numbers are not here: they are settings of the home, and an explanation has those that were in
force.
"""

from collections.abc import Mapping

from nightwarden.model.alerts import AlertKind

RULE_WORDS: Mapping[AlertKind, str] = {
    AlertKind.BED_EXIT: "A bed that was occupied is empty, in its required hours, for the dwell.",
    AlertKind.NOT_BACK_IN_BED: "A bed is still empty some minutes after it was left.",
    AlertKind.OUT_OF_BED_OFTEN: "A resident was up more often this night than is usual for them.",
    AlertKind.CLOCK_DRIFT: "A device's own time differs from ours, again and again.",
    AlertKind.READING_IMPLAUSIBLE: "Many readings of a device in a while could not be believed.",
    AlertKind.READING_FROZEN: "A temperature that is said again and again has not moved by a hair "
    "for so long that it cannot be.",
    AlertKind.MISSED_FLOOR_MAT: "A bed or chair was left and the floor mat beside it noticed "
    "nothing, several times in a row.",
    AlertKind.CALL_BUTTON: "A call button was pressed, or somebody called for help with it.",
    AlertKind.CHAIR_EXIT: "A chair that was occupied is empty, in its required hours, for the "
    "dwell.",
    AlertKind.FLOOR_MAT: "Somebody steps on the floor mat, in its required hours, for the dwell.",
    AlertKind.HOT_SURFACE: "A surface that a person can touch is at the limit or above for the "
    "hold time, or so hot that it burns at once.",
    AlertKind.CIRCUIT_HOT: "Several heat emitters of one heating circuit are too hot together.",
    AlertKind.ROOM_TOO_COLD: "The air of a room is below the limit for the hold time.",
    AlertKind.ROOM_TOO_HOT: "The air of a room is above the limit for the hold time.",
    AlertKind.DEVICE_SILENT: "A device has not spoken within its supervision interval, or is off "
    "or unplugged for longer than a restart takes.",
    AlertKind.CLOCK_DRIFT: "A device's own clock is wrong, several times in a row.",
    AlertKind.READING_IMPLAUSIBLE: "A sensor says again and again what cannot be: it is at fault, "
    "and not the room.",
    AlertKind.READING_FROZEN: "A sensor repeats the very same value for so long that it must be "
    "stuck.",
    AlertKind.HUB_DOWN: "A hub, through which other devices are heard, is off for longer than a "
    "restart takes.",
    AlertKind.BATTERY_LOW: "A device says that its battery is low, or nearly empty.",
    AlertKind.FLAPPING_LEAD: "A device loses its link again and again within a short time.",
    AlertKind.NEVER_CHANGES: "A required mat speaks, and has not really changed for its whole "
    "proof interval.",
    AlertKind.REQUIRED_NOT_IN_PLACE: "A resident's plan asks for equipment that is not in place.",
    AlertKind.PERMIT_OVERDUE: "Something is off for work, and the time of its permit has passed.",
    AlertKind.FAULT_AGAIN: "A fault was reported that was reported before, of the same item or of "
    "the same kind in the room.",
    AlertKind.HEATER_OVERDUE: "A portable heater is still in a room after the time that it was put "
    "there for.",
    AlertKind.WRONG_ROOM: "An item that is one resident's stands where that resident does not "
    "live.",
    AlertKind.PAST_SERVICE_LIFE: "An item is in use past the life that its maker gives it.",
    AlertKind.UNVERIFIED: "Required equipment that nobody has lately seen to be in place and "
    "working, counted each morning.",
    AlertKind.UNDOCUMENTED: "Equipment in use that no resident's plan asks for, counted each "
    "morning.",
    AlertKind.NOT_ARMED_AFTER_CARE: "A required mat is not back some minutes after care has ended, "
    "or after its required hours have begun.",
    AlertKind.MATS_SILENT_TOGETHER: "Mats of several rooms fall silent close together.",
    AlertKind.ROUND_MISSED: "A manual round asks for a look at a resident whom nothing else "
    "protects, and nobody has ticked one in time.",
    AlertKind.MAINS_LOST: "A mains monitor says that the power of the house is out.",
    AlertKind.UNTESTED_AFTER_SERVICE: "A mat or call button was worked on, moved or given another "
    "device, and nobody has pressed it since.",
    AlertKind.NOBODY_LISTENING: "Fewer screens, phones and pagers than the home wants can sound "
    "an alert.",
    AlertKind.NOBODY_ANSWERS: "Alerts about people wait, and nobody has done anything with the "
    "monitor for a good while.",
    AlertKind.ESCALATION_STUCK: "An open alert's next step is overdue, or a raised alert was "
    "handed to nobody: the auditor, which watches the monitor, says so.",
    AlertKind.DRILL: "A manager has asked for a drill: nothing is the matter, and the way of an "
    "alert to a person is measured.",
    AlertKind.PRESS_TEST_MISSED: "The first minutes of a shift have passed, and a required mat has "
    "shown no real press in them.",
}


def rule_words(kind: AlertKind) -> str:
    """The sentence of a rule; its name where nobody has written one yet."""
    return RULE_WORDS.get(kind, f"Rule {kind}; see docs/alarms.md.")
