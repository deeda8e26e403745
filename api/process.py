"""The process that shows and records: ``python -m api``. One composition root, a straight line."""

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from api import auditor, channel_reports, press_reports, shift_ends
from api.app import ApiOptions, create_app
from api.bell import Bell, BrokerAddress
from api.deadman import Deadman
from api.looking import Looking
from api.server import ApiServer, listen, shown
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.errors import NightwardenError
from nightwarden.openid_settings import OpenIdSettings
from nightwarden.store import meta
from nightwarden.store.engine import Store, open_store

STORE_FILE = "nightwarden.db"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop. 0: as asked; 2: what was asked for cannot be."""
    options = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="api: %(levelname)s %(name)s: %(message)s")
    try:
        with ExitStack() as stack:
            listening = stack.enter_context(listen(options.http))
            store = open_store(options.data / STORE_FILE)
            stack.callback(store.close)
            openid = OpenIdSettings.of(os.environ)
            broker = _broker(options) if options.broker else None
            bell = _bell(broker, store) if broker else None
            app = create_app(ApiOptions(store, utc_now, bell, openid, broker=broker))
            server = ApiServer(app)
            _look_after(options, store, stack)
            _end_quietly_on_signals()
            if options.until_stdin_closes:
                threading.Thread(target=_until_stdin_closes, args=[server], daemon=True).start()
            print(f"api: listening at {shown(listening)}", flush=True)  # noqa: T201
            gc.freeze()  # what is here by now stays; looking through it again finds nothing
            server.run(sockets=[listening])
    except NightwardenError as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the store is")
    parser.add_argument("--http", default="127.0.0.1:8080", metavar="HOST:PORT")
    parser.add_argument(
        "--broker",
        default=os.environ.get("NIGHTWARDEN_BROKER"),
        metavar="URL",
        help="mqtt:// or mqtts://; by the environment where it holds a password; optional",
    )
    parser.add_argument("--broker-ca", type=Path, metavar="FILE", help="PEM, for mqtts://")
    parser.add_argument(
        "--deadman",
        default=os.environ.get("NIGHTWARDEN_DEADMAN"),
        metavar="URL",
        help="an address to fetch while all is well; by the environment, since it is a secret",
    )
    parser.add_argument(
        "--deadman-every",
        type=float,
        default=float(os.environ.get("NIGHTWARDEN_DEADMAN_EVERY", "60")),
        metavar="SECONDS",
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end when the parent process does"
    )
    return parser


def _broker(options: argparse.Namespace) -> BrokerAddress:
    url = BrokerUrl.parse(options.broker, options.broker_ca)
    return BrokerAddress(url.host, url.port, url.username, url.password, url.tls_context())


def _bell(broker: BrokerAddress, store: Store) -> Bell:
    def home() -> str | None:
        with store.reading(utc_now()) as tx:
            found = meta.home(tx)
        return None if found is None else found.id

    return Bell(broker, home)


def _look_after(options: argparse.Namespace, store: Store, stack: ExitStack) -> None:
    """Start everybody who looks now and then; they end before the store is closed."""
    deadman = None
    if options.deadman:
        deadman = Deadman(options.deadman, timedelta(seconds=options.deadman_every))
    watchful = auditor.Auditor(store, utc_now, deadman)
    presses = press_reports.PressReports(store, utc_now)
    ends = shift_ends.ShiftEnds(store, utc_now)
    lost = channel_reports.ChannelReports(store, utc_now)
    looking = (
        Looking(watchful.look, auditor.LOOK_EVERY_S, "the auditor cannot look"),
        Looking(presses.look, press_reports.LOOK_EVERY_S, "the press test cannot be looked at"),
        Looking(ends.look, shift_ends.LOOK_EVERY_S, "the shift's end cannot be recorded yet"),
        Looking(lost.look, channel_reports.LOOK_EVERY_S, "the channels cannot be looked at"),
    )
    for one in looking:
        one.start()
        stack.callback(one.end)
    for one in looking:
        stack.callback(one.ask_to_stop)


def _end_quietly_on_signals() -> None:
    # uvicorn stops on these, and raises them once more when it has stopped, for whoever had them
    # before. That is us, and there is nothing left to do but to end with 0.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)


def _until_stdin_closes(server: ApiServer) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True
