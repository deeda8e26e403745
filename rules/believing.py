"""Whether a reading is believed: its place in the order, and whether it can be at all.

Rules 1 and 2 of ``rules/liveness.py``; what is doubted too often is the device's own fault.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from nightwarden.model.phrases import phrase
from nightwarden.model.readings import Reading
from rules.hearing import Standing
from rules.rulebook_kit import ReadingImplausibleRule

if TYPE_CHECKING:
    from rules.liveness import DeviceMemory

POWER_ON_C = 85.0
"""What a DS18B20 gives before its first conversion."""
_RESTART_GAP = 64
"""A sequence number this far back is a counter that began anew, not a late message."""


def out_of_sequence(
    memory: "DeviceMemory", seq: int, reading: Reading
) -> tuple[Standing, str] | None:
    """What a number says of its message: late or a duplicate; None where it says nothing."""
    known = memory.seq
    if known is None or seq > known:
        return None
    if seq == known and reading.received_at == memory.seq_received_at:
        return None  # another quantity of the same message
    last = memory.last.get(reading.quantity)
    if seq == known:
        # A device that never counts must not be silenced: the same number with another
        # value is news.
        if last is None or last[0] != reading.value:
            return None
        return Standing.DUPLICATE, phrase(f"message {seq} has been heard already")
    newer = reading.timed and last is not None and reading.measured_at > last[1]
    if newer or seq <= 1 or known - seq >= _RESTART_GAP:
        return None  # the device counts from the start again
    return Standing.LATE, phrase(f"message {seq} came after message {known}")


def plausible(
    memory: "DeviceMemory",
    celsius: float,
    last: tuple[bool | float | str, datetime] | None,
    limit: float,
) -> tuple[Standing, str]:
    """Whether a temperature can be, after what the sensor said ``last``; notes the one that waits.

    Args:
        memory: the device's.
        celsius: what it says.
        last: what was believed last, and when it was measured.
        limit: the largest step in one sample that is believed at once, in degrees.
    """
    before = None if last is None else float(last[0])
    steady = before is not None and abs(celsius - before) <= limit
    confirmed = memory.suspect is not None and abs(celsius - memory.suspect) <= limit
    first = before is None and celsius != POWER_ON_C
    if steady or confirmed or first:
        memory.suspect = None
        return Standing.BELIEVED, ""
    memory.suspect = celsius
    if before is None:
        return Standing.IMPLAUSIBLE, phrase(
            "85.0 °C is a sensor's power-on value until it is repeated"
        )
    step = abs(celsius - before)
    return Standing.IMPLAUSIBLE, (
        phrase(
            f"a step of {step:.1f} °C from {before:.1f} to {celsius:.1f} °C in one sample; "
            "the next sample decides"
        )
    )


def doubt(
    memory: "DeviceMemory", reading: Reading, doubted: bool, rule: ReadingImplausibleRule
) -> None:
    """Count what was not believed: many in a while are the sensor's fault, until it has spoken
    for long enough without one (rule 1 of ``rules/sensors.py``)."""
    at = reading.received_at
    if not doubted:
        if memory.at_fault_since and at - memory.doubts[-1] >= rule.steady_for:
            memory.doubts, memory.at_fault_since = [], None
        return
    memory.doubts = [*memory.doubts, at][-rule.readings :]
    if len(memory.doubts) >= rule.readings and at - memory.doubts[0] <= rule.within:
        memory.at_fault_since = memory.at_fault_since or memory.doubts[0]
