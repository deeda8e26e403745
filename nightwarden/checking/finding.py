"""One line of ``nightwarden check``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, and one sentence.

    ``ok`` None: it could not be looked at because of something else, which has a line of its own.
    A sentence about something wrong ends with what would be right.
    """

    about: str
    ok: bool | None
    sentence: str

    def __str__(self) -> str:
        word = {True: "ok", False: "WRONG", None: "-"}[self.ok]
        one_line = " ".join(self.sentence.split())  # SQLite and others explain themselves in many
        return f"{word:<7} {self.about:<13} {one_line}"


def fine(about: str, sentence: str) -> Finding:
    """It is as it should be."""
    return Finding(about, True, sentence)


def wrong(about: str, sentence: str) -> Finding:
    """It is not; the sentence says what would be right."""
    return Finding(about, False, sentence)


def unseen(about: str, because: str) -> Finding:
    """It could not be looked at."""
    return Finding(about, None, f"Not looked at: {because}.")
