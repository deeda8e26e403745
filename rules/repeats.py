"""The same again: nearly all readings say what their device said before, and nothing follows.

1. A repeat is fresh, numbered and timed after the last, and has the value that its quantity had.
   While its device is online, believed, not at fault and not raised, it moves nothing but when the
   device was last heard, and how far its numbers and its time have come.
2. A press is never a repeat: a second one is a press. Nor is a link: one that is there again was
   gone.
3. A watch that must hear repeats says so (``Wanted.heeds_repeats``), and its quantity of that
   device is never passed over. Timers need none: what has held for so long is found when it is due.
4. After anything else that happens to a device, what it says next is looked at in full.
5. A repeat is saved beside the device's memory (:func:`with_repeats` puts them together again).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nightwarden.model.readings import DeviceId, Quantity, Reading, Repeat
from rules.moments import packed, unpacked

if TYPE_CHECKING:
    from rules.liveness import DeviceMemory

_NEVER = frozenset({Quantity.ACTION, Quantity.LINK, Quantity.PROOF})


class Repeats:
    """What a device may say again without anybody having to look.

    Args:
        memory: the device's; a repeat is taken up in it.
        heeded: quantities of which some watch wants to hear every repeat.
    """

    def __init__(self, memory: "DeviceMemory", heeded: frozenset[Quantity] = frozenset()) -> None:
        self.heeded = heeded
        self._memory = memory
        self._expected: dict[Quantity, bool | float | str] = {}
        self._newest: dict[Quantity, Reading] = {}

    def take(self, reading: Reading) -> bool:
        """Take a reading if it is a repeat; otherwise nothing has changed, and it is news."""
        _, quantity, value, measured_at, received_at, fresh, timed, seq = reading
        if not fresh or self._expected.get(quantity) != value:
            return False
        memory = self._memory
        if seq is not None and (memory.seq is None or seq <= memory.seq):
            return False
        last_at = memory.last[quantity][1]
        if measured_at > last_at:
            memory.last[quantity] = value, measured_at
        elif timed and measured_at < last_at:
            return False
        if seq is not None:
            memory.seq, memory.seq_received_at = seq, received_at
        memory.heard_at = received_at
        self._newest[quantity] = reading
        return True

    def expect(self, quantity: Quantity) -> None:
        """What was said just now may be said again."""
        memory = self._memory
        settled = memory.online and not (memory.raised or memory.at_fault_since)
        settled = settled and memory.suspect is None
        if settled and quantity in memory.last and quantity not in self.heeded | _NEVER:
            self._expected[quantity] = memory.last[quantity][0]
        else:
            self._expected.pop(quantity, None)

    def expect_news(self) -> None:
        """Something has happened to the device."""
        self._expected.clear()

    def newest(self) -> Iterable[Reading]:
        """The newest repeat of each quantity since the last call."""
        newest, self._newest = self._newest, {}
        return newest.values()


def with_repeats(
    memories: Mapping[str, dict[str, Any]], repeats: Iterable[Reading | Repeat]
) -> dict[str, dict[str, Any]]:
    """Saved memories with the repeats that were saved beside them; an engine is made from it."""
    whole = dict(memories)
    for repeat in repeats:
        key = device_key(repeat.device)
        if key in whole:
            whole[key] = _taken_up(whole[key], repeat)
    return whole


def device_key(device: DeviceId) -> str:
    """What a device's memory is kept under."""
    return f"device|{device.dialect}|{device.address}"


def _taken_up(memory: dict[str, Any], repeat: Reading | Repeat) -> dict[str, Any]:
    """A repeat in its device's memory; one that is older than what was heard since says nothing."""
    heard_at, last = unpacked(memory["heard_at"]), memory["last"].get(repeat.quantity)
    old = isinstance(heard_at, datetime) and heard_at > repeat.received_at
    if old or last is None:
        return memory
    value, last_at = last[0], unpacked(last[1])
    assert isinstance(last_at, datetime), "a value was measured at some time"
    newer = {
        **memory,
        "heard_at": packed(repeat.received_at),
        "last": {
            **memory["last"],
            repeat.quantity: [value, packed(max(last_at, repeat.measured_at))],
        },
    }
    if repeat.seq is not None:
        newer |= {"seq": repeat.seq, "seq_received_at": packed(repeat.received_at)}
    return newer
