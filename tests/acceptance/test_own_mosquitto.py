"""From a home file to a Mosquitto that refuses strangers, and a mat that is heard as itself."""

from pathlib import Path

import pytest

from tests.acceptance.program import Program
from tests.brokers import until
from tests.own_mosquitto import OwnMosquitto, forge

pytestmark = pytest.mark.mosquitto
MAT = "nightwarden/v1/elm-house/device/mat-12"


def test_a_bed_exit_comes_from_the_mat_alone_over_tls(tmp_path: Path) -> None:
    broker = OwnMosquitto(tmp_path)
    broker.command("ca", "create")
    broker.command("ca", "issue", "broker", "--host", "localhost", "--host", "127.0.0.1")
    broker.let_in("--certificate", "broker", "--monitor-tls")
    broker.start()
    authority = tmp_path / "data" / "ca" / "ca.crt"
    credentials = broker.access / "credentials"
    secrets = {
        "NIGHTWARDEN_BROKER_PASSWORD_FILE": str(credentials / "gateway"),
        "NIGHTWARDEN_API_BROKER_PASSWORD_FILE": str(credentials / "api"),
    }
    url = f"mqtts://gateway@localhost:{broker.monitor_port}"
    options = ("--http", "127.0.0.1:0", "--broker", url, "--broker-ca", str(authority))
    try:
        with Program(tmp_path, *options, environment=secrets) as program:
            program.watching()
            with broker.client("mat-12") as mat:
                mat.say(MAT, '{"occupancy": true}')
                until(lambda: program.call("GET", "/readings?device=nightwarden:mat-12")["items"])
                assert forge(broker, "mat-13", MAT) == "Not authorized"
                with broker.client("mat-12", "a guess of the test") as stranger:
                    assert stranger.answer == "Not authorized"
                with broker.client(None) as stranger:
                    assert stranger.answer == "Not authorized"
                assert program.alerts() == []
                mat.say(MAT, '{"occupancy": false}')
                until(program.alerts)
            with broker.client("pager") as pager:
                pager.subscribe("nightwarden/v1/elm-house/alert/+")
                assert "Joan" in pager.next()[1]
            quarantine = program.call("GET", "/quarantine")["items"]
            assert quarantine == [], "what a stranger said never reached us"
            assert "uses our client id" not in program.err
    finally:
        broker.kill()
