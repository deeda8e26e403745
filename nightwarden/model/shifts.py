"""What people say as they come on and go off, and when a receiver was last heard by somebody."""

from enum import StrEnum


class ShiftDeed(StrEnum):
    """What somebody says of themselves and a shift."""

    ON = "on"
    OFF = "off"
    HANDS_OVER = "hands_over"
    TAKES_OVER = "takes_over"


HANDOVER = (ShiftDeed.HANDS_OVER, ShiftDeed.TAKES_OVER)
"""The two signatures under a handover."""
