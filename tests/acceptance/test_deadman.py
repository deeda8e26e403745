"""The dead-man's switch of a running home: it falls silent when the gateway stands still."""

import os
import signal
from pathlib import Path

from tests.acceptance.program import FREE_PORTS, Program, nightwarden
from tests.brokers import until
from tests.web_server import WebServer

ELM_HOUSE = """
home: {id: elm-house, name: Elm House, timezone: Europe/London}
rooms: [{id: "12", places: [{id: bed}]}]
"""


def test_a_gateway_that_stands_still_makes_the_switch_fall_silent(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "home.yaml").write_text(ELM_HOUSE)
    assert nightwarden(folder, "apply", "home.yaml").returncode == 0
    with WebServer() as switch:
        secret = {"NIGHTWARDEN_DEADMAN": switch.url}
        options = (*FREE_PORTS, "--deadman-every", "1")
        with Program(folder, *options, environment=secret) as program:
            program.watching()
            until(lambda: switch.fetched)
            gateway = program.child("gateway")
            os.kill(gateway, signal.SIGSTOP)
            until(lambda: program.health()[1]["status"] == "not_watching")
            silent_since = len(switch.fetched)
            # The pages go on answering, and a look of the auditor passes.
            until(lambda: float(program.health()[1]["proof_age_s"]) > 10)
            assert len(switch.fetched) <= silent_since + 1
            os.kill(gateway, signal.SIGCONT)
            until(lambda: len(switch.fetched) > silent_since + 1)
            assert switch.url not in program.out + program.err


def test_an_address_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    done = nightwarden(tmp_path, "up", *FREE_PORTS, "--deadman", "ftp://example.org/s3cret")
    assert done.returncode == 2
    assert done.stderr == "--deadman is not an address such as https://example.org/ping/abc.\n"
