"""An outage across a whole night: what the mats said is raised after it, with its true time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.brokers import Broker
from tests.harness import HOME_ID, Home


@pytest.fixture
def home(tmp_path: Path, mosquitto: Broker) -> Iterator[Home]:
    """Elm House at 23:00, everybody in bed."""
    with Home(tmp_path / "data", mosquitto) as made:
        for address in ("mat-12", "mat-14"):
            made.mat(address).press()
        made.settle()
        yield made


def test_a_night_in_which_nobody_watched_is_told_in_the_morning(home: Home) -> None:
    home.stop_gateway()
    began = home.clock()
    joan, ken = home.mat("mat-12"), home.mat("mat-14")
    joan._seq = ken._seq = 10
    home.clock.now = began + timedelta(hours=2)
    joan.release()  # at 01:00, and back at 01:20
    home.clock.now = began + timedelta(hours=2, minutes=20)
    joan.press()
    home.clock.now = began + timedelta(hours=4)
    ken.release()  # at 03:00, and not back
    home.clock.now = began + timedelta(hours=7)
    home.start_gateway()
    home.settle()

    night = {(alert["room"], alert["kind"]): alert for alert in home.alerts()}
    assert set(night) >= {("12", "bed_exit"), ("14", "bed_exit"), ("14", "not_back_in_bed")}
    left = night["12", "bed_exit"]
    assert left["caused_at"] == "2026-11-02T01:00:00.000Z"
    assert left["cleared_at"] == "2026-11-02T01:20:00.000Z"
    assert left["while_not_watching"]
    assert "at 01:00, while not watching" in left["text"]
    gone = night["14", "not_back_in_bed"]
    assert gone["caused_at"] == "2026-11-02T03:00:00.000Z"
    assert gone["cleared_at"] is None
    assert "while not watching" in gone["text"]
    home.pager.ignores_the_rest()


def test_a_retained_topic_of_a_home_that_was_off_is_no_news(home: Home) -> None:
    home.stop_gateway()
    topic = f"nightwarden/v1/{HOME_ID}/device/mat-12"
    home.publish(topic, '{"occupancy": true}', retain=True)
    home.clock.now += timedelta(hours=7)
    home.start_gateway()
    home.settle()
    assert [alert for alert in home.alerts() if alert["kind"] == "bed_exit"] == []
    home.pager.ignores_the_rest()
