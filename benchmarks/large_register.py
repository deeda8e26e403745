"""A home of many rooms with five years of history, straight into a store.

Each room has a bed, a chair, a radiator, its pipe and its valve; each resident a plan of five
requirements; six items stand in a room that is a bedroom. Every item was confirmed once a month for
five years and had a fault a year, each of which is also an entry of the audit.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import col, select

from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.roles import Role
from nightwarden.store import audit, people
from nightwarden.store.engine import Store, Transaction
from nightwarden.store.tables import (
    Alert,
    Audit,
    Confirmation,
    Device,
    DeviceState,
    Equipment,
    Fault,
    ItemCheck,
)

NOW = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
YEARS = 5
EMITTERS = {"radiator": "radiator", "pipe": "pipe", "valve": "valve"}
KIT = (
    ("MAT", "bed_mat", "bed"),
    ("CHR", "chair_mat", "chair"),
    ("CVR", "radiator_cover", "radiator"),
    ("PCV", "radiator_cover", "pipe"),
    ("VCV", "radiator_cover", "valve"),
    ("BTN", "call_button", "bed"),
    ("TMP", "temperature_sensor", "radiator"),
)
SPEAK = {"bed_mat", "chair_mat", "call_button", "temperature_sensor"}


def furnish(store: Store, rooms: int, items: int) -> None:
    """The home as its file says it, and what happened to it in five years."""
    text = json.dumps(_home(rooms, items))
    with store.transaction(NOW - timedelta(days=365 * YEARS)) as tx:
        plan.apply(tx, read_home_file(text.encode(), "benchmark", NOW), "benchmark")
    with store.transaction(NOW) as tx:
        for role in Role:  # somebody whom alerts call
            people.create_token(tx, f"benchmark {role}", role, "benchmark")
        tags = list(tx.exec(select(Equipment.tag).order_by(Equipment.tag)))
        tx.sql.execute(insert(Confirmation), list(_confirmations(tags)))
        tx.sql.execute(insert(Fault), list(_faults(tags)))
        tx.sql.execute(insert(ItemCheck), list(_checks(tags)))
        newest = select(Audit.hash).order_by(col(Audit.id).desc())
        tx.sql.execute(insert(Audit), list(_audit(tags, tx.exec(newest).first() or audit.GENESIS)))
        tx.sql.execute(insert(Alert), list(_alerts(rooms)))
        tx.sql.execute(insert(DeviceState), list(_devices(tx)))
        tx.sql.exec_driver_sql("ANALYZE")


def _home(rooms: int, items: int) -> dict[str, Any]:
    names = [f"{number:03d}" for number in range(rooms)]
    equipment = [item for name in names for item in _equipment(name)]
    spare = [
        {"tag": f"SPARE-{number}", "kind": "bed_mat"} for number in range(items - len(equipment))
    ]
    return {
        "home": {"id": "bench-register", "name": "Bench House", "timezone": "Europe/London"},
        "rooms": [{"id": name, "kind": "bedroom", "places": _places()} for name in names],
        "residents": [_resident(name) for name in names],
        "models": [{"make": "Acme", "model": "Pad 365", "service_life_days": 3_650}],
        "equipment": equipment[:items] + spare,
    }


def _places() -> list[dict[str, Any]]:
    assessed = {"by": "B. Jones", "on": "2026-06-01", "finding": "to be covered"}
    heat = [{"id": name, "emitter": kind, "assessed": assessed} for name, kind in EMITTERS.items()]
    return [{"id": "bed"}, {"id": "chair"}, *heat]


def _resident(name: str) -> dict[str, Any]:
    needs = [(kind, place) for _, kind, place in KIT if kind != "temperature_sensor"]
    return {
        "id": f"res-{name}",
        "shown_as": f"R{name}",
        "room": name,
        "consent": {"basis": "consent", "by": "herself", "on": "2026-01-01"},
        "assessments": [
            {
                "id": "falls",
                "kind": "falls",
                "by": "B. Jones",
                "on": "2026-06-01",
                "review_by": "2027-06-01",
            }
        ],
        "requirements": [
            {
                "place": place,
                "needs": kind,
                "because": "falls assessment",
                "review_by": "2027-06-01",
            }
            for kind, place in needs
        ],
    }


def _equipment(name: str) -> Iterator[dict[str, Any]]:
    for prefix, kind, place in KIT:
        item: dict[str, Any] = {"tag": f"{prefix}-{name}", "kind": kind, "at": f"{name}/{place}"}
        item |= {"make": "Acme", "model": "Pad 365"}
        if kind in SPEAK:
            item["device"] = {"dialect": "nightwarden", "address": f"{prefix}-{name}"}
        if kind == "temperature_sensor":
            item["mount"] = "under_cover"
        yield item


def _monthly(tags: list[str]) -> Iterator[tuple[str, datetime]]:
    for month in range(12 * YEARS):
        at = NOW - timedelta(days=30 * month + 1)
        for tag in tags:
            yield tag, at


def _confirmations(tags: list[str]) -> Iterator[dict[str, Any]]:
    for tag, at in _monthly(tags):
        seen = {"state": "in_place", "by": "Tom", "on": at.date(), "note": None}
        yield {"equipment": tag, "recorded_at": at, "recorded_by": "Tom", **seen}


def _checks(tags: list[str]) -> Iterator[dict[str, Any]]:
    for number, (tag, at) in enumerate(_monthly(tags)):
        said: dict[str, Any] = {"kind": "visual", "outcome": "passed", "answers": {}, "by": "Tom"}
        row = ItemCheck(key=f"bench-{number}", equipment=tag, at=at, recorded_at=at, **said)
        yield row.model_dump(exclude={"id"})


def _faults(tags: list[str]) -> Iterator[dict[str, Any]]:
    for year in range(YEARS):
        at = NOW - timedelta(days=365 * year + 9)
        for tag in tags:
            row = Fault(equipment=tag, what="loose", reported_by="Ana", reported_at=at)
            row.mended_at, row.mended_by = at + timedelta(days=1), "Tom"
            yield row.model_dump(exclude={"id"})


def _audit(tags: list[str], previous: str) -> Iterator[dict[str, Any]]:
    """An entry for each confirmation, chained as the store would have."""
    for tag, at in reversed(list(_monthly(tags))):
        entry = Audit(
            at=at,
            actor="Tom",
            action="confirmed",
            subject=f"equipment {tag}",
            detail={},
            previous=previous,
            hash="",
        )
        previous = entry.hash = audit.hash_of(entry)
        yield entry.model_dump(exclude={"id"})


def _alerts(rooms: int) -> Iterator[dict[str, Any]]:
    """Sixty a night for a year, two a room in a small home; nearly all answered within minutes."""
    a_night = min(60, 2 * rooms)
    for number in range(a_night * 365):
        raised = NOW - timedelta(days=number / a_night, seconds=number % 977)
        after = timedelta(seconds=20 + number * 37 % 400)
        answered = number % 50 != 0
        row = Alert(
            kind="bed_exit",
            room=f"{number % rooms:03}",
            place="bed",
            priority="high",
            state="closed",
            text="out of bed",
            action="Go and look.",
            caused_at=raised,
            raised_at=raised,
            delivered_at=raised + timedelta(seconds=1),
            accepted_by="Ana" if answered else None,
            accepted_at=raised + after / 2 if answered else None,
            attended_by="Ana" if answered else None,
            attended_at=raised + after if answered else None,
            closed_by="Ana",
            closed_at=raised + after * 2,
            outcome="helped",
        )
        yield row.model_dump(exclude={"id"})


def _devices(tx: Transaction) -> Iterator[dict[str, Any]]:
    for row in tx.exec(select(Device)):
        yield {
            "dialect": row.dialect,
            "address": row.address,
            "memory": {"online": True},
            "heard_at": NOW,
            "changed_at": NOW,
            "duplicates": 0,
        }
