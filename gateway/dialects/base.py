"""What a device language is to the gateway: topics it owns, and bytes in, readings out.

Channels. A device with one input of a kind is a ``DeviceId(dialect, address)`` and no more. Where a
device has several (Tasmota's ``Switch1`` and ``Switch2``, Shelly's ``input:0`` and ``input:1``, the
sensors of one ESPHome node), the dialect names the input of each reading with
``DeviceId(NAME, address).at_channel("Switch2")``, with the device's own word for it, always, also
when it sees only one: an input that is named today and nameless tomorrow would be two devices. What
is true of the whole device (availability, battery, a heartbeat) goes under ``DeviceId(NAME,
address)``: whoever binds a channel hears it too. Which item reads which channel, as what and which
way round is the register's (``gateway/bindings.py``); a dialect says what the device said.
"""

from typing import NamedTuple, Protocol, runtime_checkable

from gateway.messages import RawMessage
from nightwarden.model.readings import DeviceId, Reading


class Problem(NamedTuple):
    """One field of a readable message that cannot be believed; the other fields still count."""

    device: DeviceId
    reason: str


class Lesson(NamedTuple):
    """Something about its devices that a dialect must know to read their later messages.

    It is kept in the store under the dialect's name and ``key``, and taught to the dialect anew
    after a restart; empty ``content`` means "forget it".
    """

    key: str
    content: bytes


class Request(NamedTuple):
    """What a device should be asked for. Nothing waits for the answer: it comes as its messages do.

    The gateway publishes it after the commit, at most once in a while for each topic.
    """

    topic: str
    payload: bytes


class Heard(NamedTuple):
    """What a message said. All empty: understood, and nothing in it is for us.

    ``of``: the device that the lessons are about, where neither topic nor readings tell. A named
    tuple, as all that is made for each message: a frozen dataclass takes three times as long.
    """

    readings: tuple[Reading, ...] = ()
    problems: tuple[Problem, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    requests: tuple[Request, ...] = ()
    of: DeviceId | None = None


NOTHING = Heard()


class Dialect(Protocol):
    """One module of ``gateway/dialects`` each. ``read`` is pure: what a message teaches is in what
    it returns, and only a :class:`Learner` has memory.
    """

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


@runtime_checkable
class Learner(Dialect, Protocol):
    """A dialect whose devices say in one message how others are to be read, or where they come.

    Its ``filters`` may grow and shrink with what it is taught.
    """

    def learn(self, lesson: Lesson) -> bool:
        """Take up or forget what one message taught; False when it already knows too much.

        Never raises, whatever the content: it may have been kept by an older version.
        """
        ...
