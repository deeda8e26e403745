"""What is found in one message, field by field: a reading where it is believed, else a problem."""

import re
from collections.abc import Callable

from gateway.dialects.base import Heard, Problem
from gateway.dialects.claimed_time import Stamp
from gateway.dialects.doubt import Doubt
from nightwarden.model.claims import NAME_MAX
from nightwarden.model.readings import DeviceId, Quantity, Reading

_NOT_IN_A_NAME = re.compile(r"[+#]|[^\S ]|[^\s\x20-\x7e\x80-\uffff]")


def named(word: str, most: int = NAME_MAX) -> str:
    """A device's own word as a part of its name here: what no name can carry becomes ``_``."""
    return _NOT_IN_A_NAME.sub("_", word).strip()[:most].strip() or "_"


def input_of(device: DeviceId, word: str) -> DeviceId:
    """The input that the device calls ``word``."""
    return device.at_channel(named(word))


class Findings:
    """The readings and problems of one message.

    Args:
        stamp: the times of every reading, unless one is given with it.
    """

    def __init__(self, stamp: Stamp) -> None:
        self.stamp = stamp
        self._readings: list[Reading] = []
        self._problems: list[Problem] = []

    def judge(
        self,
        device: DeviceId,
        quantity: Quantity,
        name: str,
        judged: Callable[[], bool | float | str | None],
        stamp: Stamp | None = None,
    ) -> None:
        """A reading of what ``judged`` gives; nothing for None; a problem for the Doubt it raises.

        ``name`` is the field's own, for the problem's sentence.
        """
        try:
            value = judged()
        except Doubt as doubt:
            self.doubt(device, f"{name} {doubt}")
            return
        if value is not None:
            self._readings.append(Reading(device, quantity, value, *(stamp or self.stamp)))

    def add(self, device: DeviceId, quantity: Quantity, value: bool | float | str) -> None:
        """A reading that needs no judging."""
        self._readings.append(Reading(device, quantity, value, *self.stamp))

    def press(self, device: DeviceId, word: str = "press") -> None:
        """Somebody pressed a button; one that the broker remembers is nobody calling."""
        if self.stamp.fresh:
            self.add(device, Quantity.ACTION, word)

    def doubt(self, device: DeviceId, reason: str) -> None:
        """A problem; ``reason`` is a whole sentence."""
        self._problems.append(Problem(device, reason))

    def heard(self) -> Heard:
        """All of it."""
        return Heard(tuple(self._readings), tuple(self._problems))
