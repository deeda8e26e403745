"""The few errors there are, named by what the caller can do about them.

The message of each is one sentence for a person: what was wrong, where, and what would be right.
``api/errors.py`` has the one table that turns them into HTTP; anything else is "Internal error".
"""

from datetime import datetime
from typing import Any


class NightwardenError(Exception):
    """A failure that a user or a device can cause; shown as one line, never as a traceback."""


class Invalid(NightwardenError):
    """The input is not acceptable; correct it and try again."""


class NotFound(NightwardenError):
    """There is no such thing."""


class Conflict(NightwardenError):
    """The present state does not allow this; look again."""


class ChangedMeanwhile(Conflict):
    """Somebody else was quicker: what the editor saw is no longer so.

    Args:
        message: who changed what, for a person.
        changes: each with ``field``, ``value`` (as it is now), ``by`` and ``at``.
        version: what to name in the next attempt.
    """

    def __init__(self, message: str, changes: list[dict[str, Any]], version: int) -> None:
        super().__init__(message)
        self.changes = changes
        self.version = version


class NotPermitted(NightwardenError):
    """This person may not do that."""


class Unauthenticated(NightwardenError):
    """Nobody is signed in, or the token is not valid."""


class TooOften(NightwardenError):
    """It was done too often; ``until`` (aware, UTC) is when it may be done again."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Unreadable(NightwardenError):
    """A message that its dialect cannot read; it goes to quarantine with this sentence."""


class DeliveryFailed(NightwardenError):
    """An outlet did not take a notice.

    Args:
        message: why, for a person.
        permanent: True when trying again cannot help.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
