"""What the rules may know of the people who answer: how many hear, and when somebody last acted."""

from datetime import datetime
from typing import NamedTuple


class Staff(NamedTuple):
    """The people of the home at one instant. Times are aware, UTC.

    ``listening``: screens, phones and pagers that have lately said that they can sound an alert.
    ``acted_at``: when anybody last did anything with the monitor; None: never.
    ``waiting_since``: since when the oldest alert about a person waits that nobody has attended.
    """

    listening: int
    acted_at: datetime | None = None
    waiting_since: datetime | None = None
