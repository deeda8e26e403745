"""What pages call the checks, what came of them and what was answered."""

from nightwarden.languages import pgettext
from nightwarden.model.checks import CheckKind, CheckOutcome
from nightwarden.model.phrases import phrase

CHECK_WORDS = {
    CheckKind.COVER: phrase("Cover"),
    CheckKind.TOUCH_TEMPERATURE: phrase("Touch temperature"),
    CheckKind.PRESS: phrase("Press test"),
    CheckKind.BATTERY: phrase("Battery"),
    CheckKind.VISUAL: phrase("Look at it"),
    CheckKind.SOUND: phrase("Sound"),
}

OUTCOMES = {
    CheckOutcome.PASSED: phrase("passed"),
    CheckOutcome.FAILED: phrase("failed"),
    CheckOutcome.NOT_PROVED: phrase("proves nothing"),
}


def answer_words() -> dict[str, str]:
    """What was asked and answered at a check, as the record shows it in a word each."""
    return {
        "cover": pgettext("check answer", "cover"),
        "pipes": pgettext("check answer", "pipes"),
        "valves": pgettext("check answer", "valves"),
        "gap": pgettext("check answer", "gap"),
        "heating": pgettext("check answer", "heating"),
        "temperature_c": pgettext("check answer", "temperature"),
        "battery": pgettext("check answer", "battery"),
        "sound": pgettext("check answer", "sound"),
        "condition": pgettext("check answer", "condition"),
        "lead": pgettext("check answer", "lead"),
        "position": pgettext("check answer", "position"),
        "fixed": pgettext("check answer", "fixed"),
        "loose": pgettext("check answer", "loose"),
        "damaged": pgettext("check answer", "damaged"),
        "covered": pgettext("check answer", "covered"),
        "bare": pgettext("check answer", "bare"),
        "none": pgettext("check answer", "none"),
        "on": pgettext("check answer", "on"),
        "off": pgettext("check answer", "off"),
        "good": pgettext("check answer", "good"),
        "changed": pgettext("check answer", "changed"),
        "low": pgettext("check answer", "low"),
        "empty": pgettext("check answer", "empty"),
        "heard": pgettext("check answer", "heard"),
        "faint": pgettext("check answer", "faint"),
        "silent": pgettext("check answer", "silent"),
        "whole": pgettext("check answer", "whole"),
        "unplugged": pgettext("check answer", "unplugged"),
        "right": pgettext("check answer", "right"),
        "wrong": pgettext("check answer", "wrong"),
    }
