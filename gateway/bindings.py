"""Between a dialect and the rules: which item hears a reading, as what, and which way round.

1. A binding names a device, or one input of a device that has several. It hears what is said under
   exactly that name, through its ``ChannelMap``. Rules and record alike get the mapped reading:
   what a rule decided can be found again in the readings that it saw.
2. What the whole device says of its link and its battery is true of each of its inputs.
3. Any other word of the device, or of another of its inputs, shows that the transmitter is powered
   and no more: an input that was not spoken of hears it as ``link``, once a message. So two mats on
   one transmitter do not fall silent while one of them is used; neither proves the other.
4. A thermometer speaks for itself: a probe that broke is left out of the message or reported as
   failed while its board is well. The board's "online" only takes back its goodbye.
5. A device that is bound as a whole never takes the values of its inputs: two mats that answer for
   one bed would contradict each other.
6. What no binding hears belongs to nobody; it is given back, to be shown as unbound.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from nightwarden.model.channels import ChannelMap
from nightwarden.model.places import EquipmentKind
from nightwarden.model.plan import PlacedItem
from nightwarden.model.readings import CHANNEL_SIGN, DeviceId, Quantity, Reading

_OF_THE_WHOLE = frozenset({Quantity.LINK, Quantity.BATTERY})


class Bindings:
    """The bindings of a plan. The common case, one device and one item, costs one look-up."""

    def __init__(self, items: Iterable[PlacedItem]) -> None:
        self._maps: dict[DeviceId, ChannelMap] = {}
        self._together: dict[DeviceId, list[DeviceId]] = defaultdict(list)
        self._probes: set[DeviceId] = set()
        self._gone: set[DeviceId] = set()  # bound devices that have said goodbye
        for item in items:
            if item.device is not None:
                self._maps[item.device] = item.channels
                self._together[item.device.whole].append(item.device)
                if item.kind is EquipmentKind.TEMPERATURE_SENSOR and item.device.channel:
                    self._probes.add(item.device)
        self._alone = frozenset(
            device
            for device, channels in self._maps.items()
            if channels.plain and self._together[device.whole] == [device.whole]
        )

    def heard_by_items(
        self, readings: Sequence[Reading]
    ) -> tuple[Sequence[Reading], list[Reading]]:
        """The readings of one message as the items hear them, and those that belong to nobody."""
        alone = self._alone
        for reading in readings:
            if reading.device not in alone:
                return self._one_by_one(readings)
        return readings, []

    def _one_by_one(self, readings: Sequence[Reading]) -> tuple[list[Reading], list[Reading]]:
        alone = self._alone
        heard: list[Reading] = []
        strange: list[Reading] = []
        touched: dict[DeviceId, Reading] = {}
        for reading in readings:
            if reading.device in alone:
                heard.append(reading)
                continue
            own = self._own(reading)
            heard += own
            together = self._together.get(reading.device.whole)
            if together:
                touched.setdefault(reading.device.whole, reading)
            if not own and reading.device not in self._maps and not self._is_known_link(reading):
                strange.append(reading)
        spoken_of = {reading.device for reading in heard}
        for whole, reading in touched.items():
            if reading.fresh and reading.quantity is not Quantity.LINK:
                heard += [
                    reading._replace(device=device, quantity=Quantity.LINK, value=True)
                    for device in self._together[whole]
                    if device not in spoken_of and device not in self._probes
                ]
        return heard, strange

    def _own(self, reading: Reading) -> list[Reading]:
        """A reading as each item hears it that it is meant for."""
        channels = self._maps.get(reading.device)
        mapped = None if channels is None else channels.apply(reading)
        own = [] if mapped is None else [mapped]
        if reading.quantity in _OF_THE_WHOLE and CHANNEL_SIGN not in reading.device.address:
            own += self._of_the_whole(reading)
        return own

    def _is_known_link(self, reading: Reading) -> bool:
        """What a device with bound inputs says of its link, whether or not one of them hears it."""
        return reading.quantity is Quantity.LINK and reading.device in self._together

    def _of_the_whole(self, reading: Reading) -> list[Reading]:
        """A device's link or battery as its inputs hear it."""
        inputs = [d for d in self._together.get(reading.device, ()) if d != reading.device]
        if inputs and reading.quantity is Quantity.LINK:
            if not reading.value:
                self._gone.add(reading.device)
            elif reading.device in self._gone:
                self._gone.discard(reading.device)
            else:
                inputs = [device for device in inputs if device not in self._probes]
        return [reading._replace(device=device) for device in inputs]
