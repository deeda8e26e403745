"""The Zigbee models that the simulated bridge has paired, and how it lists them.

Real models, with the words that Zigbee2MQTT uses for them: a pressure pad says ``pressure``, not
``occupancy``; ``contact`` is false when open; an SOS button's action is ``emergency``. The shape of
the list is that of a captured ``bridge/devices``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import Quantity
from simulators.dice import dice
from simulators.home_description import Fitting
from simulators.senses import Change


@dataclass(frozen=True, slots=True)
class Model:
    """A model of device. ``constant`` are fields that never change in a simulation."""

    name: str
    vendor: str
    description: str
    properties: tuple[str, ...]
    constant: Mapping[str, Any] = field(default_factory=dict)
    has_voltage: bool = True

    def word(self, change: Change) -> tuple[str, bool | str]:
        """The field and value with which this model tells of a change."""
        if change.quantity is Quantity.ACTION:
            return "action", "emergency"
        if change.quantity is Quantity.OCCUPANCY:
            return "pressure", change.value
        return change.quantity.value, change.value


_PAD = Model("C3007", "Tuya", "Pressure pad", ("pressure", "battery_low", "battery", "voltage"))
_PROBE = Model("THS317-ET", "OWON", "Temperature sensor", ("temperature", "battery", "voltage"))
_CONTACT = Model(
    "SNZB-04P",
    "SONOFF",
    "Contact sensor",
    ("contact", "battery_low", "tamper", "battery", "voltage"),
    constant={"tamper": False},
)
_BUTTON = Model(
    "TS0215A_sos", "Tuya", "SOS button", ("action", "battery_low", "battery"), has_voltage=False
)
_MODELS = {
    EquipmentKind.BED_MAT: _PAD,
    EquipmentKind.CHAIR_MAT: _PAD,
    EquipmentKind.FLOOR_MAT: _PAD,
    EquipmentKind.TEMPERATURE_SENSOR: _PROBE,
    EquipmentKind.COVER_SWITCH: _CONTACT,
    EquipmentKind.CALL_BUTTON: _BUTTON,
}


def speaks_zigbee(kind: EquipmentKind) -> bool:
    """Whether there is a Zigbee model for this kind of equipment."""
    return kind in _MODELS


def model_of(fitting: Fitting) -> Model:
    """The model that stands for an item of a kind for which :func:`speaks_zigbee` is true.

    A mat that is read as a contact is a pressure pad wired to a contact sensor.
    """
    return _CONTACT if fitting.says is Quantity.CONTACT else _MODELS[fitting.kind]


_EXPOSES: dict[str, dict[str, Any]] = {
    "pressure": {"type": "binary", "value_on": True, "value_off": False},
    "contact": {"type": "binary", "value_on": False, "value_off": True},
    "tamper": {"type": "binary", "value_on": True, "value_off": False},
    "battery_low": {
        "type": "binary",
        "value_on": True,
        "value_off": False,
        "category": "diagnostic",
    },
    "occupancy": {"type": "binary", "value_on": True, "value_off": False},
    "temperature": {"type": "numeric", "unit": "°C"},
    "battery": {
        "type": "numeric",
        "unit": "%",
        "value_min": 0,
        "value_max": 100,
        "category": "diagnostic",
    },
    "voltage": {"type": "numeric", "unit": "mV", "category": "diagnostic"},
    "linkquality": {"type": "numeric", "unit": "lqi", "category": "diagnostic"},
    "action": {"type": "enum", "values": ["emergency"], "category": "diagnostic"},
}


def bridge_devices(fittings: Sequence[Fitting], seed: int) -> list[dict[str, Any]]:
    """The list that the bridge keeps retained on ``bridge/devices``."""
    coordinator = _entry("Coordinator", "0x00124b00120144ae", 0, "Coordinator", None)
    alone = [_listed(fitting, seed) for fitting in fittings if fitting.device.channel is None]
    endpoints: dict[str, list[Fitting]] = {}
    for fitting in fittings:
        if fitting.device.channel is not None:
            endpoints.setdefault(fitting.device.address.partition("#")[0], []).append(fitting)
    built = [_built(address, of, seed) for address, of in endpoints.items()]
    return [coordinator, *alone, *built]


def _addresses(name: str, seed: int) -> tuple[str, int]:
    """The IEEE and the network address of the device of this name."""
    rng = dice(seed, f"zigbee address {name}")
    return f"0x54ef4410{rng.getrandbits(32):08x}", rng.randrange(1, 0xFFF8)


def _built(address: str, fittings: Sequence[Fitting], seed: int) -> dict[str, Any]:
    """A device that a home has built of a board with several endpoints."""
    exposes = []
    for fitting in fittings:
        endpoint = fitting.device.channel or ""
        name = fitting.says.value if fitting.says else ""
        shown = {"access": 1, "endpoint": endpoint, "label": f"{name.capitalize()} ({endpoint})"}
        exposes.append({**shown, "name": name, "property": f"{name}_{endpoint}", **_EXPOSES[name]})
    definition = {
        "description": "Multi-functional device",
        "exposes": [*exposes, _exposed("linkquality")],
        "model": "ptvo.switch",
        "options": [],
        "source": "native",
        "supports_ota": False,
        "vendor": "Custom devices (DiY)",
    }
    entry = _entry(address, *_addresses(address, seed), "Router", definition)
    source = "Mains (single phase)"
    return {**entry, "model_id": "ptvo.switch", "power_source": source}


def _listed(fitting: Fitting, seed: int) -> dict[str, Any]:
    ieee, network = _addresses(fitting.device.address, seed)
    model = model_of(fitting)
    definition = {
        "description": model.description,
        "exposes": [_exposed(name) for name in (*model.properties, "linkquality")],
        "model": model.name,
        "options": [],
        "source": "native",
        "supports_ota": False,
        "vendor": model.vendor,
    }
    entry = _entry(fitting.device.address, ieee, network, "EndDevice", definition)
    return {**entry, "model_id": model.name, "power_source": "Battery"}


def _exposed(name: str) -> dict[str, Any]:
    label = name.replace("_", " ").capitalize()
    return {"access": 1, "label": label, "name": name, "property": name, **_EXPOSES[name]}


def _entry(
    name: str, ieee: str, network: int, device_type: str, definition: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "definition": definition,
        "disabled": False,
        "endpoints": {"1": {"bindings": [], "clusters": {"input": [], "output": []}}},
        "friendly_name": name,
        "ieee_address": ieee,
        "interview_completed": True,
        "interviewing": False,
        "network_address": network,
        "supported": definition is not None,
        "type": device_type,
    }
