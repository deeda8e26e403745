"""Which messages came before: a redelivery after a crash, or the same word said twice at once.

1. A message that is marked as a repeat, with the packet id and content of one whose consequences
   are committed, is that one. Those are kept in the store until their acknowledgement has left.
2. The same bytes on the same topic within a second are one message that was sent twice.
3. What a batch has noted counts within it at once, and for later ones when it is committed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from gateway.messages import RawMessage

REPEATED_WITHIN = timedelta(seconds=1)
"""The same bytes on the same topic within this are one message that was sent twice."""

MOST_TOPICS = 20_000
"""Topics whose last message is remembered; a large home has a few hundred."""


@dataclass(slots=True)
class Seen:
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


def digest(message: RawMessage) -> bytes:
    """What a message is known again by: 8 bytes of its topic and payload."""
    content = message.topic.encode("utf-8", "surrogateescape") + b"\0" + message.payload
    return blake2b(content, digest_size=8).digest()
