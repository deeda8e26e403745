"""Shelly: relays, add-ons and battery sensors, in both of the maker's languages.

First generation (``shelly_gen1.py``)::

    shellies/ID/…                    shellies/announce

Second generation and later (``shelly_gen2.py``), PREFIX the owner's, one level or two::

    PREFIX/online                    true, and false as its last will
    PREFIX/events/rpc                NotifyStatus, NotifyFullStatus, NotifyEvent
    PREFIX/status/COMPONENT          one component's whole status

https://shelly-api-docs.shelly.cloud/gen1/#mqtt-support and
https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt/. ``docs/wire.md`` lists what
is understood. The policy:

1. A device is its ID or PREFIX, what its topics begin with; its inputs are channels: ``input/0``,
   ``temperature:100``. Not ``src`` in the message: a broker can hold a device to its topics and not
   to what it writes into them, and ``online`` has no ``src``.
2. The relay's own chip has a temperature too, in the same words. It is no radiator, and not read.
3. An input says on or off, and that is a contact, on closed: whether a mat or a cover hangs on it
   the register knows. Pushes are a call button's; one that the broker remembers is nobody calling.
4. What a gateway repeats of a Bluetooth device (BLU) carries the time at which it was heard.
"""

import re

import orjson

from gateway.dialects import shelly_gen1, shelly_gen2
from gateway.dialects.base import NOTHING, Heard, Lesson
from gateway.dialects.orders import HOLDS_S, Order
from gateway.dialects.roots import is_free
from gateway.dialects.speaking import Speech
from gateway.messages import RawMessage
from nightwarden.errors import Invalid, Unreadable
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId

NAME = "shelly"
_MOST_LEVELS = 2
_COMPONENT = re.compile(r"(?!state$|status$)[a-z][a-z0-9_]*(:\d+)?")
"""What may follow ``status/``: not what ends ESPHome's topics."""
_MOST_LEARNT = 1_000
_ANSWERS_TO = "nightwarden-orders"
"""A Shelly answers an order on this topic's ``/rpc``; nobody listens."""


class ShellyDialect:
    """Every Shelly on the broker, of any generation."""

    name = NAME

    def __init__(self) -> None:
        self._in_fahrenheit: set[str] = set()

    def filters(self) -> tuple[str, ...]:
        """``shellies/#``, and the three forms of topic of later ones, after one level or two."""
        prefixes = ("+", "+/+")
        return (
            "shellies/#",
            *(f"{p}/events/rpc" for p in prefixes),
            *(f"{p}/status/+" for p in prefixes),
            "+/online",
        )

    def owns(self, topic: str) -> bool:
        """Whether the topic begins as the first generation's or ends as the later ones'."""
        return topic.startswith("shellies/") or topic == "shellies" or _later(topic) is not None

    def order(self, device: DeviceId, kind: EquipmentKind, *, on: bool) -> Order:  # noqa: ARG002
        """``Switch.Set`` of the later generations, ``relay/0`` of the first.

        The channel names the output, ``switch:0`` unless it is said; ``relay/0`` is the first
        generation's word for it.
        """
        address, output = device.whole.address, device.channel or "switch:0"
        if ":" not in output:
            return Order(f"shellies/{address}/{output}/command", b"on" if on else b"off")
        component, _, number = output.partition(":")
        said: dict[str, object] = {"id": int(number) if number.isdecimal() else 0, "on": on}
        if on:
            said["toggle_after"] = HOLDS_S
        body = {
            "id": 1,
            "src": _ANSWERS_TO,
            "method": f"{component.capitalize()}.Set",
            "params": said,
        }
        return Order(f"{address}/rpc", orjson.dumps(body))

    def topics_of(self, address: str) -> Speech:
        """What it says in either language, and the commands that it hears.

        Raises:
            Invalid: the address begins as another dialect's topics do, or is too deep.
        """
        if not is_free(address.partition("/")[0]) or address.count("/") >= _MOST_LEVELS:
            raise Invalid(
                f'{NAME} "{address}" gets no password: its topics would not be a Shelly\'s; '
                "give the device another address."
            )
        first = () if "/" in address else (f"shellies/{address}/#", f"{address}/online")
        return Speech(
            (*first, f"{address}/events/rpc", f"{address}/status/+"),
            (f"shellies/{address}/#", "shellies/command", f"{address}/rpc", f"{address}/command/#"),
        )

    def read(self, message: RawMessage) -> Heard:
        """The readings of the device's sensors and inputs, and its link.

        Raises:
            Unreadable: not what a Shelly sends on such a topic.
        """
        later = _later(message.topic)
        if later is not None:
            return shelly_gen2.read(*later, message) if message.payload else NOTHING
        levels = message.topic.split("/")
        if levels[0] != "shellies":
            raise Unreadable("The topic is no Shelly's; shellies/ID or PREFIX/events/rpc is due.")
        if len(levels) < 3 or not levels[1] or not message.payload:  # announce, command, cleared
            return NOTHING
        return shelly_gen1.read(levels[1], "/".join(levels[2:]), message, self._unit_of)

    def learn(self, lesson: Lesson) -> bool:
        """Which unit a first-generation sensor is set to."""
        identity = lesson.key.removeprefix("unit/")
        if lesson.content != b"F":
            self._in_fahrenheit.discard(identity)
        elif len(self._in_fahrenheit) < _MOST_LEARNT:
            self._in_fahrenheit.add(identity)
        else:
            return False
        return True

    def _unit_of(self, identity: str) -> str:
        return "F" if identity in self._in_fahrenheit else "C"


def _later(topic: str) -> tuple[str, str] | None:
    """PREFIX and what follows it; None where the topic is not of the second generation's."""
    if not is_free(topic.partition("/")[0]):
        return None
    if topic.endswith("/online"):
        prefix = topic[: -len("/online")]
        return (prefix, "online") if "/" not in prefix else None
    levels = topic.rsplit("/", 2)
    if len(levels) != 3 or not levels[0] or levels[0].count("/") >= _MOST_LEVELS:
        return None
    told = levels[1] == "status" and _COMPONENT.fullmatch(levels[2])
    if told or levels[1:] == ["events", "rpc"]:
        return levels[0], f"{levels[1]}/{levels[2]}"
    return None
