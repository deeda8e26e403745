"""Radio sensors that an rtl_433 receiver hears: thermometers, door contacts, buttons.

One receiver speaks for all, at QoS 0 and retaining nothing, each message once as ``events`` and
once field by field. A thermometer sends each minute, a contact on a change and about hourly.
``battery_ok`` is 1, and 0 below a tenth. ``time`` is the receiver's wall clock.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, kind_of, minutes
from simulators.wire import WireMessage, as_json

RECEIVER = "receiver"


class Rtl433Voice(Voice):
    """One sensor. The address is MODEL/ID, MODEL/CHANNEL/ID or MODEL/SUBTYPE/CHANNEL/ID."""

    behind = RECEIVER

    @property
    def habit(self) -> Habit:  # type: ignore[override]
        """By what it measures."""
        warm = Quantity.TEMPERATURE in self.says_of.values()
        return Habit(minutes(0.95, 1.05) if warm else minutes(55, 65))

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """A channel is a further thermometer."""
        channel, parts = fitting.device.channel, fitting.device.whole.address.split("/")
        if not 2 <= len(parts) <= 4:
            return "the address of an rtl_433 sensor is MODEL/CHANNEL/ID"
        if fitting.says is Quantity.TEMPERATURE:
            fits = channel is None or channel in {f"temperature_{n}" for n in range(1, 9)}
            return None if fits else "the channel of such a thermometer is temperature_1"
        if fitting.says in (Quantity.CONTACT, Quantity.ACTION) and channel is None:
            return None
        return (
            "rtl_433 sensors are thermometers, contacts (reads: {contact: occupancy}) and buttons"
        )

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """The whole message, then its fields."""
        if beat.occasion is Occasion.LOST_POWER:
            return
        said = {**self._names(), "battery_ok": 1 if beat.battery >= 10 else 0}
        for channel, celsius in beat.celsius.items():
            said[f"{channel or 'temperature'}_C"] = round(celsius, 1)
        for now in beat.states.values():
            said["state"] = "closed" if now.value else "open"
        if beat.change is not None and beat.change.quantity is Quantity.ACTION:
            said["button"] = 1
        kind = kind_of(beat, None if "button" in said else self.fittings[0].says)

        def body(clock: datetime) -> bytes:
            return as_json({"time": self._time(clock), **said, "mic": "CHECKSUM"})

        yield self.message(beat.at, f"rtl_433/{RECEIVER}/events", body, kind)
        root = f"rtl_433/{RECEIVER}/devices/{self.device.address}"
        yield self.message(beat.at, f"{root}/time", lambda at: self._time(at).encode(), "field")
        for name, value in said.items():
            if name not in ("model", "subtype", "channel"):
                yield self.message(beat.at, f"{root}/{name}", str(value), "field")

    def _names(self) -> dict[str, Any]:
        model, *middle, identity = self.device.address.split("/")
        named = dict(zip(("channel", "subtype"), map(_number, reversed(middle)), strict=False))
        return {"model": model, **dict(reversed(named.items())), "id": _number(identity)}

    def _time(self, clock: datetime) -> str:
        return f"{clock.astimezone(self.home.zone):%Y-%m-%d %H:%M:%S}"


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and str(int(text)) == text else text
