"""The process that hears, decides and calls. One straight line from options to the last turn."""

import gc
import logging
import signal
import sys
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import click

from gateway.gateway import Gateway, Parts
from gateway.inbox import Inbox
from gateway.messages import Will
from gateway.mqtt import MqttLink
from gateway.outbox import Outbox
from gateway.outlets.channels import ChannelOutlet
from gateway.outlets.home_assistant import Discovery
from gateway.outlets.topics import TopicOutlet
from gateway.rival import identity, rival
from nightwarden.alone import alone
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.options import (
    broker_options,
    data_option,
    store_file,
    until_stdin_closes_option,
)
from nightwarden.commands.outward_options import (
    InfluxOptions,
    discovery_option,
    influx_options,
    push_contact_option,
)
from nightwarden.errors import DeliveryFailed
from nightwarden.log import log_to_stderr
from nightwarden.store import meta
from nightwarden.store.channel_letters import OUTLET
from nightwarden.store.engine import WRITERS_CACHE_KIB, Store, open_store
from nightwarden.wire import Topics

LOOK_FOR_HOME_S = 0.5
GOODBYE_WITHIN_S = 2.0

PREDECESSOR_ENDS_WITHIN_S = 15.0
"""A gateway whose ``up`` was killed takes up to ten seconds to end, and may decide until then."""

NOT_WATCHING = b'{"status":"not_watching"}'

log = logging.getLogger("gateway")


@click.command()
@data_option
@broker_options()
@influx_options
@discovery_option
@push_contact_option
@until_stdin_closes_option
def main(
    data: Path,
    broker: str,
    broker_ca: Path | None,
    influx: InfluxOptions | None,
    *,
    home_assistant_discovery: str,
    push_contact: str,
    until_stdin_closes: bool,
) -> None:
    """Hear the devices of one home, decide, and call people. Started by `nightwarden up`."""
    log_to_stderr("gateway")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if until_stdin_closes:
        threading.Thread(target=_stop_when_stdin_closes, args=(stop,), daemon=True).start()
    address = BrokerUrl.parse(broker, broker_ca)
    with ExitStack() as stack:
        stack.enter_context(alone(data, "gateway.lock", PREDECESSOR_ENDS_WITHIN_S))
        store = open_store(store_file(data), WRITERS_CACHE_KIB)
        stack.callback(store.close)
        home = _wait_for_home(store, stop)
        if home is None:
            return
        inbox, own = Inbox(), identity(data)
        link = MqttLink(
            address,
            f"nightwarden-gateway-{home}",
            Gateway.filters(home),
            utc_now,
            inbox.put,
            on_change=lambda _: inbox.wake(),
            will=Will(Topics(home).health, NOT_WATCHING),
        )
        link.hand_on = partial(inbox.put_all, timeout=0.5)
        link.contest.rival = partial(rival, address, home, own, suspected=True)
        channels = ChannelOutlet(store, utc_now, push_contact)
        outbox = Outbox({"mqtt": TopicOutlet(link), OUTLET: channels})
        discovery = Discovery(home_assistant_discovery)
        parts = Parts(store, link, inbox, outbox, utc_now, own)
        gateway = Gateway(parts, home, discovery)
        stack.enter_context(link)
        stack.callback(_say_that_nobody_watches, link, Topics(home))
        if influx is not None:
            from gateway.history.influx import InfluxSink  # a third of a second to import

            sink = InfluxSink(*influx, store, home, utc_now)
            sink.start()
            stack.callback(sink.stop)
        gc.freeze()  # what is here by now stays; looking through it again and again finds nothing
        sys.exit(gateway.run(stop))


def _say_that_nobody_watches(link: MqttLink, topics: Topics) -> None:
    """A goodbye sends no will, and a retained "watching" would stand there for ever."""
    with suppress(DeliveryFailed, TimeoutError):
        link.publish(topics.health, NOT_WATCHING, retain=True).result(GOODBYE_WITHIN_S)


def _wait_for_home(store: Store, stop: threading.Event) -> str | None:
    """The home's id, once a home file has been applied; None when asked to stop before that."""
    told = False
    while not stop.is_set():
        with store.reading(utc_now()) as tx:
            home = meta.home(tx)
        if home is not None:
            return home.id
        if not told:
            log.warning("No home yet: NOT WATCHING. Apply one: nightwarden apply FILE")
            told = True
        stop.wait(LOOK_FOR_HOME_S)
    return None


def _stop_when_stdin_closes(stop: threading.Event) -> None:
    """The supervisor holds the other end: this process never outlives it."""
    sys.stdin.buffer.read()
    stop.set()
    time.sleep(10)
    import os

    os._exit(1)
