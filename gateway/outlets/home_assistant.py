"""What Home Assistant shows of a home: an entity that says so for each room, and the numbers.

1. MQTT discovery by device (Home Assistant 2024.11 and later): a retained configuration under
   ``homeassistant/device/nightwarden_HOME/…/config`` for the monitor and for each room. Whoever
   reads discovery must leave node ids that begin with ``nightwarden_`` alone: they are ours, and to
   hear them as devices would be to hear ourselves.
2. The states are retained topics of our own, ``…/room/ROOM`` and ``…/board``, made from the open
   alerts as they stand; whatever else a home has may read them too.
3. Rooms, not residents: names stand in them only where the home asks for that.
4. What nobody says any more must not look calm. All but "watching" are unavailable while health is
   not ``watching``, which the last will sees to; and each state is said again every minute, and
   runs out after :data:`RUNS_OUT_S`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

import orjson

import nightwarden
from gateway.dialects.discovery import OUR_NODE
from nightwarden.model.alerts import AlertRecord, AlertState, Priority
from nightwarden.wire import Topics, rfc3339

SAY_AGAIN_EVERY = timedelta(minutes=1)
RUNS_OUT_S = 150
LONGEST_STATE = 255
"""Characters; Home Assistant keeps no longer state."""

WATCHING = "{{ 'online' if value_json.status == 'watching' else 'offline' }}"


class Discovery(StrEnum):
    """How much Home Assistant is told: nothing, rooms, or rooms and residents' shown names."""

    OFF = "off"
    ROOMS = "rooms"
    NAMES = "names"


class HomeAssistant:
    """The retained topics of one home. Pure.

    Args:
        home: its id.
        name: what it is called.
        rooms: the ids of its rooms.
        discovery: how much is told.
    """

    def __init__(self, home: str, name: str, rooms: Sequence[str], discovery: Discovery) -> None:
        self._topics = Topics(home)
        self._node = f"{OUR_NODE}{_token(home)}"
        self._name = name
        self._rooms = rooms
        self._names = discovery is Discovery.NAMES
        self._off = discovery is Discovery.OFF

    def topics(self, alerts: Sequence[AlertRecord], now: datetime) -> dict[str, bytes]:
        """Each topic with what it must hold at ``now``; empty bytes where nothing may be."""
        here = by_room(alerts)
        said = dict([self.board(alerts, now)])
        said |= (self.room(room, here.get(room, ()), now) for room in self._rooms)
        return said | self.configurations()

    def configurations(self) -> dict[str, bytes]:
        """The discovery topics alone; empty bytes where nothing may be."""
        said = dict(self._configurations())
        return dict.fromkeys(said, b"") if self._off else said

    def board(self, alerts: Sequence[AlertRecord], now: datetime) -> tuple[str, bytes]:
        """The board's topic and state, of all open alerts."""
        state = b"" if self._off else orjson.dumps(self._board(alerts, now))
        return self._topics.board, state

    def room(self, room: str, here: Sequence[AlertRecord], now: datetime) -> tuple[str, bytes]:
        """A room's topic and state, of the open alerts that are ``here``."""
        state = b"" if self._off else orjson.dumps(self._room(room, here, now))
        return self._topics.room(room), state

    def config_topics(self) -> list[str]:
        """The discovery topics of the monitor and its rooms."""
        return [topic for topic, _ in self._configurations()]

    def without(self, rooms: Iterable[str]) -> dict[str, bytes]:
        """Empty bytes for rooms that the home no longer has."""
        gone: dict[str, bytes] = {}
        for room in rooms:
            gone[self._config_topic(f"room_{_token(room)}")] = b""
            gone[self._topics.room(room)] = b""
        return gone

    # --- states ---

    def _room(self, room: str, here: Sequence[AlertRecord], now: datetime) -> dict[str, Any]:
        people = [alert for alert in here if alert.priority is not Priority.TECHNICAL]
        return {
            "room": room,
            "help": bool(people),
            "somebody_is_going": bool(people) and all(_answered(alert) for alert in people),
            "alerts": [self._shown(alert) for alert in people],
            "kit": len(here) - len(people),
            "at": rfc3339(now),
        }

    def _board(self, alerts: Sequence[AlertRecord], now: datetime) -> dict[str, Any]:
        counts = {priority.value: 0 for priority in Priority}
        for alert in alerts:
            counts[alert.priority] += 1
        newest = max(alerts, key=lambda alert: (alert.raised_at, alert.id), default=None)
        return {
            "open": counts,
            "unanswered": sum(not _answered(alert) for alert in alerts),
            "newest": None if newest is None else self._shown(newest),
            "at": rfc3339(now),
        }

    def _shown(self, alert: AlertRecord) -> dict[str, Any]:
        said = {
            "id": str(alert.id),
            "kind": alert.cause.kind.value,
            "priority": alert.priority.value,
            "state": alert.state.value,
            "room": alert.cause.place.room,
            "place": alert.cause.place.place,
            "text": self._text(alert)[:LONGEST_STATE],
            "raised_at": rfc3339(alert.raised_at),
        }
        return {**said, "resident": alert.resident} if self._names else said

    def _text(self, alert: AlertRecord) -> str:
        """What the board says, without the name unless the home wants it."""
        if self._names or alert.resident is None:
            return alert.text
        text = alert.text.replace(f" · {alert.resident} · ", " · ")
        if alert.resident.casefold() not in text.casefold():
            return text
        return f"Room {alert.cause.place.room} · {alert.cause.kind.value.replace('_', ' ')}"

    # --- configurations ---

    def _configurations(self) -> Iterator[tuple[str, bytes]]:
        yield self._config_topic("monitor"), self._config(self._monitor(), self._of_monitor())
        for room in self._rooms:
            device = {
                "identifiers": [f"{self._node}_room_{_token(room)}"],
                "name": f"Room {room}" if room[:1].isdigit() else room,
                "manufacturer": "Nightwarden",
                "model": "Room",
                "via_device": self._node,
            }
            yield (
                self._config_topic(f"room_{_token(room)}"),
                self._config(device, {"help": self._of_room(room)}),
            )

    def _config_topic(self, what: str) -> str:
        return f"homeassistant/device/{self._node}/{what}/config"

    def _config(self, device: dict[str, Any], components: dict[str, Any]) -> bytes:
        origin = {"name": "Nightwarden", "sw_version": nightwarden.__version__}
        return orjson.dumps({"device": device, "origin": origin, "components": components})

    def _monitor(self) -> dict[str, Any]:
        return {
            "identifiers": [self._node],
            "name": f"Nightwarden {self._name}",
            "manufacturer": "Nightwarden",
            "model": "Safety monitor",
            "sw_version": nightwarden.__version__,
        }

    def _of_monitor(self) -> dict[str, Any]:
        board = self._topics.board
        parts = {
            "watching": {
                "platform": "binary_sensor",
                "unique_id": f"{self._node}_watching",
                "name": "Watching",
                "device_class": "running",
                "state_topic": self._topics.health,
                "value_template": "{{ 'ON' if value_json.status == 'watching' else 'OFF' }}",
                "expire_after": RUNS_OUT_S,
                "qos": 1,
            },
            "newest": {
                **self._entity("sensor", "newest", board),
                "name": "Newest alert",
                "icon": "mdi:bell-ring",
                "value_template": "{{ value_json.newest.text if value_json.newest else 'none' }}",
                "json_attributes_topic": board,
                "json_attributes_template": "{{ (value_json.newest or {}) | tojson }}",
            },
        }
        for priority in Priority:
            parts[f"open_{priority}"] = {
                **self._entity("sensor", f"open_{priority}", board),
                "name": f"Open alerts, {priority}",
                "icon": "mdi:bell",
                "state_class": "measurement",
                "value_template": f"{{{{ value_json.open.{priority} }}}}",
            }
        return parts

    def _of_room(self, room: str) -> dict[str, Any]:
        topic = self._topics.room(room)
        return {
            **self._entity("binary_sensor", f"room_{_token(room)}_help", topic),
            "name": "Somebody needs help",
            "device_class": "safety",
            "value_template": "{{ 'ON' if value_json.help else 'OFF' }}",
            "json_attributes_topic": topic,
        }

    def _entity(self, platform: str, what: str, topic: str) -> dict[str, Any]:
        return {
            "platform": platform,
            "unique_id": f"{self._node}_{what}",
            "state_topic": topic,
            "availability_topic": self._topics.health,
            "availability_template": WATCHING,
            "expire_after": RUNS_OUT_S,
            "qos": 1,
        }


def by_room(alerts: Iterable[AlertRecord]) -> dict[str, list[AlertRecord]]:
    """The alerts of each room that has any, in their order."""
    found: dict[str, list[AlertRecord]] = {}
    for alert in alerts:
        found.setdefault(alert.cause.place.room, []).append(alert)
    return found


def _answered(alert: AlertRecord) -> bool:
    return alert.state not in (AlertState.RAISED, AlertState.DELIVERED)


def _token(text: str) -> str:
    """A node or object id: letters, digits, ``_`` and ``-``; what had others is told apart."""
    token = re.sub(r"[^A-Za-z0-9_-]", "_", text)
    if token == text:
        return token
    return f"{token}_{blake2b(text.encode(), digest_size=3).hexdigest()}"
