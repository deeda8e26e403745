"""The simulated home as a whole: the merge of what its devices say.

Deterministic: home, seed, start and story give the same messages, whoever asks and however fast
they are then played. Nothing here reads a clock or a socket.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import takewhile
from operator import attrgetter

from nightwarden.model.places import EquipmentKind, Mount
from nightwarden.model.readings import DeviceId, Quantity
from simulators import native_devices, senses, zigbee2mqtt_devices, zigbee_models
from simulators.dice import dice
from simulators.home_description import Fitting, HomeDescription
from simulators.radiators import Radiator, Switch, boiler_by_the_hour, boiler_in_turns, seen_from
from simulators.residents import Move, Whereabouts, life
from simulators.senses import Change, Sense
from simulators.story import ORDINARY_LIFE, Cast, Story, cast
from simulators.wire import WireMessage

MATS = frozenset({EquipmentKind.BED_MAT, EquipmentKind.CHAIR_MAT, EquipmentKind.FLOOR_MAT})


@dataclass(frozen=True, slots=True)
class Simulation:
    """A home, a seed, the simulated instant at which it starts (aware) and a story."""

    home: HomeDescription
    seed: int
    start: datetime
    story: Story = ORDINARY_LIFE

    def messages(self) -> Iterator[WireMessage]:
        """Every message in order of time, for ever; each call begins anew."""
        parts = cast(self.home, self.story)
        played = [fitting for fitting in self.home.fittings if _playable(fitting)]
        streams = [self._device(fitting, parts) for fitting in played]
        zigbee = [one for one in played if one.device.dialect == zigbee2mqtt_devices.DIALECT]
        if zigbee:
            streams.insert(0, zigbee2mqtt_devices.bridge(zigbee, self.start, self.seed))
        return merge(*streams, key=attrgetter("at"))

    def messages_until(self, end: datetime) -> Iterator[WireMessage]:
        """The messages before ``end`` (aware, simulated)."""
        return takewhile(lambda message: message.at < end, self.messages())

    def closing(self, at: datetime) -> tuple[WireMessage, ...]:
        """What is said when the play ends: the bridge's goodbye. Native devices have none."""
        dialects = {device.dialect for device in self.speakers()}
        if zigbee2mqtt_devices.DIALECT in dialects:
            return (zigbee2mqtt_devices.bridge_state(at, online=False),)
        return ()

    def speakers(self) -> tuple[DeviceId, ...]:
        """The devices that have something to say, in the home file's order."""
        playable = (fitting.device for fitting in self.home.fittings if _playable(fitting))
        return tuple(dict.fromkeys(playable))

    def left_out(self) -> tuple[str, ...]:
        """A sentence for each device of the home that the simulators cannot play."""
        return tuple(
            f"{fitting.tag} is not simulated: {_why_not(fitting)}"
            for fitting in self.home.fittings
            if not _playable(fitting)
        )

    def _device(self, fitting: Fitting, parts: Cast) -> Iterator[WireMessage]:
        actor = f"device {fitting.device}"
        rng = dice(self.seed, actor)
        sense = self._sense(fitting, parts)
        cuts = senses.power_cuts(
            self.start,
            self.story.pace,
            dice(self.seed, f"power of {actor}"),
            parts.unplugs.get(fitting.tag),
        )
        if fitting.device.dialect == zigbee2mqtt_devices.DIALECT:
            return zigbee2mqtt_devices.zigbee_device(fitting, sense, cuts, self.start, rng)
        return native_devices.native_device(
            self.home.id, fitting.device, sense, cuts, self.start, rng
        )

    def _sense(self, fitting: Fitting, parts: Cast) -> Sense:
        rng = dice(self.seed, f"surroundings of {fitting.tag}")
        if fitting.kind is EquipmentKind.FLOOR_MAT:
            return Sense(senses.feet_beside_the_bed(self._moves(fitting, parts), rng))
        if fitting.kind in MATS:
            return Sense(senses.bed_or_chair(fitting.kind, self._moves(fitting, parts)))
        if fitting.kind is EquipmentKind.TEMPERATURE_SENSOR:
            return self._warmth(fitting)
        if fitting.kind is EquipmentKind.COVER_SWITCH:
            return Sense(iter([Change(self.start, Quantity.CONTACT, value=True)]))
        if fitting.kind is EquipmentKind.CALL_BUTTON:
            return Sense(senses.presses(self.start, self.story.pace, rng))
        return Sense(iter(()))

    def _moves(self, fitting: Fitting, parts: Cast) -> Iterator[Move]:
        resident = self.home.resident_at(fitting.place)
        if resident is None:
            return iter([Move(self.start, Whereabouts.FEET)])
        return life(
            dice(self.seed, f"resident {resident.id}"),
            self.start,
            self.home.zone,
            self.story.pace,
            parts.exits.get(resident.id),
            self.story.quiet_s,
        )

    def _warmth(self, fitting: Fitting) -> Sense:
        rng = dice(self.seed, f"radiator {fitting.place}")
        radiator = Radiator(self._boiler(), self.start, self.story.pace, rng)
        mount = fitting.mount or Mount.ROOM_AIR
        covered = fitting.place in self.home.covered
        return Sense(iter(()), lambda at: seen_from(mount, radiator.metal(at), covered=covered))

    def _boiler(self) -> Iterator[Switch]:
        if self.story.boiler is not None:
            return boiler_in_turns(self.start, self.story.boiler)
        return boiler_by_the_hour(self.start, self.home.zone)


def _why_not(fitting: Fitting) -> str:
    if not fitting.plain:
        return f"{fitting.device} is one of several inputs, or is mapped"
    return f"no simulated {fitting.kind.value} speaks {fitting.device.dialect}"


def _playable(fitting: Fitting) -> bool:
    if not fitting.plain:
        return False
    if fitting.device.dialect == zigbee2mqtt_devices.DIALECT:
        return zigbee_models.speaks_zigbee(fitting.kind)
    return fitting.device.dialect == native_devices.DIALECT
