"""What the simulators need to know of a home, read from its home file.

This is not the register's reader: ``nightwarden apply`` judges a home file in full. Here the file
only has to say who lives where and which device speaks of which place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from nightwarden.errors import Invalid
from nightwarden.model.hours import ALWAYS, Hours
from nightwarden.model.places import EmitterKind, EquipmentKind, ItemState, Mount, PlaceId
from nightwarden.model.readings import DeviceId, Quantity
from simulators.homes import demo_home


@dataclass(frozen=True, slots=True)
class Resident:
    """Who lives in a room; ``watched`` has the hours of each place that the plan names."""

    id: str
    name: str
    room: str
    watched: Mapping[str, Hours]


_SENSES = {
    EquipmentKind.BED_MAT: Quantity.OCCUPANCY,
    EquipmentKind.CHAIR_MAT: Quantity.OCCUPANCY,
    EquipmentKind.FLOOR_MAT: Quantity.OCCUPANCY,
    EquipmentKind.TEMPERATURE_SENSOR: Quantity.TEMPERATURE,
    EquipmentKind.COVER_SWITCH: Quantity.CONTACT,
    EquipmentKind.CALL_BUTTON: Quantity.ACTION,
}


@dataclass(frozen=True, slots=True)
class Fitting:
    """A piece of equipment that speaks, and the place it speaks of."""

    tag: str
    kind: EquipmentKind
    place: PlaceId
    device: DeviceId
    mount: Mount | None = None
    reads: Mapping[Quantity, Quantity] = field(default_factory=dict)
    inverted: bool = False
    """``reads`` and ``inverted`` as in the home file: how the item reads what its device says."""

    @property
    def says(self) -> Quantity | None:
        """What its device says, in the device's own word; None where it says only that it lives."""
        heard = _SENSES.get(self.kind)
        return next((said for said, meant in self.reads.items() if meant is heard), heard)

    def as_said(self, meant: bool) -> bool:  # noqa: FBT001
        """The two-way value with which its device says what is meant."""
        return meant is not self.inverted


@dataclass(frozen=True, slots=True)
class HomeDescription:
    """A home as a simulation sees it.

    ``covered`` are the places whose emitter has a cover, ``to_be_covered`` those for which a plan
    asks for one. An emitter that is neither is taken to have a low surface temperature.
    """

    id: str
    zone: ZoneInfo
    residents: tuple[Resident, ...]
    fittings: tuple[Fitting, ...]
    covered: frozenset[PlaceId]
    practice: bool = False
    """Whether its file says that nobody lives in it."""
    emitters: Mapping[PlaceId, EmitterKind] = field(default_factory=dict)
    to_be_covered: frozenset[PlaceId] = frozenset()
    rooms: tuple[str, ...] = ()
    circuits: Mapping[PlaceId, str] = field(default_factory=dict)

    def resident_at(self, place: PlaceId) -> Resident | None:
        """Who uses the bed or chair at ``place``: whose plan names it, else who has the room."""
        in_room = [resident for resident in self.residents if resident.room == place.room]
        named = [resident for resident in in_room if place.place in resident.watched]
        return next(iter(named or in_room), None)


def read_home(path: Path) -> HomeDescription:
    """Read a home file (YAML 1.2, UTF-8).

    Raises:
        Invalid: the file cannot be read, or does not say what a simulation needs.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Invalid(f"cannot read the home file {path}: {why}") from error
    return parse_home(text, source=str(path))


def read_demo_home(today: date) -> HomeDescription:
    """The demo home that comes with the program, with ``today``'s dates."""
    return parse_home(demo_home(today), source="demo.yaml")


def parse_home(text: str, source: str) -> HomeDescription:
    """As :func:`read_home`, from the text; ``source`` names it in messages.

    Raises:
        Invalid: the text is not YAML, or not a home file.
    """
    try:
        raw = YAML(typ="safe", pure=True).load(StringIO(text))
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f":{where.line + 1}" if where is not None else ""
        raise Invalid(f"{source}{line}: this is not YAML; `nightwarden apply` says more") from error
    try:
        return describe(raw)
    except Invalid as error:
        raise Invalid(f"{source}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(
            f"{source} is not a home file ({type(error).__name__}: {error}); "
            "`nightwarden apply --dry-run` names each line that is wrong"
        ) from error


def describe(raw: Mapping[str, Any]) -> HomeDescription:
    """A home from a home file as a YAML reader gives it: mappings, lists and words.

    Raises:
        Invalid: the time zone is not known.
        KeyError, TypeError, ValueError, AttributeError: it has not the shape of a home file.
    """
    equipment = raw.get("equipment") or []
    return HomeDescription(
        id=str(raw["home"]["id"]),
        zone=_zone(str(raw["home"]["timezone"])),
        residents=tuple(_resident(one) for one in raw.get("residents") or []),
        fittings=tuple(_fitting(one) for one in equipment if one.get("device")),
        covered=frozenset(_covered(equipment)),
        practice=raw["home"].get("practice") is True,
        emitters=dict(_emitters(raw.get("rooms") or [])),
        circuits=dict(_circuits(raw.get("rooms") or [])),
        rooms=tuple(str(room["id"]) for room in raw.get("rooms") or []),
        to_be_covered=frozenset(_to_be_covered(raw.get("residents") or [])),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f'"{name}" is not a time zone; write one such as Europe/London') from error


def _resident(raw: Mapping[str, Any]) -> Resident:
    watched = {
        str(need["place"]): Hours.parse(need["hours"]) if "hours" in need else ALWAYS
        for need in raw.get("requirements") or []
    }
    return Resident(str(raw["id"]), str(raw["shown_as"]), str(raw["room"]), watched)


def _fitting(raw: Mapping[str, Any]) -> Fitting:
    device = raw["device"]
    named = DeviceId(str(device["dialect"]), str(device["address"]))
    return Fitting(
        tag=str(raw["tag"]),
        kind=EquipmentKind(raw["kind"]),
        place=_place(raw["at"]),
        device=named.at_channel(str(device["channel"])) if device.get("channel") else named,
        mount=Mount(raw["mount"]) if raw.get("mount") else None,
        reads={Quantity(a): Quantity(b) for a, b in (device.get("reads") or {}).items()},
        inverted=bool(device.get("inverted")),
    )


def _covered(equipment: Iterable[Mapping[str, Any]]) -> Iterable[PlaceId]:
    for item in equipment:
        found = (item.get("confirmed") or {}).get("state", ItemState.IN_PLACE)
        if item["kind"] == EquipmentKind.RADIATOR_COVER and found != ItemState.OFF:
            yield _place(item["at"])


def _emitters(rooms: Iterable[Mapping[str, Any]]) -> Iterable[tuple[PlaceId, EmitterKind]]:
    for room in rooms:
        for place in room.get("places") or []:
            if place.get("emitter"):
                yield PlaceId(str(room["id"]), str(place["id"])), EmitterKind(place["emitter"])


def _circuits(rooms: Iterable[Mapping[str, Any]]) -> Iterable[tuple[PlaceId, str]]:
    for room in rooms:
        for place in room.get("places") or []:
            if place.get("circuit"):
                yield PlaceId(str(room["id"]), str(place["id"])), str(place["circuit"])


def _to_be_covered(residents: Iterable[Mapping[str, Any]]) -> Iterable[PlaceId]:
    for resident in residents:
        for need in resident.get("requirements") or []:
            if need["needs"] == EquipmentKind.RADIATOR_COVER:
                yield PlaceId(str(resident["room"]), str(need["place"]))


def _place(text: str) -> PlaceId:
    room, slash, place = str(text).partition("/")
    if not slash:
        raise ValueError(f'"{text}" is not ROOM/PLACE, such as 12/bed')
    return PlaceId(room, place)
