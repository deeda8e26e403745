"""What a device language is to the gateway: topics it owns, and bytes in, readings out."""

from dataclasses import dataclass
from typing import Protocol

from gateway.messages import RawMessage
from nightwarden.model.readings import DeviceId, Reading


@dataclass(frozen=True, slots=True)
class Problem:
    """One field of a readable message that cannot be believed; the other fields still count."""

    device: DeviceId
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message said. Both empty: understood, and nothing in it is for us."""

    readings: tuple[Reading, ...] = ()
    problems: tuple[Problem, ...] = ()


NOTHING = Heard()


class Dialect(Protocol):
    """One module of ``gateway/dialects`` each. Stateless; ``read`` is pure."""

    name: str

    def filters(self) -> tuple[str, ...]:
        """The MQTT topic filters to subscribe to."""
        ...

    def owns(self, topic: str) -> bool:
        """Whether a message on this topic is written in this dialect. Cheap."""
        ...

    def read(self, message: RawMessage) -> Heard:
        """The readings in a message.

        Raises:
            Unreadable: one sentence that says what was wrong and what would be right. Nothing
                else, whatever the bytes.
        """
        ...
