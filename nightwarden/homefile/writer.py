"""Prints the register as a home file that ``apply`` accepts unchanged.

One line a place, requirement and item, as people write it, so that two exports compare line by
line. What a reader other than ours might take for a number, a date or a truth value stands in
quotes. Faults, permits and the past are not in a home file; a backup has them.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlmodel import col, select

from nightwarden.errors import NotFound
from nightwarden.model.hours import ALWAYS
from nightwarden.store import meta, register
from nightwarden.store.engine import Transaction
from nightwarden.store.kit_models import FIELDS, kit_models
from nightwarden.store.register import PROOF_S, Item, supervision_s
from nightwarden.store.tables import Assessment, Consent, KitModel, Place, Requirement

_PLAIN = re.compile(r"(\d+/)?[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./()-]+)*")
_NOT_PLAIN = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])
"""YAML 1.1 readers, of which there are many, turn these into more than words."""


def export_home_file(tx: Transaction) -> str:
    """The home file of this store, ending in a line break.

    Raises:
        NotFound: the store holds no home yet.
    """
    home = meta.home(tx)
    if home is None:
        raise NotFound("this store holds no home yet; `nightwarden apply FILE` makes it")
    practice = {"practice": True} if home.practice else {}
    lines = [
        "home: " + _flow({"id": home.id, "name": home.name, "timezone": home.timezone, **practice}),
        *_section("rooms", _rooms(tx)),
        *_section("residents", _residents(tx)),
        *(_section("models", models) if (models := _models(tx)) else []),
        *_section("equipment", (f"  - {_flow(_item(i))}" for i in register.items_now(tx))),
    ]
    return "\n".join(lines) + "\n"


def home_tree(tx: Transaction) -> dict[str, Any]:
    """The register as a home file's tree, whose values are texts, truth values, lists and mappings.

    Raises:
        NotFound: the store holds no home yet.
    """
    home = meta.home(tx)
    if home is None:
        raise NotFound("this store holds no home yet; `nightwarden apply FILE` makes it")
    return {
        "home": {"id": home.id, "name": home.name, "timezone": home.timezone}
        | ({"practice": True} if home.practice else {}),
        "rooms": [_texts(room) for room in _room_parts(tx)],
        "residents": [_texts(resident) for resident in _resident_parts(tx)],
        "models": [_texts(_model(row)) for row in kit_models(tx)],
        "equipment": [_texts(_item(item)) for item in register.items_now(tx)],
    }


def _texts(value: Any) -> Any:
    """As a reader of YAML would give it; what is None goes unsaid."""
    if isinstance(value, dict):
        return {key: _texts(said) for key, said in value.items() if said is not None}
    if isinstance(value, list):
        return [_texts(each) for each in value]
    return value if isinstance(value, bool) else str(value)


def _models(tx: Transaction) -> list[str]:
    return [f"  - {_flow(_model(row))}" for row in kit_models(tx)]


def _section(name: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [f"{name}:", *found] if found else [f"{name}: []"]


def _rooms(tx: Transaction) -> Iterator[str]:
    for room in _room_parts(tx):
        yield from _part_lines(room, ("places",))


def _residents(tx: Transaction) -> Iterator[str]:
    for resident in _resident_parts(tx):
        yield from _part_lines(resident, ("assessments", "requirements"))


def _part_lines(part: dict[str, Any], lists: tuple[str, ...]) -> Iterator[str]:
    """A part's own fields a line each, then each of its lists, a line for each of its parts."""
    for number, (key, value) in enumerate(
        (key, value) for key, value in part.items() if key not in lists and value is not None
    ):
        yield f"  {'  ' if number else '- '}{key}: {_value(value)}"
    for key in lists:
        if part[key]:
            yield f"    {key}:"
        yield from (f"      - {_flow(inner)}" for inner in part[key])


def _room_parts(tx: Transaction) -> Iterator[dict[str, Any]]:
    places: dict[str, list[Place]] = {}
    for place in register.places(tx):
        places.setdefault(place.room, []).append(place)
    for room in register.rooms(tx):
        said = {"id": room.id, "zone": room.zone, "kind": room.kind}
        yield {**said, "places": [_place(place) for place in places.get(room.id, [])]}


def _resident_parts(tx: Transaction) -> Iterator[dict[str, Any]]:
    requirements: dict[str, list[Requirement]] = {}
    for requirement in register.requirements_now(tx):
        requirements.setdefault(requirement.resident, []).append(requirement)
    in_force = select(Consent).where(col(Consent.until).is_(None))
    consents = {row.resident: row for row in tx.exec(in_force)}
    assessed: dict[str, list[Assessment]] = {}
    kept = select(Assessment).where(col(Assessment.until).is_(None)).order_by(col(Assessment.id))
    for paper in tx.exec(kept):
        assessed.setdefault(paper.resident, []).append(paper)
    for resident in register.residents(tx):
        yield {
            "id": resident.id,
            "shown_as": resident.shown_as,
            "room": resident.room,
            "admitted": resident.admitted_on,
            "consent": _consent(consents[resident.id]) if resident.id in consents else None,
            "assessments": [_assessment(paper) for paper in assessed.get(resident.id, [])],
            "requirements": [_requirement(row) for row in requirements.get(resident.id, [])],
        }


def _place(row: Place) -> dict[str, Any]:
    place: dict[str, Any] = {"id": row.place, "emitter": row.emitter, "circuit": row.circuit}
    if row.assessed_by is not None:
        place["assessed"] = {
            "by": row.assessed_by,
            "on": row.assessed_on,
            "finding": row.assessed_finding,
        }
    place |= {"owner": row.owner, "until": row.use_until}
    return place


def _consent(row: Consent) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in ("basis", "by", "on", "review_by", "note")}
    return {**said, "basis": str(row.basis)}


def _assessment(row: Assessment) -> dict[str, Any]:
    asked = ("mobility", "heat_sensitivity", "capacity", "furniture", "finding")
    said = {name: getattr(row, name) for name in ("kind", "by", "on", "review_by", *asked)}
    return {"id": row.ref, **said, "kind": str(row.kind)}


def _model(row: KitModel) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("make", "model", *FIELDS)}


def _transmitter(item: Item) -> dict[str, Any] | None:
    said = item.standing.pairing
    if said is None:
        return None
    return {"make": said.make, "model": said.model, "serial": said.serial}


def _requirement(row: Requirement) -> dict[str, Any]:
    return {
        "place": row.place,
        "needs": row.needs,
        "hours": None if row.hours == str(ALWAYS) else row.hours,
        "because": row.because,
        "review_by": row.review_by,
        "dwell_s": row.dwell_s,
        "tell": row.tell,
        "action": row.action,
        "assessment": row.assessment,
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "tag": item.tag,
        "kind": item.kind.value,
        "mount": item.mount and item.mount.value,
        "at": item.place and str(item.place),
        "sounds_for": item.sounds_for and item.sounds_for.value,
        "sounds_from": item.sounds_from and item.sounds_from.value,
        "make": item.make,
        "model": item.model,
        "serial": item.serial,
        "in_service": item.in_service_on,
        "service_life_days": item.service_life_days,
        "for": item.meant_for,
        "status": item.unfit,
        "transmitter": _transmitter(item),
        "owner": item.owner,
        "until": item.use_until,
        "device": _device(item),
        "confirmed": item.found
        and {"by": item.found.by, "on": item.found.on, "state": item.found.state.value},
    }


def _device(item: Item) -> dict[str, Any] | None:
    if item.device is None:
        return None
    dialect, whole = item.device.whole
    usual = supervision_s(dialect)
    return {
        "dialect": dialect,
        "address": whole,
        "channel": item.device.channel,
        "reads": {s.value: h.value for s, h in item.channels.reads.items()} or None,
        "inverted": True if item.channels.inverted else None,
        "supervision_s": None if item.supervision_s == usual else item.supervision_s,
        "proof_s": None if item.proof_s == PROOF_S else item.proof_s,
    }


def _flow(fields: dict[str, Any]) -> str:
    """``{id: bed, emitter: radiator}``; what is None goes unsaid."""
    said = (f"{key}: {_value(value)}" for key, value in fields.items() if value is not None)
    return "{" + ", ".join(said) + "}"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _flow(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | date):
        return str(value)
    return _scalar(value)


def _scalar(text: str) -> str:
    """The text bare where every YAML reader takes it as text, else in JSON's double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return json.dumps(text, ensure_ascii=False)
