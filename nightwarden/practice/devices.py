"""The devices of a scenario, each with a connection of its own, as a home has them.

1. A native device connects when it first says something, and says ``online``, retained; its last
   will says ``offline``. Zigbee devices share their bridge's connection; one that loses its power
   is reported ``offline`` by the bridge, as its availability check does.
2. Whoever is cut off vanishes without goodbye; it is waited for until the broker has said the will.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import NightwardenError
from nightwarden.model.readings import HUBS, DeviceId, Quantity
from nightwarden.practice.scenario import Cable, Publish, Say
from nightwarden.practice.waiting import PATIENCE_S
from simulators.lines import Exchange, Line
from simulators.wire import Parting, Will, WireMessage, rfc3339

(BRIDGE,) = HUBS
_WORDS = {True: "online", False: "offline"}


class Devices:
    """What speaks in a home; every message has reached the broker when a call returns."""

    def __init__(self, home: str, broker_url: str, clock: Clock) -> None:
        self._home, self._clock = home, clock
        self._broker = BrokerUrl.parse(broker_url)
        self._witness = Line(self._broker, f"{home}-witness", None)
        self._lines: dict[DeviceId, Line] = {}
        self._numbers: dict[DeviceId, int] = {}
        self._retained: set[str] = set()
        self._spoke = False
        self._wills: set[str] = set()
        self._exchange = Exchange([self._witness], self._broker, lambda _line: None)
        self._exchange.open()

    def say(self, said: Say) -> None:
        """A device says it, so often as it is told to."""
        line = self._line(said.device)
        for message in self.words(said, self._clock()):
            self._send(line, message.topic, message.payload(), retain=message.retain)
        self._confirmed()

    def words(self, said: Say, at: datetime) -> Iterator[WireMessage]:
        """The messages with which a device says it ``at`` this time (aware)."""
        topic, kind = _topic(self._home, said.device), next(iter(said.values)).value
        for _ in range(said.times):
            body = partial(self._payload, said, [])
            message = WireMessage(at, said.device, topic, body, kind, retain=said.retained)
            yield from [message] * said.copies

    def greeting(self, device: DeviceId, at: datetime) -> WireMessage:
        """What it says when it connects, as a message; :meth:`pass_on` plugs it in."""
        topic, word = _availability(self._home, device, online=True)
        return WireMessage(at, device, topic, word, "availability", retain=True)

    def pass_on(self, message: WireMessage) -> None:
        """A message arrives, or what a fault made of it; its ``at`` is now."""
        if message.by_will or message.parting is Parting.CUT:
            self.handle(Cable.UNPLUG, message.sender)
        elif message.parting is not None:
            self.handle(Cable.GOODBYE, message.sender)
        elif message.kind == "availability":
            self.handle(Cable.PLUG_IN, message.sender)
        else:
            line = self._line(message.sender)
            self._send(line, message.topic, message.payload(), retain=message.retain)
            self._confirmed()

    def broker_fell(self) -> None:
        """Wait until every connection has noticed; :meth:`broker_is_back` when it is."""
        self._attend(lambda: not any(line.up for line in self._every_line()), "a line still stood")

    def broker_is_back(self) -> None:
        """Wait until every connection stands again and has said what it retains."""
        lines = self._every_line()
        self._attend(lambda: all(line.up for line in lines), "a device did not find the broker")
        self._confirmed()

    def handle(self, deed: Cable, device: DeviceId) -> None:
        """Unplug a device, let it say goodbye, or plug it in."""
        shared = device.dialect == BRIDGE.dialect and device != BRIDGE
        if deed is Cable.PLUG_IN:
            line = self._line(device)
            if shared:
                self._announce(line, device, online=True)
        elif shared:
            if deed is Cable.UNPLUG:
                line = self._line(BRIDGE)
                self._announce(line, device, online=False)
        elif (own := self._lines.pop(device, None)) is not None:
            if deed is Cable.UNPLUG:
                self._cut(own, device)
            else:
                own.close()
                self._attend(lambda: not own.up, "a device did not get away")
        self._confirmed()

    def publish(self, what: Publish) -> None:
        """Whatever a device of another language says."""
        self._send(self._witness, what.topic, what.payload.encode(), retain=what.retained)
        self._confirmed()

    def end_session(self, client_id: str) -> None:
        """Let the broker forget whoever had this id: a clean session takes the place of its own."""
        line = Line(self._broker, client_id, None)
        line.open()
        once = Exchange([line], self._broker, lambda _line: None)
        self._done(once.attend_until(lambda: line.up, PATIENCE_S), "a session did not end")
        line.close()
        self._done(once.attend_until(lambda: not line.up, PATIENCE_S), "a session did not end")

    def have_spoken(self) -> bool:
        """Whether anything was said, or a connection ended, since this was last asked."""
        spoke, self._spoke = self._spoke, False
        return spoke

    def ring(self, topic: str, payload: bytes) -> None:
        """A message of the monitor's own, after everything that was said before."""
        self._witness.say(topic, payload, qos=1, retain=False)
        self._confirmed()

    def pause(self, seconds: float) -> None:
        """Let time pass on the wall, with every connection kept up."""
        ends = monotonic() + seconds
        while (left := ends - monotonic()) > 0:
            self._exchange.attend(min(left, 0.1))

    def close(self) -> None:
        """Say goodbye, and leave nothing retained behind."""
        for topic in self._retained:
            self._witness.say(topic, b"", qos=1, retain=True)
        self._confirmed()
        self._exchange.close()

    # --- inside ------------------------------------------------------------------

    def _line(self, device: DeviceId) -> Line:
        """The connection that a device speaks on; it is made when it is first needed."""
        owner = BRIDGE if device.dialect == BRIDGE.dialect else device
        if owner in self._lines:
            return self._lines[owner]
        topic, payload = _availability(self._home, owner, online=False)
        line = Line(self._broker, f"{self._home}-{owner}", Will(topic, payload.encode()))
        line.open()
        self._lines[owner] = line
        self._exchange = Exchange(self._every_line(), self._broker, lambda _line: None)
        self._attend(lambda: line.up, "a device did not reach the broker")
        self._announce(line, owner, online=True)
        self._confirmed()
        return line

    def _every_line(self) -> list[Line]:
        return [self._witness, *self._lines.values()]

    def _cut(self, line: Line, device: DeviceId) -> None:
        topic, _ = _availability(self._home, device, online=False)
        self._wills.discard(topic)
        self._witness.hear(topic, partial(self._will_heard, topic))
        self._confirmed()
        line.cut()
        self._spoke = True
        self._attend(lambda: topic in self._wills, "the broker did not say a device's last will")

    def _will_heard(self, topic: str, payload: bytes) -> None:
        if b"offline" in payload:
            self._wills.add(topic)

    def _announce(self, line: Line, device: DeviceId, *, online: bool) -> None:
        topic, word = _availability(self._home, device, online=online)
        self._send(line, topic, word.encode(), retain=True)

    def _send(self, line: Line, topic: str, payload: bytes, *, retain: bool) -> None:
        self._spoke = True
        if retain:
            self._retained.add(topic)
        line.say(topic, payload, qos=1, retain=retain)

    def _payload(self, said: Say, number: list[int], now: datetime) -> bytes:
        """``number`` is empty until the message has been given one."""
        if said.device == BRIDGE:
            online = bool(said.values[Quantity.LINK])
            return _availability(self._home, BRIDGE, online=online)[1].encode()
        body: dict[str, Any] = {q.value: value for q, value in said.values.items()}
        if said.device.dialect == "nightwarden":
            if not number:
                self._numbers[said.device] = self._numbers.get(said.device, 0) + 1
                number.append(self._numbers[said.device])
            body |= {"at": rfc3339(now - said.behind), "seq": number[0]}
        return json.dumps(body).encode()

    def _confirmed(self) -> None:
        self._attend(lambda: not self._exchange.unconfirmed, "the broker confirmed nothing")

    def _attend(self, done: Any, otherwise: str) -> None:
        self._done(self._exchange.attend_until(done, PATIENCE_S), otherwise)

    @staticmethod
    def _done(done: bool, otherwise: str) -> None:
        if not done:
            raise NightwardenError(f"{otherwise} within {PATIENCE_S:.0f} s.")


def _topic(home: str, device: DeviceId) -> str:
    if device == BRIDGE:
        return f"{BRIDGE.dialect}/bridge/state"
    if device.dialect == "nightwarden":
        return f"nightwarden/v1/{home}/device/{device.address}"
    return f"{device.dialect}/{device.address}"


def _availability(home: str, device: DeviceId, *, online: bool) -> tuple[str, str]:
    """The topic and the word of a device's state of connection."""
    topic, word = _topic(home, device), _WORDS[online]
    if device == BRIDGE:
        return topic, json.dumps({"state": word})
    if device.dialect == "nightwarden":
        return f"{topic}/availability", word
    return f"{topic}/availability", json.dumps({"state": word}, separators=(",", ":"))
