"""The gateway's own parts on a real store, behind the face that simulated nights drive."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, func, select

from gateway import answering
from gateway.dialects import dialects
from gateway.engine_room import EngineRoom
from gateway.intake import Intake
from gateway.lessons import Lessons
from gateway.messages import RawMessage
from nightwarden.errors import Conflict
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.alerts import AlertEvent, AlertState
from nightwarden.model.places import PlaceId
from nightwarden.store import alerts, intake, pauses, receivers
from nightwarden.store.engine import Transaction, open_store
from nightwarden.store.receivers import ReceiverKind, Word
from nightwarden.store.tables import Alert
from rules import alert_life


class StoredDesk:
    """Answers as :class:`nightwarden.nights.desk.Desk`; every message is a turn and a commit."""

    def __init__(self, text: str, folder: Path, now: datetime, listening: int) -> None:
        self.store = open_store(folder / "nightwarden.db")
        self._listening = listening
        self._versions: dict[int, int] = {}
        with self.store.transaction(now) as tx:
            plan.apply(tx, read_home_file(text.encode(), "home", now), "test")
        with self.store.transaction(now) as tx:
            self.room = EngineRoom(tx)
            home = self.room.engine.plan.home
            spoken = dialects(home)
            receipts = intake.load_receipts(tx)
            self.intake = Intake(spoken, self.room, receipts, Lessons(tx, spoken))
        self.turn(now)

    @property
    def due(self) -> datetime | None:
        with self.store.reading(self.room.now) as tx:
            query = select(func.min(Alert.next_step_at)).where(Alert.state != AlertState.CLOSED)
            ladder = tx.exec(query).one()
        return min(filter(None, (ladder, self.room.engine.next_deadline)), default=None)

    def go_to(self, now: datetime) -> None:
        while (due := self.due) is not None and due <= now:
            self.turn(max(due, self.room.now))

    def hear(self, message: RawMessage) -> None:
        self.turn(message.received_at, message)

    def turn(self, now: datetime, *messages: RawMessage) -> None:
        with self.store.transaction(now) as tx:
            words = (
                Word(f"pager-{n}", f"Pager {n}", ReceiverKind.PAGER, sound=True, at=now)
                for n in range(self._listening)
            )
            receivers.heard(tx, words)
            decisions = list(self.room.begin(tx, messages))
            decisions += self.intake.take(tx, messages).decisions
            decisions += self.room.look(tx)
            decisions += self.room.engine.tick(now)
            answering.carry_out(tx, decisions, self.room.rules)
            while answering.climb(tx, self.room.rules):
                pass
            self.room.settle(tx)
        self.intake.committed()

    def answer(self, number: int, event: AlertEvent, who: str, now: datetime, outcome: str) -> bool:
        self.turn(now)  # the gateway has turned within the second before, whatever came
        with self.store.transaction(now) as tx:
            alert = alerts.find(tx, number)
            try:
                policy = self.room.rules.policy
                after = alert_life.change(alert, event, who, now, policy, outcome or None)
            except Conflict:
                return False
            alerts.save(tx, alert, after, event, who)
        self.turn(now)
        return True

    def pause(self, place: PlaceId, who: str, now: datetime, length: timedelta) -> None:
        with self.store.transaction(now) as tx:
            pauses.pause(tx, place, int(length / timedelta(minutes=1)), "care in progress", who)
        self.turn(now)

    @property
    def has_news(self) -> bool:
        return True

    def changed(self) -> list[dict[str, Any]]:
        with self.store.reading(self.room.now) as tx:
            found = [a for a in self._all(tx) if self._versions.get(a.id) != a.version]
            self._versions.update({a.id: a.version for a in found})
            return alerts.as_json(tx, found)

    def lives(self) -> list[tuple[str, list[tuple[str, datetime, str]]]]:
        """Every alert with the steps of its life, the oldest first."""
        with self.store.reading(self.room.now) as tx:
            found = self._all(tx)
            steps = alerts.events(tx, [alert.id for alert in found])
        return [
            (a.cause.kind.value, [(s.event.value, s.recorded_at, s.actor) for s in steps[a.id]])
            for a in found
        ]

    @staticmethod
    def _all(tx: Transaction) -> list[Any]:
        numbers = tx.exec(select(Alert.id).order_by(col(Alert.id)))
        return [alerts.find(tx, number or 0) for number in numbers]
