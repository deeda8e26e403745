"""How an alert may end, and what an ending asks for: the home's list.

An ending may name who must be told (O6), and may open a review. There is one kind of review, after
a fall (M16): whether the mat lay right, was the right one and was heard decides whether the next
fall is caught.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from nightwarden.model.phrases import phrase


class ReviewKind(StrEnum):
    """What is looked into after an alert."""

    AFTER_FALL = "after_fall"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One ending. ``tell``: who must be told, in the home's words."""

    id: str
    words: str
    tell: tuple[str, ...] = ()
    review: ReviewKind | None = None


DEFAULT_OUTCOMES = (
    Outcome("helped", phrase("Helped back, or helped with what was needed")),
    Outcome(
        "found_on_floor",
        phrase("Found on the floor"),
        tell=(
            phrase("The manager"),
            phrase("The family or next of kin"),
            phrase("The doctor, or 111 out of hours"),
        ),
        review=ReviewKind.AFTER_FALL,
    ),
    Outcome("already_back", phrase("Already back when somebody came")),
    Outcome("with_carer", phrase("A carer was with the resident")),
    Outcome("made_safe", phrase("Made safe: moved, covered or turned down")),
    Outcome("mended", phrase("Equipment mended or put in place")),
    Outcome("false_alarm", phrase("Nothing was the matter")),
    Outcome("test", phrase("A test or a drill")),
    Outcome("other", phrase("Something else")),
)
"""As delivered."""


@dataclass(frozen=True, slots=True)
class AfterFall:
    """What follows an outcome with a review after a fall.

    ``due_within``: by then the review is to be answered.
    ``similar_within``: a second fall of the same resident within this is the manager's to answer.
    """

    due_within: timedelta = timedelta(days=1)
    similar_within: timedelta = timedelta(days=183)


QUESTIONS: dict[ReviewKind, dict[str, str]] = {
    ReviewKind.AFTER_FALL: {
        "mat_position": phrase("Where did the mat lie, and was that the right place?"),
        "mat_type": phrase("Was it the right kind of mat for this resident?"),
        "mat_heard": phrase("Did the mat sound, and who heard it?"),
        "bed_height": phrase("How high was the bed?"),
        "plan_changed": phrase("Was the plan changed, and how? If not, why not?"),
    }
}
"""What a review asks: the id kept, and the words shown. The last is the manager's to answer where
it is the second such fall."""

MANAGERS_QUESTION = "plan_changed"
