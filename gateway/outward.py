"""What the home's other systems are shown: made from the store, said after the commit.

Looked at when something has changed and once a second; worked out anew only when alerts or the
register differ from last time, or when it is time to say it again.
"""

from datetime import datetime

from gateway.mqtt import MqttLink
from gateway.outlets.home_assistant import SAY_AGAIN_EVERY, Discovery, HomeAssistant
from gateway.retained import Mirror
from nightwarden.store import alerts, meta, register
from nightwarden.store.engine import Transaction

_Seen = tuple[int, int, int, int]


class Outward:
    """The retained topics beside those of single alerts. On the deciding thread alone."""

    def __init__(self, link: MqttLink, discovery: Discovery) -> None:
        self._discovery = discovery
        self._mirror = Mirror(link)
        self._seen: _Seen | None = None
        self._wanted: dict[str, bytes] = {}
        self._again_at: datetime | None = None

    def look(self, tx: Transaction) -> None:
        """Work out what is to be shown; nothing is sent."""
        seen = (meta.plan_version(tx), *alerts.open_fingerprint(tx))
        due = self._again_at is None or not (
            self._again_at - SAY_AGAIN_EVERY <= tx.now < self._again_at
        )
        if seen == self._seen and not due:
            return
        home = meta.home(tx)
        if home is None:
            return
        rooms = [room.id for room in register.rooms(tx)]
        shown = HomeAssistant(home.id, home.name, rooms, self._discovery)
        gone = shown.without(register.rooms_gone(tx))
        self._wanted = gone | shown.topics(alerts.open_alerts(tx), tx.now)
        self._seen = seen
        self._again_at = tx.now + SAY_AGAIN_EVERY

    def show(self) -> None:
        """After the commit: publish what differs from what the broker has. Never waits."""
        self._mirror.show(self._wanted)
