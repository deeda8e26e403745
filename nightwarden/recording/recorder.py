"""Writes down what a broker hands over, without the home noticing.

A visitor's connection takes its own copies; it publishes nothing and acknowledges for nobody but
itself. When the broker goes away the recorder waits for it, and a new section tells of the hole.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import paho.mqtt.client as paho

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import Invalid
from nightwarden.recording.connection import Visit
from nightwarden.recording.lines import Header, Recorded, RecordingFile
from nightwarden.recording.names import Pseudonyms
from nightwarden.recording.ours import kept

FLUSH_EVERY_S = 1.0
RETRY_S = 1.0
TELL_EVERY_S = 5.0


@dataclass(slots=True)
class Tally:
    """What a recording came to."""

    messages: int = 0
    left_out: int = 0
    replaced: int = 0
    holes: int = 0
    seconds: float = 0.0

    def lines(self, names: str) -> list[str]:
        """The summary for a person."""
        said = [f"{self.messages} messages in {self.seconds:.0f} s."]
        if self.left_out:
            said.append(f"  {self.left_out} of the monitor's own were left out.")
        if self.holes:
            said.append(f"  The broker was away {self.holes} times; what was said then is missing.")
        if names == "replaced":
            said.append(f"  Residents' names were replaced in {self.replaced} messages.")
        else:
            said.append(
                "  Names were not looked for: give --data for the register. Devices that are "
                "called after residents stand in the file as they are."
            )
        return said


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to record: from where, which topics, for how long (None: until stopped)."""

    broker: BrokerUrl
    filters: Sequence[str]
    duration: timedelta | None = None


class Recorder:
    """One run of ``nightwarden record``.

    Args:
        wanted: what to record.
        names: what is replaced; None: there is no register.
        clock: stamps what comes.
        tell: is given lines for a person.
    """

    def __init__(
        self,
        wanted: Wanted,
        names: Pseudonyms | None,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self.tally = Tally()
        self._wanted = wanted
        self._sink: RecordingFile | None = None
        self._first: Visit | None = None
        self._names = names
        self._clock = clock
        self._tell = tell

    @property
    def names(self) -> str:
        """What the header says of names."""
        return "not_checked" if self._names is None else "replaced"

    def connect(self) -> None:
        """Reach the broker, before there is a file.

        Raises:
            Invalid: it cannot be reached, or refuses us.
        """
        self._first = self._visit()
        self._first.open()

    def run(self, sink: RecordingFile, stop: threading.Event) -> Tally:
        """Record into ``sink`` until ``stop`` is set or the time is over.

        Raises:
            Invalid: the broker refuses the filters, or the file cannot be written.
        """
        self._sink = sink
        visit = self._first
        assert visit is not None, "connect comes first"
        began = monotonic()
        length = self._wanted.duration
        ends = began + length.total_seconds() if length else float("inf")
        while True:
            self._section(visit, sink, ends, stop)
            visit.close()
            if stop.is_set() or monotonic() >= ends:
                break
            self.tally.holes += 1
            self._tell("The broker is away; waiting for it.")
            back = self._come_back(ends, stop)
            if back is None:
                break
            visit = back
            self._tell("The broker is back.")
        self.tally.seconds = monotonic() - began
        return self.tally

    def _visit(self) -> Visit:
        return Visit(self._wanted.broker, "record", self._on_message)

    def _section(
        self, visit: Visit, sink: RecordingFile, ends: float, stop: threading.Event
    ) -> None:
        """Write from a connection until it, the time or the wish for more ends."""
        sink.write(Header(self._clock(), tuple(self._wanted.filters), self.names))
        visit.subscribe(self._wanted.filters)
        flushed = told = monotonic()
        while not stop.is_set() and (now := monotonic()) < ends:
            if not visit.attend(min(0.2, ends - now)):
                break
            if now - flushed >= FLUSH_EVERY_S:
                sink.flush()
                flushed = now
            if now - told >= TELL_EVERY_S:
                self._tell(f"{self.tally.messages} messages …")
                told = now
        sink.flush()

    def _come_back(self, ends: float, stop: threading.Event) -> Visit | None:
        while not stop.wait(RETRY_S) and monotonic() < ends:
            visit = self._visit()
            try:
                visit.open()
            except Invalid:
                visit.close()
                continue
            return visit
        return None

    def _on_message(self, message: paho.MQTTMessage) -> None:
        heard = Recorded(
            at=self._clock(),
            topic=_topic(message),
            payload=bytes(message.payload),
            qos=message.qos,
            retain=message.retain,
            dup=message.dup,
        )
        left = kept(heard)
        if left is None:
            self.tally.left_out += 1
            return
        if self._names is not None:
            without = self._names.of(left)
            self.tally.replaced += without != left
            left = without
        assert self._sink is not None, "nothing is subscribed before there is a file"
        self._sink.write(left)
        self.tally.messages += 1


def without_covered(filters: Sequence[str]) -> list[str]:
    """The filters less those that another one covers: a broker may send a message for each."""
    left: list[str] = []
    for one in dict.fromkeys(filters):
        others = [other for other in dict.fromkeys(filters) if other != one]
        if not any(paho.topic_matches_sub(other, one) for other in others):
            left.append(one)
    return left


def _topic(message: paho.MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError as problem:
        return problem.object.decode("utf-8", "replace")
