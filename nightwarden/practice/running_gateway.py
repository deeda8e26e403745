"""A gateway in this process, put together as ``gateway/process.py`` does, on a clock of ours."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from gateway.backoff import Backoff
from gateway.gateway import Gateway, Parts
from gateway.inbox import Inbox
from gateway.messages import Will
from gateway.mqtt import MqttLink
from gateway.outbox import Outbox
from gateway.outlets.channels import ChannelOutlet
from gateway.outlets.topics import TopicOutlet
from gateway.rival import Identity
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import Clock
from nightwarden.errors import NightwardenError
from nightwarden.model.alerts import AlertKind
from nightwarden.practice.waiting import PATIENCE_S, until
from nightwarden.store.channel_letters import OUTLET
from nightwarden.store.engine import Store, Transaction
from nightwarden.wire import Topics
from rules.decisions import Decision

HERE = Identity("0" * 16, "this machine")
IMPATIENT = Backoff(first=0.02, longest=0.2)
PROOF_HOLDS = timedelta(minutes=90)
"""The loop test runs once a stride of this clock, and a stride may be as long as this."""


def client_of(home: str) -> str:
    """The MQTT client id under which the broker keeps the gateway's session."""
    return f"nightwarden-gateway-{home}"


class RunningGateway:
    """Decides for the home ``home`` on a thread of its own, from :meth:`start` to :meth:`stop`.

    Args:
        store: in which the home has been applied.
        broker_url: where the broker is.
        clock: what time it is.
        home: the home's id.
        without: a kind of alert that it shall not raise, to see what notices.
    """

    def __init__(
        self,
        store: Store,
        broker_url: str,
        clock: Clock,
        home: str,
        without: AlertKind | None = None,
    ) -> None:
        self.store = store
        self.inbox = Inbox()
        self.link = MqttLink(
            BrokerUrl.parse(broker_url),
            client_of(home),
            Gateway.filters(home),
            clock,
            self.inbox.put,
            on_change=lambda _: self.inbox.wake(),
            will=Will(Topics(home).health, b'{"status":"not_watching"}'),
            backoff=IMPATIENT,
        )
        self.link.hand_on = partial(self.inbox.put_all, timeout=0.1)
        elsewhere = ChannelOutlet(self.store, clock)
        self.outbox = Outbox({"mqtt": TopicOutlet(self.link), OUTLET: elsewhere})
        parts = Parts(self.store, self.link, self.inbox, self.outbox, clock, HERE)
        self.gateway = _gateway(parts, home, without)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.gateway.run, args=(self._stop,), daemon=True)

    def start(self) -> None:
        """Returns when it hears the broker."""
        self.link.start()
        self._thread.start()
        until(lambda: self.link.connected, "the gateway did not reach the broker")

    def stop(self) -> None:
        """End it in good order."""
        self._stop.set()
        self.inbox.wake()
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():
            raise NightwardenError("the gateway did not stop")
        self.link.stop()


def _gateway(parts: Parts, home: str, without: AlertKind | None) -> Gateway:
    if without is None:
        return Gateway(parts, home, proof_holds=PROOF_HOLDS)
    return _Lacking(parts, home, without)


class _Lacking(Gateway):
    """A gateway in which one rule is broken: it decides, and nothing is raised."""

    def __init__(self, parts: Parts, home: str, without: AlertKind) -> None:
        super().__init__(parts, home, proof_holds=PROOF_HOLDS)
        self._without = without

    def _carry_out(self, tx: Transaction, decisions: Sequence[Decision]) -> int:
        kept = [decision for decision in decisions if decision.kind is not self._without]
        return super()._carry_out(tx, kept)
