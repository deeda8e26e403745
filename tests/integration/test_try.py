"""`nightwarden try` on simulated devices: a press, a release, an unplugging, a verdict."""

import threading
from collections.abc import Callable

import pytest

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.model.places import EquipmentKind
from nightwarden.trying.ear import Ear
from nightwarden.trying.findings import Findings
from nightwarden.trying.trial import Stopped, Trial
from simulators.lines import Exchange, Line
from simulators.wire import Will
from tests.brokers import Broker


class Bench:
    """A device on the bench, whose hands do what the trial asks for."""

    def __init__(self, broker: Broker, topic: str, will: Will | None) -> None:
        url = BrokerUrl.parse(broker.url)
        self._line = Line(url, "bench", will)
        self._exchange = Exchange([self._line], url, lambda _line: None)
        self._exchange.open()
        self._topic = topic
        self.told: list[str] = []

    def says(self, payload: bytes) -> None:
        self._line.say(self._topic, payload, qos=1, retain=False)
        self._exchange.attend_until(lambda: self._exchange.unconfirmed == 0, 30)

    def hands(self, deeds: dict[str, Callable[[], None]]) -> Callable[[str], None]:
        def tell(line: str) -> None:
            self.told.append(line)
            for word, deed in deeds.items():
                if line.startswith(word):
                    deed()

        return tell

    def unplug(self) -> None:
        self._line.cut()


def tried(broker: Broker, trial: Trial) -> Findings:
    ear = Ear(BrokerUrl.parse(broker.url), utc_now, trial.heard, lambda _why: None)
    ear.open()
    try:
        return trial.run(ear, 1.0)
    finally:
        ear.close()


def test_a_board_with_a_mat_on_a_switch_gets_its_settings(embedded_broker: Broker) -> None:
    will = Will("tele/tas-9/LWT", b"Offline")
    bench = Bench(embedded_broker, "stat/tas-9/RESULT", will)
    tell = bench.hands(
        {
            "Listening": lambda: bench.says(b'{"Switch1":{"Action":"ON"}}'),
            "Now press": lambda: bench.says(b'{"Switch1":{"Action":"OFF"}}'),
            "Let it go": lambda: bench.says(b'{"Switch1":{"Action":"ON"}}'),
            "Now unplug": bench.unplug,
        }
    )
    trial = Trial(EquipmentKind.BED_MAT, None, 10, tell, threading.Event())
    # what is said before the ear is open is gone: the board repeats itself when it is listened to
    found = tried(embedded_broker, trial)
    assert found.works
    assert found.settings() == {
        "dialect": "tasmota",
        "address": "tas-9",
        "channel": "Switch1",
        "reads": {"contact": "occupancy"},
        "inverted": True,
        "supervision_s": 900,
    }
    assert "Unplugged, its last will said so." in found.verdict()
    assert found.verdict()[-1] == (
        "  device: {dialect: tasmota, address: tas-9, channel: Switch1, "
        "reads: {contact: occupancy}, inverted: true, supervision_s: 900}"
    )


def test_a_mat_that_does_not_let_go_is_not_to_be_relied_on(embedded_broker: Broker) -> None:
    bench = Bench(embedded_broker, "nightwarden/v1/any-home/device/mat-9", None)
    tell = bench.hands({"Now press": lambda: bench.says(b'{"occupancy":true}')})
    found = tried(
        embedded_broker, Trial(EquipmentKind.BED_MAT, "mat-9", 1, tell, threading.Event())
    )
    assert not found.works
    assert found.verdict()[1:3] == [
        "Let go, it did NOT take it back.",
        "Unplugged, nothing said so: only its silence will tell, after 120 s.",
    ]


def test_nobody_presses_and_somebody_stops(embedded_broker: Broker) -> None:
    told: list[str] = []
    stop = threading.Event()
    found = tried(embedded_broker, Trial(EquipmentKind.BED_MAT, None, 1, told.append, stop))
    assert found.verdict() == ["Verdict: no press was understood. Do not rely on this device."]
    assert "  no device said that it was pressed" in told
    stop.set()
    with pytest.raises(Stopped):
        tried(embedded_broker, Trial(EquipmentKind.BED_MAT, None, 1, told.append, stop))
