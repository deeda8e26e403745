"""The one thread that decides.

A turn takes a batch of messages and every deadline that has passed through one transaction: what
was read, what was decided, what is to be sent. Only after its commit are the messages
acknowledged, the boards rung and the deliveries handed to the link.

When a batch fails its halves are taken again, and theirs, until the message that fails is alone and
goes to quarantine: one bad record never stops the others. When the *store* fails nothing is
acknowledged, the broker keeps what comes, the proof grows old and every board says NOT WATCHING.
Either way the engine is made anew from what is on the disk, since what it thought was not kept.

A little over 300 lines, because the order of a turn is the promise, and is read from top to bottom.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from gateway import answering, presence
from gateway.accounting import Accountant
from gateway.announcing import Announcer
from gateway.asking import Asking
from gateway.dialects import dialects
from gateway.drills import Drills
from gateway.engine_room import STEP, EngineRoom
from gateway.inbox import Inbox
from gateway.intake import BatchResult, Intake
from gateway.lessons import Lessons
from gateway.messages import RawMessage
from gateway.mqtt import MqttLink
from gateway.outbox import Outbox
from gateway.outlets.home_assistant import Discovery
from gateway.outputs import Outputs
from gateway.outward import Outward
from gateway.pace import Pace
from gateway.proof import Proof
from gateway.rival import Identity
from gateway.strain import Strain, give_way
from gateway.tidying import Tidying
from nightwarden.clock import Clock
from nightwarden.errors import DeliveryFailed
from nightwarden.rulesfile.in_force import calling
from nightwarden.store import alerts, intake, meta, outgoing
from nightwarden.store.engine import Store, Transaction
from nightwarden.store.outgoing import Leased
from nightwarden.wire import Topics
from rules.decisions import Decision

LOOK_EVERY = timedelta(seconds=1)
"""How often to look at what the api has written, and at alerts that climb."""

ANNOUNCE_EVERY = timedelta(seconds=5)
"""How often to work out anew which places are watched, while nothing happens that must show."""

STORE_RETRY_S = 1.0
LONGEST_NAP_S = 0.25

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gateway is made of. ``identity`` tells it from another one of the same home."""

    store: Store
    link: MqttLink
    inbox: Inbox
    outbox: Outbox
    clock: Clock
    identity: Identity


class Gateway:
    """Hears, decides and calls for one home.

    Args:
        parts: its store, link, inbox, outbox, clock and identity.
        home: the home's id; the home has been applied.
        discovery: how much Home Assistant is told.
        proof_holds: how old a loop test may be for a minute to count as watched.
    """

    def __init__(
        self,
        parts: Parts,
        home: str,
        discovery: Discovery = Discovery.ROOMS,
        proof_holds: timedelta = meta.PROOF_HOLDS,
    ) -> None:
        self._parts = parts
        self._topics = Topics(home)
        self._dialects = dialects(home)
        self._proof = Proof(parts.link, self._topics, parts.identity)
        self._drills = Drills(parts.link, self._topics)
        self._outward = Outward(parts.link, discovery)
        self._asking = Asking(parts.link)
        self._outputs = Outputs(parts.link, self._dialects)
        self._published_on = 0  # the link's connection that our retained topics were put on
        self._look_at: datetime | None = None
        self._tidying = Tidying()
        self._strain = Strain()
        self._pace = Pace()
        self._announce_at: datetime | None = None
        self._rung = False
        self._turned = threading.Condition()
        self.settled_at: datetime | None = None
        """The time of the last turn that left nothing undone."""
        self.due_at: datetime | None = None
        """When the rules have something to do without news, as of that turn."""
        self._rings: deque[bytes] = deque(maxlen=16)
        self._owed: list[RawMessage] = []  # passed over; acknowledged after the next commit
        now = parts.clock()
        with parts.store.transaction(now) as tx:
            self._room = EngineRoom(tx)
            self._lessons = Lessons(tx, self._dialects)
            receipts = intake.load_receipts(tx)
            self._intake = Intake(self._dialects, self._room, receipts, self._lessons)
            self._announcer = Announcer(tx)
        self._accountant = Accountant(proof_holds)
        parts.link.also_hear(self._lessons.further_filters)

    @staticmethod
    def filters(home: str) -> tuple[str, ...]:
        """The topic filters that the link of this home's gateway must subscribe to."""
        spoken = [topic for dialect in dialects(home) for topic in dialect.filters()]
        return (*spoken, Topics(home).ring_gateway)

    def run(self, stop: threading.Event) -> int:
        """Turn until ``stop`` is set; 0 then, 1 when the link has died and cannot be trusted."""
        while not stop.is_set():
            if not self._parts.link.alive():
                log.critical("The link to the broker has died; this process ends to be restarted.")
                return 1
            self.turn()
        return 0

    def turn(self, nap_s: float = LONGEST_NAP_S) -> None:
        """Wait up to ``nap_s`` seconds for messages, then do all there is to do now."""
        batch = self._parts.inbox.take(nap_s, self._pace.most)
        passed = self._parts.inbox.passed()
        self._strain.passed_over(passed)
        self._owed += passed
        now = self._parts.clock()
        self._proof.send_when_due(now)
        messages = self._without_rings(batch)
        began, worked = time.monotonic(), time.thread_time()
        try:
            now = self._never_back(now)
            self._work(messages, now)
        except DBAPIError as problem:
            self._store_failed(batch, problem)
            return
        self._acknowledge([*batch, *self._owed])
        self._owed.clear()
        self._outward.show()
        self._pace.took(len(batch), time.thread_time() - worked)
        give_way(time.monotonic() - began)
        with self._turned:
            if not len(self._parts.inbox):
                self.settled_at, self.due_at = now, self._room.engine.next_deadline
            self._rings.extend(m.payload for m in batch if m.topic == self._topics.ring_gateway)
            self._turned.notify_all()

    def wait_settled(self, since: datetime, ring: bytes, timeout: float) -> bool:
        """Wait until a turn at or after ``since`` has left nothing undone and ``ring`` was heard.

        For tests that move the clock: messages published before the ring are through then.
        """
        with self._turned:
            return self._turned.wait_for(
                lambda: (
                    self.settled_at is not None and self.settled_at >= since and ring in self._rings
                ),
                timeout,
            )

    # --- one turn ----------------------------------------------------------------

    def _work(self, messages: Sequence[RawMessage], now: datetime) -> None:
        """All of these, in order; the one that makes our code fail goes to quarantine alone.

        What failed is halved: one bad message in 2,000 costs twenty transactions. To take all of
        them one by one would cost 2,000, ten seconds in which nobody is watched.
        """
        try:
            self._transact(messages, now)
        except DBAPIError:
            raise
        except Exception as fault:
            self._remake_engine(now)
            if len(messages) == 1:
                self._set_apart(messages[0], fault, now)
                return
            log.exception("A batch of %d messages failed; taking its halves.", len(messages))
            half = len(messages) // 2
            for part in filter(None, (messages[:half], messages[half:])):
                self._work(part, now)

    def _set_apart(self, message: RawMessage, fault: Exception, now: datetime) -> None:
        log.error(
            "A message on %s cannot be handled; it is in quarantine.",
            message.topic,
            exc_info=fault,
        )
        reason = f"A fault of ours while handling it: {type(fault).__name__}; please report it."
        with self._parts.store.transaction(now) as tx:
            intake.quarantine(tx, message.topic, message.payload, reason)

    def _transact(self, messages: Sequence[RawMessage], now: datetime) -> None:
        looking = self._rung or self._look_at is None or now >= self._look_at
        due = self._room.engine.next_deadline
        if not (messages or looking or (due and due <= now)):
            return
        with self._parts.store.transaction(now) as tx:
            decisions = list(self._room.begin(tx, messages))
            result = self._intake.take(tx, messages)
            decisions += result.decisions
            decisions += self._drills.returned(tx, result.drills)
            if looking:
                decisions += self._room.look(tx)
            decisions += self._room.engine.tick(now)
            plan, rules = self._room.engine.plan, self._room.rules
            changes = result.shown + self._carry_out(tx, decisions)
            changes += presence.attend(tx, result.presses, plan.items, rules)
            if looking:
                changes += self._periodic(tx, shown=bool(changes or decisions))
            if looking or changes:
                self._outputs.look(tx)
                self._outward.look(tx)
            letters = self._finish(tx, result, sending=bool(changes) or looking)
        self._intake.committed()
        self._strain.committed()
        self._strain.strange(result.passed)
        self._outputs.committed()
        if self._lessons.saved():
            self._parts.link.also_hear(self._lessons.further_filters)
        if looking:
            self._look_at, self._rung = now + LOOK_EVERY, False
        self._tell(changes, letters)
        self._asking.want(result.requests)
        self._asking.send_due(now)

    def _carry_out(self, tx: Transaction, decisions: Sequence[Decision]) -> int:
        return answering.carry_out(tx, decisions, self._room.rules)

    def _finish(
        self, tx: Transaction, result: BatchResult, *, sending: bool
    ) -> list[tuple[str, Leased]]:
        self._room.settle(tx)
        self._parts.outbox.settle(tx)
        # Only a proof that came back says that we hear: a decision may come from a timer alone.
        if self._proof.returned(tx, result.proof):
            self._room.proved(tx)
        return self._parts.outbox.lease(tx) if sending else []

    def _periodic(self, tx: Transaction, *, shown: bool) -> int:
        """What is done once a second: ladders, watches, the broker's state, tidying up."""
        changes = 0
        while climbed := answering.climb(tx, self._room.rules):
            changes += climbed
        if shown or self._announce_at is None or tx.now >= self._announce_at:
            room = self._room
            calls = calling(tx, room.rules)
            changes += self._announcer.announce(tx, room.engine, calls, room.papers)
            self._accountant.keep(tx, self._room.engine, self._room.listening)
            self._announce_at = tx.now + ANNOUNCE_EVERY
        changes += self._drills.look(tx)
        self._proof.note_broker(tx, self._parts.link)
        self._publish_open_alerts_anew(tx)
        self._tidying.forget(tx)
        inbox = self._parts.inbox
        wait = max(self._proof.waits(tx.now), inbox.waited(tx.now))
        self._strain.show(tx, len(inbox), wait)
        return changes

    def _publish_open_alerts_anew(self, tx: Transaction) -> None:
        """On a new connection: a broker that was restarted may have lost what it retained."""
        link = self._parts.link
        if not link.connected or link.connections == self._published_on:
            return
        self._published_on = link.connections
        sent = outgoing.send_latest_again(tx)
        standing = [alert for alert in alerts.open_alerts(tx) if alert.id not in sent]
        for alert, body in zip(standing, alerts.as_json(tx, standing), strict=True):
            outgoing.deliver_alert(tx, alert, body)

    def _tell(self, changes: int, letters: list[tuple[str, Leased]]) -> None:
        """After the commit: ring the boards and send what was leased."""
        if changes:
            try:
                self._parts.link.publish(self._topics.ring_api, b"", qos=0)
            except DeliveryFailed as problem:
                log.debug("the boards will look by themselves: %s", problem)
        self._parts.outbox.send(letters)
        self._drills.send()

    def _acknowledge(self, batch: Sequence[RawMessage]) -> None:
        self._parts.link.ack(*batch)

    # --- what a turn needs to know -----------------------------------------------

    def _without_rings(self, batch: Sequence[RawMessage]) -> list[RawMessage]:
        rings = [m for m in batch if m.topic == self._topics.ring_gateway]
        if rings:
            self._rung = True
        return [m for m in batch if m.topic != self._topics.ring_gateway]

    def _never_back(self, now: datetime) -> datetime:
        """The instant of this turn. A clock that goes back takes every timer back with it."""
        reached = self._room.now
        if now >= reached - STEP:
            return max(now, reached)
        with self._parts.store.transaction(now) as tx:
            self._room.set_back(tx)
        self._look_at = self._announce_at = None
        return now

    def _store_failed(self, batch: Sequence[RawMessage], problem: DBAPIError) -> None:
        """Keep the whole batch, unacknowledged: one forgotten ack holds back all later ones."""
        trouble = f"The store cannot be written: {problem.orig}. NOT WATCHING until it can."
        log.critical("%s", trouble)
        self._proof.cannot_write(self._parts.link, self._parts.clock(), trouble)
        time.sleep(STORE_RETRY_S)
        self._parts.inbox.put_back(batch)
        try:
            self._remake_engine(self._parts.clock())
        except DBAPIError:
            log.critical("The store cannot be read either.")

    def _remake_engine(self, now: datetime) -> None:
        with self._parts.store.reading(now) as tx:
            self._room.remake(tx)
