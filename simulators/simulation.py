"""The simulated home as a whole: the merge of what its devices say.

Deterministic: home, seed, start, story, heat and helps give the same messages, whoever asks and
however fast they are then played. Nothing here reads a clock or a socket. What people do is in
``heat`` and ``helps``; an act changes nothing that lies before it, so that a simulation with one
more of them says the same until then (:mod:`simulators.world` goes on from there).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import takewhile
from operator import attrgetter

from nightwarden.model.places import EquipmentKind, Mount
from nightwarden.model.readings import DeviceId
from simulators import mats, native_devices, senses, zigbee2mqtt_devices, zigbee_models
from simulators.boards import Input, beats
from simulators.dice import dice
from simulators.hands import NO_HANDS, Hands, cut_by_hand, touched
from simulators.home_description import Fitting, HomeDescription, Resident
from simulators.house import NO_TROUBLE, Heat, House
from simulators.radiators import Radiator, boiler_in_turns, seen_from
from simulators.residents import Help, Move, Whereabouts, life
from simulators.senses import Change, Sense
from simulators.story import ORDINARY_LIFE, Cast, Story, cast
from simulators.tongues import board_of, voice_of
from simulators.tongues.base import Voice
from simulators.wire import WireMessage


@dataclass(frozen=True, slots=True)
class Simulation:
    """A home, a seed, the simulated instant at which it starts (aware) and a story.

    ``heat`` is what goes wrong with the heating, and what people do about it. ``helps`` says by
    resident who came to the floor and when; None: whoever falls is found by a round. ``hands`` are
    those of a tester at a bench.
    """

    home: HomeDescription
    seed: int
    start: datetime
    story: Story = ORDINARY_LIFE
    heat: Heat = NO_TROUBLE
    helps: Mapping[str, Help] | None = None
    hands: Hands = NO_HANDS

    def messages(self, boards: Sequence[Voice] | None = None) -> Iterator[WireMessage]:
        """Every message in order of time, for ever; each call begins anew.

        ``boards`` is one answer of :meth:`boards`, for who wants to give them orders meanwhile.
        """
        return merge(*(stream for _, stream in self.streams(boards)), key=attrgetter("at"))

    def streams(
        self, boards: Sequence[Voice] | None = None, house: House | None = None
    ) -> Iterator[tuple[tuple[Fitting, ...], Iterator[WireMessage]]]:
        """Each speaker's messages, with the items that it speaks for; the bridge has none.

        ``house`` is one answer of :meth:`house`, for who wants to look into it too.
        """
        parts, house = cast(self.home, self.story), house or self.house()
        played = [one for one in self.home.fittings if _is_single(one) and _playable(one)]
        bridged = [o for o in self.home.fittings if o.device.dialect == zigbee2mqtt_devices.DIALECT]
        if zigbee := [one for one in bridged if _playable(one)]:
            yield (), zigbee2mqtt_devices.bridge(zigbee, self.start, self.seed)
        for fitting in played:
            yield (fitting,), self._device(fitting, parts, house)
        for voice in boards or self.boards():
            yield voice.fittings, self._board(voice, parts, house)

    def house(self) -> House:
        """Its rooms, boiler and weather."""
        return House(self.home, self.seed, self.start, self.heat)

    def boards(self) -> tuple[Voice, ...]:
        """The boards with inputs, each new, in the home file's order."""
        by_board: dict[DeviceId, list[Fitting]] = {}
        for fitting in self.home.fittings:
            if not _is_single(fitting) and _playable(fitting):
                by_board.setdefault(board_of(fitting), []).append(fitting)
        return tuple(
            voice(self.home, board, fittings, dice(self.seed, f"device {board}"))
            for board, fittings in by_board.items()
            if (voice := voice_of(board)) is not None
        )

    def messages_until(self, end: datetime) -> Iterator[WireMessage]:
        """The messages before ``end`` (aware, simulated)."""
        return takewhile(lambda message: message.at < end, self.messages())

    def closing(self, at: datetime) -> tuple[WireMessage, ...]:
        """What is said when the play ends: the bridge's goodbye. Native devices have none."""
        dialects = {device.dialect for device in self.speakers()}
        if zigbee2mqtt_devices.DIALECT in dialects:
            return (zigbee2mqtt_devices.bridge_state(at, online=False),)
        return ()

    def truth(self, fitting: Fitting) -> Sense:
        """What is really so at an item, in its own words, whatever its device says or misses."""
        return self._sense(fitting, self.house(), mats.PERFECT)

    def moves(self, resident: Resident) -> Iterator[Move]:
        """Where a resident really is, from the start on, for ever."""
        parts = cast(self.home, self.story)
        return life(
            dice(self.seed, f"resident {resident.id}"),
            self.start,
            self.home.zone,
            self.story.pace,
            parts.exits.get(resident.id),
            self.story.quiet_s,
            None if self.helps is None else self.helps.get(resident.id, Help()),
        )

    def cuts(self, fitting: Fitting) -> Iterator[senses.PowerCut]:
        """When the device of an item has no power."""
        board = fitting.device if _is_single(fitting) else board_of(fitting)
        return self._cuts(f"device {board}", [fitting], cast(self.home, self.story))

    def speakers(self) -> tuple[DeviceId, ...]:
        """The devices that have something to say, in the home file's order."""
        playable = (one.device.whole for one in self.home.fittings if _playable(one))
        return tuple(dict.fromkeys(playable))

    def left_out(self) -> tuple[str, ...]:
        """A sentence for each device of the home that the simulators cannot play."""
        return tuple(
            f"{fitting.tag} is not simulated: {why}"
            for fitting in self.home.fittings
            if (why := _why_not(fitting)) is not None
        )

    def _device(self, fitting: Fitting, parts: Cast, house: House) -> Iterator[WireMessage]:
        actor = f"device {fitting.device}"
        rng = dice(self.seed, actor)
        sense = self._as_said(fitting, house)
        cuts = self._cuts(actor, [fitting], parts)
        if fitting.device.dialect == zigbee2mqtt_devices.DIALECT:
            eased = zigbee2mqtt_devices.SAMPLE_AT_EASE
            looks = eased if self.story.boiler is None else zigbee2mqtt_devices.SAMPLE
            return zigbee2mqtt_devices.zigbee_device(fitting, sense, cuts, self.start, rng, looks)
        return native_devices.native_device(
            self.home.id, fitting.device, sense, cuts, self.start, rng
        )

    def _board(self, voice: Voice, parts: Cast, house: House) -> Iterator[WireMessage]:
        actor = f"device {voice.device}"
        inputs = [
            Input(voice.key(one), one.says, self._as_said(one, house)) for one in voice.fittings
        ]
        cuts = self._cuts(actor, voice.fittings, parts)
        rng = dice(self.seed, f"clock of {actor}")
        for beat in beats(inputs, voice.habit, self.start, cuts, rng):
            yield from voice.says(beat)

    def _cuts(
        self, actor: str, fittings: Sequence[Fitting], parts: Cast
    ) -> Iterator[senses.PowerCut]:
        opening = next(
            (parts.unplugs[one.tag] for one in fittings if one.tag in parts.unplugs), None
        )
        rng = dice(self.seed, f"power of {actor}")
        pulled = [cut for one in fittings for cut in self.hands.unplugged.get(one.tag, ())]
        cuts = senses.power_cuts(self.start, self.story.pace, rng, opening)
        return cut_by_hand(cuts, sorted(pulled))

    def _as_said(self, fitting: Fitting, house: House) -> Sense:
        """What is sensed, in the device's own words: the home file says how they are read."""
        pad = mats.USUAL if self.story.pads_err else mats.PERFECT
        hands = self.hands.on.get(fitting.tag, ())
        sense = touched(self._sense(fitting, house, pad), hands, fitting.says)
        if fitting.says is None or not (fitting.reads or fitting.inverted):
            return sense
        changes = (
            one
            if isinstance(one.value, str)
            else Change(one.at, fitting.says, fitting.as_said(one.value))
            for one in sense.changes
        )
        return Sense(changes, sense.level)

    def _sense(self, fitting: Fitting, house: House, pad: mats.Pad) -> Sense:
        rng = dice(self.seed, f"surroundings of {fitting.tag}")
        if fitting.kind is EquipmentKind.FLOOR_MAT:
            return Sense(senses.feet_beside_the_bed(self._moves_at(fitting), rng))
        if fitting.kind is EquipmentKind.BED_MAT:
            return Sense(mats.under_a_sleeper(self._moves_at(fitting), pad, rng))
        if fitting.kind is EquipmentKind.CHAIR_MAT:
            return Sense(senses.bed_or_chair(fitting.kind, self._moves_at(fitting)))
        if fitting.kind is EquipmentKind.TEMPERATURE_SENSOR:
            return self._warmth(fitting, house)
        if fitting.kind is EquipmentKind.COVER_SWITCH:
            return Sense(house.cover_moves(fitting.place))
        if fitting.kind is EquipmentKind.CALL_BUTTON:
            return Sense(senses.presses(self.start, self.story.pace, rng))
        return Sense(iter(()))

    def _moves_at(self, fitting: Fitting) -> Iterator[Move]:
        resident = self.home.resident_at(fitting.place)
        if resident is None:
            return iter([Move(self.start, Whereabouts.FEET)])
        return self.moves(resident)

    def _warmth(self, fitting: Fitting, house: House) -> Sense:
        mount, place = fitting.mount or Mount.ROOM_AIR, fitting.place
        if self.story.boiler is None:
            return Sense(iter(()), house.probe(place, mount))
        rng = dice(self.seed, f"radiator {place}")
        boiler = boiler_in_turns(self.start, self.story.boiler)
        radiator = Radiator(boiler, self.start, self.story.pace, rng)
        covered = place in self.home.covered
        return Sense(iter(()), lambda at: seen_from(mount, radiator.metal(at), covered=covered))


def _is_single(fitting: Fitting) -> bool:
    """Whether it is played by a module of its own, as one device with one thing to say."""
    dialect = fitting.device.dialect
    alone = dialect in (native_devices.DIALECT, zigbee2mqtt_devices.DIALECT)
    return alone and fitting.device.channel is None


def _playable(fitting: Fitting) -> bool:
    return _why_not(fitting) is None


def _why_not(fitting: Fitting) -> str | None:
    dialect, kind = fitting.device.dialect, fitting.kind.value
    if dialect == zigbee2mqtt_devices.DIALECT and fitting.device.channel is None:
        if not zigbee_models.speaks_zigbee(fitting.kind):
            return f"no simulated {kind} speaks {dialect}"
        return None
    if _is_single(fitting):
        return None
    if (voice := voice_of(fitting.device)) is None:
        return f"no simulated {kind} speaks {dialect}"
    return voice.why_not(fitting)
