"""Sounders and lights that do as they are told, as a native device does (docs/wire.md).

What is on holds for as long as the order says (``for_s``) and then ends by itself. Each change is
said on the device's own topic, with ``at``, so that it counts as a sign of life; the heartbeat
comes from :mod:`simulators.native_devices` as any other device's does.
"""

import json
from collections.abc import Callable
from time import monotonic
from typing import Any

from nightwarden.model.places import CALLS_PEOPLE
from simulators.home_description import Fitting


def obeys(fitting: Fitting) -> bool:
    """Whether this is something that can be switched, and speaks the native dialect."""
    return fitting.kind in CALLS_PEOPLE and fitting.device.dialect == "nightwarden"


class Sounder:
    """One sounder or light.

    Args:
        home: the home's id.
        fitting: what it is and where.
        tell: is given a line for a person when it goes on or off.
        now: seconds, never back.
    """

    def __init__(
        self,
        home: str,
        fitting: Fitting,
        tell: Callable[[str], None],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self.topic = f"nightwarden/v1/{home}/device/{fitting.device.address}"
        self.orders = f"{self.topic}/set"
        self.on = False
        self._fitting = fitting
        self._tell = tell
        self._now = now
        self._ends = 0.0

    def hear(self, payload: bytes) -> bool:
        """Take an order; whether that changed anything. What is no order is not obeyed."""
        try:
            order: Any = json.loads(payload)
        except ValueError:
            return False
        if not isinstance(order, dict) or not isinstance(order.get("on"), bool):
            return False
        holds = order.get("for_s")
        self._ends = self._now() + holds if isinstance(holds, int | float) else float("inf")
        return self._turn(order["on"])

    def tire(self) -> bool:
        """Go off when the order has run out; whether it did."""
        return self.on and self._now() >= self._ends and self._turn(False)

    def _turn(self, on: bool) -> bool:  # noqa: FBT001
        if on == self.on:
            return False
        self.on = on
        word = "on" if on else "off"
        self._tell(
            f"{self._fitting.kind.value} {self._fitting.tag} at {self._fitting.place}: {word}"
        )
        return True
