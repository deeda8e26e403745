"""A play that a tester steps into: hands on devices, faults thrown and lifted, the pace changed.

1. The home is a :class:`~simulators.world.World`: what a hand does changes what comes after it. The
   same seed and the same orders at the same instants give the same.
2. Messages come when they are due, and between them a tick of nobody, so that what a fault holds
   back or repeats comes in time. A tick is never said.
3. A fault ends by the wall's clock, whatever the pace. A lifted one stays in the pipeline, doing
   nothing, until a moment without faults takes all of them out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from threading import Event
from time import monotonic

from nightwarden.bench.orders import BenchFault, Do, Order
from nightwarden.errors import Conflict, Invalid, NotFound
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId
from simulators.dice import dice
from simulators.faults.pipes import PIPES
from simulators.hands import Hand
from simulators.home_description import Fitting
from simulators.play import UNCONFIRMED, Stage
from simulators.simulation import Simulation
from simulators.thrown import AMOUNTS, SAYS_AGAIN, Liftable, Thrown
from simulators.wire import Parting, WireMessage
from simulators.world import World

TICK_S = 0.1
NOBODY = DeviceId("bench", "tick")
MOST_FAULTS = 12
SETTLES_S = 15.0
"""So long after the last fault the pipeline may still hold something."""

_SWITCHES = frozenset(
    {
        EquipmentKind.BED_MAT,
        EquipmentKind.CHAIR_MAT,
        EquipmentKind.FLOOR_MAT,
        EquipmentKind.COVER_SWITCH,
    }
)


class LivePlay:
    """A simulation that is played and stepped into.

    Args:
        simulation: what is played.
        stage: its lines, open.
        speed: how fast it begins.
    """

    def __init__(self, simulation: Simulation, stage: Stage, speed: float = 1.0) -> None:
        self._home, self._seed, self._start = simulation.home, simulation.seed, simulation.start
        self._world, self._stage = World(simulation), stage
        self._anchor = (monotonic(), simulation.start)
        self._speed = stage.speed = speed
        self._last: dict[DeviceId, WireMessage] = {}
        self._held: dict[str, bool | float] = {}
        self._thrown: dict[str, Thrown] = {}
        self._count, self._faulty_until = 0, 0.0
        self._pending: list[tuple[Order, Callable[[str, bool], None]]] = []
        self._source: Iterator[WireMessage] = iter(())
        self._chain = self._source

    def perform(self, stop: Event, each_tick: Callable[[], None]) -> None:
        """Say everything in its time until ``stop``; ``each_tick`` is called ten times a second."""
        began = monotonic()
        self._anchor = (began, self._start)
        self._source = self._chain = self._due(stop, each_tick)
        while (message := next(self._chain, None)) is not None:
            if message.sender != NOBODY:
                self._last[message.sender] = message
                self._stage.say(message)
        self._stage.end(monotonic() - began)

    def order(self, order: Order, answered: Callable[[str, bool], None]) -> None:
        """Take an order; it is obeyed at the next tick, and answered with a sentence."""
        self._pending.append((order, answered))

    def state(self) -> dict[str, object]:
        """How it stands, for who orders: devices, faults, pace."""
        now = monotonic()
        return {
            "speed": self._speed,
            "simulated_at": self._now().isoformat(),
            "devices": [self._shown(one) for one in self._fittings()],
            "faults": [
                {
                    "id": one.id,
                    "fault": one.fault.value,
                    "equipment": one.equipment,
                    "by": one.by,
                    "left_s": max(0, round(one.ends - now)),
                }
                for one in self._thrown.values()
            ],
        }

    # --- the stream --------------------------------------------------------------

    def _due(self, stop: Event, each_tick: Callable[[], None]) -> Iterator[WireMessage]:
        while not stop.is_set():
            now = self._now()
            while self._world.next_at <= now and not stop.is_set():
                if self._stage.exchange.unconfirmed >= UNCONFIRMED:
                    self._stage.serve(TICK_S)
                    break
                yield self._world.take()
            else:
                self._obey(now)
            self._end_what_is_over()
            each_tick()
            yield WireMessage(now, NOBODY, "", "", "tick", parting=Parting.GOODBYE)
            left = (self._world.next_at - self._now()).total_seconds() / self._speed
            self._stage.serve(min(max(left, 0.0), TICK_S))

    def _now(self) -> datetime:
        wall, simulated = self._anchor
        return simulated + timedelta(seconds=(monotonic() - wall) * self._speed)

    # --- orders ------------------------------------------------------------------

    def _obey(self, now: datetime) -> None:
        pending, self._pending = self._pending, []
        for order, answered in pending:
            try:
                answered(self._do(order, now), True)
            except (Invalid, NotFound, Conflict) as problem:
                answered(str(problem), False)

    def _do(self, order: Order, now: datetime) -> str:
        match order.do:
            case Do.SWITCH | Do.PRESS | Do.HEAT | Do.LEAVE:
                return self._touch(order, now)
            case Do.FAULT:
                return self._throw(order, now)
            case Do.LIFT:
                thrown = self._thrown.get(str(order.value))
                if thrown is None:
                    raise NotFound("That fault is over already.")
                self._lift(thrown, now)
                return f"{_words(thrown.fault, thrown.equipment)} is lifted."
            case Do.SPEED:
                self._anchor = (monotonic(), now)
                self._speed = self._stage.speed = float(order.value or 1.0)
                return f"Residents, radiators and devices now live {self._speed:g} times as fast."
        raise Invalid(f"Who plays the devices does not do this: {order.do}.")

    def _touch(self, order: Order, now: datetime) -> str:
        fitting = self._fitting(order.equipment)
        tag, ways = fitting.tag, _ways(fitting)
        if order.do is not Do.LEAVE and order.do not in ways:
            raise Invalid(f"{tag} is a {fitting.kind.value.replace('_', ' ')}: not to {order.do}.")
        if order.do is Do.PRESS:
            self._world.touched(tag, Hand(now, "press"))
            return f"{tag} is pressed."
        if order.do is Do.LEAVE:
            if self._held.pop(tag, None) is None:
                raise Conflict(f"Nobody's hand is on {tag}.")
            self._world.touched(tag, Hand(now, None))
            return f"{tag} is left to the home again."
        assert isinstance(order.value, bool | float | int), "checked when it was read"
        value = order.value if order.do is Do.SWITCH else float(order.value)
        self._held[tag] = value
        self._world.touched(tag, Hand(now, value))
        if order.do is Do.HEAT:
            return f"{tag} goes to {value:g} °C within a minute."
        return f"{tag} is {'on' if value else 'off'}, and stays so until it is left to the home."

    def _throw(self, order: Order, now: datetime) -> str:
        fault = BenchFault(str(order.value))
        if len(self._thrown) >= MOST_FAULTS:
            raise Conflict(f"{MOST_FAULTS} faults are thrown already; lift one first.")
        fitting = None if order.equipment is None else self._fitting(order.equipment)
        self._count += 1
        ends, number = monotonic() + order.lasts_s, str(self._count)
        wire: Liftable | None = None
        pulled: tuple[str, ...] = ()
        if fault is BenchFault.UNPLUG:
            pulled = self._pull(fitting, now, timedelta(seconds=order.lasts_s * self._speed))
        else:
            wire = self._befall(fault, fitting, now)
        self._thrown[number] = Thrown(number, fault, order.equipment, order.by, ends, wire, pulled)
        return f"{_words(fault, order.equipment)}, for {order.lasts_s:.0f} s."

    def _pull(self, fitting: Fitting | None, now: datetime, length: timedelta) -> tuple[str, ...]:
        """A lead feeds a whole device; one item of each is enough."""
        meant = [fitting] if fitting is not None else self._fittings()
        out = {tag for one in self._thrown.values() for tag in one.pulled}
        off = {one.device.whole for one in self._home.fittings if one.tag in out}
        by_device = {one.device.whole: one.tag for one in meant if one.device.whole not in off}
        pulled = tuple(by_device.values())
        if not pulled:
            raise Conflict("It is unplugged already.")
        for tag in pulled:
            self._world.pulled(now, tag, now + length)
        return pulled

    def _befall(self, fault: BenchFault, fitting: Fitting | None, now: datetime) -> Liftable:
        if monotonic() > self._faulty_until and not any(one.wire for one in self._thrown.values()):
            self._chain = self._source  # nothing of an old fault is left in the pipeline
        name, amount = AMOUNTS[fault]
        device = None if fitting is None else fitting.device.whole.address
        wire = Liftable(name, amount, device, now - self._start)
        if fault in SAYS_AGAIN:
            known = [one for one in self._last.values() if wire.befalls(one) and not one.retain]
            again = [one._replace(at=now) for one in known if not one.of_the_line]
            self._chain = chain(again, self._chain)
        self._chain = PIPES[name](
            self._chain, wire, self._start, dice(self._seed, f"bench {self._count}")
        )
        return wire

    def _lift(self, thrown: Thrown, now: datetime) -> None:
        del self._thrown[thrown.id]
        if thrown.wire is not None:
            thrown.wire.lift(now - self._start)
            self._faulty_until = monotonic() + SETTLES_S
        for tag in thrown.pulled:
            self._world.pulled(now, tag, None)

    def _end_what_is_over(self) -> None:
        over = [one for one in self._thrown.values() if one.ends <= monotonic()]
        now = self._now()
        if over and self._world.next_at > now:
            for one in over:
                self._lift(one, now)

    # --- who there is ------------------------------------------------------------

    def _fittings(self) -> list[Fitting]:
        speakers = set(self._world.simulation.speakers())
        return [one for one in self._home.fittings if one.device.whole in speakers]

    def _fitting(self, tag: str | None) -> Fitting:
        for one in self._fittings():
            if one.tag == tag:
                return one
        raise NotFound(f"No simulated device is bound to {tag}.")

    def _shown(self, fitting: Fitting) -> dict[str, object]:
        pulled = {tag for one in self._thrown.values() for tag in one.pulled}
        off = {one.device.whole for one in self._home.fittings if one.tag in pulled}
        return {
            "equipment": fitting.tag,
            "kind": fitting.kind.value,
            "room": fitting.place.room,
            "place": fitting.place.place,
            "device": str(fitting.device),
            "ways": sorted(_ways(fitting)),
            "held": self._held.get(fitting.tag),
            "unplugged": fitting.device.whole in off,
        }


def _ways(fitting: Fitting) -> set[Do]:
    """What a hand can do to it."""
    if fitting.kind in _SWITCHES:
        return {Do.SWITCH}
    if fitting.kind is EquipmentKind.CALL_BUTTON:
        return {Do.PRESS}
    return {Do.HEAT} if fitting.kind is EquipmentKind.TEMPERATURE_SENSOR else set()


def _words(fault: BenchFault, equipment: str | None) -> str:
    return f"{fault.value.capitalize()} of {equipment or 'the whole home'}"
