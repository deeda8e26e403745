"""What a scenario's devices say, as it arrives under the scenario's faults.

Who says what and when stands in the scenario from the start, so it can be laid out as one stream
of messages, which the same faults befall as those of a simulated home or of a recording.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from heapq import merge
from operator import attrgetter

from nightwarden.model.readings import DeviceId
from nightwarden.practice.devices import Devices
from nightwarden.practice.scenario import Say, Scenario, Step, Wire
from simulators.faults import Fault, with_faults
from simulators.wire import WireMessage


def befallen(scenario: Scenario) -> bool:
    """Whether there is any fault in it."""
    return bool(scenario.faults) or any(
        isinstance(step.what, Say) and step.what.faults for step in scenario.steps
    )


def arriving(scenario: Scenario, devices: Devices) -> Iterator[WireMessage]:
    """The messages in the order of their arrival, which is their ``at``."""
    faults = [*scenario.faults]
    spoken: list[Iterator[WireMessage]] = []
    greeted: set[DeviceId] = set()
    for number, step in enumerate(scenario.steps):
        if not isinstance(step.what, Say):
            continue
        ends = _next_turn(scenario.steps[number + 1 :], step.what.device, scenario.lasts)
        faults += [_from(fault, step.at, ends) for fault in step.what.faults]
        if step.what.device not in greeted:
            greeted.add(step.what.device)
            spoken.append(iter([devices.greeting(step.what.device, scenario.start + step.at)]))
        spoken.append(_said(scenario, step.at, ends, step.what, devices))
    stream = merge(*spoken, key=attrgetter("at"))
    return with_faults(stream, faults, scenario.start, scenario.seed)


def _next_turn(after: Sequence[Step], device: DeviceId, lasts: timedelta) -> timedelta:
    """When the device says or does something else."""
    turns = (s.at for s in after if isinstance(s.what, Say | Wire) and s.what.device == device)
    return next(turns, lasts)


def _said(
    scenario: Scenario, at: timedelta, ends: timedelta, say: Say, devices: Devices
) -> Iterator[WireMessage]:
    yield from devices.words(say, scenario.start + at)
    while say.every is not None and (at := at + say.every) < ends:
        yield from devices.words(say, scenario.start + at)


def _from(fault: Fault, at: timedelta, ends: timedelta) -> Fault:
    until = ends if fault.until == timedelta.max else min(at + fault.until, ends)
    return replace(fault, since=at + fault.since, until=max(until, at + timedelta.resolution))
