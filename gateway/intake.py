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
   in ever smaller parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from gateway.bindings import Bindings
from gateway.dialects import owner
from gateway.dialects.base import Dialect, Heard, Request
from gateway.engine_room import EngineRoom
from gateway.first_proofs import FirstProofs
from gateway.lessons import FULL, Lessons
from gateway.messages import RawMessage
from gateway.presence import shows_presence
from gateway.seen import Seen, digest
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

_PROOF, _ACTION, _BELIEVED = Quantity.PROOF, Quantity.ACTION, Standing.BELIEVED
"""Named here because each reading asks: to find a member in its enum takes 0.07 µs a time."""


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
        self._seen = Seen(receipts)
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
        for message in messages:
            mark = digest(message)
            repeated = seen.before(message, mark)
            if repeated:
                result.duplicates += 1
                self._count_duplicate(tx, message)
            else:
                reached = self._room.now
                if not reached <= message.received_at <= tx.now:
                    instant = min(max(message.received_at, reached), tx.now)
                    message = _received_at(instant, message)
                if not self._read(tx, message, result, recorded):
                    result.passed.append(message)
                    continue
            seen.note(message, mark, repeated=repeated)
        intake.add_readings(tx, recorded)
        intake.keep_receipts(tx, seen.new_receipts)
        self._strangers.save(tx)
        self._lessons.save(tx)
        result.readings = len(recorded)
        result.presses = [
            one
            for one, late in recorded
            if one.quantity is _ACTION and not late and shows_presence(one)
        ]
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
        engine = self._room.engine
        unbound: dict[DeviceId, list[Reading]] = {}
        readings, strange = self._bindings.heard_by_items(heard.readings)
        for reading in chain(readings, strange) if strange else readings:
            reached = engine.now
            standing, why, decisions = engine.hear(reading, reading.received_at)
            if decisions:  # a proof, too, comes after what fell due before it
                result.decisions.extend(decisions)
            if reading.quantity is _PROOF:
                self._own(str(reading.value), reading.fresh, result)
            elif standing is _BELIEVED:
                recorded.append((reading, False))
                result.shown += self._first_proofs.look(tx, reading.device)
            elif standing is Standing.LATE:
                recorded.append((reading, True))
            elif standing is Standing.DUPLICATE:
                result.duplicates += 1
                intake.count_duplicate(tx, reading.device)
            elif standing is Standing.IMPLAUSIBLE:
                result.quarantined += 1
                self._room.doubted(tx, reading, reached, ahead=len(recorded))
                reason = f"Not believed: {why}."
                intake.quarantine(tx, message.topic, message.payload, reason, reading.device)
            else:
                unbound.setdefault(reading.device, []).append(reading)
        if unbound:
            self._strange(tx, message, unbound, result)
        return True

    def _strange(
        self,
        tx: Transaction,
        message: RawMessage,
        unbound: Mapping[DeviceId, Sequence[Reading]],
        result: BatchResult,
    ) -> None:
        """What devices said that no item is bound to."""
        for device, said in unbound.items():
            # A spare mat that is pressed in the store cupboard is known, and nothing is amiss.
            if self._strangers.note(device, said, message) and not is_bound(tx, device):
                result.quarantined += 1
                self._tell_of_stranger(tx, message, device)

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


def _received_at(instant: datetime, message: RawMessage) -> RawMessage:
    """The message with another time; ``_replace`` takes twice as long."""
    topic, payload, _, mid, qos, retain, dup, connection = message
    return RawMessage(topic, payload, instant, mid, qos, retain, dup, connection)
