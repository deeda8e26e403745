"""Passing over readings that cannot matter, so that a recorded year is gone through in a minute.

1. A run (``nightwarden/model/runs.py``) is passed over only when every reading in it would be taken
   without anybody having to look: the device is there and believed, its order is kept, no gap in
   it is as long as its supervision interval.
2. A value that stays the same is a repeat (``rules/repeats.py``): nobody looks unless a watch heeds
   repeats. Where the values differ, every watch that hears them must declare that none of them
   matters to it, with ``indifferent(low, high, steady)``. A watch without that method wants to
   hear each.
3. What a device has said by the end of the run is known to it from the beginning of the run on. So
   no deadline within the run finds it silent, and the next reading finds it as it would be.
4. Where anything else could come between (another plan, other rules, an outage, the ageing of a
   confirmation), whoever replays goes through the readings one by one.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, cast

from nightwarden.model.readings import Quantity, Reading
from nightwarden.model.runs import Run, Span
from rules.liveness import DeviceWatch
from rules.watch import Watch


class Indifferent(Protocol):
    """A watch that can say of many temperatures that none of them matters to it."""

    def indifferent(self, low: float, high: float, *, steady: bool) -> bool:
        """Whether it would do nothing at any temperature from ``low`` to ``high``.

        ``steady``: no other device that feeds it says anything new meanwhile.
        """
        ...


Follower = tuple[Watch, Callable[[Reading, datetime], object]]


def pass_over(
    run: Run,
    device: DeviceWatch,
    followers: Callable[[Reading], Sequence[Follower]],
    now: datetime,
    *,
    steady: bool,
) -> list[Watch] | None:
    """Take a whole run if nothing in it matters to anybody.

    Args:
        run: what ``device`` said.
        device: whose own deadline the caller sets anew afterwards.
        followers: who hears a reading, and how.
        now: the instant that the engine has reached; the run's first reading.
        steady: nothing but readings that say the same again comes of other devices meanwhile.

    Returns:
        The watches that know more now; None when somebody wants to hear the readings one by one,
        and nothing has happened.
    """
    if not may_pass(run, device):
        return None
    varying = {span.quantity: span for span in run.spans if span.varies}
    readings = last_readings(run)
    following = [(r, followers(r)) for r in readings if r.quantity in varying]
    for reading, follow in following:
        if not _all_indifferent(varying[reading.quantity], follow, steady=steady):
            return None
    memory = device.memory
    changes = [memory.changed_at]
    changes += [s.changed_at for s in varying.values() if device.proved_by(s.quantity)]
    for reading in readings:
        device.take(reading)
    for reading, follow in following:
        for _, hear in follow:
            hear(reading, now)
    memory.heard_at = run.until
    memory.changed_at = max(filter(None, changes), default=None)
    if run.last_seq is not None:
        memory.seq, memory.seq_received_at = run.last_seq, run.until
    return [watch for _, follow in following for watch, _ in follow]


def may_pass(run: Run, device: DeviceWatch) -> bool:
    """Whether the device itself would take every reading of ``run`` without a word."""
    memory = device.memory
    if memory.raised or not memory.online or memory.suspect is not None:
        return False
    if memory.at_fault_since is not None or _has_a_wrong_clock(run, device):
        return False
    heard_at, supervision = memory.heard_at, device.item.supervision
    if heard_at is None or run.longest_gap >= supervision or run.since - heard_at >= supervision:
        return False
    if run.first_seq is not None and memory.seq is not None and run.first_seq <= memory.seq:
        same_message = run.first_seq == memory.seq and run.since == memory.seq_received_at
        if not same_message:
            return False
    return all(_span_may_pass(run, span, device) for span in run.spans)


def _has_a_wrong_clock(run: Run, device: DeviceWatch) -> bool:
    """Whether its clock is behind before or after; who counts that wants every round's reading."""
    memory, limit = device.memory, device.drift_limit
    measured_at = max((at for _, at in memory.last.values()), default=memory.heard_at)
    if memory.heard_at and measured_at and memory.heard_at - measured_at > limit:
        return True
    return any(span.last_received_at - span.last_measured_at > limit for span in run.spans)


def _span_may_pass(run: Run, span: Span, device: DeviceWatch) -> bool:
    memory = device.memory
    last = memory.last.get(span.quantity)
    if last is None or span.first_measured_at < last[1]:
        return False
    if not span.varies:
        return bool(last[0] == span.first) and span.quantity not in device.again.heeded
    if span.quantity is not Quantity.TEMPERATURE:
        return False
    step = max(span.step, abs(span.first - float(last[0])))
    if step > device.jump_c:
        return False
    if not device.proved_by(span.quantity):
        return True
    # While it is passed over it counts as proved: so it must have been before, to the end.
    changed_at = memory.changed_at
    return changed_at is not None and run.until - changed_at <= device.item.proof


def _all_indifferent(span: Span, followers: Sequence[Follower], *, steady: bool) -> bool:
    return all(
        hasattr(watch, "indifferent")
        and cast("Indifferent", watch).indifferent(span.low, span.high, steady=steady)
        for watch, _ in followers
    )


def last_readings(run: Run) -> list[Reading]:
    """The newest reading of each quantity of a run, in the order in which they came."""
    spans = sorted(run.spans, key=lambda span: span.last_received_at)
    return [
        Reading(
            run.device,
            span.quantity,
            span.last if span.quantity in _NUMBERS else bool(span.last),
            span.last_measured_at,
            span.last_received_at,
            timed=True,
            seq=run.last_seq,
        )
        for span in spans
    ]


_NUMBERS = frozenset({Quantity.TEMPERATURE, Quantity.BATTERY})
