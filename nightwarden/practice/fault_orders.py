"""Reads the faults of a scenario: those that are ordered on the command line, and written alike."""

from dataclasses import replace
from typing import Any

from nightwarden.errors import Invalid
from nightwarden.homefile.yaml_tree import Path
from nightwarden.model.readings import DeviceId
from nightwarden.practice.reading import SPOKEN, Reader
from nightwarden.rulesfile.story_values import near_word
from simulators.faults import Fault, parse_fault


def read_faults(
    reader: Reader, path: Path, content: dict[str, Any], of: DeviceId | None = None
) -> tuple[Fault, ...]:
    """The list under ``faults`` in ``content``, which stands at ``path``.

    ``of`` is the device that they befall, in a step; without one each names its own, or everybody.
    """
    given = content.get("faults") or []
    if not isinstance(given, list):
        reader.document.wrong((*path, "faults"), "is not a list, such as [loss=0.1, stuck@5m]")
        return ()
    orders = [_order(reader, (*path, "faults", n), one, of) for n, one in enumerate(given)]
    return tuple(order for order in orders if order is not None)


def _order(reader: Reader, path: Path, given: Any, of: DeviceId | None) -> Fault | None:
    try:
        fault = parse_fault(str(given))
    except Invalid as problem:
        reader.document.wrong(path, str(problem).rstrip("."))
        return None
    if fault.name == "restart":
        reader.document.wrong(path, "a broker is restarted by a step: {at: 5m, broker: restart}")
    elif of is not None:
        if fault.device is not None:
            reader.document.wrong(path, f"is of this step's {of.address}; leave out the device")
        return replace(fault, device=of.address)
    elif fault.device is not None and fault.device not in reader.devices:
        hint = near_word(fault.device, reader.devices)
        reader.document.wrong(path, f'no item has a device "{fault.device}"{hint}')
    elif fault.device is not None and reader.devices[fault.device].dialect not in SPOKEN:
        reader.document.wrong(path, f"{fault.device} does not speak in a scenario")
    return fault
