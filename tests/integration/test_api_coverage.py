"""What cannot be asked of the figures, and what is there before anything was recorded."""

from pathlib import Path

from nightwarden.model.roles import Role
from tests.api_server import HOME, ApiUnderTest


def test_nights_that_cannot_be_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with ApiUnderTest(tmp_path) as api, api.client(Role.CARER) as client:
        api.apply(HOME)
        for query in ("from=yesterday", "from=2026-11-02&to=2026-11-01", "from=0001-01-01"):
            answer = client.get(f"/coverage?{query}")
            assert answer.status_code == 400
            assert "2026-11-0" in answer.json()["detail"]
        for query in ("from=2026-01-01&to=2027-06-01", "to=2999-12-31", "from=2000-01-01"):
            answer = client.get(f"/coverage?{query}")
            assert answer.status_code in (200, 400), answer.text
        assert client.get("/coverage?format=xls").status_code in (400, 422)


def test_before_anything_was_recorded_there_is_no_figure(tmp_path: Path) -> None:
    with ApiUnderTest(tmp_path) as api, api.client(Role.CARER) as client:
        assert client.get("/coverage").json()["items"] == []
        api.apply(HOME)
        found = client.get("/coverage").json()
        assert (found["items"], found["places"], found["home"]["percent"]) == ([], [], None)
        assert found["target_percent"] == 99
