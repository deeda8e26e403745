"""What a home deploys is well formed, has no password of ours, and is closed until it is opened.

``tests/captures/compose-spec.json`` is the Compose Specification's own JSON Schema, as the Python
package check-jsonschema 0.39.0 ships it (Apache 2.0, the licence stands beside it).
"""

import configparser
import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
services = pytest.mark.parametrize("name", SERVICES)


def test_it_is_a_compose_file() -> None:
    schema = json.loads((ROOT / "tests/captures/compose-spec.json").read_text())
    problems = Draft202012Validator(schema).iter_errors(COMPOSE)
    assert [f"{problem.json_path}: {problem.message}" for problem in problems] == []


def test_the_schema_would_have_found_a_slip() -> None:
    schema = json.loads((ROOT / "tests/captures/compose-spec.json").read_text())
    slipped = COMPOSE | {"services": {"nightwarden": {"image": "nightwarden", "restarts": "no"}}}
    assert not Draft202012Validator(schema).is_valid(slipped)


@services
def test_every_service_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@services
def test_every_service_comes_back_and_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@services
def test_nothing_is_published_beyond_this_machine_unless_asked(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"\$\{[A-Z_]+:-127\.0\.0\.1\}:\d+:\d+", port)


def test_influxdb_is_reached_by_the_monitor_alone() -> None:
    assert "ports" not in SERVICES["influxdb"]
    assert SERVICES["influxdb"]["networks"] == ["history"]
    assert COMPOSE["networks"]["history"]["internal"] is True


def test_the_monitor_watches_without_its_history() -> None:
    assert "depends_on" not in SERVICES["nightwarden"]


@services
def test_passwords_and_tokens_come_from_files_of_the_home(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|TOKEN|SECRET", variable):
            assert variable.endswith("_FILE")
            secret = value.removeprefix("/run/secrets/")
            made_by_us = value.startswith("/access/credentials/")
            assert secret in SERVICES[name]["secrets"] or made_by_us
    for secret in SERVICES[name].get("secrets", []):
        assert COMPOSE["secrets"][secret] == {"file": f"./secrets/{secret}"}


def test_no_password_has_a_default() -> None:
    assert not re.search(r"(?i)\$\{\w*(password|token|secret)\w*:?-", TEXT)
    made = (ROOT / "deploy/make-secrets.sh").read_text()
    assert (
        re.findall(r"^make \w+(?:password|token) (.*)$", made, re.MULTILINE) == ['"$(random)"'] * 2
    )


@services
def test_images_are_pinned_and_volumes_are_named(name: str) -> None:
    service = SERVICES[name]
    if "build" not in service:
        assert re.search(r":\d+\.\d+", service["image"])
    named = [volume for volume in service["volumes"] if not volume.startswith("./")]
    assert named
    assert all(volume.split(":")[0] in COMPOSE["volumes"] for volume in named)


def test_files_that_are_mounted_or_copied_exist() -> None:
    sources = [
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service["volumes"]
        if volume.startswith("./")
    ]
    sources += re.findall(r"^COPY (\S+\.(?:txt|py)) ", DOCKERFILE, re.MULTILINE)
    assert len(sources) >= 3
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    assert "--require-hashes --no-deps -r requirements.txt" in DOCKERFILE
    stages = re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)
    assert len(stages) == 3
    (user,) = re.findall(r"^USER (\d+):(\d+)$", stages[-1], re.MULTILINE)
    assert int(user[0]) >= 10_000
    assert re.search(r"^HEALTHCHECK ", stages[-1], re.MULTILINE)
    assert "pip" not in stages[-1]


def test_no_secret_and_nothing_built_enters_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert not allowed & {"secrets", "data", ".git", ".venv", "tests"}


def test_the_service_file_restarts_for_ever_and_is_not_root() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy/systemd/nightwarden.service")
    assert unit["Service"]["User"] == "nightwarden"
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert "PASSWORD=" not in (ROOT / "deploy/systemd/nightwarden.service").read_text()


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False)])
def test_the_health_check_believes_what_the_monitor_says(status: int, well: bool) -> None:
    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Monitor) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert _health(server.server_port) == (0 if well else 1)
        thread.join()


def test_the_health_check_says_so_when_nobody_answers() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        port = gone.server_port
    assert _health(port) == 1


def _health(port: int) -> int:
    script = ROOT / "deploy/healthcheck.py"
    address = f"http://127.0.0.1:{port}/api/v1/health"
    return subprocess.run([sys.executable, script, address], check=False).returncode
