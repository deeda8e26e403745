"""What a trial has found out about a device, and the settings that follow."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity, Reading
from nightwarden.store.register import supervision_s

MATS = frozenset({EquipmentKind.BED_MAT, EquipmentKind.CHAIR_MAT, EquipmentKind.FLOOR_MAT})
SILENCES = 3
"""A supervision interval is at least so many of the longest pauses that were heard."""


@dataclass(slots=True)
class Findings:
    """Of one device. ``pressed`` is what it said when it was pressed."""

    kind: EquipmentKind
    device: DeviceId | None = None
    pressed: Reading | None = None
    released: bool | None = None
    link_lost: bool | None = None
    spoke_at: list[datetime] = field(default_factory=list)

    @property
    def works(self) -> bool:
        """Whether it may be trusted: what it says of a press, it takes back."""
        return self.pressed is not None and self.released is not False

    def settings(self) -> dict[str, str | int | bool | dict[str, str]]:
        """The ``device:`` of the home file; empty before a press was understood."""
        if self.device is None or self.pressed is None:
            return {}
        whole, channel = self.device.whole, self.device.channel
        told: dict[str, str | int | bool | dict[str, str]] = {
            "dialect": whole.dialect,
            "address": whole.address,
        }
        if channel is not None:
            told["channel"] = channel
        wanted = Quantity.OCCUPANCY if self.kind in MATS else Quantity.CONTACT
        if self.pressed.quantity in (Quantity.OCCUPANCY, Quantity.CONTACT):
            if self.pressed.quantity is not wanted:
                told["reads"] = {self.pressed.quantity.value: wanted.value}
            if self.pressed.value is not True:
                told["inverted"] = True
        told["supervision_s"] = self.supervision_s()
        return told

    def supervision_s(self) -> int:
        """The dialect's usual one, longer where the device was heard to pause for long."""
        usual = supervision_s(self.device.dialect) if self.device else 900
        spoke = sorted(self.spoke_at)
        pauses = [after - before for before, after in pairwise(spoke)]
        longest = max(pauses, default=timedelta(0))
        return max(usual, round(longest.total_seconds() * SILENCES))

    def verdict(self) -> list[str]:
        """Sentences for a person, the settings last."""
        if self.device is None or self.pressed is None:
            return ["Verdict: no press was understood. Do not rely on this device."]
        said = f"{self.pressed.quantity.value} {str(self.pressed.value).lower()}"
        lines = [f"{self.device} said {said} when it was pressed."]
        if self.released is not None:
            taken_back = "took it back" if self.released else "did NOT take it back"
            lines.append(f"Let go, it {taken_back}.")
        if self.link_lost is not None:
            lines.append(
                "Unplugged, its last will said so."
                if self.link_lost
                else "Unplugged, nothing said so: only its silence will tell, after "
                f"{self.supervision_s()} s."
            )
        word = "it can be used" if self.works else "do not rely on it; look at its wiring"
        lines.append(f"Verdict: {word}.")
        lines.append(f"  device: {_flow(self.settings())}")
        return lines


def _flow(said: dict[str, str | int | bool | dict[str, str]]) -> str:
    """YAML in one line."""
    parts = []
    for name, value in said.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{a}: {b}" for a, b in value.items())
            parts.append(f"{name}: {{{inner}}}")
        elif isinstance(value, bool):
            parts.append(f"{name}: {str(value).lower()}")
        else:
            parts.append(f"{name}: {_scalar(value)}")
    return "{" + ", ".join(parts) + "}"


def _scalar(value: str | int) -> str:
    """Quoted where YAML could take a text for something else."""
    plain = isinstance(value, int) or (
        value[:1].isalpha() and set(value).isdisjoint(":#,{}[] &*'\"")
    )
    escaped = str(value).replace("'", "''")
    return str(value) if plain else f"'{escaped}'"
