"""The long history, from a mat on the wire to InfluxDB, through the program as it is started."""

from pathlib import Path

import paho.mqtt.publish

from nightwarden.broker_url import BrokerUrl
from tests.acceptance.program import FREE_PORTS, Program, nightwarden
from tests.brokers import until
from tests.harness import ELM_HOUSE
from tests.influx_standin import BUCKET, ORG, TOKEN, Answer, InfluxStandin


def test_readings_wait_for_influx_and_go_there(tmp_path: Path) -> None:
    (tmp_path / "home.yaml").write_text(ELM_HOUSE)
    assert nightwarden(tmp_path, "apply", "home.yaml").returncode == 0
    with InfluxStandin() as influx:
        influx.answers.append(Answer(503, "starting", {"Retry-After": "1"}))
        where = ("--influx", influx.url, "--influx-org", ORG, "--influx-bucket", BUCKET)
        secret = {"NIGHTWARDEN_INFLUX_TOKEN": TOKEN}
        with Program(tmp_path, *FREE_PORTS, *where, environment=secret) as program:
            program.watching()
            broker = BrokerUrl.parse(program.broker)
            paho.mqtt.publish.single(
                "nightwarden/v1/elm-house/device/mat-12",
                '{"occupancy": true}',
                qos=1,
                hostname=broker.host,
                port=broker.port,
            )
            until(lambda: influx.points)
    [((measurement, tags), _)] = influx.points
    assert measurement == "occupancy"
    assert dict(tags)["room"] == "12"
    assert TOKEN not in program.out + program.err
