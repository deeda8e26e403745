"""The whole api for a test: real HTTP, a real store, and a clock that the test turns."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from api.app import ApiOptions, create_app
from api.bell import Bell
from api.server import ApiServer, listen, shown
from api.stream import PATIENCE_S as STREAM_PATIENCE_S
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.alerts import AlertKind, AlertRecord, AlertState, Cause, Priority
from nightwarden.model.places import PlaceId
from nightwarden.model.roles import Role
from nightwarden.openid_settings import OpenIdSettings
from nightwarden.store import alerts, meta, outgoing, people
from nightwarden.store.engine import open_store

HOME = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - id: "12"
    places:
      - {id: bed}
      - {id: radiator-window, emitter: radiator}
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {place: bed, needs: bed_mat, because: "falls assessment", review_by: 2027-01-01}
      - {place: radiator-window, needs: radiator_cover, because: burns, review_by: 2027-01-01}
equipment:
  - {tag: MAT-0012, kind: bed_mat, at: 12/bed, device: {dialect: nightwarden, address: mat-12}}
"""
NIGHT = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)
PATIENCE_S = 30.0


class ManualClock:
    """A clock that stands until it is told to go on."""

    def __init__(self, start: datetime = NIGHT) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Event:
    """One event of the live stream."""

    event: str
    data: Any
    id: int | None


class ApiUnderTest:
    """The api of an empty store in ``folder``, listening on a free port while it is entered."""

    def __init__(
        self,
        folder: Path,
        *,
        bell: Bell | None = None,
        stream_patience_s: float = STREAM_PATIENCE_S,
        openid: OpenIdSettings | None = None,
    ) -> None:
        self.path = folder / "nightwarden.db"
        self.clock = ManualClock()
        self.store = open_store(self.path)
        self.app = create_app(ApiOptions(self.store, self.clock, bell, openid, stream_patience_s))
        self.server = ApiServer(self.app)
        self._listening = listen("127.0.0.1:0")
        self.url = shown(self._listening)
        self.port = self._listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve)
        self._tokens: dict[Role, str] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        transport = httpx.HTTPTransport(retries=3, verify=False)
        with httpx.Client(transport=transport, timeout=PATIENCE_S) as client:
            client.get(f"{self.url}/api/v1/health")  # the socket listens already: it waits
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.server.should_exit = True
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the server did not stop"
        self._loop.close()
        self._listening.close()
        self.store.close()

    def _serve(self) -> None:
        self._loop.run_until_complete(self.server.serve(sockets=[self._listening]))

    def looks_only_when_rung(self) -> None:
        """To be said before it is entered: what comes on the stream came by the bell."""
        self.app.state.parts.hub.look_every_s = 3600.0

    def ring(self) -> None:
        """What the gateway's bell does after a commit."""
        self._loop.call_soon_threadsafe(self.app.state.parts.hub.ring)

    def apply(self, home_file: str) -> None:
        """Make the register match a home file."""
        found = read_home_file(home_file.encode(), "test home", self.clock())
        with self.store.transaction(self.clock()) as tx:
            plan.apply(tx, found, "test")

    def token(self, role: Role = Role.MANAGER) -> str:
        """A token of this role, made once."""
        if role not in self._tokens:
            with self.store.transaction(self.clock()) as tx:
                self._tokens[role] = people.create_token(tx, f"test {role}", role, "test")
        return self._tokens[role]

    def client(self, role: Role | None = Role.MANAGER) -> httpx.Client:
        """A client with a token of ``role``; None for one with nothing.

        ``verify=False``: it speaks plain HTTP, and reading every authority of this machine for
        nothing would take longer than the call.
        """
        headers = {} if role is None else {"Authorization": f"Bearer {self.token(role)}"}
        address = f"{self.url}/api/v1"
        return httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S, verify=False)

    def proved(self) -> None:
        """The gateway's loop test has just come through."""
        with self.store.transaction(self.clock()) as tx:
            meta.put(tx, "proof_at", self.clock().isoformat(timespec="microseconds"))
            meta.put(tx, "broker_state", "connected")

    def raise_alert(self, place: str = "12/bed", kind: AlertKind = AlertKind.BED_EXIT) -> int:
        """An alert as the gateway would raise it now; its number."""
        room, _, spot = place.partition("/")
        now = self.clock()
        draft = AlertRecord(
            id=0,
            cause=Cause(kind, PlaceId(room, spot)),
            priority=Priority.HIGH,
            state=AlertState.RAISED,
            resident="Joan",
            text=f"Room {room} · Joan · out of bed",
            action="Go to her now.",
            caused_at=now,
            raised_at=now,
            next_step_at=now + timedelta(seconds=30),
        )
        with self.store.transaction(now) as tx:
            return alerts.insert(tx, draft).id

    def stream_line(self, number: int, size: int = 0) -> None:
        """A line of the live stream, as any commit may leave one."""
        with self.store.transaction(self.clock()) as tx:
            outgoing.stream(tx, "gap", {"n": number, "filler": "x" * size})
        self.ring()

    @contextmanager
    def stream(
        self, last_id: int | None = None, role: Role = Role.CARER
    ) -> Iterator[Iterator[Event]]:
        """Events of the live stream, as they come; leaving cuts the connection."""
        headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
        with self.client(role) as client, client.stream("GET", "/stream", headers=headers) as got:
            assert got.status_code == 200, got.read()
            yield _events(got.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            number = fields.get("id")
            yield Event(
                fields["event"], json.loads(fields["data"]), None if number is None else int(number)
            )
            fields = {}
