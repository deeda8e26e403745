"""A home to practise on: broker, gateway, rules, store and api, real, on a clock that is turned."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from gateway.embedded_broker import EmbeddedBroker
from nightwarden.errors import NightwardenError
from nightwarden.homefile import plan
from nightwarden.model.actors import SYSTEM
from nightwarden.model.alerts import AlertKind, AlertState
from nightwarden.practice.clock import TurnedClock
from nightwarden.practice.devices import Devices
from nightwarden.practice.pages import RunningApi
from nightwarden.practice.running_gateway import RunningGateway, client_of
from nightwarden.practice.scenario import Scenario
from nightwarden.practice.waiting import PATIENCE_S, until
from nightwarden.rulesfile.changes import apply_rules
from nightwarden.store import receivers
from nightwarden.store.engine import Store
from nightwarden.store.receivers import ReceiverKind, Word
from nightwarden.store.tables import Alert
from nightwarden.wire import Topics


class PracticeHome:
    """The home of a scenario, from its start on; one receiver listens.

    Args:
        scenario: whose home it is.
        store: an empty one.
        broker: a broker at which nothing else of this ``name`` is.
        name: the home's id on the wire.
        without: see :class:`~nightwarden.practice.running_gateway.RunningGateway`.
    """

    def __init__(
        self,
        scenario: Scenario,
        store: Store,
        broker: EmbeddedBroker,
        name: str,
        without: AlertKind | None = None,
    ) -> None:
        self.clock = TurnedClock(scenario.start)
        self.listening = 1
        self._store, self._name, self._without = store, name, without
        self._broker, self._broker_url = broker, broker.url
        self._rings = 0
        self._said: tuple[datetime, int] | None = None
        self._furnish(scenario)
        self.api = RunningApi(store, broker.url, self.clock, name)
        self.api.start()
        self.devices = Devices(name, broker.url, self.clock)
        self.running: RunningGateway | None = None
        self.start_gateway()

    def start_gateway(self, *, forgotten: bool = False) -> None:
        """Start it, as after a power cut; ``forgotten``: at a broker that does not know it."""
        if forgotten:
            self.devices.end_session(client_of(self._name))
        self.running = RunningGateway(
            self._store, self._broker_url, self.clock, self._name, self._without
        )
        self.running.start()
        self.settle()

    def stop_gateway(self) -> None:
        """Nothing decides from here on; the broker keeps what comes."""
        if self.running is not None:
            self.running.stop()
            self.running = None

    def restart_broker(self) -> None:
        """It falls with all that it knew; returns when everybody has found it again."""
        self.settle()
        self._broker.kill()
        self.devices.broker_fell()
        if self.running is not None:
            link = self.running.link
            until(lambda: not link.connected, "the gateway did not notice")
        self._broker.start()
        if self.running is not None:
            until(lambda: link.connected, "the gateway did not find the broker")
        self.devices.broker_is_back()

    def turn_to(self, instant: datetime) -> None:
        """It is ``instant`` now; returns when there is nothing left to do."""
        self.clock.now = instant
        self.settle()

    def settle(self) -> None:
        """Wait until everything said so far has been decided and committed."""
        self._receivers_speak()
        if self.running is None:
            return
        running = self.running
        # The embedded broker may let a ring overtake what was said before it, once.
        for _ in range(2 if self.devices.have_spoken() else 1):
            self._rings += 1
            ring = f"practice {self._rings}".encode()
            self.devices.ring(Topics(self._name).ring_gateway, ring)
            if not running.gateway.wait_settled(self.clock(), ring, PATIENCE_S):
                raise NightwardenError("the gateway did not come to rest.")
        until(lambda: not running.outbox.under_way, "a delivery was not receipted")

    def due_at(self) -> datetime | None:
        """When the program has something to do next without news: a timer, a ladder's step."""
        if self.running is None:
            return None
        with self.api.store.reading(self.clock()) as tx:
            step: datetime | None = tx.scalars(_next_step()).one()
        return min(filter(None, (step, self.running.gateway.due_at)), default=None)

    def close(self) -> None:
        """End all of it."""
        self.devices.close()
        self.stop_gateway()
        self.api.stop()

    def _furnish(self, scenario: Scenario) -> None:
        home = scenario.home.home.model_copy(update={"id": self._name})
        with self._store.transaction(self.clock()) as tx:
            plan.apply(tx, scenario.home.model_copy(update={"home": home}), SYSTEM)
            if scenario.rules is not None:
                apply_rules(tx, scenario.rules, SYSTEM)

    def _receivers_speak(self) -> None:
        """Pagers say that they can sound an alert, as they do every few seconds."""
        now = self.clock()
        if (said := (now, self.listening)) == self._said:
            return
        self._said = said
        words = [
            Word(f"pager-{n}", f"Pager {n}", ReceiverKind.PAGER, sound=True, at=now)
            for n in range(self.listening)
        ]
        if words:
            with self.api.store.transaction(now) as tx:
                receivers.heard(tx, words)


@cache
def _next_step() -> Select[Any]:
    return select(func.min(col(Alert.next_step_at))).where(col(Alert.state) != AlertState.CLOSED)
