"""The shift: who goes to which alert, who is on the round, who is asleep.

What its people are like is in :mod:`simulators.carers`. All of it follows from the seed and from
what is heard, at the instants at which it is heard.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from heapq import heappop, heappush
from math import log
from random import Random
from typing import Any

from nightwarden.model.alerts import AlertState, Priority
from simulators import carers
from simulators.carers import Act, Carer, Verb, outcome_of, way_s
from simulators.dice import dice
from simulators.home_description import HomeDescription


class Shift:
    """Everybody who is on tonight.

    Args:
        home: whose rooms lie along the corridor in the home file's order.
        seed: of what they do.
        start, end: of the shift, aware, UTC.
        how_many: None: one for 15 residents, at least two.
        reacts_s: seconds, the median until somebody says that they go.
    """

    def __init__(
        self,
        home: HomeDescription,
        seed: int,
        start: datetime,
        end: datetime,
        how_many: int | None = None,
        reacts_s: float = carers.REACTS_S,
    ) -> None:
        self._reacts_s = reacts_s
        self._rng: Random = dice(seed, "shift")
        self._rooms = {room: n for n, room in enumerate(home.rooms)}
        self._zone = home.zone
        count = how_many or max(2, round(len(home.residents) / carers.BEDS_EACH))
        self.carers = [
            Carer(
                carers.NAMES[n % len(carers.NAMES)] + ("" if n < len(carers.NAMES) else f" {n}"),
                self._part(n, count),
            )
            for n in range(count)
        ]
        self._alerts: dict[str, Mapping[str, Any]] = {}
        self._agenda: list[tuple[datetime, int, str, str]] = []
        self._count = 0
        self._acts: list[Act] = []
        self._plan_naps(start, end)
        self._plan_rounds(start, end)

    @property
    def due(self) -> datetime | None:
        """When somebody next does something, if nothing happens meanwhile."""
        return self._agenda[0][0] if self._agenda else None

    def hear(self, alert: Mapping[str, Any], now: datetime) -> None:
        """An alert was raised or has changed: its JSON."""
        number, room = str(alert["id"]), str(alert["room"])
        if alert["state"] == AlertState.CLOSED:
            self._alerts.pop(number, None)
            return
        self._alerts[number] = alert
        if alert["state"] not in (AlertState.RAISED, AlertState.DELIVERED):
            return
        taker = next((one for one in self.carers if one.bound_for == room), None)
        if taker is not None:
            if number not in taker.alerts:
                taker.alerts.append(number)
            if taker.there:
                self._then(now, 5.0, "attend", number)
            return
        self._wake_somebody(now)
        if alert["priority"] == Priority.LOW:
            return
        haste = 1.0 if alert["priority"] == Priority.HIGH else 4.0
        reacts = self._rng.lognormvariate(log(self._reacts_s * haste), carers.REACTS_SPREAD)
        self._then(now, reacts, "look", number)

    def act(self, now: datetime) -> list[Act]:
        """Everything that is due by ``now`` (aware), in order."""
        while self._agenda and self._agenda[0][0] <= now:
            at, _, what, of = heappop(self._agenda)
            getattr(self, f"_{what}")(at, of)
        acts, self._acts = self._acts, []
        return acts

    # --- answering ---------------------------------------------------------------

    def _look(self, now: datetime, number: str) -> None:
        """Somebody looks at an alert that waits, and goes if they can."""
        alert = self._alerts.get(number)
        waits = alert and alert["state"] in (AlertState.RAISED, AlertState.DELIVERED)
        if alert is None or not waits or self._taken(number):
            return
        room = str(alert["room"])
        free = [one for one in self.carers if one.bound_for is None and not self._asleep(one, now)]
        if not free or room not in self._rooms:
            return  # whoever is done, or wakes up, looks again
        carer = min(free, key=lambda one: (self._way(one, room), one.name))
        carer.bound_for, carer.there = room, False
        carer.alerts = [n for n, one in self._alerts.items() if one["room"] == room]
        self._do(now, carer, Verb.ACCEPT, number)
        self._then(now, self._way(carer, room), "come", carer.name)

    def _come(self, now: datetime, name: str) -> None:
        carer = self._named(name)
        assert carer.bound_for is not None, "they are on their way"
        carer.there, carer.near = True, self._rooms[carer.bound_for]
        self._do(now, carer, Verb.ARRIVE)
        if self._rng.random() >= carers.FORGETS:
            for number in carer.alerts:
                self._do(now, carer, Verb.ATTEND, number)
        kinds = {self._alerts[n]["kind"] for n in carer.alerts if n in self._alerts}
        what = (
            "heat" if kinds & carers.HEAT_KINDS else "person" if kinds & carers.BED_KINDS else "kit"
        )
        open_ = [n for n in carer.alerts if n in self._alerts]
        carer.over = {n for n in open_ if self._alerts[n]["cleared_at"]}
        over = len(carer.over) == len(open_)
        stays = self._rng.uniform(*carers.STAYS_MIN["over" if over else what]) * 60
        carer.until = now + carers.STAYS_AT_MOST
        for number in carer.alerts:
            if (alert := self._alerts.get(number)) and alert["kind"] in carers.HEAT_KINDS:
                self._then(now, stays / 2, "make_safe", number)
        self._then(now, stays, "leave", name)

    def _make_safe(self, now: datetime, number: str) -> None:
        """Shut the valve, put the cover back."""
        carer, alert = self._taken(number), self._alerts.get(number)
        if carer is not None and alert is not None:
            place = str(alert["place"])
            self._acts.append(Act(now, carer.name, Verb.MAKE_SAFE, str(alert["room"]), place=place))

    def _attend(self, now: datetime, number: str) -> None:
        """An alert of a room in which somebody is."""
        carer = self._taken(number)
        if carer is not None and carer.there:
            self._do(now, carer, Verb.ATTEND, number)

    def _leave(self, now: datetime, name: str) -> None:
        carer = self._named(name)
        mine = [self._alerts[n] for n in carer.alerts if n in self._alerts]
        empty = any(one["kind"] in carers.BED_KINDS and not one["cleared_at"] for one in mine)
        up = empty and now.astimezone(self._zone).time() >= carers.UP_FROM
        if up:
            self._acts.append(Act(now, name, Verb.PAUSE, carer.bound_for or "", place="bed"))
        elif empty and carer.until is not None and now < carer.until:
            self._do(now, carer, Verb.STAY)
            self._then(now, 60.0, "leave", name)
            return
        for one in mine:
            number = str(one["id"])
            if one["state"] != AlertState.ATTENDED:
                self._do(now, carer, Verb.ATTEND, number)
            self._do(now, carer, Verb.CLOSE, number, outcome=outcome_of(one, number in carer.over))
        self._do(now, carer, Verb.LEAVE)
        carer.bound_for, carer.there, carer.alerts = None, False, []
        for number in self._waiting():
            self._then(now, 2.0, "look", number)

    # --- rounds and naps ---------------------------------------------------------

    def _plan_rounds(self, start: datetime, end: datetime) -> None:
        rooms = list(self._rooms)
        for at in self._on_the_wall(carers.ROUNDS, start, end):
            for n, carer in enumerate(self.carers):
                first, last = (self._part(k, len(self.carers)) for k in (n, n + 1))
                if rooms[first:last]:
                    part = " ".join(map(str, range(first, last)))
                    self._put(at, "set_out", f"{carer.name}:{part}")

    def _set_out(self, now: datetime, what: str) -> None:
        name, _, numbers = what.partition(":")
        rooms = list(self._rooms)
        carer = self._named(name)
        resting = not carer.round
        carer.round = deque(rooms[int(number)] for number in numbers.split())
        if resting:
            self._next_room(now, name)

    def _next_room(self, now: datetime, name: str) -> None:
        carer = self._named(name)
        if not carer.round:
            return
        if carer.bound_for is not None or self._asleep(carer, now):
            self._then(now, 60.0, "next_room", name)
            return
        self._then(now, self._way(carer, carer.round[0]), "look_in", name)

    def _look_in(self, now: datetime, name: str) -> None:
        carer = self._named(name)
        if carer.bound_for is not None or self._asleep(carer, now) or not carer.round:
            self._then(now, 60.0, "next_room", name)
            return
        room = carer.round.popleft()
        carer.near = self._rooms[room]
        self._acts.append(Act(now, name, Verb.ARRIVE, room))
        self._then(now, self._rng.uniform(*carers.LOOKS_S), "left", f"{name}:{room}")

    def _left(self, now: datetime, what: str) -> None:
        name, _, room = what.partition(":")
        self._acts.append(Act(now, name, Verb.LEAVE, room))
        self._next_room(now, name)

    def _plan_naps(self, start: datetime, end: datetime) -> None:
        first, last = self._on_the_wall(carers.NAP_BETWEEN, start, end) or (end, end)
        for carer in self.carers:
            at = first + (last - first) * self._rng.random()
            nap = timedelta(minutes=self._rng.uniform(*carers.NAP_MIN))
            if self._rng.random() < carers.NODS_OFF and at < end:
                self._put(at, "nod_off", f"{carer.name}:{nap.total_seconds()}")

    def _nod_off(self, now: datetime, what: str) -> None:
        name, _, seconds = what.partition(":")
        carer = self._named(name)
        if carer.bound_for is None:
            carer.asleep_until = now + timedelta(seconds=float(seconds))
            self._put(carer.asleep_until, "wake", name)

    def _wake_somebody(self, now: datetime) -> None:
        for carer in self.carers:
            if self._asleep(carer, now) and self._rng.random() < carers.WAKES:
                self._then(now, self._rng.uniform(*carers.WAKING_S), "wake", carer.name)

    def _wake(self, now: datetime, name: str) -> None:
        self._named(name).asleep_until = None
        for number in self._waiting():
            self._then(now, 1.0, "look", number)

    # --- inside ------------------------------------------------------------------

    def _waiting(self) -> Iterator[str]:
        """What nobody has answered, the most urgent and then the oldest first."""
        order = list(Priority)
        for number, one in sorted(
            self._alerts.items(), key=lambda n: (order.index(Priority(n[1]["priority"])), n[0])
        ):
            if one["state"] in (AlertState.RAISED, AlertState.DELIVERED):
                yield number

    def _taken(self, number: str) -> Carer | None:
        return next((one for one in self.carers if number in one.alerts), None)

    @staticmethod
    def _asleep(carer: Carer, now: datetime) -> bool:
        return carer.asleep_until is not None and now < carer.asleep_until

    def _way(self, carer: Carer, room: str) -> float:
        return way_s(carer.near, self._rooms[room])

    def _named(self, name: str) -> Carer:
        return next(one for one in self.carers if one.name == name)

    def _part(self, n: int, count: int) -> int:
        return len(self._rooms) * n // count

    def _do(
        self,
        at: datetime,
        carer: Carer,
        verb: Verb,
        alert: str | None = None,
        outcome: str | None = None,
    ) -> None:
        assert carer.bound_for is not None, "they have gone somewhere"
        self._acts.append(Act(at, carer.name, verb, carer.bound_for, alert, outcome))

    def _then(self, now: datetime, seconds: float, what: str, of: str) -> None:
        self._put(now + timedelta(seconds=seconds), what, of)

    def _put(self, at: datetime, what: str, of: str) -> None:
        self._count += 1
        heappush(self._agenda, (at, self._count, what, of))

    def _on_the_wall(self, hours: Sequence[time], start: datetime, end: datetime) -> list[datetime]:
        """The instants between ``start`` and ``end`` at which the home's wall says so."""
        first = start.astimezone(self._zone).date()
        found = [
            datetime.combine(first + timedelta(days=days), hour, self._zone).astimezone(
                start.tzinfo
            )
            for days in (0, 1)
            for hour in hours
        ]
        return sorted(at for at in found if start <= at < end)
