"""Simulated nights decide as the gateway does: the same hours through both, step for step."""

from datetime import date, timedelta
from pathlib import Path
from typing import cast

from nightwarden.nights.desk import Desk
from nightwarden.nights.night import Setting, hours_of, setting_of, stage_of
from simulators.homes import home_of
from simulators.trouble import Odds
from tests.stored_desk import StoredDesk

NIGHT = date(2026, 11, 23)
HOURS = timedelta(hours=3, minutes=30)
ROOMS = 2


def test_every_alert_lives_the_same_life_with_and_without_a_store(tmp_path: Path) -> None:
    text = home_of(ROOMS, NIGHT)
    odds = Odds(cover_off=0.5, sticks_open=0.7)
    setting: Setting = setting_of(text, NIGHT, 13, odds=odds)
    start, _ = hours_of(NIGHT, setting.home.zone)
    plain = stage_of(setting, NIGHT)
    plain.run(start + HOURS)
    kept = StoredDesk(text, tmp_path, start, len(plain.shift.carers))
    stored = stage_of(setting, NIGHT, cast("Desk", kept))
    stored.run(start + HOURS)
    lives = [
        (one.alert.cause.kind.value, [(s.event.value, s.recorded_at, s.actor) for s in one.steps])
        for one in plain.desk.alerts.values()
    ]
    assert plain.messages == stored.messages > 50
    kinds = {kind for kind, _ in lives}
    assert {"bed_exit", "hot_surface"} <= kinds
    assert any(event == "closed" for _, steps in lives for event, _, _ in steps)
    assert kept.lives() == lives
    kept.store.close()
