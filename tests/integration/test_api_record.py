"""The record that cannot be changed unseen; health, metrics, and what is told to machines."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from nightwarden.model.roles import Role
from nightwarden.store import audit, meta
from nightwarden.store.tables import Audit
from tests.api_server import HOME, ApiUnderTest


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        api.proved()
        yield api


TAMPERING = {
    "UPDATE audit SET actor = 'nobody' WHERE id = 4": (4, "entry 4 was changed"),
    "UPDATE audit SET detail = '{}' WHERE id = 5": (5, "entry 5 was changed"),
    "UPDATE audit SET at = '2026-11-01 01:00:00.000000' WHERE id = 4": (4, "entry 4 was changed"),
    "DELETE FROM audit WHERE id = 4": (4, "entry 4 is missing"),
    "DELETE FROM audit WHERE id <= 3": (1, "entry 1 is missing"),
    "UPDATE audit SET id = 9 - id WHERE id IN (4, 5)": (4, "entry 4 does not follow"),
}


def test_whoever_edits_removes_or_reorders_the_record_is_found_out(api: ApiUnderTest) -> None:
    with api.store.transaction(api.clock()) as tx:
        for number in range(8):
            audit.record(tx, "Ann", "paused", f"place {number}/bed", {"n": number})
    with api.client(Role.SENIOR) as senior:
        whole = senior.get("/audit/verify").json()
        assert whole["intact"]
        with api.store.reading(api.clock()) as tx:
            assert whole["head"] == tx.get_one(Audit, whole["entries"]).hash
        for tampering, (broken_at, reason) in TAMPERING.items():
            with tampered(api.path, tampering):
                found = senior.get("/audit/verify").json()
            assert not found["intact"]
            assert (found["broken_at"], reason in found["reason"]) == (broken_at, True), tampering
        assert senior.get("/audit/verify").json() == whole


class tampered:  # noqa: N801
    """Somebody with the file and a tool; afterwards all is as before."""

    def __init__(self, path: Path, statement: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._statement = statement

    def __enter__(self) -> None:
        self._kept = self._database.execute("SELECT * FROM audit").fetchall()
        # Two rows cannot change places in one step while each number is taken.
        if "9 - id" in self._statement:
            self._database.execute("UPDATE audit SET id = -id WHERE id IN (4, 5)")
            self._database.execute("UPDATE audit SET id = 9 + id WHERE id IN (-4, -5)")
        else:
            assert self._database.execute(self._statement).rowcount

    def __exit__(self, *_: object) -> None:
        self._database.execute("DELETE FROM audit")
        marks = ",".join("?" * len(self._kept[0]))
        self._database.executemany(f"INSERT INTO audit VALUES ({marks})", self._kept)
        self._database.close()


def test_health_is_open_and_turns_to_503_when_nothing_is_proved(api: ApiUnderTest) -> None:
    with api.client(None) as probe:
        well = probe.get("/health")
        assert (well.status_code, well.json()["status"]) == (200, "watching")
        assert well.json()["proof_age_s"] == 0.0
        assert all(check["ok"] for check in well.json()["checks"].values())
        api.clock.advance(seconds=6)
        assert probe.get("/health").json()["proof_age_s"] == 6.0
        assert probe.get("/health").status_code == 200
        api.clock.advance(seconds=0.1)
        dead = probe.get("/health")
        assert (dead.status_code, dead.json()["status"]) == (503, "not_watching")
        assert not dead.json()["checks"]["proof"]["ok"]


def test_trouble_under_a_fresh_proof_is_degraded(api: ApiUnderTest) -> None:
    with api.store.transaction(api.clock()) as tx:
        meta.put(tx, "broker_state", "the broker at x:1883 refuses the user name or password.")
    with api.client(None) as probe:
        found = probe.get("/health").json()
    assert found["status"] == "degraded"
    assert "refuses" in found["checks"]["broker"]["detail"]


def test_a_proof_from_the_future_proves_nothing(api: ApiUnderTest) -> None:
    api.clock.advance(seconds=-60)
    with api.client(None) as probe:
        found = probe.get("/health").json()
    assert (found["status"], found["proof_age_s"]) == ("not_watching", None)
    assert "clock" in found["checks"]["proof"]["detail"]


def test_metrics_speak_to_prometheus(api: ApiUnderTest) -> None:
    api.raise_alert()
    told = httpx.get(f"{api.url}/metrics", verify=False, timeout=60)
    assert told.headers["content-type"].startswith("text/plain")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
    }
    assert samples["nightwarden_watching",] == 1
    assert samples["nightwarden_open_alerts", "bed_exit", "high"] == 1
    assert samples["nightwarden_gaps", "missing"] == 1
    assert samples["nightwarden_devices_silent",] == 1
    assert "Joan" not in told.text


def test_metrics_need_a_token_from_another_machine(api: ApiUnderTest) -> None:
    # A proxy on this machine says for whom it asks.
    elsewhere = {"X-Forwarded-For": "192.0.2.7"}
    with httpx.Client(base_url=api.url, headers=elsewhere, verify=False, timeout=60) as client:
        assert client.get("/metrics").status_code == 401
        token = {"Authorization": f"Bearer {api.token(Role.INTEGRATOR)}"}
        assert client.get("/metrics", headers=token).status_code == 200


def test_the_home_schema_is_published(api: ApiUnderTest) -> None:
    schema = httpx.get(f"{api.url}/api/v1/schema/home", verify=False, timeout=60).json()
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_fault_of_ours_is_a_number_and_never_a_traceback(api: ApiUnderTest) -> None:
    with sqlite3.connect(api.path) as database:
        database.execute("DROP TABLE quarantine")
    database.close()
    with api.client() as client:
        answer = client.get("/quarantine")
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["detail"].startswith("Internal error.")
    assert problem["error_id"] in problem["detail"]
    assert "quarantine" not in problem["detail"]
    assert "content-security-policy" in answer.headers


def test_an_address_that_is_none_and_a_method_that_is_not_possible(api: ApiUnderTest) -> None:
    with api.client() as client:
        lost, wrong = client.get("/nowhere"), client.delete("/alerts")
    for answer, status in ((lost, 404), (wrong, 405)):
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail", "instance"}
