"""A night at a home of twelve rooms, behind the real web server and in a real store.

Only the gateway is left out: its proof and what it writes are put into the store by hand, so that
a test can take them away. The clock runs as fast as the wall's, from ten past two in the night.
"""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import httpx
from fastapi import FastAPI
from sqlmodel import delete

from api.app import ApiOptions, create_app
from api.server import ApiServer, listen, shown
from nightwarden.homefile import plan as home_plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.alerts import AlertKind, AlertRecord, AlertState, Cause, Priority
from nightwarden.model.places import PlaceId
from nightwarden.model.readings import DeviceId
from nightwarden.model.roles import Role
from nightwarden.store import alerts, meta, outgoing, people, receivers, sessions
from nightwarden.store.engine import Transaction, open_store
from nightwarden.store.plan import load_liveness, load_plan
from nightwarden.store.receivers import ReceiverKind, Word
from nightwarden.store.tables import DeviceState, ReadingRow, Watch
from rules.watching import watch_views
from tests.browser.twelve_rooms import HOME, SILENT

NIGHT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
BEAT_S = 1.0
STORE = "nightwarden.db"
PIN = "4821"
PASSWORD = "a lantern in the hall"  # noqa: S105
STAFF = {
    "Maria Keane": Role.CARER,
    "Tom Abara": Role.CARER,
    "Grace Lund": Role.SENIOR,
    "Piotr Nowak": Role.MAINTENANCE,
    "Anna Shaw": Role.MANAGER,
}


class NightHome:
    """The home, served on a free port while it is entered."""

    def __init__(self, folder: Path) -> None:
        """``folder`` holds the store; see :func:`furnish`."""
        self.store = open_store(folder / STORE)
        self._begun = monotonic()
        self._proving = threading.Event()
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat)
        self._server: _Serving | None = None
        self._port = 0
        self._listening = False

    def now(self) -> datetime:
        """The time in the home, UTC."""
        return NIGHT + timedelta(seconds=monotonic() - self._begun)

    def __enter__(self) -> Self:
        self.prove()
        self._heart.start()
        self.serve()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop_serving()
        self._over.set()
        self._heart.join()
        self.store.close()

    # --- the server ------------------------------------------------------------------------------

    def serve(self) -> None:
        """Begin to serve, on the same port as before."""
        self._server = _Serving(create_app(ApiOptions(self.store, self.now)), self._port)
        self._port = self._server.port

    def stop_serving(self) -> None:
        """The web server is gone."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def url(self) -> str:
        """Where the board is."""
        return f"http://127.0.0.1:{self._port}"

    # --- the gateway's part ----------------------------------------------------------------------

    def prove(self) -> None:
        """The loop test comes through from now on."""
        self._proving.set()
        self._put_proof()

    def listen(self) -> None:
        """A pager says, as long as the loop test comes through, that it can sound an alert."""
        self._listening = True
        self._put_proof()

    def stop_proving(self) -> None:
        """The gateway is dead."""
        self._proving.clear()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            if self._proving.is_set():
                self._put_proof()

    def _put_proof(self) -> None:
        with self.store.transaction(self.now()) as tx:
            meta.put(tx, "proof_at", tx.now.isoformat(timespec="microseconds"))
            meta.put(tx, "broker_state", "connected")
            if self._listening:
                receivers.heard(tx, [Word("pager", "Office", ReceiverKind.PAGER, True, tx.now)])

    def raise_alert(
        self,
        where: str,
        resident: str | None,
        what: str,
        kind: AlertKind = AlertKind.BED_EXIT,
        *,
        priority: Priority = Priority.HIGH,
        ago_s: float = 0,
        escalation: int = 0,
    ) -> int:
        """An alert as the gateway raises it; its number."""
        room, _, place = where.partition("/")
        raised = self.now() - timedelta(seconds=ago_s)
        named = f"Room {room}" if room[:1].isdigit() else room
        draft = AlertRecord(
            id=0,
            cause=Cause(kind, PlaceId(room, place)),
            priority=priority,
            state=AlertState.RAISED,
            resident=resident,
            text=" · ".join(part for part in (named, resident, what) if part),
            action=ACTIONS[kind],
            caused_at=raised,
            raised_at=raised,
            escalation=escalation,
            next_step_at=self.now() + timedelta(minutes=3),
        )
        with self.store.transaction(self.now()) as tx:
            number = alerts.insert(tx, draft).id
        self._ring()
        return number

    def _ring(self) -> None:
        if self._server is not None:
            self._server.ring()

    def watch_changed(self) -> None:
        """The gateway has looked at every watch and says so."""
        with self.store.transaction(self.now()) as tx:
            _write_watches(tx)
            outgoing.stream(tx, "watch", {})
        self._ring()

    # --- people ----------------------------------------------------------------------------------

    def screen_cookie(self, name: str = "Corridor upstairs") -> dict[str, str]:
        """The cookie of a newly enrolled screen."""
        with self.store.transaction(self.now()) as tx:
            cookie = people.use_enrol_code(tx, people.enrol_code(tx, name, "Anna Shaw"))
        return {"name": "nightwarden_screen", "value": cookie, "url": self.url}

    def session_cookie(self, name: str) -> dict[str, str]:
        """The cookie of somebody who has signed in."""
        with self.store.transaction(self.now()) as tx:
            secret = PASSWORD if STAFF[name] is Role.MANAGER else PIN
            user = people.check_secret(tx, name, secret)
            cookie = sessions.open_session(tx, user)
        return {"name": "nightwarden_session", "value": cookie, "url": self.url}


def furnish(folder: Path) -> None:
    """Make the store of the home in ``folder``, with its people, as it is at :data:`NIGHT`."""
    store = open_store(folder / STORE)
    with store.transaction(NIGHT - timedelta(days=30)) as tx:
        home_plan.apply(tx, read_home_file(HOME.encode(), "twelve rooms", NIGHT), "Anna Shaw")
        for name, role in STAFF.items():
            secret = PASSWORD if role is Role.MANAGER else PIN
            people.add_user(tx, name, role, secret, "command line")
    with store.transaction(NIGHT) as tx:
        _hear_devices(tx)
        _write_watches(tx)
    store.close()


ACTIONS = {
    AlertKind.BED_EXIT: "Go now. Look at the floor by the bed first. Plan: walks with a frame.",
    AlertKind.NOT_BACK_IN_BED: "Go now. Look at the floor by the bed first.",
    AlertKind.HOT_SURFACE: "Keep people away from it. Turn it down or cover it, then check skin.",
    AlertKind.DEVICE_SILENT: "Nothing watches here now. Look in on the room, then check the plug.",
    AlertKind.REQUIRED_NOT_IN_PLACE: "Put a bed mat in place, or set a manual round.",
}


class _Serving:
    """One app on one port, on a thread of its own."""

    def __init__(self, app: FastAPI, port: int) -> None:
        self._hub = app.state.parts.hub
        self._loop = asyncio.new_event_loop()
        self._listening = listen(f"127.0.0.1:{port}")
        self.port: int = self._listening.getsockname()[1]
        self._server = ApiServer(app)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        with httpx.Client(verify=False, timeout=60) as client:
            client.get(f"{shown(self._listening)}/api/v1/health")

    def _run(self) -> None:
        self._loop.run_until_complete(self._server.serve(sockets=[self._listening]))

    def ring(self) -> None:
        """What the gateway's bell does after a commit."""
        self._loop.call_soon_threadsafe(self._hub.ring)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        self._listening.close()
        self._loop.close()
        assert not self._thread.is_alive(), "the server did not stop"


def _hear_devices(tx: Transaction) -> None:
    plan = load_plan(tx)
    assert plan is not None
    for item in plan.items:
        if item.device is None:
            continue
        heard = tx.now - timedelta(hours=9 if item.tag in SILENT else 0, seconds=40)
        tx.add(
            DeviceState(
                dialect=item.device.dialect,
                address=item.device.address,
                memory={},
                heard_at=heard,
                changed_at=heard - timedelta(minutes=52),
            )
        )
        tx.add(_reading(item.device, "temperature" in item.kind, heard))


def _reading(device: DeviceId, warm: bool, at: datetime) -> ReadingRow:
    quantity, number = ("temperature", 38.4) if warm else ("occupancy", 1.0)
    return ReadingRow(
        dialect=device.dialect,
        address=device.address,
        quantity=quantity,
        number=number,
        measured_at=at,
        received_at=at,
    )


def _write_watches(tx: Transaction) -> None:
    plan = load_plan(tx)
    assert plan is not None
    tx.exec(delete(Watch))
    for view in watch_views(plan, load_liveness(tx), tx.now):
        tx.add(
            Watch(
                room=view.place.room,
                place=view.place.place,
                needs=view.needs,
                state=view.state,
                why=view.why,
                since=tx.now,
                until=view.until,
            )
        )


def within(seconds: float, true: Callable[[], bool]) -> float:
    """Wait until something is true, and say how long it took; fail after ``seconds``."""
    begun = monotonic()
    while not true():
        if monotonic() - begun > seconds:
            raise AssertionError(f"not so within {seconds} s")
        threading.Event().wait(0.05)
    return monotonic() - begun
