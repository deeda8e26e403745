"""One pipe for each fault: messages in, messages out, both in order of time.

A message that is lost is made all the same, so that a number that it would have carried is missing.
Those of the connection are in :mod:`simulators.faults.links`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from nightwarden.model.readings import DeviceId
from simulators.faults.links import disconnect, restart
from simulators.faults.orders import Fault
from simulators.faults.values import is_battery, is_temperature, is_two_way, other, reworded
from simulators.wire import WireMessage

Stream = Iterator[WireMessage]
Pipe = Callable[[Stream, Fault, datetime, Random], Stream]


def _hit(message: WireMessage, fault: Fault, start: datetime) -> bool:
    return fault.befalls_at(message, start)


def _loss(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:
    for message in stream:
        if _hit(message, fault, start) and not message.of_the_line and rng.random() < fault.amount:
            message.payload()
        else:
            yield message


def _duplicate(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:
    for message in stream:
        yield message
        if _hit(message, fault, start) and not message.of_the_line and rng.random() < fault.amount:
            yield message


def _reorder(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:
    """A message waits until the next of the same sender has gone."""
    held: dict[DeviceId, WireMessage] = {}
    for message in stream:
        before = held.pop(message.sender, None)
        if before is None and _hit(message, fault, start) and rng.random() < fault.amount:
            held[message.sender] = message
            continue
        yield message
        if before is not None:
            yield before.arriving(message.at)


def _delay(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:
    """Half to one and a half times the amount, each message for itself: they may overtake."""
    waiting: list[tuple[datetime, int, WireMessage]] = []
    for number, message in enumerate(stream):
        while waiting and waiting[0][0] <= message.at:
            yield heappop(waiting)[2]
        if not _hit(message, fault, start):
            yield message
            continue
        at = message.at + timedelta(seconds=fault.amount * rng.uniform(0.5, 1.5))
        heappush(waiting, (at, number, message.arriving(at)))
    while waiting:
        yield heappop(waiting)[2]


def _skew(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:  # noqa: ARG001
    """The device's clock is ahead by the amount, or behind."""
    wrong = timedelta(seconds=fault.amount)
    for message in stream:
        if _hit(message, fault, start):
            yield message._replace(body=_by_clock(message, wrong), time_field=None)
        else:
            yield message


def _by_clock(message: WireMessage, wrong: timedelta) -> Callable[[datetime], bytes]:
    return lambda clock: message.payload(clock + wrong)


def _turned(message: WireMessage, turn: Callable[[tuple[str, ...], Any], Any]) -> WireMessage:
    if message.parting is not None:
        return message

    def body(clock: datetime) -> bytes:
        return reworded(message.topic, message.payload(clock), turn)

    return message._replace(body=body, time_field=None)


def _stuck(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:  # noqa: ARG001
    """Values stay as they were last said before; a value that was never said sticks at once."""
    known: dict[tuple[str, ...], Any] = {}

    def learn(path: tuple[str, ...], value: Any) -> Any:
        if is_temperature(path, value) or is_two_way(path, value):
            known[path] = value
        return value

    def stick(path: tuple[str, ...], value: Any) -> Any:
        if is_temperature(path, value) or is_two_way(path, value):
            return known.setdefault(path, value)
        return value

    for message in stream:
        if not fault.befalls(message):
            yield message
        elif _hit(message, fault, start):
            yield _turned(message, stick)
        else:
            yield _turned(message, learn)


def _flapping(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:
    """What is one of two goes to and fro, each ``amount`` seconds, and is said each time."""

    def turns(at: datetime) -> int:
        return int((at - start - fault.since) / timedelta(seconds=fault.amount))

    def turn(path: tuple[str, ...], value: Any) -> Any:
        return other(value) if is_two_way(path, value) else value

    for message in _copies(stream, fault, start, fault.amount, rng):
        odd = _hit(message, fault, start) and turns(message.at) % 2 == 0
        yield _turned(message, turn) if odd else message


def _drift(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:  # noqa: ARG001
    """Temperatures go off by ``amount`` °C an hour."""
    for message in stream:
        if not _hit(message, fault, start):
            yield message
            continue
        hours = (message.at - start - fault.since) / timedelta(hours=1)
        yield _turned(message, _warmer(fault.amount * hours))


def _warmer(by: float) -> Callable[[tuple[str, ...], Any], Any]:
    return lambda path, value: round(value + by, 2) if is_temperature(path, value) else value


def _flood(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:
    """The device repeats what it last said, ``amount`` times a second."""
    return _copies(stream, fault, start, 1 / fault.amount, rng)


def _copies(stream: Stream, fault: Fault, start: datetime, every_s: float, rng: Random) -> Stream:
    """Between the messages, the last value of each sender again, each ``every_s`` seconds."""
    last: dict[DeviceId, WireMessage] = {}
    at = start + fault.since + timedelta(seconds=every_s * rng.random())
    for message in stream:
        while at <= message.at and fault.lasts_at(at - start):
            for one in last.values():
                yield one._replace(at=at)
            at += timedelta(seconds=every_s)
        yield message
        said = not message.retain or "state" in message.kind
        if fault.befalls(message) and said and not message.of_the_line:
            last[message.sender] = message


def _battery(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:  # noqa: ARG001
    """Batteries have ``amount`` per cent left."""
    left = round(fault.amount)

    def turn(path: tuple[str, ...], value: Any) -> Any:
        return left if is_battery(path, value) else value

    for message in stream:
        yield _turned(message, turn) if _hit(message, fault, start) else message


PIPES: Mapping[str, Pipe] = {
    "loss": _loss,
    "duplicate": _duplicate,
    "reorder": _reorder,
    "delay": _delay,
    "skew": _skew,
    "stuck": _stuck,
    "flapping": _flapping,
    "drift": _drift,
    "flood": _flood,
    "battery": _battery,
    "disconnect": disconnect,
    "restart": restart,
}
