"""What the home's other systems are shown: made from the store, said after the commit.

1. Looked at when something has changed and once a second. A change of the register makes all of it
   anew; a change of alerts the board and the rooms concerned, since in a large home the others are
   thousands.
2. Each is said again every minute, the rooms spread over it.
"""

from datetime import datetime

from gateway.mqtt import MqttLink
from gateway.outlets.home_assistant import SAY_AGAIN_EVERY, Discovery, HomeAssistant, by_room
from gateway.retained import Mirror
from nightwarden.model.alerts import AlertRecord
from nightwarden.store import alerts, meta, register
from nightwarden.store.engine import Transaction

_Here = tuple[tuple[int, int], ...]
"""The number and version of each alert of a room."""


class Outward:
    """The retained topics beside those of single alerts. On the deciding thread alone."""

    def __init__(self, link: MqttLink, discovery: Discovery) -> None:
        self._discovery = discovery
        self._mirror = Mirror(link)
        self._plan_version = -1
        self._fingerprint = (-1, -1, -1)
        self._shown: HomeAssistant | None = None
        self._wanted: dict[str, bytes] = {}
        self._rooms: dict[str, _Here] = {}
        self._again_at: dict[str | None, datetime] = {}  # of each room, and of the board: None

    def look(self, tx: Transaction) -> None:
        """Work out what is to be shown; nothing is sent."""
        version = meta.plan_version(tx)
        if version != self._plan_version:
            self._read_register(tx)
            self._plan_version = version
        shown, fingerprint = self._shown, alerts.open_fingerprint(tx)
        if shown is None:
            return
        changed = fingerprint != self._fingerprint
        due = [one for one, at in self._again_at.items() if _is_due(at, tx.now)]
        if not changed and not due:
            return
        open_alerts = alerts.open_alerts(tx)
        here = by_room(open_alerts)
        if changed or None in due:
            self._say(shown.board(open_alerts, tx.now), None, tx.now)
        again = set(due)
        for room, before in self._rooms.items():
            own = here.get(room, [])
            now_here = _versions(own)
            if now_here != before or room in again:
                self._rooms[room] = now_here
                self._say(shown.room(room, own, tx.now), room, tx.now)
        self._fingerprint = fingerprint

    def show(self) -> None:
        """After the commit: publish what differs from what the broker has. Never waits."""
        self._mirror.show(self._wanted)

    def _say(self, what: tuple[str, bytes], room: str | None, now: datetime) -> None:
        topic, state = what
        if self._wanted.get(topic) != state:
            self._mirror.will_differ(topic)
            self._wanted[topic] = state
        self._again_at[room] = now + SAY_AGAIN_EVERY

    def _read_register(self, tx: Transaction) -> None:
        home = meta.home(tx)
        if home is None:
            return
        rooms = [room.id for room in register.rooms(tx)]
        self._shown = HomeAssistant(home.id, home.name, rooms, self._discovery)
        open_alerts = alerts.open_alerts(tx)
        gone = self._shown.without(register.rooms_gone(tx))
        self._wanted = gone | self._shown.topics(open_alerts, tx.now)
        self._mirror.all_may_differ()
        self._fingerprint = alerts.open_fingerprint(tx)
        here = by_room(open_alerts)
        self._rooms = {room: _versions(here.get(room, [])) for room in rooms}
        self._again_at = {None: tx.now + SAY_AGAIN_EVERY}
        for number, room in enumerate(rooms, start=1):
            self._again_at[room] = tx.now + SAY_AGAIN_EVERY * number / len(rooms)


def _versions(here: list[AlertRecord]) -> _Here:
    return tuple((alert.id, alert.version) for alert in here)


def _is_due(at: datetime, now: datetime) -> bool:
    """Also when our clock was set back: else nothing would be said until it has caught up."""
    return not at - SAY_AGAIN_EVERY <= now < at
