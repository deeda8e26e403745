"""Checks, check rounds, labels and photos over HTTP."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from api.press_reports import PressReports
from nightwarden.model.roles import Role
from nightwarden.store.tables import ReadingRow
from tests.api_server import HOME, ApiUnderTest

MORE = (
    HOME
    + """
  - {tag: CVR-0012, kind: radiator_cover, at: 12/radiator-window}
  - {tag: CVR-SPARE, kind: radiator_cover}
"""
)
WELL = {"cover": "fixed", "pipes": "covered", "valves": "covered", "gap": "none"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(MORE)
        yield api


@pytest.fixture
def keeper(api: ApiUnderTest) -> Iterator[httpx.Client]:
    with api.client(Role.MAINTENANCE) as client:
        yield client


def cover(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "equipment": "CVR-0012", "check": "cover", "answers": WELL, **more}


def says(api: ApiUnderTest, *values: bool) -> None:
    """What the mat in room 12 says, a second apart, as the gateway records it."""
    for value in values:
        api.clock.advance(seconds=1)
        with api.store.transaction(api.clock()) as tx:
            tx.add(
                ReadingRow(
                    dialect="nightwarden",
                    address="mat-12",
                    quantity="occupancy",
                    number=float(value),
                    measured_at=tx.now,
                    received_at=tx.now,
                )
            )


def test_a_check_confirms_opens_faults_and_is_entered_once(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    done = keeper.post("/checks", json=cover("first-of-all")).json()
    assert (done["outcome"], done["by"], done["marks"]) == ("passed", "test maintenance", [])
    assert keeper.get("/equipment/CVR-0012").json()["confirmed"]["state"] == "in_place"
    api.clock.advance(days=1)
    bad = cover("second-of-all", answers=WELL | {"cover": "off", "valves": "bare"})
    first, again = (keeper.post("/checks", json=bad).json() for _ in range(2))
    assert first == again
    assert len(first["faults"]) == 2
    item = keeper.get("/equipment/CVR-0012").json()
    assert item["confirmed"]["state"] == "off"
    faults = [line for line in item["history"] if line["what"] == "fault"]
    assert [line["text"] for line in faults] == ["The cover is off", "A bare valve is within reach"]
    assert len(keeper.get("/checks?equipment=CVR-0012").json()["items"]) == 2
    open_now = keeper.get("/checks/today").json()["faults"]
    assert {fault["what"] for fault in open_now} == {line["text"] for line in faults}
    stolen = keeper.post("/checks", json=cover("second-of-all", check="visual", answers={}))
    assert stolen.status_code in {409, 422}


def test_a_hot_surface_blocks_the_sign_off_until_it_has_measured_well(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    def touch(key: str, said: float, heating: str = "on") -> dict[str, Any]:
        answers = {"heating": heating, "temperature_c": said}
        sent = cover(key, check="touch_temperature", answers=answers)
        api.clock.advance(minutes=5)
        found: dict[str, Any] = keeper.post("/checks", json=sent).json()
        return found

    hot = touch("touch-hot", 47.5)
    assert (hot["outcome"], len(hot["faults"])) == ("failed", 1)
    refused = keeper.post("/equipment/CVR-0012/confirmations", json={"state": "in_place"})
    assert (refused.status_code, "measured 47.5 °C" in refused.json()["detail"]) == (409, True)
    checked = keeper.post("/checks", json=cover("cover-hot")).json()
    assert (checked["outcome"], checked["faults"]) == ("failed", [])
    assert "not signed off" in checked["remark"]
    assert keeper.get("/equipment/CVR-0012").json()["confirmed"] is None
    cold = touch("touch-cold", 20.0, "off")
    assert (cold["outcome"], "proves nothing" in cold["remark"]) == ("not_proved", True)
    assert keeper.post("/checks", json=cover("cover-still")).json()["outcome"] == "failed"
    assert touch("touch-well", 41)["outcome"] == "passed"
    assert keeper.post("/checks", json=cover("cover-well")).json()["outcome"] == "passed"
    assert keeper.get("/equipment/CVR-0012").json()["confirmed"]["state"] == "in_place"


def test_a_press_test_is_closed_by_the_reading(api: ApiUnderTest, keeper: httpx.Client) -> None:
    sent = {"key": "press-number-1", "equipment": "MAT-0012", "check": "press"}
    api.clock.advance(minutes=1)
    refused = keeper.post("/checks", json=sent)
    assert (refused.status_code, "No press of MAT-0012" in refused.json()["detail"]) == (409, True)
    says(api, False, True)
    proved = keeper.post("/checks", json=sent).json()
    assert proved["proved_at"] == "2026-11-01T23:01:02.000Z"
    api.clock.advance(minutes=30)  # and a tick that is sent later proves nothing
    assert keeper.post("/checks", json=sent | {"key": "press-number-2"}).status_code == 409
    then = {"at": "2026-11-01T23:01:30Z", "key": "press-number-3"}
    assert keeper.post("/checks", json=sent | then).status_code == 201


def test_the_shift_lists_every_required_mat_until_it_has_been_pressed(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    api.clock.advance(hours=8, minutes=5)  # 07:05: the day shift has begun
    test = keeper.get("/checks/press-test").json()
    assert (test["shift"], test["window_until"]) == ("day", "2026-11-02T08:00:00.000Z")
    assert [(line["equipment"], line["shown"]) for line in test["items"]] == [
        ("MAT-0012", "waiting")
    ]
    says(api, True)  # heard for the first time: no change yet
    assert keeper.get("/checks/press-test").json()["items"][0]["shown"] == "waiting"
    says(api, False, True)
    (line,) = keeper.get("/checks/press-test").json()["items"]
    assert (line["shown"], line["pressed_at"]) == ("pressed", "2026-11-02T07:05:03.000Z")
    api.clock.advance(hours=14)
    assert keeper.get("/checks/press-test").json()["items"][0]["shown"] == "waiting"
    api.clock.advance(hours=1)
    assert keeper.get("/checks/press-test").json()["items"][0]["shown"] == "missed"
    says(api, False, True)
    assert keeper.get("/checks/press-test").json()["items"][0]["shown"] == "late"
    before = keeper.get("/checks/press-test?at=2026-11-02T12:00:00Z").json()
    assert (before["shift"], before["items"][0]["shown"]) == ("day", "pressed")


def test_a_mat_that_nobody_pressed_is_reported_once_for_the_shift(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    reports = PressReports(api.store, api.clock)

    def raised() -> list[dict[str, Any]]:
        reports.look()
        items = keeper.get("/alerts?state=all").json()["items"]
        return [alert for alert in items if alert["kind"] == "press_test_missed"]

    says(api, False)
    api.clock.advance(minutes=90)
    assert raised() == []  # the night shift had begun before the mat was put there
    api.clock.advance(hours=7)
    assert raised() == []  # 07:30, there is time until eight
    api.clock.advance(hours=1)
    (alert,) = raised()
    assert alert["text"] == "Home · 1 mat was not pressed as the day shift began"
    assert "12 bed" in alert["action"]
    assert len(raised()) == 1
    says(api, True)
    assert raised()[0]["events"][-1]["event"] == "cause_cleared"
    api.clock.advance(hours=13)  # the next shift: somebody lies on it since the morning
    assert keeper.get("/checks/press-test").json()["items"][0]["shown"] == "lain_on"
    api.clock.advance(minutes=31)
    assert len(raised()) == 1


def test_today_has_what_is_overdue_and_an_interval_is_changed_with_a_reason(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    day = keeper.get("/checks/today").json()
    assert ("CVR-0012", "cover") in {(one["equipment"], one["check"]) for one in day["due"]}
    assert "CVR-SPARE" not in {one["equipment"] for one in day["due"]}
    keeper.post("/checks", json=cover("cover-today"))
    api.clock.advance(days=29)
    overdue = keeper.get("/checks/today").json()
    assert {one["check"] for one in overdue["soon"]} == {"cover"}
    assert ("MAT-0012", "battery") in {
        (one["equipment"], one["check"]) for one in overdue["overdue"]
    }
    change = {"every_days": 14, "because": "two covers were found loose in a month"}
    path = "/checks/kinds/radiator_cover/cover"
    assert keeper.put(path, json=change).status_code == 403
    with api.client(Role.MANAGER) as manager:
        set_now = manager.put(path, json=change).json()
        assert (set_now["every_days"], set_now["set_by"]) == (14, "test manager")
        for wrong in ({"every_days": 0}, {"because": " "}):
            assert manager.put(path, json=change | wrong).status_code == 422
        assert manager.put("/checks/kinds/hub/cover", json=change).status_code == 404
    late = keeper.get("/checks/today").json()["overdue"]
    assert ("CVR-0012", "cover") in {(one["equipment"], one["check"]) for one in late}


def test_a_check_round_ends_in_found_missing_and_unexpected_with_a_receipt(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    begun = keeper.post("/check-rounds", json={"name": "November", "steps": ["cover"]}).json()
    path = f"/check-rounds/{begun['id']}"
    assert {line["equipment"] for line in begun["missing"]} == {"MAT-0012", "CVR-0012"}
    keeper.post("/equipment", json={"tag": "MAT-NEW", "kind": "bed_mat", "at": "12/bed"})
    scan = {"key": "a-scan-of-it", "equipment": "CVR-SPARE"}
    assert keeper.post(f"{path}/scans", json=scan).json()["expected"] is False
    assert keeper.post(f"{path}/scans", json=scan).status_code == 201
    keeper.post("/checks", json=cover("cover-round", round=begun["id"], seen_at="12/bed"))
    assert keeper.get(f"{path}/receipt").status_code == 409
    api.clock.advance(minutes=40)
    ended = keeper.post(f"{path}/end").json()
    assert [line["equipment"] for line in ended["found"]] == ["CVR-0012"]
    assert [line["equipment"] for line in ended["missing"]] == ["MAT-0012"]
    assert [line["equipment"] for line in ended["unexpected"]] == ["CVR-SPARE"]
    assert "Not found" in keeper.get("/equipment/MAT-0012").json()["fault"]["what"]
    paper = keeper.get(f"{path}/receipt").json()
    plain = json.dumps(paper["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(plain.encode()).hexdigest() == paper["sha256"]
    api.clock.advance(minutes=1)
    late = {"key": "a-late-scan", "equipment": "MAT-0012", "at": "2026-11-01T23:10:00Z"}
    assert keeper.post(f"{path}/scans", json=late).status_code == 201
    assert keeper.get(f"{path}/receipt").json() == paper | {"matches": True}
    assert len(keeper.get(path).json()["entered_after_its_end"]) == 1
    assert keeper.post(f"{path}/end").status_code == 409


def test_what_was_kept_on_a_phone_is_kept_here_whatever_happened_meanwhile(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    made = (api.clock() + timedelta(minutes=1)).isoformat()
    api.clock.advance(hours=1)
    keeper.patch("/equipment/CVR-0012", json={"at": None})
    moved = keeper.post(
        "/checks", json=cover("from-a-phone", at=made, seen_at="12/radiator-window")
    ).json()
    assert "is in the store cupboard now" in moved["remark"]
    assert (moved["seen_at"], moved["marks"]) == ("12/radiator-window", ["late"])
    assert keeper.get("/equipment/CVR-0012").json()["confirmed"] is None
    gone = {"reason": "bent", "replacement": "radiator off", "review_by": "2026-12-01"}
    keeper.post("/equipment/CVR-0012/retire", json=gone)
    retired = keeper.post("/checks", json=cover("from-a-phone-2", at=made)).json()
    assert "taken out of use" in retired["remark"]
    ahead = (api.clock() + timedelta(days=2)).isoformat()
    wrong = keeper.post("/checks", json=cover("from-a-phone-3", at=ahead)).json()
    assert "yet to come" in wrong["remark"]
    assert wrong["at"] == wrong["recorded_at"]


def picture(size: tuple[int, int] = (2400, 1200), kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    photo = Image.new("RGB", size, "teal")
    exif = photo.getexif()
    exif[0x010E] = "in room 12"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 0.0)
    photo.save(written, kind, exif=exif)
    return written.getvalue()


def test_a_photo_is_drawn_anew_without_its_location_and_shown_as_a_picture(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    sent = picture()
    assert b"in room 12" in sent
    kept = keeper.post("/equipment/CVR-0012/photos", content=sent).json()
    assert (kept["width"], kept["height"], kept["by"]) == (1600, 800, "test maintenance")
    shown = keeper.get(f"/photos/{kept['id']}")
    assert hashlib.sha256(shown.content).hexdigest() == kept["sha256"]
    with Image.open(io.BytesIO(shown.content)) as drawn:
        assert (drawn.format, len(drawn.getexif())) == ("JPEG", 0)
    assert b"in room 12" not in shown.content
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert shown.headers["x-content-type-options"] == "nosniff"
    small = keeper.get(f"/photos/{kept['id']}?small=true").content
    with Image.open(io.BytesIO(small)) as thumbnail:
        assert max(thumbnail.size) == 320
    assert keeper.post("/equipment/CVR-0012/photos", content=sent).json() == kept


@pytest.mark.parametrize(
    "sent",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:900], picture()[:40]],
)
def test_what_is_no_photo_is_refused_in_a_sentence(keeper: httpx.Client, sent: bytes) -> None:
    refused = keeper.post("/equipment/CVR-0012/photos", content=sent)
    assert refused.status_code == 422
    assert refused.json()["detail"].endswith(".")


def test_a_photo_that_unfolds_to_gigabytes_is_refused_before_it_does(keeper: httpx.Client) -> None:
    bomb = io.BytesIO()
    Image.new("1", (6_000, 6_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 1 << 20
    refused = keeper.post("/equipment/CVR-0012/photos", content=bomb.getvalue())
    assert refused.json()["detail"] == "The photo has more pixels than any camera; take it again."
    huge = keeper.post("/equipment/CVR-0012/photos", content=b"\0" * (18 << 20))
    assert huge.status_code == 413


def test_a_label_opens_its_item_until_it_is_replaced(
    api: ApiUnderTest, keeper: httpx.Client
) -> None:
    assert keeper.post("/labels").json() == {"made": 5}
    assert keeper.post("/labels").json() == {"made": 0}
    labels = keeper.get("/labels").json()["items"]
    assert len({label["code"] for label in labels}) == 5
    (own,) = [label for label in labels if label["equipment"] == "CVR-0012"]
    assert keeper.get(f"/labels/{own['code'].lower()}").json() == own
    alert = api.raise_alert("12/radiator-window")
    scanned = {"evidence": "scan", "detail": f"https://nightwarden.local/l/{own['code']}"}
    keeper.post(f"/alerts/{alert}/accept")
    assert keeper.post(f"/alerts/{alert}/attend", json=scanned).json()["state"] == "attended"
    fresh = keeper.post(f"/labels/{own['code']}/replace").json()
    assert keeper.get(f"/labels/{own['code']}").status_code == 404
    assert keeper.get(f"/labels/{fresh['code']}").json()["equipment"] == "CVR-0012"
