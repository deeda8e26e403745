"""ESPHome: sensor boards made from a YAML file, https://esphome.io/components/mqtt/.

PREFIX is the board's ``topic_prefix``, by default its name; one level or two::

    PREFIX/status                          online, and offline as its last will
    PREFIX/sensor/OBJECT/state             a bare number
    PREFIX/binary_sensor/OBJECT/state      ON or OFF
    PREFIX/event/OBJECT/state              {"event_type": …}

``docs/wire.md`` lists what is understood. The policy:

1. A board is PREFIX, and each of its objects is a channel.
2. A state has no unit and does not say what it is of. The board announces both for Home Assistant
   (``homeassistant/…/config``, unless ``discovery`` is off), and what was announced counts: °F is
   turned into °C, and a door's ON is *open*. Without an announcement the object's name must do:
   ``temperature`` or ``temp`` in it is °C, ``battery`` per cent, ``door`` and the like a door's.
3. An input that is nothing else is on or off like a mat's, ON somebody: occupancy.
4. Values are retained: on our own reconnect the broker gives the last one, whatever its age.
   ``nan`` and ``None`` are a sensor that failed.
5. Inputs report on change alone. What else the board says (its uptime, its Wi-Fi) is its sign of
   life.
"""

from functools import partial

from gateway.dialects.announced import Announced
from gateway.dialects.base import NOTHING, Heard
from gateway.dialects.claimed_time import receipt
from gateway.dialects.discovery import PREFIX
from gateway.dialects.doubt import shown
from gateway.dialects.entity import Entity
from gateway.dialects.findings import Findings, input_of
from gateway.dialects.json_payload import bare_value, check_size
from gateway.dialects.orders import Order
from gateway.dialects.roots import is_free
from gateway.dialects.speaking import Speech
from gateway.messages import RawMessage
from nightwarden.errors import Invalid, Unreadable
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId, Quantity

NAME = "esphome"

_COMPONENTS = ("sensor", "binary_sensor", "event")
_OF_THE_BOARD = (Quantity.LINK, Quantity.BATTERY)
_DOORS = frozenset({"contact", "cover", "door", "opening", "window"})
_NOT_MATS = frozenset({"motion", "pir", "smoke", "gas", "leak", "water", "moisture", "status"})
_OF_THE_CHIP = frozenset({"board", "chip", "cpu", "esp", "esp32", "esp8266", "internal"})


class EspHomeDialect:
    """Every ESPHome board on the broker.

    Args:
        announced: what has been announced for Home Assistant.
    """

    name = NAME

    def __init__(self, announced: Announced) -> None:
        self._announced = announced

    def filters(self) -> tuple[str, ...]:
        """The board's status and the states of what can be read, after one level or two."""
        prefixes = ("+", "+/+")
        return (
            *(f"{prefix}/{each}/+/state" for prefix in prefixes for each in _COMPONENTS),
            *(f"{prefix}/status" for prefix in prefixes),
        )

    def owns(self, topic: str) -> bool:
        """Whether the topic ends as ESPHome's do, and no other device has announced it.

        ``…/status`` is a common word: the last will of many that are no ESPHome boards.
        """
        return self.is_shaped(topic) and not self._announced.availabilities(topic)

    def is_shaped(self, topic: str) -> bool:
        """Whether the filters bring this topic in."""
        return _parted(topic) is not None

    def order(self, device: DeviceId, kind: EquipmentKind, *, on: bool) -> Order:
        """``PREFIX/switch/OBJECT/command``, or a light's; the channel is OBJECT.

        ``switch/OBJECT`` and ``light/OBJECT`` as the channel say which of the two it is, whatever
        the item's kind.
        """
        called = device.channel or kind.value
        component, parted, name = called.rpartition("/")
        if not parted:
            component = "light" if kind is EquipmentKind.LIGHT else "switch"
        topic = f"{device.whole.address}/{component}/{name}/command"
        word = "ON" if on else "OFF"
        return Order(
            topic, f'{{"state":"{word}"}}'.encode() if component == "light" else word.encode()
        )

    def topics_of(self, address: str) -> Speech:
        """Its status, its states and what it announces of itself; the commands that it hears.

        Raises:
            Invalid: the address begins as another dialect's topics do, or is too deep.
        """
        if not is_free(address.partition("/")[0]) or address.count("/") > 1:
            raise Invalid(
                f'{NAME} "{address}" gets no password: its topics would not be ESPHome\'s; '
                "give the device another address."
            )
        own_name = address.rpartition("/")[2]
        return Speech(
            (
                f"{address}/status",
                *(f"{address}/{each}/+/state" for each in _COMPONENTS),
                *(f"{PREFIX}/{each}/{own_name}/+/config" for each in _COMPONENTS),
            ),
            (f"{address}/+/+/command",),
        )

    def read(self, message: RawMessage) -> Heard:
        """The reading of one object, or the board's link.

        Raises:
            Unreadable: not what ESPHome sends on such a topic.
        """
        parted = _parted(message.topic)
        if parted is None:
            raise Unreadable("The topic is none of ESPHome's; PREFIX/sensor/OBJECT/state is due.")
        check_size(message.payload)
        if not message.payload:  # cleared
            return NOTHING
        prefix, component, name = parted
        board = DeviceId(NAME, prefix)
        found = Findings(receipt(message))
        if component == "status":
            said = bare_value(message.payload)
            if said not in ("online", "offline"):
                raise Unreadable(f"The status is {shown(said)}; online or offline is due.")
            found.add(board, Quantity.LINK, said == "online")
            return found.heard()
        entity = self._entity(message.topic, component, name)
        if entity.quantity is None:  # a sign of life, and nothing else for us
            found.add(board, Quantity.LINK, True)
        elif entity.quantity is not Quantity.ACTION or found.stamp.fresh:
            device = board if entity.quantity in _OF_THE_BOARD else input_of(board, name)
            found.judge(device, entity.quantity, name, partial(entity.judge, message.payload))
        return found.heard()

    def _entity(self, topic: str, component: str, name: str) -> Entity:
        """As it was announced, else as its name has it."""
        for entity in self._announced.on_topic(topic):
            return entity
        words = set(name.lower().replace("-", "_").split("_"))
        return Entity("", name, topic, *_guessed(component, words))


def _parted(topic: str) -> tuple[str, str, str] | None:
    """PREFIX, the component and the object; None where the topic is not ESPHome's."""
    levels = topic.split("/")
    if not 2 <= len(levels) <= 5 or not is_free(levels[0]):
        return None
    if levels[-1] == "status" and len(levels) <= 3:
        return "/".join(levels[:-1]), "status", ""
    if levels[-1] == "state" and len(levels) >= 4 and levels[-3] in _COMPONENTS and levels[-2]:
        return "/".join(levels[:-3]), levels[-3], levels[-2]
    return None


def _guessed(component: str, words: set[str]) -> tuple[Quantity | None, str | None]:
    """What an object is of and its unit, by its name; no quantity where it is nothing for us."""
    if component == "event":
        return Quantity.ACTION, None
    if component == "binary_sensor":
        if words & _NOT_MATS:
            return None, None
        return (Quantity.CONTACT if words & _DOORS else Quantity.OCCUPANCY), None
    if words & {"temperature", "temp"} and not words & _OF_THE_CHIP:
        return Quantity.TEMPERATURE, "°C"
    if "battery" in words and "voltage" not in words:
        return Quantity.BATTERY, "%"
    return None, None
