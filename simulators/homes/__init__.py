"""Homes to simulate. ``$names`` in their text are dates that must not grow stale."""

import json
from datetime import date, timedelta
from importlib.resources import files
from string import Template
from typing import Any


def demo_home(today: date) -> str:
    """The demo home as the text of a home file, its dates reckoned from ``today``.

    Args:
        today: the present day in the home; confirmations are some days before it, reviews after.
    """
    days = {
        "yesterday": -1,
        "last_week": -6,
        "last_month": -24,
        "half_a_year_ago": -180,
        "in_a_month": 30,
        "in_half_a_year": 180,
    }
    dates = {name: (today + timedelta(days=count)).isoformat() for name, count in days.items()}
    text = files(__name__).joinpath("demo.yaml").read_text(encoding="utf-8")
    return Template(text).substitute(dates)


def home_of(rooms: int, today: date) -> str:
    """A home of so many rooms as the text of a home file, for nights that are scored.

    Everybody's bed is watched from 21:00 to 07:00. Each third mat speaks the native dialect, the
    others Zigbee2MQTT's. Two radiators in three are covered, with a sensor and a switch under the
    cover; the others have a low surface temperature, with a sensor on the face. Each second room
    has a covered pipe, each fourth a thermometer for its air.
    """
    numbers = range(1, rooms + 1)
    found = {"by": "A. Smith", "on": (today - timedelta(days=2)).isoformat(), "state": "in_place"}
    review = (today + timedelta(days=180)).isoformat()
    return json.dumps(
        {
            "home": {
                "id": "simulated",
                "name": "A simulated home",
                "timezone": "Europe/London",
                "practice": True,
            },
            "rooms": [{"id": str(n), "places": _places(n)} for n in numbers],
            "residents": [_resident(n, review) for n in numbers],
            "equipment": [item for n in numbers for item in _equipment(n, found)],
        }
    )


def _has_cover(n: int) -> bool:
    return n % 3 != 2


def _has_pipe(n: int) -> bool:
    return n % 2 == 0


def _places(n: int) -> list[dict[str, str]]:
    circuit = "north" if n % 2 else "south"
    pipe = [{"id": "ensuite-pipe", "emitter": "pipe", "circuit": circuit}] if _has_pipe(n) else []
    return [{"id": "bed"}, {"id": "radiator", "emitter": "radiator", "circuit": circuit}, *pipe]


def _resident(n: int, review: str) -> dict[str, Any]:
    def needs(place: str, what: str, **more: str) -> dict[str, str]:
        because = {"because": "assessment", "review_by": review}
        return {"place": place, "needs": what, **more, **because}

    covers = [needs("radiator", "radiator_cover")] if _has_cover(n) else []
    covers += [needs("ensuite-pipe", "radiator_cover")] if _has_pipe(n) else []
    requirements = [needs("bed", "bed_mat", hours="21:00-07:00"), *covers]
    return {"id": f"r{n}", "shown_as": f"R{n}", "room": str(n), "requirements": requirements}


def _equipment(n: int, found: dict[str, str]) -> list[dict[str, Any]]:
    def zigbee(name: str) -> dict[str, str]:
        return {"dialect": "zigbee2mqtt", "address": f"Room {n} {name}"}

    def item(tag: str, kind: str, place: str, **more: Any) -> dict[str, Any]:
        return {"tag": f"{tag}-{n}", "kind": kind, "at": f"{n}/{place}", **more}

    native = {"dialect": "nightwarden", "address": f"mat-{n}"}
    items = [item("MAT", "bed_mat", "bed", device=zigbee("bed") if n % 3 else native)]
    mount = "under_cover" if _has_cover(n) else "accessible_face"
    sensor = zigbee("radiator")
    items.append(item("TMP", "temperature_sensor", "radiator", mount=mount, device=sensor))
    if _has_cover(n):
        items.append(item("CSW", "cover_switch", "radiator", device=zigbee("radiator cover")))
        items.append(item("CVR", "radiator_cover", "radiator", confirmed=found))
    if _has_pipe(n):
        items.append(item("CVP", "radiator_cover", "ensuite-pipe", confirmed=found))
    if n % 4 == 0:
        air = {"mount": "room_air", "device": zigbee("air")}
        items.append(item("AIR", "temperature_sensor", "bed", **air))
    return items
