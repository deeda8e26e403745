"""One night of a home through the real rules, in lockstep: nobody waits for anybody.

The clock goes to whatever comes next: a message of a device, a deadline of the monitor, a step of
a carer. What carers do changes the home, and what the monitor raises changes what carers do; all
of it follows from the seed, so that the same seed is the same night to the byte.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from gateway.messages import RawMessage
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.alerts import AlertEvent, AlertKind
from nightwarden.model.places import PlaceId
from nightwarden.model.plan import Plan
from nightwarden.nights.desk import Desk
from nightwarden.nights.truth import Truth, Visit, truth_of
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.store.engine import open_store
from nightwarden.store.plan import load_plan
from simulators.carers import Act, Verb
from simulators.home_description import HomeDescription, parse_home
from simulators.residents import ON_THE_FLOOR
from simulators.rooms import Turn
from simulators.shift import Shift
from simulators.simulation import Simulation
from simulators.trouble import USUAL, Odds, troubles
from simulators.wire import WireMessage
from simulators.world import World

BEGINS, ENDS = time(20, 0), time(8, 0)
PAUSED_FOR = timedelta(hours=2)
ACTOR = "simulated nights"
AS_DELIVERED = RulesInForce()
_EVENTS = {
    Verb.ACCEPT: AlertEvent.ACCEPTED,
    Verb.ATTEND: AlertEvent.ATTENDED,
    Verb.CLOSE: AlertEvent.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What all nights have in common.

    ``home`` and ``plan`` are of one home file, as the simulators and as the rules see it;
    ``carers`` is how many are on (None: one for 15 residents), ``without`` a kind of alert that
    shall not be raised, to see what notices.
    """

    home: HomeDescription
    plan: Plan
    seed: int
    rules: RulesInForce = AS_DELIVERED
    carers: int | None = None
    odds: Odds = USUAL
    without: AlertKind | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """One night as it went."""

    night: date
    home: HomeDescription
    truth: Truth
    desk: Desk
    messages: int


def hours_of(night: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From 20:00 of ``night`` to 08:00 by the home's wall, in UTC: 11 to 13 hours."""
    begins = datetime.combine(night, BEGINS, zone)
    ends = datetime.combine(night + timedelta(days=1), ENDS, zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def play(
    setting: Setting,
    night: date,
    hear: Callable[[WireMessage], None] = lambda _message: None,
) -> Played:
    """Play one night to its end; ``hear`` is given every message as it is said."""
    start, end = hours_of(night, setting.home.zone)
    stage = stage_of(setting, night)
    stage.run(end, hear)
    truth = truth_of(stage.world, start, end, stage.visits)
    return Played(night, setting.home, truth, stage.desk, stage.messages)


def stage_of(setting: Setting, night: date, desk: Desk | None = None) -> "Stage":
    """A night before it begins; ``desk`` is who decides, if not one of its own."""
    home = setting.home
    start, end = hours_of(night, home.zone)
    seed = setting.seed * 100_000 + night.toordinal()
    heat = troubles(home, seed, start, end, setting.odds)
    world = World(Simulation(home, seed, start, heat=heat, helps={}))
    shift = Shift(home, seed, start, end, setting.carers)
    if desk is None:
        made = _anew(setting.plan, start)
        desk = Desk(made, setting.rules, start, len(shift.carers), setting.without)
    return Stage(home, world, shift, desk)


def setting_of(text: str, first: date, seed: int, **more: Any) -> Setting:
    """The setting of nights from ``first`` on, in the home that a home file describes.

    Raises:
        Invalid: it is no home file that the register would take.
    """
    home = parse_home(text, "the home file")
    start, _ = hours_of(first, home.zone)
    return Setting(home, plan_of(text, start), seed, **more)


def plan_of(text: str, now: datetime) -> Plan:
    """The plan of a home file, by the register's own way: applied to a store and read from it."""
    with TemporaryDirectory(prefix="nightwarden-") as folder:
        store = open_store(Path(folder) / "nights.db")
        try:
            with store.transaction(now) as tx:
                plan.apply(tx, read_home_file(text.encode(), "the home file", now), ACTOR)
                made = load_plan(tx)
        finally:
            store.close()
    assert made is not None, "the home was applied just now"
    return made


def _anew(made: Plan, start: datetime) -> Plan:
    """The plan of a home whose monitor is switched on as the night begins: nothing was silent."""
    items = tuple(replace(one, placed_at=start, bound_at=None) for one in made.items)
    requirements = tuple(replace(one, since=start) for one in made.requirements)
    return replace(made, items=items, requirements=requirements)


class Stage:
    """Who does what next."""

    def __init__(self, home: HomeDescription, world: World, shift: Shift, desk: Desk) -> None:
        self._home, self.world, self.shift, self.desk = home, world, shift, desk
        self.visits: list[Visit] = []
        self.messages = 0

    def run(
        self, end: datetime, hear: Callable[[WireMessage], None] = lambda _message: None
    ) -> None:
        """Play until ``end`` (aware); ``hear`` is given every message as it is said."""
        world, shift, desk = self.world, self.shift, self.desk
        while True:
            said = world.next_at
            acts, due = shift.due, desk.due
            now = said
            if acts is not None and acts < now:
                now = acts
            if due is not None and due < now:
                now = due
            if now >= end:
                return
            if due is not None and due <= now:
                desk.go_to(now)
            elif acts is not None and acts <= now:
                for act in shift.act(now):
                    self._does(act)
            else:
                message = world.take()
                self.messages += 1
                hear(message)
                desk.hear(
                    RawMessage(message.topic, message.payload(), now, qos=message.qos, connection=1)
                )
            if desk.has_news:
                for alert in desk.changed():
                    shift.hear(alert, now)

    def _does(self, act: Act) -> None:
        match act.verb:
            case Verb.ARRIVE:
                self.visits.append(Visit(act.at, act.room, act.who))
                self._help_up(act)
            case Verb.STAY:
                self._help_up(act)
            case Verb.LEAVE:
                self._help_up(act)
                self._ends(act)
            case Verb.PAUSE:
                place = PlaceId(act.room, act.place or "")
                self.desk.pause(place, act.who, act.at, PAUSED_FOR)
            case Verb.MAKE_SAFE:
                place = PlaceId(act.room, act.place or "")
                if place in self._home.covered:
                    self.world.turned(act.at, Turn.COVER_ON, place)
                self.world.turned(act.at, Turn.TURNED_DOWN, place)
            case _:
                assert act.alert is not None, "answers are to an alert"
                number, event = int(act.alert), _EVENTS[act.verb]
                self.desk.answer(number, event, act.who, act.at, act.outcome or "")

    def _help_up(self, act: Act) -> None:
        """Whoever is in the room sees who lies on its floor."""
        for resident in self._home.residents:
            if resident.room == act.room:
                moves = self.world.moves(resident, act.at)
                if moves[-1].to in ON_THE_FLOOR:
                    self.world.helped(resident, act.at)

    def _ends(self, act: Act) -> None:
        for visit in reversed(self.visits):
            if (visit.room, visit.who, visit.until) == (act.room, act.who, None):
                visit.until = act.at
                return
