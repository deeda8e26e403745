"""From bytes to decisions: one batch of messages, inside one transaction of the caller's.

1. A redelivery of a message whose consequences are committed is a duplicate. Which messages those
   are was committed with them (packet id and digest); nothing else can tell a repeat after a
   crash from a second "nobody on the mat" in the same words.
2. The dialect that owns the topic reads the message. What it cannot read, and single fields that
   cannot be believed, go to quarantine with the reason.
3. The bindings say which items hear a reading, and as what (``gateway/bindings.py``). The engine
   judges each as its item hears it. Believed and late ones are recorded, implausible ones go to
   quarantine. A device that nobody has bound goes there with its first word; after that it is kept
   among the unbound ones (``gateway/unbound.py``).
4. What no bound device says has a measure; beyond it nothing follows (``gateway/strangers.py``).
5. Bytes never raise out of here; a fault of our own does, and the gateway takes the batch again
   one message at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import chain

from gateway.bindings import Bindings
from gateway.dialects import owner
from gateway.dialects.base import Dialect, Heard, Request
from gateway.engine_room import EngineRoom
from gateway.first_proofs import FirstProofs
from gateway.lessons import FULL, Lessons
from gateway.messages import RawMessage
from gateway.presence import shows_presence
from gateway.strangers import Strangers
from gateway.unbound import UnboundDevices
from nightwarden.errors import Unreadable
from nightwarden.model.plan import Plan
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.store import drills, intake
from nightwarden.store.engine import Transaction
from nightwarden.store.heard import all_bound, all_heard, is_bound
from rules.decisions import Decision
from rules.hearing import Standing

REPEATED_WITHIN = timedelta(seconds=1)
"""The same bytes on the same topic within this are one message that was sent twice."""

MOST_TOPICS = 20_000
"""Topics whose last message is remembered; a large home has a few hundred."""


@dataclass(slots=True)
class BatchResult:
    """What one batch came to."""

    decisions: list[Decision] = field(default_factory=list)
    readings: int = 0
    duplicates: int = 0
    quarantined: int = 0
    shown: int = 0
    proof: str | None = None
    drills: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    presses: list[Reading] = field(default_factory=list)
    passed: list[RawMessage] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """Which messages came before; those of a batch are apart until it is committed."""

    receipts: dict[int, bytes]
    on_topic: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    new_receipts: dict[int, bytes] = field(default_factory=dict)
    new_on_topic: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)

    def before(self, message: RawMessage, digest: bytes) -> bool:
        """Whether this is a message that was taken already."""
        mid, topic = message.mid, message.topic
        if message.dup and (self.new_receipts.get(mid) or self.receipts.get(mid)) == digest:
            return True
        last = self.new_on_topic.get(topic) or self.on_topic.get(topic)
        return (
            last is not None
            and last[0] == digest
            and not message.retain
            and abs(message.received_at - last[1]) <= REPEATED_WITHIN
        )

    def note(self, message: RawMessage, digest: bytes, *, repeated: bool) -> None:
        """This message has been taken.

        A repeat does not count from itself again: a mat that says the same twice a second is heard
        once a second, and not for ever taken for an echo of its first word.
        """
        if message.qos:
            self.new_receipts[message.mid] = digest
        if not message.retain and not repeated:
            self.new_on_topic[message.topic] = (digest, message.received_at)

    def forget_batch(self) -> None:
        """A batch begins; what the last one has noted and not committed was not taken."""
        self.new_receipts, self.new_on_topic = {}, {}

    def committed(self) -> None:
        """What was noted is on the disk."""
        self.receipts.update(self.new_receipts)
        if len(self.on_topic) > MOST_TOPICS:
            self.on_topic.clear()  # a stranger who invents topics must not fill memory
        self.on_topic.update(self.new_on_topic)
        self.forget_batch()


class Intake:
    """Reads messages for one engine. One per gateway; the deciding thread's own.

    Args:
        dialects: the device languages of this home.
        room: where the rules are at work.
        receipts: what ``nightwarden.store.intake.load_receipts`` gave at start.
        lessons: what the dialects that learn have been taught.
    """

    def __init__(
        self,
        dialects: Sequence[Dialect],
        room: EngineRoom,
        receipts: dict[int, bytes],
        lessons: Lessons,
    ) -> None:
        self._room = room
        self._lessons = lessons
        self._dialects = dialects
        self._seen = _Seen(receipts)
        self._took = False
        self._planned: Plan | None = None
        self._bindings = Bindings(())
        self._first_proofs = FirstProofs()
        self._measures = Strangers()
        self._unbound: UnboundDevices | None = None

    def take(self, tx: Transaction, messages: Iterable[RawMessage]) -> BatchResult:
        """Everything that follows from ``messages``, written but not committed.

        A message was received between the instant that the engine has reached and ``tx.now``,
        whatever the link's thread read off a clock that was being set: time runs one way only.
        """
        result = BatchResult()
        self._know_the_plan(tx)
        seen = self._seen
        seen.forget_batch()
        recorded: list[tuple[Reading, bool]] = []
        receipts: list[intake.Receipt] = []
        for message in messages:
            digest = _digest(message)
            repeated = seen.before(message, digest)
            if repeated:
                result.duplicates += 1
                self._count_duplicate(tx, message)
            else:
                received_at = min(max(message.received_at, self._room.now), tx.now)
                if received_at != message.received_at:
                    message = message._replace(received_at=received_at)
                if not self._read(tx, message, result, recorded):
                    result.passed.append(message)
                    continue
            if message.qos:
                receipts.append(intake.Receipt(message.mid, digest))
            seen.note(message, digest, repeated=repeated)
        intake.add_readings(tx, recorded)
        intake.keep_receipts(tx, receipts)
        self._strangers.save(tx)
        self._lessons.save(tx)
        result.readings = len(recorded)
        result.presses = [one for one, late in recorded if not late and shows_presence(one)]
        self._took = True
        return result

    def committed(self) -> None:
        """What was taken last is on the disk; a batch that is not is simply taken again."""
        if self._took:
            self._seen.committed()
            self._took = False
            self._strangers.saved()

    def _read(
        self,
        tx: Transaction,
        message: RawMessage,
        result: BatchResult,
        recorded: list[tuple[Reading, bool]],
    ) -> bool:
        """Whether it was taken; False when strangers have brought too much."""
        listed = self._strangers
        try:
            heard = self._heard(message)
        except Unreadable as problem:
            if not self._measures.admit(message, None, listed, tx.now):
                return False
            result.quarantined += 1
            intake.quarantine(tx, message.topic, message.payload, str(problem))
            return True
        if not self._measures.admit(message, heard, listed, tx.now):
            return False
        for doubt in heard.problems:
            result.quarantined += 1
            intake.quarantine(tx, message.topic, message.payload, doubt.reason, doubt.device)
        if heard.lessons:
            self._learn(tx, message, heard, result)
        result.requests += heard.requests
        unbound: dict[DeviceId, list[Reading]] = {}
        readings, strange = self._bindings.heard_by_items(heard.readings)
        for reading in chain(readings, strange):
            reached = self._room.now
            standing, why, decisions = self._room.engine.hear(reading, reading.received_at)
            result.decisions.extend(decisions)  # a proof, too, comes after what fell due before it
            if reading.quantity is Quantity.PROOF:
                self._own(str(reading.value), reading.fresh, result)
                continue
            match standing:
                case Standing.BELIEVED:
                    recorded.append((reading, False))
                    result.shown += self._first_proofs.look(tx, self._room.engine, reading.device)
                case Standing.LATE:
                    recorded.append((reading, True))
                case Standing.DUPLICATE:
                    result.duplicates += 1
                    intake.count_duplicate(tx, reading.device)
                case Standing.IMPLAUSIBLE:
                    result.quarantined += 1
                    self._room.doubted(tx, reading, reached, ahead=len(recorded))
                    intake.quarantine(
                        tx, message.topic, message.payload, f"Not believed: {why}.", reading.device
                    )
                case Standing.UNBOUND:
                    unbound.setdefault(reading.device, []).append(reading)
        for device, said in unbound.items():
            # A spare mat that is pressed in the store cupboard is known, and nothing is amiss.
            if self._strangers.note(device, said, message) and not is_bound(tx, device):
                result.quarantined += 1
                self._tell_of_stranger(tx, message, device)
        return True

    @staticmethod
    def _own(token: str, fresh: bool, result: BatchResult) -> None:  # noqa: FBT001
        """A message of our own came back: the loop test's, or a drill's."""
        if not token.startswith(drills.SAID_BEFORE):
            result.proof = token
        elif fresh:
            result.drills.append(token)

    def _learn(
        self, tx: Transaction, message: RawMessage, heard: Heard, result: BatchResult
    ) -> None:
        dialect = owner(self._dialects, message.topic)
        if dialect is not None and not self._lessons.take(dialect, heard.lessons):
            result.quarantined += 1
            intake.quarantine(tx, message.topic, message.payload, FULL)

    def _know_the_plan(self, tx: Transaction) -> None:
        """Take up the bindings of the engine's plan when it has changed."""
        if self._unbound is None:
            self._unbound = UnboundDevices(all_heard(tx))
        if self._planned is not self._room.engine.plan:
            self._planned = self._room.engine.plan
            self._bindings = Bindings(self._planned.items)
            self._first_proofs.replan(self._room.engine)
            self._unbound.leave_out({i.device for i in self._planned.items if i.device})
            self._measures.replan(all_bound(tx))

    @property
    def _strangers(self) -> UnboundDevices:
        assert self._unbound is not None, "they are read when the first batch is taken"
        return self._unbound

    def _tell_of_stranger(self, tx: Transaction, message: RawMessage, device: DeviceId) -> None:
        intake.quarantine(
            tx,
            message.topic,
            message.payload,
            f"No equipment is bound to {device}; bind it in the register if it is yours.",
            device,
        )

    def _count_duplicate(self, tx: Transaction, message: RawMessage) -> None:
        try:
            heard = self._heard(message)
        except Unreadable:
            return
        readings, _ = self._bindings.heard_by_items(heard.readings)
        for device in sorted({reading.device for reading in readings}):
            intake.count_duplicate(tx, device)

    def _heard(self, message: RawMessage) -> Heard:
        dialect = owner(self._dialects, message.topic)
        if dialect is None:
            raise Unreadable("No dialect that this gateway speaks owns this topic.")
        return dialect.read(message)


def _digest(message: RawMessage) -> bytes:
    content = message.topic.encode("utf-8", "surrogateescape") + b"\0" + message.payload
    return blake2b(content, digest_size=8).digest()
