"""Orders of the bench, and what comes back: the topics and the JSON on them.

1. All of it is below ``nightwarden/v1/HOME/bench``. No gateway listens there; whoever plays a
   practice home does (``simulate --bench``, ``demo``), having refused every live home before.
2. An order counts once, and only while it is fresh: one that a broker kept says nothing.
3. Each is answered on ``…/bench/done`` with its id and one sentence.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson

from nightwarden.errors import Invalid

GATEWAY = "gateway"
"""The number under which the killed gateway is lifted."""

FRESH_FOR = timedelta(seconds=10)
LONGEST = timedelta(hours=1)
"""No fault of the bench lasts longer: who has forgotten it finds the home as it was."""

SPEEDS = (1.0, 5.0, 20.0, 60.0)
LEAST_C, MOST_C = 0.0, 90.0
LARGEST_ORDER = 2_000
NAME_MOST = 120


class Do(StrEnum):
    """What can be ordered of whoever plays the devices, or of whoever runs the processes."""

    SWITCH = "switch"
    PRESS = "press"
    HEAT = "heat"
    LEAVE = "leave"
    FAULT = "fault"
    LIFT = "lift"
    SPEED = "speed"
    KILL_GATEWAY = "kill_gateway"
    DROP_BROKER = "drop_broker"
    RESET = "reset"


POWER = frozenset({Do.KILL_GATEWAY, Do.DROP_BROKER, Do.RESET})
"""Orders to whoever runs the processes; the others are for whoever plays the devices."""


class BenchFault(StrEnum):
    """What may befall a device, or all of them, from the bench."""

    UNPLUG = "unplug"
    GOODBYE = "goodbye"
    FLAP = "flap"
    DRAIN = "drain"
    STICK = "stick"
    FREEZE = "freeze"
    SKEW = "skew"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DELAY = "delay"
    LOSE = "lose"
    DRIFT = "drift"
    FLOOD = "flood"


class BenchTopics:
    """Where the bench of one home speaks."""

    def __init__(self, home: str) -> None:
        self.root = f"nightwarden/v1/{home}/bench"
        self.order = f"{self.root}/order"
        self.power = f"{self.root}/power"
        self.done = f"{self.root}/done"
        self.state = f"{self.root}/state"
        self.power_state = f"{self.root}/power-state"

    def of(self, order: "Order") -> str:
        """Where an order goes."""
        of_processes = order.do in POWER or (order.do is Do.LIFT and order.value == GATEWAY)
        return self.power if of_processes else self.order


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``equipment`` is a tag, None the whole home; ``lasts_s`` seconds on the wall.

    ``value`` is True or False for a switch, degrees Celsius for heat, a speed, the name of a fault,
    or the number of the one that is lifted.
    """

    id: str
    by: str
    at: datetime
    do: Do
    equipment: str | None = None
    value: bool | float | str | None = None
    lasts_s: float = 0.0

    def payload(self) -> bytes:
        """The order as JSON."""
        return orjson.dumps(asdict(self))

    def fresh(self, now: datetime) -> bool:
        """Whether it was given just now."""
        return abs(now - self.at) <= FRESH_FOR


def read_order(payload: bytes) -> Order:
    """Read an order, whoever sent it.

    Raises:
        Invalid: it is none, in one sentence.
    """
    if len(payload) > LARGEST_ORDER:
        raise Invalid("This is no order of the bench: it is too long.")
    try:
        body = orjson.loads(payload)
        order = Order(
            id=_name(body["id"]),
            by=_name(body["by"]),
            at=datetime.fromisoformat(body["at"]),
            do=Do(body["do"]),
            equipment=None if body.get("equipment") is None else _name(body["equipment"]),
            value=body.get("value"),
            lasts_s=float(body.get("lasts_s") or 0.0),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Invalid(f"This is no order of the bench: {problem}.") from None
    if order.at.tzinfo is None:
        raise Invalid("This is no order of the bench: its time has no zone.")
    return checked(order)


def checked(order: Order) -> Order:
    """The order, if what it asks for is possible at all.

    Raises:
        Invalid: what was wrong and what would be right.
    """
    value, number = order.value, not isinstance(order.value, bool | str | None)
    if order.do in (Do.SWITCH, Do.PRESS, Do.HEAT, Do.LEAVE) and order.equipment is None:
        raise Invalid("Say which device, by the tag of its item.")
    if order.do is Do.SWITCH and not isinstance(value, bool):
        raise Invalid("A switch is turned on or off: true or false.")
    if order.do is Do.HEAT and not (number and LEAST_C <= float(value or 0) <= MOST_C):
        raise Invalid(f"Heat to {LEAST_C:.0f} to {MOST_C:.0f} °C.")
    if order.do is Do.SPEED and (not number or value not in SPEEDS):
        raise Invalid("The speeds are " + ", ".join(f"{one:g}" for one in SPEEDS) + ".")
    if order.do is Do.FAULT and value not in [one.value for one in BenchFault]:
        raise Invalid("The faults are " + ", ".join(BenchFault) + ".")
    timed = order.do in (Do.FAULT, Do.KILL_GATEWAY, Do.DROP_BROKER)
    if timed and not 1 <= order.lasts_s <= LONGEST.total_seconds():
        raise Invalid("A fault has an end: say how long it lasts, from 1 s to an hour.")
    if order.do is Do.LIFT and not isinstance(value, str):
        raise Invalid("Say which fault is lifted, by its number.")
    return order


def answer(order_id: str, said: str, *, ok: bool) -> bytes:
    """What comes back for an order."""
    return orjson.dumps({"id": order_id, "ok": ok, "said": said})


def read_object(payload: bytes) -> dict[str, Any]:
    """A JSON object of a bench topic; empty where it is something else."""
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _name(given: object) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= NAME_MOST:
        raise ValueError("a name in it is missing or too long")
    return given
