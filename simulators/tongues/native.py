"""A native device with several inputs: ``channels``, with one count of messages (docs/wire.md).

As :mod:`simulators.native_devices`, which plays those with one input.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, kind_of, needs
from simulators.wire import Will, WireMessage

_CHANNEL = re.compile(r"[^+#]+")


class NativeVoice(Voice):
    """One transmitter."""

    habit = Habit((timedelta(seconds=28), timedelta(seconds=32)))
    count = 0

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """Any channel will do."""
        fits = _CHANNEL.fullmatch(fitting.device.channel or "") and fitting.says is not None
        return needs(fitting, told=bool(fits), due="channel: the name of an input")

    @property
    def _topic(self) -> str:
        return f"nightwarden/v1/{self.home.id}/device/{self.device.address}"

    def will(self) -> Will:
        """``offline``, retained."""
        return Will(f"{self._topic}/availability", b"offline")

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """A change at once, everything every half minute."""
        if beat.occasion is Occasion.LOST_POWER:
            yield from self.gone(beat.at)
            return
        if beat.occasion is Occasion.STARTED:
            topic = f"{self._topic}/availability"
            yield self.message(beat.at, topic, "online", "availability", qos=1, retain=True)
        self.count += 1
        said: dict[str, Any] = {"seq": self.count}
        if beat.change is not None:
            said["channels"] = {beat.channel: {beat.change.quantity.value: beat.change.value}}
        else:
            warm = {c: {"temperature": round(t, 1)} for c, t in beat.celsius.items()}
            known = {c: {now.quantity.value: now.value} for c, now in beat.states.items()}
            said |= {"channels": {**warm, **known}, "battery": beat.battery}
        kind = kind_of(beat, Quantity.TEMPERATURE if beat.celsius else None)
        yield self.message(beat.at, self._topic, said, kind, qos=1, time_field="at")
