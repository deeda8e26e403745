"""Plays a simulation over real MQTT, at any speed.

1. Simulated time is mapped to the wall: a message due ``t`` simulated seconds after the start is
   said ``t / speed`` seconds after the play began. The device's own clock in the message is the
   wall's at that moment, because whoever listens lives in it; or the simulated time, for who
   compares one play with another.
2. Up to 50 native devices have a connection each, as in a home: one that loses power leaves its
   will. In a larger home they share one, and what would be a will is published by us. The Zigbee
   bridge always has its own.
3. Nothing is dropped in silence: what a broken connection has cost is in the :class:`Tally`.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from time import monotonic

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock, utc_now
from nightwarden.errors import Invalid
from nightwarden.model.readings import DeviceId
from simulators import native_devices, zigbee2mqtt_devices
from simulators.faults import Fault, with_faults
from simulators.lines import Exchange, Line
from simulators.simulation import Simulation
from simulators.sounders import Sounder, obeys
from simulators.tongues.base import Voice
from simulators.wire import Parting, Will, WireMessage, rfc3339

OWN_LINES = 50
"""Up to so many native devices have their own connection."""

MAX_SPEED = 100_000.0
UNCONFIRMED = 1_000
"""With so many messages unconfirmed the play waits for the broker."""

LINGER_S = 5.0
"""How long the end waits for the broker's last confirmations."""


@dataclass(slots=True)
class Tally:
    """What was said, and what became of it."""

    said: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: int = 0
    unconfirmed: int = 0
    seconds: float = 0.0

    @property
    def messages(self) -> int:
        """How many messages were said in all."""
        return self.said.total()

    def lines(self) -> list[str]:
        """The summary for a person: messages, by dialect, by kind."""
        summary = [f"{self.messages} messages in {self.seconds:.0f} s"]
        for dialect in sorted({dialect for dialect, _ in self.said}):
            kinds = {kind: count for (of, kind), count in self.said.items() if of == dialect}
            each = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
            summary.append(f"  {dialect}: {sum(kinds.values())} ({each})")
        if self.lost:
            summary.append(f"  lost while the broker was away: {self.lost}")
        if self.unconfirmed:
            summary.append(f"  not confirmed by the broker at the end: {self.unconfirmed}")
        return summary


def play(
    simulation: Simulation,
    broker: str | BrokerUrl,
    *,
    speed: float = 1.0,
    duration: timedelta | None = None,
    stop: threading.Event,
    faults: Sequence[Fault] = (),
    clock: Clock | None = utc_now,
    progress: Callable[[str], None] = lambda _line: None,
) -> Tally:
    """Say the simulation's messages until ``stop`` is set or ``duration`` (on the wall) is over.

    Args:
        simulation: what to play.
        broker: its address, read or as ``mqtt://[USER[:PASSWORD]@]HOST[:PORT]`` or ``mqtts://…``.
        speed: times faster than its simulated time, over 0 to 100,000.
        duration: None: until ``stop``.
        stop: set it from a signal or another thread; the play ends within a tenth of a second.
        faults: what befalls the messages on their way.
        clock: gives the time that devices claim; None: they claim the simulated time, so that
            what they say is the same to the byte at any speed.
        progress: is given lines for a person.

    Raises:
        Invalid: the speed or address cannot be used, or the broker does not answer or refuses.
    """
    if not 0 < speed <= MAX_SPEED:
        raise Invalid(f"a speed of {speed:g} cannot be played; give one over 0 to {MAX_SPEED:.0f}")
    for sentence in simulation.left_out():
        progress(sentence)
    if not simulation.speakers():
        raise Invalid("this home has no device that can be simulated; give its equipment devices")
    address = broker if isinstance(broker, BrokerUrl) else BrokerUrl.parse(broker)
    stage = Stage(simulation, address, clock, progress)
    try:
        stage.exchange.open()
        stage.perform(speed, duration, stop, faults)
    finally:
        stage.exchange.close()
    return stage.tally


class Stage:
    """The lines of a play: who speaks on which, and what was said. ``more`` are attended too."""

    def __init__(
        self,
        simulation: Simulation,
        broker: BrokerUrl,
        clock: Clock | None,
        progress: Callable[[str], None],
        more: Sequence[Line] = (),
    ) -> None:
        self.tally = Tally()
        self._simulation = simulation
        self._clock = clock or utc_now
        self._own_clock = clock is None
        self._boards = simulation.boards()
        self._lines, self._owners = _lines_of(simulation, self._boards, broker)
        every = dict.fromkeys([*self._lines.values(), *more])
        self.exchange = Exchange(every, broker, progress)
        self._served = 0.0
        self.speed = 1.0
        self._sounders = [
            (Sounder(simulation.home.id, fitting, progress), self._lines[fitting.device])
            for fitting in simulation.home.fittings
            if obeys(fitting)
        ]
        for sounder, line in self._sounders:
            line.hear(sounder.orders, partial(self._obey, sounder, line))
        for voice in self._boards:
            if (topic := voice.hears()) is not None:
                self._lines[voice.device].hear(topic, partial(self._answer, voice))

    def perform(
        self,
        speed: float,
        duration: timedelta | None,
        stop: threading.Event,
        faults: Sequence[Fault] = (),
    ) -> None:
        """Say everything in its time, and at the end wait for what is not yet confirmed."""
        self.speed = speed
        began = monotonic()
        ends = began + duration.total_seconds() if duration is not None else float("inf")
        start = self._simulation.start
        said = self._simulation.messages(self._boards)
        for message in with_faults(said, faults, start, self._simulation.seed):
            due = began + (message.at - start).total_seconds() / speed
            if not self._wait(due, ends, stop):
                break
            self.say(message)
        self.end(monotonic() - began)

    def end(self, seconds: float) -> None:
        """Say goodbye after so many seconds on the wall, and wait for what is not confirmed."""
        self.tally.seconds = seconds
        for message in self._simulation.closing(self._clock()):
            self.say(message)
        self.exchange.attend_until(lambda: self.exchange.unconfirmed == 0, LINGER_S)
        self.tally.unconfirmed = self.exchange.unconfirmed

    def _wait(self, due: float, ends: float, stop: threading.Event) -> bool:
        """Serve the connections until it is ``due`` (monotonic); False when the play is over."""
        if monotonic() - self._served > 0.005:
            self.serve(0)
        while not stop.is_set():
            now = monotonic()
            if now >= ends:
                return False
            backlog = self.exchange.unconfirmed >= UNCONFIRMED
            if now >= due and not backlog:
                return True
            self.serve(0.05 if backlog else min(due - now, ends - now, 0.1))
        return False

    def say(self, message: WireMessage) -> None:
        """A message goes out on its sender's line, or that line ends."""
        line = self._lines[message.sender]
        own = message.sender in self._owners
        if message.parting is not None:
            self._part(line, message.parting, own=own)
            return
        self.tally.said[message.sender.dialect, message.kind] += 1
        if message.by_will and own:
            line.cut()
            return
        if line.reopen_if_cut(message.opens_with):
            self.exchange.attend_until(lambda: line.up, 1.0)
        payload = message.payload()
        if not self._own_clock:
            payload = message.payload(self._clock(), self.speed)
        if not line.say(message.topic, payload, qos=message.qos, retain=message.retain):
            self.tally.lost += 1

    def _part(self, line: Line, how: Parting, *, own: bool) -> None:
        """A connection ends; one that is shared ends for everybody, and with the broker alone."""
        if how is Parting.CUT and own:
            line.cut()
        elif how is Parting.BROKER_GONE or (how is Parting.GOODBYE and own):
            line.close()

    def _obey(self, sounder: Sounder, line: Line, order: bytes) -> None:
        if sounder.hear(order):
            self._confess(sounder, line)

    def _answer(self, voice: Voice, order: bytes) -> None:
        """A board does as it is told, at once: an order comes when it comes."""
        for message in voice.told(order, self._clock()):
            self.say(message)

    def _confess(self, sounder: Sounder, line: Line) -> None:
        """A sounder says how it stands now."""
        body = json.dumps({"on": sounder.on, "at": rfc3339(self._clock())})
        line.say(sounder.topic, body.encode(), qos=1, retain=False)
        self.tally.said["nightwarden", "sounder"] += 1

    def serve(self, timeout: float) -> None:
        """Serve the connections for up to ``timeout`` seconds."""
        self.exchange.attend(timeout)
        for sounder, line in self._sounders:
            if sounder.tire():
                self._confess(sounder, line)
        self._served = monotonic()


def _lines_of(
    simulation: Simulation, boards: Sequence[Voice], broker: BrokerUrl
) -> tuple[dict[DeviceId, Line], frozenset[DeviceId]]:
    """The line of each sender, and the senders that have one to themselves."""
    home, speakers = simulation.home, simulation.speakers()
    base = f"simulated-{home.id}"
    lines: dict[DeviceId, Line] = {}
    behind_bridge = [one for one in speakers if one.dialect == zigbee2mqtt_devices.DIALECT]
    if behind_bridge:
        will = _will(zigbee2mqtt_devices.bridge_state(simulation.start, online=False))
        bridge = Line(broker, f"{base}-zigbee2mqtt", will)
        lines = dict.fromkeys([zigbee2mqtt_devices.BRIDGE, *behind_bridge], bridge)
    apart = [v for v in boards if v.behind and v.device.dialect != zigbee2mqtt_devices.DIALECT]
    for dialect, server in {(v.device.dialect, v.behind) for v in apart}:
        shared = Line(broker, f"{base}-{dialect}-{server}", None)
        lines |= {v.device: shared for v in boards if v.device.dialect == dialect}
    own = _own_wills(simulation, boards)
    if len(own) > OWN_LINES:
        return lines | dict.fromkeys(own, Line(broker, f"{base}-devices", None)), frozenset()
    for number, (one, left) in enumerate(own.items()):
        lines[one] = Line(broker, f"{base}-{number}", left)
    return lines, frozenset(own)


def _own_wills(simulation: Simulation, boards: Sequence[Voice]) -> dict[DeviceId, Will | None]:
    """The devices that connect for themselves, and what each leaves with the broker."""
    with_inputs = {voice.device for voice in boards}
    wills: dict[DeviceId, Will | None] = {}
    for one in simulation.speakers():
        if one.dialect == native_devices.DIALECT and one not in with_inputs:
            gone = native_devices.availability(
                simulation.home.id, one, simulation.start, online=False
            )
            wills[one] = _will(gone)
    return wills | {voice.device: voice.will() for voice in boards if voice.behind is None}


def _will(message: WireMessage) -> Will:
    return Will(message.topic, message.payload())
