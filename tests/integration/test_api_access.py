"""Who gets in, who may do what, and what is never told."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from nightwarden.errors import Unauthenticated
from nightwarden.model.roles import Right, Role, may
from nightwarden.store import people, sessions
from nightwarden.store.pins import LockedOut
from tests.api_server import HOME, ApiUnderTest

OPEN, VIEWER = "open", "viewer"
PIN = "4071"

FINDING = {
    "source": "x",
    "text": "x",
    "found_on": "2026-10-01",
    "owner": "x",
    "due_on": "2027-01-01",
}
NOTICE = {
    "number": "1",
    "kind": "alert",
    "source": "x",
    "title": "x",
    "text": "x",
    "dated": "2026-10-01",
}
_GAP = {"room": "404", "place": "bed", "needs": "bed_mat", "state": "missing"}

HEATER = {
    "equipment": "HTR-1",
    "at": "12/bed",
    "owner": "Sam",
    "made_safe": "1 m away",
    "until": "2026-11-02T00:00:00Z",
}
CHANNEL = {"name": "Texts", "address": "json://127.0.0.1:9", "roles": ["manager"]}
PHONE = {
    "name": "Mine",
    "endpoint": "https://push.example.org/x",
    "keys": {"p256dh": "", "auth": ""},
}
ROUTES: list[tuple[str, str, object, Right | str]] = [
    ("GET", "/channels", None, Right.MANAGE),
    ("POST", "/channels", CHANNEL, Right.MANAGE),
    ("PUT", "/channels/{channel_id}", {"roles": ["manager"]}, Right.MANAGE),
    ("POST", "/channels/{channel_id}/test", None, Right.MANAGE),
    ("POST", "/channels/{channel_id}/remove", None, Right.MANAGE),
    ("GET", "/channels/{channel_id}/deliveries", None, Right.MANAGE),
    ("GET", "/phones/key", None, Right.ANSWER_ALERTS),
    ("POST", "/phones", PHONE, Right.ANSWER_ALERTS),
    ("GET", "/phones/{phone_id}", None, Right.ANSWER_ALERTS),
    ("POST", "/phones/{phone_id}/test", None, Right.ANSWER_ALERTS),
    ("POST", "/phones/{phone_id}/remove", None, Right.ANSWER_ALERTS),
    ("POST", "/phones/shown/{letter_id}", {"token": "x"}, OPEN),
    ("GET", "/health", None, OPEN),
    ("GET", "/schema/home", None, OPEN),
    ("GET", "/alerts", None, VIEWER),
    ("GET", "/outcomes", None, VIEWER),
    ("GET", "/alerts/{alert_id}", None, VIEWER),
    ("GET", "/alerts/{alert_id}/why", None, VIEWER),
    ("GET", "/alerts/{alert_id}/incident", None, Right.READ_AUDIT),
    ("GET", "/evidence", None, Right.READ_AUDIT),
    ("GET", "/places/{room}/{place}/why", None, VIEWER),
    ("POST", "/alerts/{alert_id}/delivered", None, VIEWER),
    ("POST", "/alerts/delivered", {"alerts": [1]}, VIEWER),
    ("POST", "/alerts/{alert_id}/accept", None, Right.ANSWER_ALERTS),
    ("POST", "/alerts/{alert_id}/attend", None, Right.ANSWER_ALERTS),
    ("POST", "/alerts/{alert_id}/take-back", None, Right.ANSWER_ALERTS),
    ("POST", "/alerts/{alert_id}/close", {"outcome": "test"}, Right.ANSWER_ALERTS),
    ("GET", "/stream", None, VIEWER),
    ("GET", "/gaps", None, VIEWER),
    ("GET", "/watches", None, VIEWER),
    ("GET", "/search", None, VIEWER),
    ("GET", "/drills", None, VIEWER),
    ("GET", "/drills/{drill_id}", None, VIEWER),
    ("POST", "/drills", {"room": "12"}, Right.MANAGE),
    ("GET", "/figures/waits", None, Right.REVIEW),
    ("GET", "/figures/mats", None, Right.REVIEW),
    ("GET", "/figures/outages", None, Right.REVIEW),
    ("GET", "/coverage", None, VIEWER),
    ("GET", "/rounds", None, VIEWER),
    ("GET", "/rounds/{round_id}", None, VIEWER),
    (
        "POST",
        "/places/{room}/{place}/round",
        {"every_minutes": 15, "until": "2026-11-02T05:00:00Z", "reason": "no mat"},
        Right.SET_ROUND,
    ),
    ("POST", "/rounds/after-upset", {"reason": "power cut"}, Right.SET_ROUND),
    ("POST", "/rounds/{round_id}/ticks", {"seen": "asleep"}, Right.ANSWER_ALERTS),
    ("POST", "/rounds/{round_id}/end", None, Right.SET_ROUND),
    ("GET", "/backtests", None, Right.MANAGE),
    ("GET", "/backtests/{trial_id}", None, Right.MANAGE),
    ("GET", "/people", None, Right.MANAGE),
    (
        "POST",
        "/people",
        {"name": "New One", "role": "carer", "secret": "4821"},
        Right.MANAGE,
    ),
    ("POST", "/people/{name}/unlock", None, Right.MANAGE),
    ("POST", "/people/{name}/reset", {"secret": "4821"}, Right.MANAGE),
    ("POST", "/people/{name}/second-step-off", None, Right.MANAGE),
    ("POST", "/people/{name}/remove", None, Right.MANAGE),
    ("GET", "/sessions", None, Right.SEE),
    ("POST", "/sessions/{session_id}/end", None, Right.SEE),
    ("GET", "/guests", None, Right.LET_IN_GUESTS),
    ("POST", "/guests", {"until": "2026-11-02T05:00:00Z"}, Right.LET_IN_GUESTS),
    ("POST", "/guests/{name}/end", None, Right.LET_IN_GUESTS),
    ("GET", "/shift/handovers", None, Right.SEE),
    ("GET", "/shift/handovers/{handover_id}", None, Right.SEE),
    ("POST", "/rooms/{room}/call", None, Right.ANSWER_ALERTS),
    ("POST", "/places/{room}/{place}/pause", {"minutes": 5, "reason": "care"}, Right.PAUSE),
    ("POST", "/places/{room}/{place}/resume", None, Right.PAUSE),
    ("GET", "/equipment", None, Right.SEE),
    ("POST", "/equipment", {"tag": "", "kind": "bed_mat"}, Right.KEEP_REGISTER),
    ("GET", "/equipment/{tag}", None, Right.SEE),
    ("PATCH", "/equipment/{tag}", {"make": "Acme"}, Right.KEEP_REGISTER),
    ("GET", "/equipment/{tag}/history", None, Right.SEE),
    ("POST", "/equipment/{tag}/confirmations", {"state": "in_place"}, Right.CONFIRM),
    ("POST", "/equipment/{tag}/faults", {"what": "torn"}, Right.REPORT_FAULT),
    ("POST", "/equipment/{tag}/faults/{fault}/mend", None, Right.CONFIRM),
    ("GET", "/faults", None, Right.SEE),
    ("GET", "/faults/queue", None, Right.SEE),
    ("POST", "/faults", {"equipment": "x", "what": "torn"}, Right.REPORT_FAULT),
    ("GET", "/faults/{fault_id}", None, Right.SEE),
    ("POST", "/faults/{fault_id}/interim", {"interim": "looks in"}, Right.REPORT_FAULT),
    ("POST", "/faults/{fault_id}/owner", {"owner": "Pat"}, Right.REPORT_FAULT),
    ("POST", "/faults/{fault_id}/mend", None, Right.CONFIRM),
    ("POST", "/labels/{code}/faults", {"what": "torn"}, OPEN),
    ("GET", "/notices", None, Right.SEE),
    ("GET", "/notices/unread", None, Right.SEE),
    ("POST", "/notices", NOTICE, Right.KEEP_REGISTER),
    ("GET", "/notices/{notice_id}", None, Right.SEE),
    ("GET", "/notices/{notice_id}/file", None, Right.SEE),
    ("POST", "/notices/{notice_id}/file", None, Right.KEEP_REGISTER),
    ("POST", "/notices/{notice_id}/read", None, Right.SEE),
    (
        "POST",
        "/notices/{notice_id}/checks",
        {"equipment": "x", "outcome": "put_right"},
        Right.CONFIRM,
    ),
    ("POST", "/notices/{notice_id}/withdraw", {"why": "x"}, Right.KEEP_REGISTER),
    ("GET", "/findings", None, Right.SEE),
    ("POST", "/findings", FINDING, Right.KEEP_REGISTER),
    (
        "POST",
        "/findings/{finding_id}/owner",
        {"owner": "x", "due_on": "2027-01-01"},
        Right.KEEP_REGISTER,
    ),
    ("POST", "/findings/{finding_id}/close", {"how": "x"}, Right.MANAGE),
    (
        "POST",
        "/equipment/{tag}/permits",
        {"reason": "paint", "made_safe_by": "off", "until": "2026-11-02T00:00:00Z"},
        Right.KEEP_REGISTER,
    ),
    ("POST", "/equipment/{tag}/permits/{permit}/end", None, Right.KEEP_REGISTER),
    (
        "POST",
        "/equipment/{tag}/permits/{permit}/extend",
        {"until": "2026-11-02T00:00:00Z", "reason": "rain"},
        Right.KEEP_REGISTER,
    ),
    ("GET", "/stock", None, Right.SEE),
    ("PUT", "/stock/{kind}", {"spare_at_least": 2, "because": "x"}, Right.KEEP_REGISTER),
    ("GET", "/orders", None, Right.SEE),
    ("POST", "/orders", {"kind": "bed_mat", "quantity": 2}, Right.KEEP_REGISTER),
    ("POST", "/orders/{order_id}/arrived", {"quantity": 2}, Right.KEEP_REGISTER),
    ("POST", "/orders/{order_id}/call-off", {"why": "x"}, Right.KEEP_REGISTER),
    ("PUT", "/supplies/{name}", {"reorder_at": 2}, Right.KEEP_REGISTER),
    ("POST", "/supplies/{name}/changes", {"change": -1, "what": "x"}, Right.REPORT_FAULT),
    ("POST", "/supplies/{name}/count", {"left": 3}, Right.REPORT_FAULT),
    ("PUT", "/equipment/{tag}/uses", {"uses_allowed": 3}, Right.KEEP_REGISTER),
    ("POST", "/equipment/{tag}/uses", None, Right.REPORT_FAULT),
    ("GET", "/permits", None, Right.SEE),
    ("GET", "/outage", None, Right.SEE),
    ("GET", "/outages", None, Right.SEE),
    ("POST", "/outage", {"why": "boiler"}, Right.RUN_OUTAGE),
    ("POST", "/outage/steps/{step}", None, Right.RUN_OUTAGE),
    ("POST", "/outage/end", {"why": "warm"}, Right.RUN_OUTAGE),
    ("GET", "/heaters", None, Right.SEE),
    ("POST", "/heaters", HEATER, Right.RUN_OUTAGE),
    (
        "POST",
        "/heaters/{heater_id}/extend",
        {"until": "2026-11-02T00:00:00Z", "reason": "cold"},
        Right.RUN_OUTAGE,
    ),
    ("POST", "/heaters/{heater_id}/take-away", {"went_to": "store"}, Right.RUN_OUTAGE),
    ("GET", "/removals", None, Right.SEE),
    (
        "POST",
        "/removals/{removal_id}/explain",
        {"reason": "x", "replacement": "y", "review_by": "2027-01-01"},
        Right.KEEP_REGISTER,
    ),
    ("POST", "/removals/{removal_id}/review", {"verdict": "x"}, Right.MANAGE),
    ("POST", "/equipment/{tag}/retire", None, Right.KEEP_REGISTER),
    ("GET", "/equipment/{tag}/photos", None, Right.SEE),
    ("POST", "/equipment/{tag}/photos", None, Right.CONFIRM),
    ("GET", "/photos/{number}", None, VIEWER),
    ("GET", "/checks", None, Right.SEE),
    ("POST", "/checks", {"key": "12345678", "equipment": "", "check": "visual"}, Right.CONFIRM),
    ("GET", "/checks/today", None, Right.SEE),
    ("GET", "/checks/kinds", None, Right.SEE),
    ("PUT", "/checks/kinds/{kind}/{check}", {"every_days": 1, "because": ""}, Right.SET_CHECKS),
    ("PUT", "/checks/press-window", {"minutes": 1, "because": ""}, Right.SET_CHECKS),
    ("GET", "/checks/press-test", None, Right.SEE),
    ("GET", "/check-rounds", None, Right.SEE),
    ("POST", "/check-rounds", {"name": ""}, Right.CONFIRM),
    ("GET", "/check-rounds/{number}", None, Right.SEE),
    (
        "POST",
        "/check-rounds/{number}/scans",
        {"key": "12345678", "equipment": "none"},
        Right.CONFIRM,
    ),
    ("POST", "/check-rounds/{number}/end", None, Right.CONFIRM),
    ("GET", "/check-rounds/{number}/receipt", None, Right.SEE),
    ("GET", "/labels", None, Right.CONFIRM),
    ("POST", "/labels", None, Right.KEEP_REGISTER),
    ("GET", "/labels/{code}", None, Right.CONFIRM),
    ("POST", "/labels/{code}/replace", None, Right.KEEP_REGISTER),
    (
        "POST",
        "/equipment/{tag}/status",
        {"status": "quarantined", "why": "torn"},
        Right.KEEP_REGISTER,
    ),
    ("POST", "/equipment/{tag}/pairing", {"serial": "T1"}, Right.KEEP_REGISTER),
    (
        "POST",
        "/equipment/{tag}/tests",
        {"kind": "functional", "passed": True},
        Right.CONFIRM,
    ),
    ("GET", "/models", None, Right.SEE),
    ("PUT", "/models", {"make": "Acme", "model": ""}, Right.KEEP_REGISTER),
    ("GET", "/residents", None, Right.SEE),
    ("POST", "/residents", {"id": "", "shown_as": "A", "room": "404"}, Right.CHANGE_PLANS),
    ("GET", "/residents/{resident}", None, Right.SEE),
    ("PATCH", "/residents/{resident}", {"shown_as": "A"}, Right.CHANGE_PLANS),
    ("POST", "/residents/{resident}/move", {"room": "404"}, Right.MOVE_RESIDENT),
    ("POST", "/residents/{resident}/leave", None, Right.CHANGE_PLANS),
    (
        "POST",
        "/residents/{resident}/assessments",
        {"kind": "falls", "on": "2026-11-01", "review_by": "2027-11-01"},
        Right.CHANGE_PLANS,
    ),
    (
        "POST",
        "/residents/{resident}/consent",
        {"basis": "consent", "by": "herself", "on": "2026-11-01"},
        Right.CHANGE_PLANS,
    ),
    ("POST", "/residents/{resident}/consent/withdraw", {"why": "asked"}, Right.CHANGE_PLANS),
    (
        "POST",
        "/residents/{resident}/requirements",
        {"place": "bed", "needs": "bed_mat", "because": "falls", "review_by": "2027-01-01"},
        Right.CHANGE_PLANS,
    ),
    (
        "POST",
        "/residents/{resident}/requirements/{requirement}/end",
        {"why": "walks well"},
        Right.CHANGE_PLANS,
    ),
    ("GET", "/emitters", None, Right.SEE),
    ("GET", "/emitters/{room}/{place}", None, Right.SEE),
    (
        "POST",
        "/emitters/{room}/{place}/assessments",
        {"finding": "low surface"},
        Right.KEEP_REGISTER,
    ),
    ("POST", "/emitters/{room}/{place}/stay", {}, Right.KEEP_REGISTER),
    ("GET", "/training", None, Right.SEE),
    ("POST", "/training", {"person": "", "kind": "bed_mat"}, Right.RECORD_TRAINING),
    ("POST", "/training/{number}/take-back", {"why": "wrong"}, Right.RECORD_TRAINING),
    ("POST", "/gaps/owner", _GAP | {"owner": "Tom"}, Right.GIVE_GAPS),
    (
        "POST",
        "/gaps/decision",
        _GAP | {"reason": "on order", "review_by": "2026-11-09"},
        Right.CHANGE_PLANS,
    ),
    ("POST", "/gaps/decision/take-back", _GAP, Right.CHANGE_PLANS),
    ("GET", "/devices", None, Right.SEE),
    ("POST", "/devices/bindings", {"device": "a:b", "equipment": "c"}, Right.KEEP_REGISTER),
    ("GET", "/quarantine", None, Right.SEE),
    ("GET", "/readings", None, Right.SEE),
    ("GET", "/reviews", None, Right.SEE),
    ("GET", "/reviews/{review_id}", None, Right.SEE),
    ("POST", "/reviews/{review_id}/answers", {"answers": {"bed_height": "low"}}, Right.REVIEW),
    ("POST", "/reviews/{review_id}/told", {"whom": "the manager"}, Right.REVIEW),
    ("GET", "/rules", None, Right.SEE),
    ("POST", "/rules", None, Right.MANAGE),
    ("POST", "/rules/dry-run", None, Right.MANAGE),
    ("POST", "/backtest", {"from": "x", "to": "y"}, Right.MANAGE),
    ("GET", "/rules/shadow", None, Right.SEE),
    ("POST", "/rules/shadow", None, Right.MANAGE),
    ("DELETE", "/rules/shadow", None, Right.MANAGE),
    ("POST", "/rules/shadow/promote", {}, Right.MANAGE),
    ("GET", "/receivers", None, VIEWER),
    ("POST", "/receivers/{receiver_id}", {"kind": "screen", "sound": True}, VIEWER),
    ("POST", "/receivers/{receiver_id}/heard", None, Right.ANSWER_ALERTS),
    ("GET", "/shift", None, VIEWER),
    ("POST", "/shift", {"deed": "on"}, Right.ANSWER_ALERTS),
    ("GET", "/schema/rules", None, OPEN),
    ("GET", "/personal/former", None, Right.MANAGE),
    ("GET", "/personal/retention", None, Right.MANAGE),
    ("PUT", "/personal/retention/{name}", {"days": 40, "because": "x"}, Right.MANAGE),
    ("GET", "/residents/{resident}/export", None, Right.MANAGE),
    ("POST", "/residents/{resident}/erase", {"because": "x"}, Right.MANAGE),
    ("POST", "/import", None, Right.KEEP_REGISTER),
    ("GET", "/import/template", None, Right.KEEP_REGISTER),
    ("GET", "/home-file", None, Right.CHANGE_PLANS),
    ("POST", "/home-file", None, Right.CHANGE_PLANS),
    ("GET", "/audit", None, Right.READ_AUDIT),
    ("GET", "/audit/verify", None, Right.READ_AUDIT),
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path_factory.mktemp("access")) as api:
        api.apply(HOME)
        api.proved()
        with api.store.transaction(api.clock()) as tx:
            people.add_user(tx, "Ann", Role.CARER, PIN, "test")
        yield api


def status(client: httpx.Client, method: str, path: str, body: object) -> int:
    path = re.sub(r"\{\w+\}", "404", path)
    if path == "/stream":
        with client.stream(method, path) as answer:
            return answer.status_code
    return client.request(method, path, json=body).status_code


@contextmanager
def browser(api: ApiUnderTest, **cookies: str) -> Iterator[httpx.Client]:
    with api.client(None) as client:
        client.cookies.update(cookies)
        yield client


def signed_in(api: ApiUnderTest) -> str:
    with api.store.transaction(api.clock()) as tx:
        return sessions.open_session(tx, people.check_secret(tx, "Ann", PIN))


def test_the_table_holds_every_call_that_is_documented(api: ApiUnderTest) -> None:
    with api.client(None) as client:
        described = client.get("/openapi.json").json()["paths"]
    calls = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in described.items()
        for method in methods
    }
    assert calls - {("GET", "/metrics")} == {(method, path) for method, path, _, _ in ROUTES}
    summaries = [call.get("description") for path in described.values() for call in path.values()]
    assert all(summaries)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_its_rights_say_and_no_more(api: ApiUnderTest, role: Role) -> None:
    with api.client(role) as client:
        for method, path, body, right in ROUTES:
            allowed = not isinstance(right, Right) or may(role, right)
            got = status(client, method, path, body)
            assert (got == 403) is not allowed, f"{role} {method} {path}: {got}"
            assert got < 500


def test_nobody_gets_in_without_a_token(api: ApiUnderTest) -> None:
    with api.client(None) as nobody:
        for method, path, body, right in ROUTES:
            got = status(nobody, method, path, body)
            assert (got == 401) is (right != OPEN), f"{method} {path}: {got}"
        refused = nobody.get("/alerts")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        for header in ("Bearer", "Bearer x", "Basic eDp5", "x"):
            answer = nobody.get("/alerts", headers={"Authorization": header})
            assert answer.status_code == 401


def test_a_revoked_token_ends_at_once(api: ApiUnderTest) -> None:
    with api.store.transaction(api.clock()) as tx:
        token = people.create_token(tx, "pager", Role.INTEGRATOR, "test")
    headers = {"Authorization": f"Bearer {token}"}
    with api.client(None) as pager:
        assert pager.get("/alerts", headers=headers).status_code == 200
        with api.store.transaction(api.clock()) as tx:
            (row,) = [row for row in people.tokens(tx) if row.name == "pager"]
            assert row.last_used_at == api.clock()
            people.revoke_token(tx, "pager", "test")
        assert pager.get("/alerts", headers=headers).status_code == 401


def test_a_screen_sees_the_board_and_does_nothing(api: ApiUnderTest) -> None:
    with api.store.transaction(api.clock()) as tx:
        code = people.enrol_code(tx, "corridor", "test")
    with api.store.transaction(api.clock()) as tx:
        cookie = people.use_enrol_code(tx, code)
        with pytest.raises(Unauthenticated, match="used"):
            people.use_enrol_code(tx, code)
    with browser(api, nightwarden_screen=cookie) as screen:
        screen.headers["Sec-Fetch-Site"] = "same-origin"
        for method, path, body, right in ROUTES:
            got = status(screen, method, path, body)
            assert (got == 401) is (right not in (OPEN, VIEWER)), f"{method} {path}: {got}"
        number = api.raise_alert("12/bed")
        painted = screen.post(f"/alerts/{number}/delivered").json()
        assert painted["events"][-1]["actor"] == "corridor"
        with api.store.transaction(api.clock()) as tx:
            people.remove_screen(tx, "corridor", "test")
        assert screen.get("/alerts").status_code == 401


def test_an_enrolment_link_is_soon_too_old(api: ApiUnderTest) -> None:
    with api.store.transaction(api.clock()) as tx:
        code = people.enrol_code(tx, "office", "test")
    later = api.clock() + people.ENROL_CODE_LASTS
    with api.store.transaction(later) as tx, pytest.raises(Unauthenticated, match="too old"):
        people.use_enrol_code(tx, code)


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://elsewhere.example", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "OURS"}, True),
    ],
)
def test_a_change_under_a_cookie_has_to_come_from_our_own_page(
    api: ApiUnderTest, headers: dict[str, str], passes: bool
) -> None:
    sent = {name: value.replace("OURS", api.url) for name, value in headers.items()}
    with browser(api, nightwarden_session=signed_in(api)) as ann:
        answer = ann.post("/places/12/bed/pause", json={"minutes": 1, "reason": "x"}, headers=sent)
        assert answer.status_code == (200 if passes else 403)
        assert ann.get("/alerts").status_code == 200


def test_a_session_ends_by_itself_and_by_signing_out(api: ApiUnderTest) -> None:
    first, second = signed_in(api), signed_in(api)
    with api.store.transaction(api.clock()) as tx:
        sessions.end_session(tx, first)
    begun = api.clock()
    with api.store.reading(begun) as tx, pytest.raises(Unauthenticated):
        sessions.session_user(tx, first)
    for hours in (5, 10):  # used now and then, as a phone's board is
        with api.store.transaction(begun + timedelta(hours=hours)) as tx:
            sessions.note_use(tx, sessions.signed_in(tx, second).session)
    with api.store.reading(begun + sessions.SESSION_LASTS - timedelta(seconds=1)) as tx:
        assert sessions.session_user(tx, second).name == "Ann"
    ended = begun + sessions.SESSION_LASTS
    with api.store.reading(ended) as tx, pytest.raises(Unauthenticated):
        sessions.session_user(tx, second)


def test_five_wrong_pins_lock_and_the_lock_doubles(api: ApiUnderTest) -> None:
    now = api.clock()

    def attempt(pin: str) -> None:
        with api.store.transaction(now) as tx:
            people.check_secret(tx, "Ben", pin)

    with api.store.transaction(now) as tx:
        people.add_user(tx, "Ben", Role.CARER, PIN, "test")
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="do not match"):
            attempt("0000")
    with pytest.raises(LockedOut, match="try again in 5 min"):
        attempt(PIN)
    now += timedelta(minutes=5)
    with pytest.raises(Unauthenticated, match="do not match"):
        attempt("0000")
    now += timedelta(minutes=9)
    with pytest.raises(LockedOut, match="try again in 1 min"):
        attempt(PIN)
    now += timedelta(minutes=1)
    attempt(PIN)
    for _ in range(4):  # a right one gives every attempt back
        with pytest.raises(Unauthenticated, match="do not match"):
            attempt("0000")
    attempt(PIN)


def test_an_unknown_name_is_answered_like_a_wrong_pin(api: ApiUnderTest) -> None:
    said = []
    for name in ("Ann", "Nobody"):
        with pytest.raises(Unauthenticated) as refused, api.store.transaction(api.clock()) as tx:
            people.check_secret(tx, name, "0000")
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_the_record_names_people_and_holds_no_secret(api: ApiUnderTest) -> None:
    cookie = signed_in(api)
    with api.client(Role.MANAGER) as manager:
        entries = manager.get("/audit?limit=500")
    actions = {(entry["action"], entry["subject"]) for entry in entries.json()["items"]}
    assert {("added person", "person Ann"), ("signed in", "person Ann")} <= actions
    for entry in entries.json()["items"]:
        del entry["hash"], entry["previous"]  # any digits may be in these
        for secret in (PIN, cookie, api.token(Role.MANAGER), "argon2"):
            assert secret not in str(entry)


def test_every_answer_carries_the_headers(api: ApiUnderTest) -> None:
    with api.client() as client:
        for path in ("/alerts", "/nowhere", "/alerts?limit=0"):
            headers = client.get(path).headers
            assert headers["content-security-policy"].startswith("default-src 'self'; ")
            assert "unsafe-inline" not in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"


def test_a_body_past_the_limit_is_refused_in_a_sentence(api: ApiUnderTest) -> None:
    with api.client() as client:
        answer = client.post("/equipment", json={"tag": "x" * 2_000_000, "kind": "bed_mat"})
    assert answer.status_code == 413
    assert answer.json()["detail"] == "The body is too large; the limit is 1 MiB."
