"""What the parts of a home file must agree on: ids used once, places that exist, mounts that fit.

Works on the tree as read rather than on the validated parts, so that a file with a misspelt kind
in line 3 and an unknown room in line 90 hears of both at once. What is not of the right shape is
stepped over here: ``shape`` has a sentence for it.
"""

from collections.abc import Iterator
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from nightwarden.homefile.yaml_tree import Path, Tree
from nightwarden.model import claims
from nightwarden.model.outputs import TAKE_ORDERS
from nightwarden.model.phrases import phrase
from nightwarden.model.places import CALLS_PEOPLE, EquipmentKind, Mount, SoundsFor

Problem = tuple[Path, str]
Part = tuple[Path, dict[str, Any]]


def disagreements(tree: Tree, now: datetime) -> Iterator[Problem]:
    """Every place at which two parts of the file contradict each other, or a day is yet to come."""
    rooms = list(_parts(tree.value, (), "rooms"))
    residents = list(_parts(tree.value, (), "residents"))
    equipment = list(_parts(tree.value, (), "equipment"))
    places = {
        room["id"]: {part["id"]: None for _, part in _parts(room, path, "places") if _has_id(part)}
        for path, room in rooms
        if _has_id(room)
    }
    yield from _used_once(tree, rooms, "id")
    for path, room in rooms:
        yield from _used_once(tree, list(_parts(room, path, "places")), "id")
        for place_path, place in _parts(room, path, "places"):
            yield from _not_ahead(place_path, place, "assessed", now)
    yield from _used_once(tree, residents, "id")
    for path, resident in residents:
        yield from _resident(tree, path, resident, places)
        yield from _papers(tree, path, resident, now)
    yield from _models(tree)
    yield from _used_once(tree, equipment, "tag")
    yield from _devices(tree, equipment)
    for path, part in equipment:
        yield from _equipment(path, part, places)
        yield from _meant_for(path, part, residents)
        yield from _not_ahead(path, part, "confirmed", now)
        if part.get("status") is not None and part.get("at") is not None:
            yield (*path, "status"), _stands_nowhere(part["status"])


def _resident(
    tree: Tree, path: Path, resident: dict[str, Any], places: dict[str, dict[str, None]]
) -> Iterator[Problem]:
    room = resident.get("room")
    if isinstance(room, str) and room not in places:
        yield (*path, "room"), _no_room(room, places)
    first: dict[tuple[Any, Any], Path] = {}
    for here, requirement in _parts(resident, path, "requirements"):
        place, needs = requirement.get("place"), requirement.get("needs")
        if not (isinstance(place, str) and isinstance(needs, str)):
            continue
        if room in places and place not in places[room]:
            yield (*here, "place"), _no_place(place, room, places[room])
        if (place, needs) in first:
            name, value = needs, place
            where = tree.where(first[place, needs])
            yield here, phrase(f"{name} at {value} is required {where} already")
        first.setdefault((place, needs), here)


def _papers(tree: Tree, path: Path, resident: dict[str, Any], now: datetime) -> Iterator[Problem]:
    """Assessments that are named once, and requirements that name one of them."""
    assessments = list(_parts(resident, path, "assessments"))
    yield from _used_once(tree, assessments, "id")
    known = {part["id"]: None for _, part in assessments if _has_id(part)}
    for here, requirement in _parts(resident, path, "requirements"):
        named = requirement.get("assessment")
        if isinstance(named, str) and named not in known:
            yield (
                (*here, "assessment"),
                phrase(f'there is no assessment "{named}" of this resident') + _near(named, known),
            )
    yield from _not_ahead(path, resident, "consent", now)
    for here, part in assessments:
        if ahead := _ahead(part.get("on"), now):
            yield (*here, "on"), ahead


def _models(tree: Tree) -> Iterator[Problem]:
    first: dict[tuple[str, str], Path] = {}
    for path, part in _parts(tree.value, (), "models"):
        name = (part.get("make"), part.get("model"))
        if not (isinstance(name[0], str) and isinstance(name[1], str)):
            continue
        key = (name[0], name[1])
        if key in first:
            value, where = " ".join(key), tree.where(first[key])
            yield (*path, "model"), phrase(f'"{value}" is described {where} already')
        first.setdefault(key, path)


def _devices(tree: Tree, equipment: list[Part]) -> Iterator[Problem]:
    first: dict[tuple[str, str, str | None], Path] = {}
    for path, part in equipment:
        device = part.get("device")
        if not isinstance(device, dict):
            continue
        dialect, address = device.get("dialect"), device.get("address")
        if not (isinstance(dialect, str) and isinstance(address, str)):
            continue
        channel = device.get("channel")
        bound = (dialect, address, channel if isinstance(channel, str) else None)
        here = (*path, "device", "address")
        if dialect == "nightwarden" and "/" in address:
            yield (
                here,
                phrase(f'"{address}" has a "/" in it; a native address is one level of a topic'),
            )
        if bound in first:
            where = tree.where(first[bound])
            yield here, phrase(f'{dialect} "{address}" is bound {where} already; one item each')
        first.setdefault(bound, here)


def _equipment(
    path: Path, part: dict[str, Any], places: dict[str, dict[str, None]]
) -> Iterator[Problem]:
    at, kind, mount = part.get("at"), part.get("kind"), part.get("mount")
    if isinstance(at, str) and at.count("/") == 1:
        room, place = at.split("/")
        if room not in places:
            yield (*path, "at"), _no_room(room, places)
        elif place not in places[room]:
            yield (*path, "at"), _no_place(place, room, places[room])
    if kind == EquipmentKind.TEMPERATURE_SENSOR and mount is None:
        value = ", ".join(Mount)
        yield path, phrase(f'"mount" is missing: a temperature sensor needs one of {value}')
    if kind in set(EquipmentKind) - {EquipmentKind.TEMPERATURE_SENSOR} and mount is not None:
        value = kind
        yield (
            (*path, "mount"),
            phrase(f"a {value} has no mount; only a temperature_sensor has one"),
        )
    yield from _calls(path, part)


def _calls(path: Path, part: dict[str, Any]) -> Iterator[Problem]:
    """A sounder or light needs to know for whom, and a device that can be told; others neither."""
    kind, device = part.get("kind"), part.get("device")
    if kind in CALLS_PEOPLE:
        if part.get("sounds_for") is None:
            name, value = kind, ", ".join(SoundsFor)
            yield path, phrase(f'"sounds_for" is missing: a {name} sounds for one of {value}')
        dialect = device.get("dialect") if isinstance(device, dict) else None
        if isinstance(dialect, str) and dialect not in TAKE_ORDERS:
            name, value = kind, ", ".join(sorted(TAKE_ORDERS))
            yield (
                (*path, "device", "dialect"),
                phrase(f"a {name} must be told; {value} can tell one"),
            )
    elif kind in set(EquipmentKind):
        for field in ("sounds_for", "sounds_from"):
            if part.get(field) is not None:
                value = kind
                yield (
                    (*path, field),
                    phrase(f"a {value} does not sound; only a sounder or light does"),
                )


def _meant_for(path: Path, part: dict[str, Any], residents: list[Part]) -> Iterator[Problem]:
    owner = part.get("for")
    if isinstance(owner, str):
        known = {one["id"]: None for _, one in residents if _has_id(one)}
        if owner not in known:
            yield (
                (*path, "for"),
                phrase(f'there is no resident "{owner}"') + _near(owner, known),
            )


def _used_once(tree: Tree, parts: list[Part], key: str) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for path, part in parts:
        value = part.get(key)
        if not isinstance(value, str):
            continue
        if value in first:
            where = tree.where((*first[value], key))
            name = key
            yield (
                (*path, key),
                phrase(f'"{value}" is used {where} already; each {name} is used once'),
            )
        first.setdefault(value, path)


def _not_ahead(path: Path, part: dict[str, Any], key: str, now: datetime) -> Iterator[Problem]:
    claim = part.get(key)
    day = claim.get("on") if isinstance(claim, dict) else None
    if ahead := _ahead(day, now):
        yield (*path, key, "on"), ahead


def _ahead(day: Any, now: datetime) -> str | None:
    try:
        claims.day_not_ahead(date.fromisoformat(str(day)), now)
    except ValueError as problem:
        if "yet to come" in str(problem):  # what is no date at all has its sentence already
            return str(problem)
    return None


def _parts(value: Any, path: Path, key: str) -> Iterator[Part]:
    """The mappings in the list under ``key``, each with its path."""
    listed = value.get(key) if isinstance(value, dict) else None
    for index, part in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(part, dict):
            yield (*path, key, index), part


def _has_id(part: dict[str, Any]) -> bool:
    return isinstance(part.get("id"), str)


def _near(word: str, words: dict[str, Any]) -> str:
    near = get_close_matches(word, words, n=1)
    return f"; {did_you_mean(near[0])}" if near else ""


def did_you_mean(value: str) -> str:
    """What stands after a word that is not known, where there is one like it."""
    return phrase(f'did you mean "{value}"')


def _no_room(room: str, rooms: dict[str, Any]) -> str:
    return phrase(f'there is no room "{room}"') + _near(room, rooms)


def _no_place(name: str, room: str, places: dict[str, Any]) -> str:
    return phrase(f'there is no place "{name}" in room "{room}"') + _near(name, places)


def _stands_nowhere(value: str) -> str:
    return phrase(f"what is {value} stands nowhere; leave out its at")
