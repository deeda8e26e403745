"""A Zigbee device with several endpoints, as a home builds it (PTVO firmware): inputs and probes.

The bridge speaks for it, on one topic: every property that it knows, each with its endpoint's name
behind it, ``contact_l1``, ``temperature_l2``. It has no battery. Without power it is silent.
"""

import re
from collections.abc import Iterator
from typing import Any

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, kind_of, minutes
from simulators.wire import WireMessage

_ENDPOINT = re.compile(r"l\d{1,2}|left|right|center|top|bottom")
PROPERTIES = {
    Quantity.OCCUPANCY: "occupancy",
    Quantity.CONTACT: "contact",
    Quantity.TEMPERATURE: "temperature",
}


class EndpointsVoice(Voice):
    """One device."""

    habit = Habit(minutes(50, 60), reportable_c=1.0)
    behind = "bridge"

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """A channel is an endpoint, such as ``l1`` or ``left``."""
        if fitting.says not in PROPERTIES:
            return "an endpoint of a Zigbee device is an input or a probe"
        if _ENDPOINT.fullmatch(fitting.device.channel or "") is None:
            return "the channel of a Zigbee device is an endpoint, l1 to l16, left or right"
        return None

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """Everything that the bridge knows of it."""
        if beat.occasion is Occasion.LOST_POWER:
            return
        body: dict[str, Any] = {"linkquality": self.rng.randrange(60, 200)}
        for endpoint, now in beat.states.items():
            body[f"{PROPERTIES[now.quantity]}_{endpoint}"] = now.value
        for endpoint, celsius in beat.celsius.items():
            body[f"temperature_{endpoint}"] = round(celsius, 1)
        kind = "check-in"
        if beat.occasion is Occasion.CHANGED:
            kind = kind_of(beat, self.says_of.get(beat.channel))
        topic = f"zigbee2mqtt/{self.device.address}"
        yield self.message(beat.at, topic, body, kind, time_field="last_seen")
