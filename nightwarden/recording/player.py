"""Says again what a recording has, at any speed, to a broker that serves no live home.

1. Between two messages as much time passes as in the recording, divided by the speed; where the
   recorder's clock was set back, none. Between two sections a second passes.
2. Messages leave in their order, at their QoS, retained where they had been. Our own topics and
   orders to devices are not said (:mod:`ours`).
3. The broker is never more than ``WINDOW`` messages behind.
4. Before the first message and all the while we look for a live home (:mod:`live_homes`).
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.recording.befallen import befallen
from nightwarden.recording.claimed import moved
from nightwarden.recording.connection import Visit
from nightwarden.recording.lines import CutShort, Entry, Header, Recorded, read
from nightwarden.recording.live_homes import FILTER, LOOKS_FOR_S, Homes
from nightwarden.recording.ours import played
from simulators.faults import Fault

WINDOW = 200
BETWEEN_SECTIONS = timedelta(seconds=1)
LINGER_S = 10.0
TELL_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Play:
    """What to play, and how. ``speed`` None: as fast as the broker takes it."""

    file: Path
    broker: BrokerUrl
    speed: float | None = 1.0
    home: str | None = None
    shift_times: bool = False
    until_damage: bool = False
    faults: Sequence[Fault] = ()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is: messages, from when until when (aware), and what was done to names."""

    messages: int
    first: datetime | None
    last: datetime | None
    names: str
    homes: frozenset[str]

    @property
    def length(self) -> timedelta:
        """From the first message to the last."""
        return self.last - self.first if self.first and self.last else timedelta(0)


@dataclass(slots=True)
class Tally:
    """What was said, and what became of it."""

    said: int = 0
    not_said: int = 0
    retained: int = 0
    unconfirmed: int = 0
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """The summary for a person."""
        rate = f", {self.said / self.seconds:,.0f} a second" if self.seconds > 1 else ""
        told = [f"{self.said} messages in {self.seconds:.1f} s{rate}."]
        if self.not_said:
            told.append(f"  {self.not_said} were not said: the monitor's own, or orders.")
        if self.retained:
            told.append(
                f"  {self.retained} were retained: the broker keeps the last of each topic."
            )
        if self.unconfirmed:
            told.append(f"  {self.unconfirmed} were not confirmed by the broker at the end.")
        return told


def entries(play: Play) -> Iterator[Entry]:
    """The entries of the file, up to where it is damaged if so much was asked for.

    Raises:
        Invalid: with file and line.
    """
    try:
        yield from read(play.file)
    except CutShort:
        if not play.until_damage:
            raise


def survey(play: Play) -> Extent:
    """Read the whole file once, so that nothing of a wrong one is ever played.

    Raises:
        Invalid: with file and line.
    """
    count, first, last = 0, None, None
    names = "replaced"
    homes: set[str] = set()
    for entry in entries(play):
        if isinstance(entry, Header):
            names = entry.names if names == "replaced" else names
            continue
        count += 1
        first = first or entry.at
        last = entry.at
        if entry.topic.startswith("nightwarden/v1/"):
            homes.add(entry.topic.split("/")[2])
    return Extent(count, first, last, names, frozenset(homes))


class Player:
    """One run of ``nightwarden replay``.

    Args:
        play: what and how.
        extent: what :func:`survey` found.
        clock: the wall's, for claims that are moved.
        tell: is given lines for a person.
    """

    def __init__(
        self, play: Play, extent: Extent, clock: Clock, tell: Callable[[str], None]
    ) -> None:
        self.tally = Tally()
        self._play = play
        self._extent = extent
        self._clock = clock
        self._tell = tell
        self._homes = Homes()
        self._visit = Visit(play.broker, "replay", self._homes.hear)
        self._told_at = 0.0

    def run(self, stop: threading.Event) -> Tally:
        """Play until the end or until ``stop`` is set.

        Raises:
            Invalid: there is a live home, the broker cannot be used, or the connection was lost.
        """
        try:
            self._visit.open()
            self._visit.subscribe([FILTER])
            self._attend_until(monotonic() + LOOKS_FOR_S)
            self._say_whom_it_meets()
            began = monotonic()
            self._perform(stop)
            self._drain(0, monotonic() + LINGER_S)
            self.tally.unconfirmed = self._visit.unconfirmed
            self.tally.seconds = monotonic() - began
        finally:
            self._visit.close()
        return self.tally

    def _perform(self, stop: threading.Event) -> None:
        due = monotonic()
        before: datetime | None = None
        for entry in befallen(entries(self._play), self._play.faults, self._play.seed):
            if isinstance(entry, Header):
                due += 0 if before is None else self._on_the_wall(BETWEEN_SECTIONS)
                before = None
                continue
            if before is not None and entry.at > before:
                due += self._on_the_wall(entry.at - before)
            before = entry.at
            if not self._wait(due, stop):
                return
            self._say(entry)

    def _on_the_wall(self, span: timedelta) -> float:
        return 0.0 if self._play.speed is None else span.total_seconds() / self._play.speed

    def _wait(self, due: float, stop: threading.Event) -> bool:
        """Serve the connection until it is ``due`` and the broker has kept up; False to end."""
        self._tell_now_and_then()
        if self._play.speed is None or monotonic() >= due:
            self._attend(0)
        while not stop.is_set() and monotonic() < due:
            self._attend(min(due - monotonic(), 0.1))
        while not stop.is_set() and self._visit.unconfirmed >= WINDOW:
            self._attend(0.05)
        return not stop.is_set()

    def _say(self, entry: Recorded) -> None:
        message = played(entry, self._play.home)
        if message is None:
            self.tally.not_said += 1
            return
        if self._play.shift_times:
            payload = moved(message.topic, message.payload, self._moving(entry.at))
            message = replace(message, payload=payload)
        self._visit.publish(
            message.topic, message.payload, qos=min(message.qos, 1), retain=message.retain
        )
        self.tally.said += 1
        self.tally.retained += message.retain

    def _moving(self, received: datetime) -> Callable[[datetime], datetime]:
        """A claim lies as long before its receipt as it did, by the clock of the play."""
        now, speed = self._clock(), self._play.speed

        def mapping(claimed: datetime) -> datetime:
            return now if speed is None else now - (received - claimed) / speed

        return mapping

    def _say_whom_it_meets(self) -> None:
        if self._homes.practice:
            self._tell(f"Practice home: {', '.join(sorted(self._homes.practice))}.")
        else:
            self._tell("No monitor is on this broker; whoever listens hears the recording.")
        spoken = {self._play.home} if self._play.home else self._extent.homes
        strange = sorted(home for home in spoken - self._homes.practice if home)
        if self._homes.practice and strange:
            self._tell(
                f"Native devices will speak to {', '.join(strange)}, which is not that home; "
                "--home ID plays them to another."
            )

    def _tell_now_and_then(self) -> None:
        if monotonic() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = monotonic()
        done = self.tally.said + self.tally.not_said
        self._tell(f"{done} of {self._extent.messages} messages …")

    def _attend_until(self, end: float) -> None:
        while monotonic() < end:
            self._attend(0.05)

    def _drain(self, most: int, end: float) -> None:
        while self._visit.unconfirmed > most and monotonic() < end:
            self._attend(0.05)

    def _attend(self, timeout: float) -> None:
        if not self._visit.attend(timeout):
            raise self._visit.lost()
        self._homes.refuse_live(str(self._play.broker))
