"""A gateway's parts on a real store, without broker and threads: many nights fit into a second.

Messages go through the dialects, turns are of any size; pauses, people, other rules, a power cut
and a clock that goes back are steps that a test may take, or that Hypothesis may think of
(``STEPS``).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from gateway import answering
from gateway.dialects import dialects
from gateway.engine_room import STEP, EngineRoom
from gateway.intake import Intake
from gateway.lessons import Lessons
from gateway.messages import RawMessage
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.model.alerts import AlertEvent, AlertState
from nightwarden.model.places import PlaceId
from nightwarden.rulesfile.changes import apply_rules
from nightwarden.rulesfile.reader import read_rules_file
from nightwarden.store import alerts, calls, intake, pauses
from nightwarden.store.engine import Store, open_store
from rules import alert_life

NIGHT = datetime(2026, 11, 1, 22, 0, tzinfo=UTC)
HOUSE = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms:
  - {id: "12", places: [{id: bed}, {id: radiator, emitter: radiator}]}
  - {id: "14", places: [{id: bed}]}
residents:
  - id: res-12
    shown_as: Joan
    room: "12"
    requirements:
      - {place: bed, needs: bed_mat, dwell_s: 10, because: falls, review_by: 2027-01-01}
      - {place: radiator, needs: radiator_cover, because: burns, review_by: 2027-01-01}
  - id: res-14
    shown_as: Ken
    room: "14"
    requirements:
      - {place: bed, needs: bed_mat, hours: "21:00-23:00", because: falls, review_by: 2027-01-01}
equipment:
  - {tag: MAT-12, kind: bed_mat, at: 12/bed,
     device: {dialect: nightwarden, address: mat-12, supervision_s: 120}}
  - {tag: MAT-14, kind: bed_mat, at: 14/bed,
     device: {dialect: nightwarden, address: mat-14, supervision_s: 900}}
  - {tag: TMP-12, kind: temperature_sensor, mount: under_cover, at: 12/radiator,
     device: {dialect: nightwarden, address: tmp-12, supervision_s: 900}}
  - {tag: SW-12, kind: cover_switch, at: 12/radiator,
     device: {dialect: nightwarden, address: sw-12, supervision_s: 86400}}
  - {tag: CVR-12, kind: radiator_cover, at: 12/radiator,
     confirmed: {by: A. Smith, on: 2026-10-30, state: in_place}}
  - {tag: AIR-14, kind: temperature_sensor, mount: room_air, at: 14/bed,
     device: {dialect: nightwarden, address: air-14, supervision_s: 900}}
  - {tag: BTN-14, kind: call_button, at: 14/bed,
     device: {dialect: nightwarden, address: btn-14, supervision_s: 86400}}
"""
HOUSE_WITHOUT_14 = HOUSE.replace(
    "  - {tag: MAT-14, kind: bed_mat, at: 14/bed,", "  - {tag: MAT-14, kind: bed_mat,"
)
RULES = ("{}", "bed_exit: {dwell: 30s}", "room_too_cold: {hold: 2m}\nnot_back_in_bed: {after: 2m}")
ROOT = "nightwarden/v1/elm-house"


class _Failed(Exception):
    """A batch fails at its very end."""


@dataclass
class PlainGateway:
    """A gateway without its thread, link and outbox: turns as the test takes them."""

    store: Store
    now: datetime = NIGHT
    waiting: list[RawMessage] = field(default_factory=list)
    connection: int = 1
    numbers: dict[str, int] = field(default_factory=dict)
    passed: list[RawMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.store.transaction(self.now) as tx:
            plan.apply(tx, read_home_file(HOUSE.encode(), "house", self.now), "test")
        self.start()
        self.turn()
        self.turn()  # the journal's first snapshot comes with the second turn

    def start(self) -> None:
        self.waiting = []
        with self.store.transaction(self.now) as tx:
            self.room = EngineRoom(tx)
            spoken, receipts = dialects("elm-house"), intake.load_receipts(tx)
            self.intake = Intake(spoken, self.room, receipts, Lessons(tx, spoken))

    def say(self, topic: str, body: object, received_at: datetime | None = None) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = received_at or self.now
        self.waiting.append(RawMessage(topic, payload, at, connection=self.connection))

    def turn(self, failing: bool = False) -> None:
        """Everything that waits; ``failing``: all was thought of, and could not be kept."""
        if self.now < self.room.now - STEP:
            with self.store.transaction(self.now) as tx:
                self.room.set_back(tx)
        now = max(self.now, self.room.now)
        try:
            self._transact(now, failing)
        except _Failed:
            with self.store.reading(now) as tx:
                self.room.remake(tx)
            return
        self.intake.committed()
        self.waiting = []

    def _transact(self, now: datetime, failing: bool) -> None:
        with self.store.transaction(now) as tx:
            decisions = list(self.room.begin(tx, self.waiting))
            taken = self.intake.take(tx, self.waiting)
            decisions += taken.decisions
            self.passed += taken.passed
            decisions += self.room.look(tx)
            decisions += self.room.engine.tick(now)
            answering.carry_out(tx, decisions, self.room.rules)
            self.room.settle(tx)
            if taken.proof:
                self.room.proved(tx)
            if failing:
                raise _Failed

    def answer(self, which: int, event: AlertEvent) -> None:
        """Somebody answers an open alert, if its state lets them."""
        with self.store.transaction(self.now) as tx:
            found = alerts.open_alerts(tx)
            if not found:
                return
            alert = found[which % len(found)]
            if event is AlertEvent.CLOSED and alert.state is not AlertState.ATTENDED:
                event = AlertEvent.ATTENDED
            if alert_life.allowed(alert.state, event):
                policy = self.room.rules.policy
                after = alert_life.change(alert, event, "test", tx.now, policy, "helped")
                alerts.save(tx, alert, after, event, "test")

    def take_back(self) -> None:
        """Whoever closed an alert last did so by mistake, if nothing has come of it since."""
        with self.store.transaction(self.now) as tx:
            for alert in alerts.page(tx, "closed", 1):
                if alerts.open_for(tx, alert.cause) is None:
                    event, policy = AlertEvent.CLOSED_BY_MISTAKE, self.room.rules.policy
                    after = alert_life.change(alert, event, "test", tx.now, policy)
                    alerts.save(tx, alert, after, event, "test")


@contextmanager
def plain_gateway() -> Iterator[PlainGateway]:
    """One on an empty store, which goes afterwards."""
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "nightwarden.db")
        try:
            yield PlainGateway(store)
        finally:
            store.close()


Step = tuple[str, object]
DEVICES = st.sampled_from(["mat-12", "mat-14"])
STEPS = st.one_of(
    st.tuples(st.just("occupancy"), st.tuples(DEVICES, st.booleans())),
    st.tuples(st.just("occupancy"), st.tuples(DEVICES, st.booleans())),
    st.tuples(st.just("late"), DEVICES),
    st.tuples(st.just("again"), DEVICES),
    st.tuples(st.just("link"), st.tuples(DEVICES, st.booleans())),
    st.tuples(st.just("surface"), st.sampled_from([38.0, 44.0, 56.0, 85.0])),
    st.tuples(st.just("air"), st.sampled_from([15.0, 18.2, 20.0, 27.0, 60.0])),
    st.tuples(st.just("switch"), st.booleans()),
    st.tuples(st.just("press"), st.sampled_from(["press", "cancel"])),
    st.tuples(st.just("proof"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 9, 10, 30, 110, 130, 400, 1000])),
    st.tuples(st.just("wait"), st.sampled_from([1, 9, 10, 30, 110, 130, 400, 1000])),
    st.tuples(st.just("turn"), st.none()),
    st.tuples(st.just("turn"), st.none()),
    st.tuples(st.just("pause"), st.sampled_from(["12", "14"])),
    st.tuples(st.just("resume"), st.sampled_from(["12", "14"])),
    st.tuples(st.just("call"), st.sampled_from(["12", "14"])),
    st.tuples(st.just("attend"), st.integers(0, 5)),
    st.tuples(st.just("close"), st.integers(0, 5)),
    st.tuples(st.just("mistake"), st.none()),
    st.tuples(st.just("rules"), st.sampled_from(RULES)),
    st.tuples(st.just("house"), st.booleans()),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("reconnect"), st.none()),
    st.tuples(st.just("back"), st.sampled_from([2, 45, 3600])),
    st.tuples(st.just("nonsense"), st.none()),
)


def do(gateway: PlainGateway, what: str, value: object) -> None:
    gateway.now += timedelta(milliseconds=37)
    match what, value:
        case "occupancy", (str(mat), bool(occupied)):
            _speak(gateway, mat, occupancy=occupied)
        case "late", str(mat):
            at = (gateway.now - timedelta(minutes=5)).isoformat()
            _speak(gateway, mat, occupancy=False, at=at)
        case "again", str(mat):
            _speak(gateway, mat, number=0, occupancy=True)
        case "link", (str(mat), bool(online)):
            state = b"online" if online else b"offline"
            gateway.say(f"{ROOT}/device/{mat}/availability", state)
        case "surface", float(celsius):
            _speak(gateway, "tmp-12", temperature=celsius)
        case "air", float(celsius):
            _speak(gateway, "air-14", temperature=celsius)
        case "switch", bool(closed):
            _speak(gateway, "sw-12", contact=closed)
        case "press", str(action):
            _speak(gateway, "btn-14", action=action)
        case "proof", _:
            gateway.say(f"{ROOT}/proof", {"token": "ours"})
        case "wait", int(seconds):
            gateway.now += timedelta(seconds=seconds)
        case "turn", _:
            gateway.turn()
        case "failing turn", _:
            gateway.turn(failing=True)
        case "nonsense", _:
            gateway.say(f"{ROOT}/device/mat-12", b"\xff")
        case _:
            _somebody(gateway, what, value)


def _speak(gateway: PlainGateway, device: str, number: int = 1, **body: object) -> None:
    gateway.numbers[device] = gateway.numbers.get(device, 0) + number
    gateway.say(f"{ROOT}/device/{device}", {"seq": gateway.numbers[device], **body})


def _somebody(gateway: PlainGateway, what: str, value: object) -> None:
    """What people and power cuts do."""
    with gateway.store.transaction(gateway.now) as tx:
        match what, value:
            case "pause", str(room):
                pauses.pause(tx, PlaceId(room, "bed"), 5, "care", "test")
            case "resume", str(room):
                if pauses.present(tx, PlaceId(room, "bed")):
                    pauses.resume(tx, PlaceId(room, "bed"), "test")
            case "call", str(room):
                calls.call(tx, room, "test")
            case "rules", str(text):
                file = read_rules_file(f"{text}\nbecause: test\n".replace("{}", "").encode(), "r")
                apply_rules(tx, file, "test")
            case "house", bool(whole):
                text = HOUSE if whole else HOUSE_WITHOUT_14
                plan.apply(tx, read_home_file(text.encode(), "house", tx.now), "test")
    match what, value:
        case "attend", int(which):
            gateway.answer(which, AlertEvent.ATTENDED)
        case "close", int(which):
            gateway.answer(which, AlertEvent.CLOSED)
        case "mistake", _:
            gateway.take_back()
        case "restart", _:
            gateway.start()
        case "reconnect", _:
            gateway.connection += 1
        case "back", int(seconds):
            gateway.now -= timedelta(seconds=seconds)
