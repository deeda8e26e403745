"""The faults of a connection: a device falls away, or the broker does.

1. Unclean, the broker says the device's will: that word on its availability topic which is the
   opposite of the one that it was last heard to say. Where none was heard (a Sparkplug node) its
   line is cut, and the broker says whatever was left with it.
2. Clean, it says DISCONNECT and is silent.
3. A broker that restarts forgets what it retained and says no will. Meanwhile what is said at QoS 0
   is lost; at QoS 1 it is kept by the device, which says it when the broker is back, after its
   retained states.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from nightwarden.model.readings import DeviceId
from simulators.faults.orders import Fault
from simulators.wire import Parting, WireMessage

Stream = Iterator[WireMessage]

_GONE = {
    b"online": b"offline",
    b"Online": b"Offline",
    b"true": b"false",
    b"ready": b"lost",
    b'{"state":"online"}': b'{"state":"offline"}',
}
_SAYS_IT_IS_THERE = ("/availability", "/LWT", "/online", "/status", "/$state")


def disconnect(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:  # noqa: ARG001
    """Nothing comes of the device; unclean, the broker says its will. Afterwards it is back."""
    there: dict[DeviceId, WireMessage] = {}
    away: set[DeviceId] = set()
    for message in stream:
        if message.parting is not None or not fault.befalls(message):
            yield message
            continue
        if message.topic.endswith(_SAYS_IT_IS_THERE) and message.payload() in _GONE:
            there[message.sender] = message
        before = there.get(message.sender)
        if fault.befalls_at(message, start):
            if message.sender not in away:
                away.add(message.sender)
                yield _gone(message, before, clean=bool(fault.amount))
            continue
        if message.sender in away:
            away.discard(message.sender)
            if before is not None:
                yield before._replace(at=message.at)
        yield message


def _gone(now: WireMessage, before: WireMessage | None, *, clean: bool) -> WireMessage:
    if clean:
        return ended(now, now.at, Parting.GOODBYE)
    if before is None:
        return ended(now, now.at, Parting.CUT)
    return before._replace(at=now.at, body=_GONE[before.payload()], by_will=True)


def ended(of: WireMessage, at: datetime, how: Parting) -> WireMessage:
    """The connection of whoever said ``of`` ends at ``at`` (aware)."""
    return WireMessage(at, of.sender, "", "", "connection", qos=0, parting=how)


def restart(stream: Stream, fault: Fault, start: datetime, rng: Random) -> Stream:  # noqa: ARG001
    """The broker falls at the fault's begin, and is back ``amount`` seconds later."""
    falls = start + fault.since
    back = falls + timedelta(seconds=fault.amount)
    broker = _Broker(falls, back)
    for message in stream:
        yield from broker.until(message.at)
        yield from broker.takes(message)
    if broker.has_fallen:
        yield from broker.until(back)


class _Broker:
    """What a broker that falls once knew, and what its devices keep for it."""

    def __init__(self, falls: datetime, back: datetime) -> None:
        self._falls, self._back = falls, back
        self._last: dict[DeviceId, WireMessage] = {}
        self._states: dict[str, WireMessage] = {}
        self._kept: list[WireMessage] = []
        self.has_fallen = self._is_back = False

    def until(self, at: datetime) -> Stream:
        """Its fall and its return, if they are due ``at`` this time."""
        if not self.has_fallen and at >= self._falls and self._last:
            self.has_fallen = True
            for one in self._last.values():
                yield ended(one, self._falls, Parting.BROKER_GONE)
        if self.has_fallen and not self._is_back and at >= self._back:
            self._is_back = True
            for one in self._states.values():
                yield one._replace(at=self._back)
            for one in self._kept:
                yield one.arriving(self._back)

    def takes(self, message: WireMessage) -> Stream:
        """A message passes, or it is kept or lost."""
        if self._is_back or not self.has_fallen:
            self._last.setdefault(message.sender, message)
            if message.retain and not message.of_the_line:
                self._states[message.topic] = message
            yield message
        elif message.qos and not message.of_the_line:
            self._kept.append(message)
        else:
            message.payload()
