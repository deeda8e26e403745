"""Hears a broker as the gateway would, in every dialect, and touches nothing.

It is a visitor with a clean session: it acknowledges nothing on the gateway's behalf, asks no
device for anything, and keeps what announcements teach for as long as it listens.
"""

from collections.abc import Callable

import paho.mqtt.client as paho

from gateway.dialects import dialects, owner
from gateway.dialects.base import Dialect, Learner
from gateway.dialects.native import NativeDialect
from gateway.messages import RawMessage
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import Unreadable
from nightwarden.model.readings import Reading
from nightwarden.recording.connection import Visit

_NATIVE = "nightwarden/v1/+/device/#"


class Ear:
    """Open it, then :meth:`attend` again and again.

    Args:
        broker: where.
        clock: stamps what comes.
        heard: is given each reading.
        doubted: is given a sentence for what cannot be read or believed.
    """

    def __init__(
        self,
        broker: BrokerUrl,
        clock: Clock,
        heard: Callable[[Reading], None],
        doubted: Callable[[str], None],
    ) -> None:
        self._clock, self._heard, self._doubted = clock, heard, doubted
        self._native: dict[str, Dialect] = {}
        self._others = [one for one in dialects("none") if one.name != "nightwarden"]
        self._subscribed: set[str] = set()
        self._visit = Visit(broker, "try", self._on_message)

    def open(self) -> None:
        """Connect and listen.

        Raises:
            Invalid: the broker cannot be used.
        """
        self._visit.open()
        self._listen()

    def attend(self, timeout: float) -> None:
        """Take what comes within ``timeout`` seconds.

        Raises:
            Invalid: the connection was lost.
        """
        if not self._visit.attend(timeout):
            raise self._visit.lost()
        self._listen()

    def close(self) -> None:
        """Say goodbye."""
        self._visit.close()

    def _listen(self) -> None:
        wanted = {_NATIVE, *(each for one in self._others for each in one.filters())}
        if new := sorted(wanted - self._subscribed):
            self._subscribed |= wanted
            self._visit.subscribe(new)

    def _on_message(self, said: paho.MQTTMessage) -> None:
        dialect = self._dialect(said.topic)
        if dialect is None:
            return
        message = RawMessage(said.topic, bytes(said.payload), self._clock(), retain=said.retain)
        try:
            understood = dialect.read(message)
        except Unreadable as problem:
            self._doubted(f"{said.topic}: {problem}")
            return
        if isinstance(dialect, Learner):
            for lesson in understood.lessons:
                dialect.learn(lesson)
        for problem_of in understood.problems:
            self._doubted(f"{problem_of.device}: {problem_of.reason}")
        for reading in understood.readings:
            self._heard(reading)

    def _dialect(self, topic: str) -> Dialect | None:
        if topic.startswith("nightwarden/v1/"):
            home = topic.split("/")[2]
            native = self._native.setdefault(home, NativeDialect(home))
            return native if native.owns(topic) else None
        return owner(self._others, topic)
