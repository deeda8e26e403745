"""What a board's language is to the simulation: occasions in, messages out."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

from nightwarden.model.places import CALLS_PEOPLE
from nightwarden.model.readings import DeviceId, Quantity
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting, HomeDescription
from simulators.wire import Body, Will, WireMessage


def minutes(least: float, most: float) -> tuple[timedelta, timedelta]:
    """The least and the most time between two reports."""
    return timedelta(minutes=least), timedelta(minutes=most)


def about(length: float) -> tuple[timedelta, timedelta]:
    """So many minutes, by a clock of the device's own that is up to a hundredth slow."""
    return minutes(length, length * 1.01)


class Voice:
    """One board's way of speaking.

    Args:
        home: whose board it is; native topics and local times are the home's.
        device: the whole board.
        fittings: what is bound to it or to its inputs.
        rng: the board's own chance.
    """

    habit: Habit = Habit(about(5))
    behind: ClassVar[str | None] = None
    """The server or receiver that speaks for all devices of the dialect; None: each for itself."""

    def __init__(
        self, home: HomeDescription, device: DeviceId, fittings: Sequence[Fitting], rng: Random
    ) -> None:
        self.home, self.device, self.fittings, self.rng = home, device, tuple(fittings), rng
        self.says_of = {self.key(one): one.says for one in fittings}

    @classmethod
    def key(cls, fitting: Fitting) -> str:
        """The name of the input that the item is bound to; "" is the device itself."""
        return fitting.device.channel or ""

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """Why such a device cannot be played, as the end of a sentence; None where it can."""
        raise NotImplementedError

    def will(self) -> Will | None:
        """What the board leaves with the broker when it connects."""
        return None

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """What the board says now, at once and in this order."""
        raise NotImplementedError

    def hears(self) -> str | None:
        """The topic on which it is given orders, if it obeys any."""
        return None

    def told(self, order: bytes, at: datetime) -> Iterator[WireMessage]:  # noqa: ARG002
        """What it says to an order that it is given at ``at`` (simulated, aware)."""
        return iter(())

    @property
    def output(self) -> Fitting | None:
        """The sounder or light that the board switches; it plays one."""
        return next((one for one in self.fittings if is_output(one)), None)

    def gone(self, at: datetime) -> Iterator[WireMessage]:
        """The will, as the broker says it."""
        if (will := self.will()) is not None:
            yield WireMessage(
                at,
                self.device,
                will.topic,
                will.payload,
                "availability",
                retain=will.retain,
                by_will=True,
            )

    def message(self, at: datetime, topic: str, body: Body, kind: str, **how: Any) -> WireMessage:
        """A message of this board, at QoS 0 unless ``how`` says otherwise."""
        return WireMessage(at, self.device, topic, body, kind, **{"qos": 0, **how})


def is_output(fitting: Fitting) -> bool:
    """Whether it is switched, and says nothing by itself."""
    return fitting.kind in CALLS_PEOPLE


def kind_of(beat: Beat, says: Quantity | None) -> str:
    """The word for the tally: what changed, or that it checks in."""
    if beat.change is not None:
        return beat.change.quantity.value
    return says.value if says is not None else "check-in"


def needs(fitting: Fitting, *, told: bool, due: str) -> str | None:
    """The usual reason: the channel does not fit what the item hears."""
    return None if told else f"{due} is due for a {fitting.kind.value} of that dialect"
