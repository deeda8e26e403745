"""On a page of another language an alert reads wholly in it, and so do gaps and watches.

The language here is one in which every phrase is translated: what a phrase brought stands in
⟦brackets⟧. What is left outside them is what people wrote, and nothing else.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from nightwarden.languages import said
from nightwarden.languages.sentences import day_words
from nightwarden.languages.updating import messages
from nightwarden.model.alerts import AlertKind
from rules.decisions import Clear, Decision, Raise
from rules.engine import Engine
from rules.gap_words import _CLOSES, _CONFIRMED, _LIVE, _OWNERS
from tests.pseudo import CODE, speaking
from tests.unit.test_rules_more_machine import EveryKind

_NAMES = {
    *("Lounge", "Joan", "Bob", "care", "Ana", "Smith", "HUB", "east", "early"),
    *("radiator-window", "chair_mat", "floor_mat"),
}
_TAG = re.compile(r"[A-Z]+-\d+")
_OURS, _WORD = re.compile(r"⟦[^⟦⟧]*⟧"), re.compile(r"[^\W\d][\w-]+")
_MONTHS = {day_words(date(2026, month, 1), CODE, year=False)[2:] for month in range(1, 13)}


@pytest.fixture(scope="module", autouse=True)
def _every_phrase(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with speaking(messages(), tmp_path_factory.mktemp("catalogue"), _in_pieces):
        yield


def _in_pieces(text: str) -> str:
    """Our words of a message between brackets; its gaps stand outside."""
    pieces = re.split(r"(\{\w+\}|%\(\w+\)s)", text)  # words, a gap, words, ...
    return "".join(
        piece if at % 2 or not piece.strip() else f"⟦{piece}⟧" for at, piece in enumerate(pieces)
    )


def left(sentence: str) -> set[str]:
    """English words that no phrase has brought."""
    words = _WORD.findall(_OURS.sub(" ", said(sentence)))
    return {word for word in words if not _TAG.fullmatch(word)} - _NAMES - _MONTHS


HEADLINES = {
    AlertKind.BED_EXIT: "Room 12 · Joan · out of bed (at 02:00, while not watching)",
    AlertKind.NOT_BACK_IN_BED: "Lounge · Joan · not back in bed since 22:08",
    AlertKind.CHAIR_EXIT: "Room 12 · Joan · up from the chair",
    AlertKind.FLOOR_MAT: "Room 12 · Joan · still on the floor mat after the pause",
    AlertKind.HOT_SURFACE: ("Room 12 · Joan · radiator-window is 60 °C, cover not confirmed"),
    AlertKind.ROOM_TOO_COLD: "Room 12 · Joan · the room is 16.5 °C, too cold",
    AlertKind.ROOM_TOO_HOT: "Room 12 · Joan · the room is 33.0 °C, too hot",
    AlertKind.DEVICE_SILENT: "Room 12 · Joan · floor mat MAT-2 silent for 32 minutes",
    AlertKind.BATTERY_LOW: ("Room 12 · call button MAT-2 battery will be empty about 9 Sep, 31 %"),
    AlertKind.FLAPPING_LEAD: (
        "Room 12 · Joan · chair mat MAT-2 lost its link 4 times in 15 minutes, suspect lead"
    ),
    AlertKind.NEVER_CHANGES: "Room 12 · bed mat MAT-2 speaks but has not changed for 1 day",
    AlertKind.PERMIT_OVERDUE: (
        "Room 12 · Joan · radiator cover MAT-2 off for work, due back at 09:51 on 6 Nov"
    ),
    AlertKind.WRONG_ROOM: ("Room 12 · Joan · bed mat MAT-2 is Bob's, who no longer lives here"),
    AlertKind.CALL_BUTTON: ("Room 12 · Joan · calls for help (at 22:25, while not watching)"),
    AlertKind.REQUIRED_NOT_IN_PLACE: "Room 12 · Joan · radiator cover required, not in place",
    AlertKind.OUT_OF_BED_OFTEN: "Room 12 · Joan · out of bed 4 times tonight, usually 1",
    AlertKind.MISSED_FLOOR_MAT: "Room 12 · Joan · floor mat MAT-2 missed 2 exits in a row",
    AlertKind.CIRCUIT_HOT: (
        "Heating · circuit east, 3 of 4 emitters too hot together: rooms 2, 21"
    ),
    AlertKind.HUB_DOWN: "Hub · hub HUB-1 is off: beds 2, 12 and room 14 not watched",
    AlertKind.NOBODY_LISTENING: "Staff · only 1 of 2 screens and phones can sound an alert",
    AlertKind.NOBODY_ANSWERS: ("Staff · alerts wait, and nobody has done anything for 20 minutes"),
    AlertKind.ESCALATION_STUCK: "Home · 2 alerts may have reached nobody",
    AlertKind.FAULT_AGAIN: (
        "Room 12 · bed mat MAT-2 reported 4 times, before that on 1 Nov at 20:00: it is damaged"
    ),
    AlertKind.HEATER_OVERDUE: (
        "Room 12 · Joan · portable heater MAT-1 still here, due away at 23:00 on 2 Nov"
    ),
    AlertKind.PAST_SERVICE_LIFE: (
        "Room 12 · bed mat MAT-2 is past its service life, since 1 Jul 2026"
    ),
    AlertKind.UNVERIFIED: "Home · 1 radiator cover, 2 temperature sensors not verified",
    AlertKind.UNDOCUMENTED: ("Home · 1 call button, 1 floor mat in use, and no plan asks for it"),
    AlertKind.CLOCK_DRIFT: "Room 12 · Joan · bed mat MAT-2 has a clock 42 seconds behind",
    AlertKind.READING_IMPLAUSIBLE: (
        "Room 12 · temperature sensor MAT-2 cannot be believed, 10 readings within 1 hour "
        "that cannot be"
    ),
    AlertKind.READING_FROZEN: ("Room 12 · Joan · temperature sensor MAT-2 says 21.5 °C for 1 day"),
    AlertKind.NOT_ARMED_AFTER_CARE: "Room 12 · Joan · bed mat MAT-2 not back after care by Ana",
    AlertKind.ROUND_MISSED: (
        "Room 12 · Joan · round missed, due at 22:15 (at 22:15, while not watching)"
    ),
    AlertKind.MATS_SILENT_TOGETHER: "Home · mats of rooms 1, 2, 3 fell silent together, 22:00",
    AlertKind.MAINS_LOST: "Home · mains power lost at 22:00",
    AlertKind.UNTESTED_AFTER_SERVICE: (
        "Room 12 · bed mat MAT-2 not tried since the work on it, 21:00"
    ),
    AlertKind.PRESS_TEST_MISSED: "Home · 2 mats were not pressed as the early shift began",
    AlertKind.CHANNEL_LOST: "Home · Joan tells nobody any more",
    AlertKind.DRILL: "Room 12 · DRILL: out of bed",
}
"""One of each kind."""

ACTIONS = (
    "Call for Bob. Go now. Look at the floor by the bed first. Plan: falls assessment.",
    ("Put a bed mat in place, or set a manual round. Falls assessment: no bed mat stands here."),
    "Mend or swap the radiator cover. Falls assessment: Ana Smith found it loose.",
    "Ana Smith: Is Joan back in bed? See that the bed mat is under them, plugged in.",
    (
        "Look in: is she ill, in pain, cold, thirsty? 1 night of the last 6 were like this: "
        "review the plan."
    ),
    (
        "Go and see that each one works, and say so: 1/bed MAT-1, 2/chair MAT-2, and 3 more "
        "in the register."
    ),
    (
        "Press each one once and let go: 12 bed, 14 chair and 3 more. One that shows nothing "
        "is faulty."
    ),
    (
        "Look at the board, and go there yourself: Room 12 · Joan · out of bed (alert 5: no "
        "screen has shown it); Room 14 · DRILL: out of bed (alert 6: no delivery has a "
        "receipt). Then look in on every room."
    ),
    (
        "This is a drill. Answer it as if it were real: go to room 12, then press I'm here. "
        "Real alerts come first."
    ),
    "Look in on beds 2, 12 and room 14. Then check the hub's plug and its cable.",
)
REASONS = (
    (
        "falls assessment: off on a permit that ended at 21:00 on 02 Nov, and nobody has "
        "said that it is back (the decision of Bob ran out on 3 Nov 2026)"
    ),
    "burns assessment: last confirmed by Ana Smith on 20 Oct 2026",
    "it is Bob's, who lives in room 14",
    (
        'policy "Joan" calls senior or manager at senior, and nobody has that role; no '
        "policy of who_is_told fits in the early shift"
    ),
    "it was to be gone by 3 Nov 2026; Bob answers for it",
    "Ana Smith: care in progress",
    (
        "Bed mat: paused until 02:30 by Ana Smith: care in progress. Out of bed since 3 Nov "
        "02:14:07, exit raised, not back due 02:20:07."
    ),
    "17.5 °C, too cold since 02:14:07; held 3 min of 30 min, due 02:44:07",
    "Bed mat: watched, and had nothing to raise. Somebody on the mat since 14:21:38.",
    "It became so at 02:14:07 and was raised at 02:15:47, 1 minute 40 seconds later.",
)


@pytest.mark.parametrize("sentence", [*HEADLINES.values(), *ACTIONS, *REASONS])
def test_nothing_of_a_sentence_stays_english(sentence: str) -> None:
    assert left(sentence) <= {"Call", "for", "who_is_told"}


@pytest.mark.parametrize("headline", HEADLINES.values())
def test_nor_does_what_a_card_shows_of_it(headline: str) -> None:
    what = headline.rpartition(" · ")[2]
    assert left(what[0].upper() + what[1:]) <= {"Radiator-window"}


def test_there_is_a_headline_of_each_kind() -> None:
    assert set(HEADLINES) == set(AlertKind)


def test_owners_and_what_closes_a_gap_are_said() -> None:
    for words in (*_OWNERS.values(), *_CLOSES.values(), _LIVE, _CONFIRMED):
        assert left(words) == set()


def test_whatever_the_engine_says_is_said() -> None:
    heard: set[str] = set()

    class Listening(EveryKind):
        def both(self, ask: Callable[[Engine], tuple[Decision, ...]]) -> None:
            def noted(engine: Engine) -> tuple[Decision, ...]:
                decisions = ask(engine)
                for effect in (effect for one in decisions for effect in one.effects):
                    words = [effect.words] if isinstance(effect, Clear) else _of(effect)
                    heard.update(words)
                return decisions

            super().both(noted)

        def teardown(self) -> None:
            for watch in (one for place in self.beds for one in self.first.in_words(place)):
                heard.update((watch.words, *watch.quieted_by))

    run_state_machine_as_test(
        Listening, settings=settings(max_examples=12, stateful_step_count=40, deadline=None)
    )
    assert {words: there for words in heard if (there := left(words))} == {}


def _of(raised: Raise) -> list[str]:
    return [raised.text, raised.action]
