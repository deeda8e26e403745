"""A device that announces itself to Home Assistant, at the home's own Mosquitto."""

from contextlib import closing
from pathlib import Path

import pytest

from nightwarden.clock import utc_now
from nightwarden.store import teaching
from nightwarden.store.engine import open_store
from tests.own_mosquitto import HOME, OwnMosquitto, forge

pytestmark = pytest.mark.mosquitto
DEVICE = "nightwarden/v1/elm-house/device"
ANNOUNCED = b'{"stat_t": "bed14/state", "dev_cla": "occupancy", "dev": {"ids": ["bed-14"]}}'


def test_what_announced_itself_speaks_where_it_said_and_nowhere_else(tmp_path: Path) -> None:
    made = OwnMosquitto(tmp_path)
    bound = "  - {tag: M14, kind: bed_mat, device: {dialect: homeassistant, address: bed-14}}\n"
    made.apply(HOME + bound)
    assert "not announced itself yet" in made.let_in()
    key, body = "homeassistant/binary_sensor/bed-14/mat/config", ANNOUNCED
    path = tmp_path / "data" / "nightwarden.db"
    with closing(open_store(path)) as store, store.transaction(utc_now()) as tx:
        teaching.keep(tx, [teaching.Teaching("homeassistant", key, body)])
    assert "bed-14@homeassistant" in made.let_in()
    made.start()
    try:
        with made.client("gateway") as gateway, made.client("bed-14@homeassistant") as mat:
            gateway.subscribe("#")
            assert mat.say("bed14/state", "ON") == "Success"
            assert mat.say(key, body.decode()) == "Success"
            for forbidden in ("bed14/more", key.replace("bed-14", "x"), f"{DEVICE}/mat-12"):
                assert forge(made, "bed-14@homeassistant", forbidden) == "Not authorized"
            assert gateway.next() == ("bed14/state", "ON")
    finally:
        made.remove()
