"""Whether a broker serves a home in which people live: there nothing is ever played.

A running monitor keeps ``nightwarden/v1/HOME/health`` retained, and says there whether its home is
one for practice. Anything else on such a topic (an older monitor, one that has died, bytes that
are no JSON) is taken for a live home. There is no way around it on purpose. A monitor that was
heard to be one for practice and then leaves its last will is still that one.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from threading import Event, Thread
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
        elif home not in self.practice or not _is_last_will(body):
            self._live = home

    @property
    def live(self) -> bool:
        """Whether a live home was heard, or one that cannot be told from it."""
        return self._live is not None

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


def _is_last_will(body: object) -> bool:
    """What a monitor leaves with the broker: it says no more than that it fell."""
    return body == {"status": "not_watching"}


@contextmanager
def stopping_at_live_home(broker: BrokerUrl, homes: Homes, stop: Event) -> Iterator[None]:
    """While this lasts, set ``stop`` as soon as a live home's monitor comes to this broker.

    Args:
        broker: where something is being played.
        homes: what was found there before; a practice home whose monitor falls stays one.
        stop: ends the play.

    Raises:
        Invalid: at the end, where a live home was heard.
    """
    over = Event()
    thread = Thread(target=_watch, args=(broker, homes, stop, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(LOOKS_FOR_S * 10)
    homes.refuse_live(str(broker))


def _watch(broker: BrokerUrl, homes: Homes, stop: Event, over: Event) -> None:
    """Listen until it is over; a broker that went away is called again each second."""
    while not over.is_set() and not homes.live:
        visit = Visit(broker, "watch", homes.hear)
        with suppress(Invalid):
            visit.open()
            visit.subscribe([FILTER])
            while not over.is_set() and not homes.live and visit.attend(0.2):
                pass
        visit.close()
        if not homes.live:
            over.wait(1.0)
    if homes.live:
        stop.set()


def refuse_live_home(broker: BrokerUrl, purpose: str) -> Homes:
    """Look at a broker for :data:`LOOKS_FOR_S`, before anything is played there.

    Args:
        broker: where.
        purpose: what is about to be done, for the client id.

    Returns:
        The practice homes that a monitor there tells of.

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
    return homes


def refuse_unknown_home(
    broker: BrokerUrl, homes: Homes, home: str, named: str | None, *, marked: bool
) -> None:
    """Stop before ``home`` is played where nobody has said that it is one for practice.

    It must be marked so in its file, by its monitor, or in the word of whoever plays it. Where no
    monitor tells which home a broker serves, a broker of this machine is taken for the player's
    own, as the demo's is; at any other the player must say it.

    Args:
        broker: where.
        homes: what was found there.
        home: the id of the home that is played.
        named: the home that the player has said to be one for practice.
        marked: its file says ``practice: true``.

    Raises:
        Invalid: what is missing, and what to write.
    """
    if named is not None and named != home:
        raise Invalid(f'--practice-home names "{named}", and the home that is played is "{home}".')
    if named == home or home in homes.practice:
        return
    if not marked:
        raise Invalid(
            f'The home "{home}" is not marked as one to practise on, and what is played calls '
            f"people: add `practice: true` to it, or say --practice-home {home} if nobody lives "
            "in it."
        )
    if not homes.practice and not _of_this_machine(broker.host):
        raise Invalid(
            f"No monitor at {broker} says which home it serves; it may be a live one whose monitor "
            f"is off. Say --practice-home {home} if nobody lives there."
        )


def _of_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
