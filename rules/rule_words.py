"""What each rule watches for, in one sentence that whoever was called can read.

The numbers are not here: they are settings of the home, and an explanation has those that were in
force.
"""

from collections.abc import Mapping

from nightwarden.model.alerts import AlertKind
from nightwarden.model.phrases import phrase

RULE_WORDS: Mapping[AlertKind, str] = {
    AlertKind.BED_EXIT: phrase(
        "A bed that was occupied is empty, in its required hours, for the dwell."
    ),
    AlertKind.NOT_BACK_IN_BED: phrase("A bed is still empty some minutes after it was left."),
    AlertKind.OUT_OF_BED_OFTEN: phrase(
        "A resident was up more often this night than is usual for them."
    ),
    AlertKind.MISSED_FLOOR_MAT: phrase(
        "A bed or chair was left and the floor mat beside it noticed "
        "nothing, several times in a row."
    ),
    AlertKind.CALL_BUTTON: phrase(
        "A call button was pressed, or somebody called for help with it."
    ),
    AlertKind.CHAIR_EXIT: phrase(
        "A chair that was occupied is empty, in its required hours, for the dwell."
    ),
    AlertKind.FLOOR_MAT: phrase(
        "Somebody steps on the floor mat, in its required hours, for the dwell."
    ),
    AlertKind.HOT_SURFACE: phrase(
        "A surface that a person can touch is at the limit or above for the "
        "hold time, or so hot that it burns at once."
    ),
    AlertKind.CIRCUIT_HOT: phrase(
        "Several heat emitters of one heating circuit are too hot together."
    ),
    AlertKind.ROOM_TOO_COLD: phrase("The air of a room is below the limit for the hold time."),
    AlertKind.ROOM_TOO_HOT: phrase("The air of a room is above the limit for the hold time."),
    AlertKind.DEVICE_SILENT: phrase(
        "A device has not spoken within its supervision interval, or is off "
        "or unplugged for longer than a restart takes."
    ),
    AlertKind.CLOCK_DRIFT: phrase("A device's own clock is wrong, several times in a row."),
    AlertKind.READING_IMPLAUSIBLE: phrase(
        "A sensor says again and again what cannot be: it is at fault, and not the room."
    ),
    AlertKind.READING_FROZEN: phrase(
        "A sensor repeats the very same value for so long that it must be stuck."
    ),
    AlertKind.HUB_DOWN: phrase(
        "A hub, through which other devices are heard, is off for longer than a restart takes."
    ),
    AlertKind.BATTERY_LOW: phrase("A device says that its battery is low, or nearly empty."),
    AlertKind.FLAPPING_LEAD: phrase("A device loses its link again and again within a short time."),
    AlertKind.NEVER_CHANGES: phrase(
        "A required mat speaks, and has not really changed for its whole proof interval."
    ),
    AlertKind.REQUIRED_NOT_IN_PLACE: phrase(
        "A resident's plan asks for equipment that is not in place."
    ),
    AlertKind.PERMIT_OVERDUE: phrase(
        "Something is off for work, and the time of its permit has passed."
    ),
    AlertKind.FAULT_AGAIN: phrase(
        "A fault was reported that was reported before, of the same item or of "
        "the same kind in the room."
    ),
    AlertKind.HEATER_OVERDUE: phrase(
        "A portable heater is still in a room after the time that it was put there for."
    ),
    AlertKind.WRONG_ROOM: phrase(
        "An item that is one resident's stands where that resident does not live."
    ),
    AlertKind.PAST_SERVICE_LIFE: phrase("An item is in use past the life that its maker gives it."),
    AlertKind.UNVERIFIED: phrase(
        "Required equipment that nobody has lately seen to be in place and "
        "working, counted each morning."
    ),
    AlertKind.UNDOCUMENTED: phrase(
        "Equipment in use that no resident's plan asks for, counted each morning."
    ),
    AlertKind.NOT_ARMED_AFTER_CARE: phrase(
        "A required mat is not back some minutes after care has ended, "
        "or after its required hours have begun."
    ),
    AlertKind.MATS_SILENT_TOGETHER: phrase("Mats of several rooms fall silent close together."),
    AlertKind.ROUND_MISSED: phrase(
        "A manual round asks for a look at a resident whom nothing else "
        "protects, and nobody has ticked one in time."
    ),
    AlertKind.MAINS_LOST: phrase("A mains monitor says that the power of the house is out."),
    AlertKind.UNTESTED_AFTER_SERVICE: phrase(
        "A mat or call button was worked on, moved or given another "
        "device, and nobody has pressed it since."
    ),
    AlertKind.NOBODY_LISTENING: phrase(
        "Fewer screens, phones and pagers than the home wants can sound an alert."
    ),
    AlertKind.NOBODY_ANSWERS: phrase(
        "Alerts about people wait, and nobody has done anything with the monitor for a good while."
    ),
    AlertKind.ESCALATION_STUCK: phrase(
        "An open alert's next step is overdue, or a raised alert was "
        "handed to nobody: the auditor, which watches the monitor, says so."
    ),
    AlertKind.CHANNEL_LOST: phrase(
        "A way of telling people elsewhere has failed for a minute: its service takes nothing."
    ),
    AlertKind.DRILL: phrase(
        "A manager has asked for a drill: nothing is the matter, and the way of an "
        "alert to a person is measured."
    ),
    AlertKind.PRESS_TEST_MISSED: phrase(
        "The first minutes of a shift have passed, and a required mat has "
        "shown no real press in them."
    ),
}


def rule_words(kind: AlertKind) -> str:
    """The sentence of a rule; its name where nobody has written one yet."""
    return RULE_WORDS.get(kind, phrase(f"Rule {kind}; see docs/alarms.md."))
