"""The whole program in one process, on free ports, with a clock that the test turns.

Real: the broker, the gateway with its thread, the rules, two stores on one SQLite file, the api
with its HTTP server. Faked, at the outer edge only: the clock, the devices, and a pager that
hears the alert topics as any pager would.

``Home.close`` fails a test on any page that it did not expect and on any ERROR in the log.
"""

import json
import logging
import threading
from collections import deque
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from api.bell import Bell, BrokerAddress
from nightwarden.broker_url import BrokerUrl
from nightwarden.model.roles import Role
from nightwarden.practice.running_gateway import RunningGateway
from nightwarden.store import receivers
from nightwarden.store.engine import open_store
from nightwarden.store.receivers import ReceiverKind, Word
from nightwarden.wire import Topics
from tests.api_server import ApiUnderTest
from tests.brokers import Broker, EmbeddedForTests, until

HOME_ID = "elm-house"
PATIENCE_S = 60.0
STEP = timedelta(seconds=10)
MOST_STEPS = 60

ELM_HOUSE = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - id: "12"
    places: [{id: bed}, {id: radiator-window, emitter: radiator}]
  - id: "14"
    places: [{id: bed}]
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {place: bed, needs: bed_mat, hours: "21:00-07:00", because: falls, review_by: 2027-01-01}
      - {place: radiator-window, needs: radiator_cover, because: burns, review_by: 2027-01-01}
  - id: res-14
    shown_as: Ken
    room: "14"
    requirements:
      - {place: bed, needs: bed_mat, dwell_s: 10, because: falls, review_by: 2027-01-01}
equipment:
  - tag: MAT-12
    kind: bed_mat
    at: 12/bed
    device: {dialect: nightwarden, address: mat-12, supervision_s: 86400}
  - tag: MAT-14
    kind: bed_mat
    at: 14/bed
    device: {dialect: nightwarden, address: mat-14, supervision_s: 86400}
  - tag: CVR-12
    kind: radiator_cover
    at: 12/radiator-window
    confirmed: {by: A. Smith, on: 2026-10-30, state: in_place}
  - tag: TMP-12
    kind: temperature_sensor
    mount: under_cover
    at: 12/radiator-window
    device: {dialect: zigbee2mqtt, address: Room 12 radiator, supervision_s: 86400}
"""


class Mat:
    """A native mat on the test's own connection; each message has reached the broker."""

    def __init__(self, home: "Home", address: str) -> None:
        self._home, self._address, self._seq = home, address, 0

    def press(self) -> None:
        """Somebody lies down."""
        self.say(occupancy=True)

    def release(self) -> None:
        """Somebody gets up."""
        self.say(occupancy=False)

    def say(self, **body: Any) -> None:
        """Any native message, with the next number and the time on the home's clock."""
        self._seq += 1
        body = {"at": self._home.clock().isoformat(), "seq": self._seq, **body}
        topic = f"nightwarden/v1/{HOME_ID}/device/{self._address}"
        self._home.publish(topic, json.dumps(body))


class FakePager:
    """Hears the alert topics. Every page must be expected before the home is closed."""

    def __init__(self, broker: Broker) -> None:
        self._pages: deque[dict[str, Any]] = deque()
        self._heard = threading.Condition()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        _connect(self._client, broker)
        self._client.subscribe(f"{Topics(HOME_ID).root}/alert/#", qos=1)
        assert subscribed.wait(PATIENCE_S)

    def expects(self, *words: str, state: str | None = None) -> dict[str, Any]:
        """Wait for a page whose text or last event has all the words, and take it."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            for page in self._pages:
                told = f"{page['text']} {page['events'][-1]['event']}"
                if all(word in told for word in words) and state in (None, page["state"]):
                    self._pages.remove(page)
                    found.append(page)
                    return True
            return False

        with self._heard:
            assert self._heard.wait_for(look, PATIENCE_S), (
                f"no page with {words}; there are {[_shown(p) for p in self._pages]}"
            )
        return found[0]

    def ignores_the_rest(self) -> None:
        """What else was paged is not what this test is about."""
        with self._heard:
            self._pages.clear()

    def close(self) -> list[str]:
        """Stop listening; gives the pages that nobody expected."""
        self._client.disconnect()
        self._client.loop_stop()
        return [_shown(page) for page in self._pages]

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        if message.payload:  # an empty one clears the topic of a closed alert
            with self._heard:
                self._pages.append(json.loads(message.payload))
                self._heard.notify_all()


class Home:
    """A home at night, all of it, on ``broker``."""

    def __init__(self, folder: Path, broker: Broker, home_file: str = ELM_HOUSE) -> None:
        self._stack = ExitStack()
        self._broker = broker
        self._rings = 0
        self.somebody_listens = True
        self._log = self._stack.enter_context(_ErrorLog())
        address = BrokerUrl.parse(broker.url)
        bell = Bell(BrokerAddress(address.host, address.port), lambda: HOME_ID)
        self.api = self._stack.enter_context(ApiUnderTest(folder, bell=bell))
        self.clock = self.api.clock
        self.api.apply(home_file)
        self.pager = FakePager(broker)
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="devices")
        _connect(self._client, broker)
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._let_it_look, daemon=True)
        self._looking.start()
        self._stack.callback(self._looking.join)
        self._stack.callback(self._over.set)
        self.running: RunningGateway | None = None
        self.start_gateway()

    # --- the gateway's process ---

    def start_gateway(self) -> None:
        """Start it, as after a power cut."""
        store = open_store(self.api.path)  # its own, as the process has
        self.running = RunningGateway(store, self._broker.url, self.clock, HOME_ID)
        self.running.start()
        self.settle()

    def stop_gateway(self) -> None:
        """Nothing decides from here on; the broker keeps what comes."""
        assert self.running is not None
        self.running.stop()
        self.running.store.close()
        self.running = None

    def _let_it_look(self) -> None:
        """The gateway looks each second of the clock, which stands here: it would not write down
        what another thread has brought a moment after its last turn, such as a receipt."""
        while not self._over.wait(1.0):
            self._client.publish(Topics(HOME_ID).ring_gateway, b"look", qos=0)

    @property
    def broker_url(self) -> str:
        """Where the broker is."""
        return self._broker.url

    # --- time ---

    def fast_forward(self, **by: float) -> None:
        """Let time pass, in steps, each until there is nothing left to do."""
        if self.running is not None:
            self.settle()  # what was published before belongs to before
        end = self.clock() + timedelta(**by)
        step = max(STEP, timedelta(**by) / MOST_STEPS)
        while self.clock() < end:
            self.let_pass(min(end, self.clock() + step) - self.clock())
            if self.running is not None:
                self.settle()

    def let_pass(self, time: timedelta) -> None:
        """Turn the clock; whoever listens has said so all the while.

        Said before the clock is turned: the gateway, which looks when it likes, must not find a
        new hour in which nobody has listened yet.
        """
        end = self.clock() + time
        if self.somebody_listens:
            self._listen(end)
        self.clock.now = end

    def settle(self) -> None:
        """Wait until everything published so far has been decided and committed."""
        assert self.running is not None
        if self.somebody_listens:
            self._listen(self.clock())
        # The embedded broker serves filter after filter, so that a ring may overtake a device's
        # message that was published before it; it cannot overtake it twice.
        for _ in range(2 if isinstance(self._broker, EmbeddedForTests) else 1):
            self._ring_and_wait(self.running)
        until(lambda: self.running is None or not self.running.outbox.under_way)

    def _ring_and_wait(self, running: RunningGateway) -> None:
        self._rings += 1
        ring = f"test {self._rings}".encode()
        self.publish(Topics(HOME_ID).ring_gateway, ring)
        settled = running.gateway.wait_settled(self.clock(), ring, PATIENCE_S)
        assert settled, "the gateway did not settle"

    def _listen(self, until: datetime) -> None:
        """A pager's bridge says that it can sound an alert, as it does every few seconds."""
        at = self.clock()
        with self.api.store.transaction(at) as tx:
            while True:
                word = Word("office-pager", "Office", ReceiverKind.PAGER, sound=True, at=at)
                receivers.heard(tx, [word])
                if at == until:
                    return
                at = min(until, at + receivers.LISTENS_FOR / 2)

    # --- devices and people ---

    def mat(self, address: str) -> Mat:
        """A native mat."""
        return Mat(self, address)

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Publish as some device; returns when the broker has it."""
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        sent.wait_for_publish(PATIENCE_S)
        assert sent.is_published()

    def devices_come_back(self) -> None:
        """Wait until they, and the gateway if it runs, have found a restarted broker again.

        What is said before the gateway listens is lost where the broker has forgotten it.
        """
        until(lambda: self._client.is_connected() and self._gateway_hears())

    def _gateway_hears(self) -> bool:
        return self.running is None or self.running.link.connected

    def alerts(self, state: str = "open", kind: str | None = None) -> list[dict[str, Any]]:
        """What ``GET /alerts`` says, newest first."""
        items = self.get(f"/alerts?state={state}")["items"]
        return [item for item in items if kind in (None, item["kind"])]

    def get(self, path: str, role: Role = Role.MANAGER) -> Any:
        """A call of the api; the JSON of a good answer."""
        with self.api.client(role) as client:
            answer = client.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, role: Role = Role.CARER) -> Any:
        """A call of the api that changes something; the gateway has heard of it."""
        with self.api.client(role) as client:
            answer = client.post(path, json=body or {})
        assert answer.is_success, answer.text
        if self.running is not None:
            self.settle()
        return answer.json() if answer.content else None

    def expects_error(self, words: str) -> None:
        """An error was logged that has these words; it is what the test is about."""
        others = [error for error in self._log.errors if words not in error]
        assert len(others) < len(self._log.errors), self._log.errors
        self._log.errors[:] = others

    # --- the end ---

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.running is not None:
            self.stop_gateway()
        unexpected = self.pager.close()
        self._client.disconnect()
        self._client.loop_stop()
        self._stack.close()
        if kind is None:
            assert not unexpected, f"pages that nobody expected: {unexpected}"
            assert not self._log.errors, self._log.errors


class _ErrorLog(logging.Handler):
    """Collects what is logged at ERROR and above."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(self.format(record))

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


def _connect(client: paho.Client, broker: Broker) -> None:
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    url = BrokerUrl.parse(broker.url)
    client.connect(url.host, url.port)
    client.loop_start()
    assert connected.wait(PATIENCE_S), "the test cannot reach its broker"


def _shown(page: dict[str, Any]) -> str:
    return f"{page['text']} ({page['state']}, {page['events'][-1]['event']})"
