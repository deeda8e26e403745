"""A device's word for when it measured: kept where believable, never trusted over our own clock.

No claim makes a reading later than its receipt, and no wrong clock costs a reading: a bed exit
from a device that believes it is 1970 is still a bed exit. What a doubtful claim does to a reading
is each dialect's own policy, since a native device claims the time of measuring and a bridge the
time at which it last heard the device.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.dialects.doubt import Doubt, shown
from gateway.messages import RawMessage

AHEAD = timedelta(minutes=5)
"""How far a clock may run ahead before somebody is told; within it, receipt counts (judgement)."""


BEHIND = timedelta(hours=24)
"""How late a reading may come through a bridge's queue before its clock is held to be wrong."""

UNSET_BEFORE = datetime(2010, 1, 1, tzinfo=UTC)
"""A clock that says less has never been set: a closed network without a time server stays in 1970.
"""


class Stamp(NamedTuple):
    """The part that all readings of one message share, in the order of ``Reading``'s fields."""

    measured_at: datetime
    received_at: datetime
    fresh: bool
    timed: bool = False
    seq: int | None = None


def instant(value: object) -> datetime:
    """The instant in an RFC 3339 text, aware, in UTC.

    Raises:
        Doubt: not a text, not a time, outside the years 1 to 9999, or without an offset: local
            time is told twice on the night the clocks go back.
    """
    if not isinstance(value, str):
        raise Doubt(f"is {shown(value)}; a time such as 2026-11-01T02:30:00Z is due.")
    try:
        claimed = datetime.fromisoformat(value.upper())
        if claimed.tzinfo is UTC:
            return claimed
        if claimed.tzinfo is not None:
            return claimed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Doubt(f"is {shown(value)}; a time such as 2026-11-01T02:30:00Z is due.") from None
    raise Doubt(f"is {shown(value)}, which has no offset; end it with Z or one such as +01:00.")


def span(length: timedelta) -> str:
    """How long a span of time is, in words and without a sign: ``7 minutes``, ``365 days``."""
    seconds = abs(length).total_seconds()
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} minutes"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} hours"
    return f"{seconds / 86400:.0f} days"


def receipt(message: RawMessage) -> Stamp:
    """The stamp of a message that makes no claim."""
    return Stamp(message.received_at, message.received_at, not message.retain)


def epoch(claim: object) -> datetime:
    """The instant in a number of seconds since 1970, UTC.

    Raises:
        Doubt: no number, or outside the years 1 to 9999.
    """
    if not isinstance(claim, bool) and isinstance(claim, int | float):
        try:
            return datetime.fromtimestamp(claim, UTC)
        except (ValueError, OverflowError, OSError):
            pass
    raise Doubt(f"is {shown(claim)}; seconds since 1970 are due.")


def stamp_of(claimed: datetime, message: RawMessage) -> Stamp:
    """The stamp of a message whose device claims ``claimed``; no later than its receipt.

    A clock that was never set makes no claim, and nobody is bothered about it.

    Raises:
        Doubt: more than ``AHEAD`` after receipt, or, unless it is retained and may well be old,
            more than ``BEHIND`` before it.
    """
    if claimed < UNSET_BEFORE:
        return receipt(message)
    age = message.received_at - claimed
    if age < -AHEAD or (age > BEHIND and not message.retain):
        raise Doubt(f"says {claimed.isoformat()}, {span(age)} away: set the device's clock.")
    return Stamp(min(claimed, message.received_at), message.received_at, not message.retain, True)
