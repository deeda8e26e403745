"""The one place that reads the wall clock.

Everything else takes ``now`` as an argument or a :data:`Clock` at its edge, so that a night can be
replayed in a second and a clock change can be tested.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251
