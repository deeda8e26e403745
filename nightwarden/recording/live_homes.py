"""Whether a broker serves a home in which people live: there nothing is ever played.

A running monitor keeps ``nightwarden/v1/HOME/health`` retained, and says there whether its home is
one for practice. Anything else on such a topic (an older monitor, one that has died, bytes that
are no JSON) is taken for a live home. There is no way around it on purpose.
"""

from time import monotonic

import orjson
import paho.mqtt.client as paho

from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid
from nightwarden.recording.connection import Visit

FILTER = "nightwarden/v1/+/health"
LOOKS_FOR_S = 1.0
"""How long a broker may take to hand over what it retains."""


class Homes:
    """The monitors that a broker's health topics tell of; fed with messages."""

    def __init__(self) -> None:
        self.practice: set[str] = set()
        self._live: str | None = None

    def hear(self, message: paho.MQTTMessage) -> None:
        """A message on :data:`FILTER`, retained or new."""
        home = message.topic.split("/")[2]
        if not message.payload:
            return  # the topic was cleared
        try:
            body = orjson.loads(message.payload)
        except orjson.JSONDecodeError:
            body = None
        if isinstance(body, dict) and body.get("practice") is True:
            self.practice.add(home)
        else:
            self._live = home

    def refuse_live(self, broker: str) -> None:
        """Stop before a live home hears anything.

        Raises:
            Invalid: a home on this broker is live, or cannot be told from one.
        """
        if self._live is None:
            return
        raise Invalid(
            f'The broker at {broker} serves the home "{self._live}", which is not known to be a '
            "practice home: what is played there would call people for nothing, and hide what is "
            "real. Use a broker of its own, or a running home with `practice: true`."
        )


def refuse_live_home(broker: BrokerUrl, purpose: str) -> None:
    """Look at a broker for :data:`LOOKS_FOR_S`, before anything is played there.

    Args:
        broker: where.
        purpose: what is about to be done, for the client id.

    Raises:
        Invalid: a home on this broker is live, or the broker cannot be used.
    """
    homes = Homes()
    visit = Visit(broker, purpose, homes.hear)
    try:
        visit.open()
        visit.subscribe([FILTER])
        end = monotonic() + LOOKS_FOR_S
        while (left := end - monotonic()) > 0 and visit.attend(min(left, 0.1)):
            homes.refuse_live(str(broker))
    finally:
        visit.close()
    homes.refuse_live(str(broker))
