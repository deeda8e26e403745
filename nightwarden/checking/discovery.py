"""Whether a Home Assistant finds us: what of our discovery configurations the broker retains.

Each of our topics is asked for by itself, since the embedded broker gives at most 100 retained
messages for one filter; of what others have announced there it may therefore be more.
"""

from collections.abc import Sequence
from time import monotonic

import paho.mqtt.client as paho

from gateway.outlets.home_assistant import Discovery, HomeAssistant
from nightwarden.broker_url import BrokerUrl
from nightwarden.checking.finding import Finding, fine, unseen, wrong
from nightwarden.errors import Invalid
from nightwarden.recording.connection import Visit
from nightwarden.store import meta, register
from nightwarden.store.engine import Transaction

ABOUT = "discovery"
ANYBODYS = ("homeassistant/+/+/config", "homeassistant/+/+/+/config")
TOGETHER = 50
"""Filters in one SUBSCRIBE, as the gateway has it."""

QUIET_S = 0.3
"""So long after the last one the broker has no more; it sends them with its answer."""

WITHIN_S = 3.0


def our_topics(tx: Transaction) -> list[str]:
    """Where our own configurations stand when discovery is on; empty without a home."""
    home = meta.home(tx)
    if home is None:
        return []
    rooms = [room.id for room in register.rooms(tx)]
    return HomeAssistant(home.id, home.name, rooms, Discovery.ROOMS).config_topics()


def look_at_discovery(
    broker: BrokerUrl, ours: Sequence[str], setting: Discovery, *, running: bool
) -> Finding:
    """Compare what is retained with what should be.

    Args:
        broker: one that lets us in.
        ours: see :func:`our_topics`.
        setting: what `up` was given.
        running: whether the monitor runs, which keeps the topics as they should be.
    """
    off = setting is Discovery.OFF
    try:
        found = _retained(broker, ours, all_due=not off)
    except Invalid as problem:
        return unseen(ABOUT, str(problem).removesuffix("."))
    here, others = len(found & set(ours)), len(found - set(ours))
    beside = f"; {others} more are of others" if others else ""
    if off:
        if not here:
            return fine(ABOUT, f"Off; nothing of ours is retained{beside}.")
        return wrong(
            ABOUT,
            f"Off, and {here} of our configurations are still retained{beside}; run `nightwarden "
            "up` with the same setting, which clears them.",
        )
    said = f"On ({setting}); {here} of {len(ours)} configurations are retained{beside}"
    if here == len(ours) or not running:
        rest = "" if here == len(ours) else ", the rest comes with `nightwarden up`"
        return fine(ABOUT, f"{said}{rest}.")
    return wrong(
        ABOUT,
        f"{said}: Home Assistant does not see the rest. Let the gateway write below homeassistant/ "
        "in the broker's access list, and give check the setting that up was given.",
    )


def _retained(broker: BrokerUrl, ours: Sequence[str], *, all_due: bool) -> set[str]:
    """The discovery topics on which the broker retains something.

    Raises:
        Invalid: it does not let us hear them.
    """
    found: set[str] = set()
    heard_at = monotonic()

    def take(message: paho.MQTTMessage) -> None:
        nonlocal heard_at
        heard_at = monotonic()
        if message.retain and message.payload:
            found.add(message.topic)

    visit = Visit(broker, "check", take)
    visit.open()
    try:
        filters = [*ours, *ANYBODYS]
        for at in range(0, len(filters), TOGETHER):
            visit.subscribe(filters[at : at + TOGETHER])
        heard_at, deadline = monotonic(), monotonic() + WITHIN_S
        while monotonic() < deadline and visit.attend(0.1):
            complete = not all_due or found.issuperset(ours)
            if complete and monotonic() - heard_at > QUIET_S:
                break
    finally:
        visit.close()
    return found
