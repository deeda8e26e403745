"""A trial: listen, press, let go, unplug; each step has so long and says so when it is over.

1. Listening shows each device once with what it says, so that the person sees what is understood.
2. The first device whose value changes in the press step is the one, unless an address was given.
3. A press of a button is over at once; a mat or a switch has to take it back.
4. Unplugging waits for a last will. None is no fault: many devices have none.
"""

import threading
from collections.abc import Callable
from time import monotonic

from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.trying.ear import Ear
from nightwarden.trying.findings import Findings

_PRESSABLE = (Quantity.OCCUPANCY, Quantity.CONTACT, Quantity.ACTION)
_SHOWN = (*_PRESSABLE, Quantity.TEMPERATURE, Quantity.BATTERY, Quantity.LINK)


class Stopped(Exception):  # noqa: N818  (no error: somebody wants to stop)
    """Ctrl-C."""


class Trial:
    """One trial of one device.

    Args:
        kind: what the device is for.
        address: the one to try; None: whichever is pressed.
        wait_s: how long each step waits, in seconds.
        tell: is given lines for a person.
        stop: set it to end.
    """

    def __init__(
        self,
        kind: EquipmentKind,
        address: str | None,
        wait_s: float,
        tell: Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self.findings = Findings(kind)
        self._address, self._wait_s, self._tell, self._stop = address, wait_s, tell, stop
        self._known: dict[tuple[DeviceId, Quantity], bool | float | str] = {}
        self._watch: Callable[[Reading], None] = lambda _reading: None

    def heard(self, reading: Reading) -> None:
        """A reading has come: show it if it is new, and see whether the step waited for it."""
        if self._address is not None and self._address not in _names(reading.device):
            return
        key = (reading.device, reading.quantity)
        if reading.quantity in _SHOWN and key not in self._known:
            kept = "" if reading.fresh else " (kept by the broker)"
            self._tell(f"  {reading.device} says {_said(reading)}{kept}")
        ours = self.findings.device
        if ours is not None and reading.fresh and reading.device.whole == ours.whole:
            self.findings.spoke_at.append(reading.received_at)
        self._watch(reading)
        self._known[key] = reading.value

    def run(self, ear: Ear, listen_s: float) -> Findings:
        """The steps, one after the other.

        Raises:
            Stopped: ``stop`` was set.
            Invalid: the connection was lost.
        """
        self._tell(f"Listening for {listen_s:.0f} s. Leave the device alone, nobody on it.")
        self._step(ear, self._nothing, listen_s)
        if not self._known:
            self._tell("  nothing was understood so far")
        self._tell(f"Now press it, and keep pressing (up to {self._wait_s:.0f} s).")
        if not self._step(ear, self._press, self._wait_s):
            self._tell("  no device said that it was pressed")
            return self.findings
        pressed = self.findings.pressed
        if pressed is not None and pressed.quantity is not Quantity.ACTION:
            self._tell(f"Let it go (up to {self._wait_s:.0f} s).")
            self.findings.released = self._step(ear, self._release, self._wait_s)
        self._tell(f"Now unplug it or take its battery out (up to {self._wait_s:.0f} s).")
        self.findings.link_lost = self._step(ear, self._unplugged, self._wait_s)
        return self.findings

    def _step(self, ear: Ear, wanted: Callable[[Reading], bool], seconds: float) -> bool:
        done: list[bool] = []

        def look(reading: Reading) -> None:
            if not done and wanted(reading):
                done.append(True)
                self._tell(f"  {reading.device} says {_said(reading)}")

        self._watch = look
        ends = monotonic() + seconds
        while not done and monotonic() < ends:
            if self._stop.is_set():
                raise Stopped
            ear.attend(min(0.1, max(0.0, ends - monotonic())))
        return bool(done)

    def _nothing(self, _reading: Reading) -> bool:
        return False

    def _press(self, reading: Reading) -> bool:
        if reading.quantity not in _PRESSABLE or not reading.fresh:
            return False
        before = self._known.get((reading.device, reading.quantity))
        first_of_a_mat = before is None and reading.value is True
        changed = before is not None and before != reading.value
        if reading.quantity is not Quantity.ACTION and not changed and not first_of_a_mat:
            return False
        self.findings.device, self.findings.pressed = reading.device, reading
        self.findings.spoke_at.append(reading.received_at)
        return True

    def _release(self, reading: Reading) -> bool:
        pressed = self.findings.pressed
        same = pressed is not None and reading[:2] == pressed[:2]
        return same and pressed is not None and reading.value != pressed.value

    def _unplugged(self, reading: Reading) -> bool:
        ours = self.findings.device
        gone = reading.quantity is Quantity.LINK and reading.value is False
        return gone and ours is not None and reading.device.whole == ours.whole


def _names(device: DeviceId) -> tuple[str, ...]:
    return device.address, str(device), device.whole.address, str(device.whole)


def _said(reading: Reading) -> str:
    value = reading.value
    return f"{reading.quantity.value} {str(value).lower() if isinstance(value, bool) else value}"
