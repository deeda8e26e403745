"""The part of the board that changes: drawn once for many, and each sees what is theirs."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from api.shared import Shared
from nightwarden.model.roles import Role
from nightwarden.store import meta, people, sessions
from tests.api_server import HOME, NIGHT, ApiUnderTest

Open = Callable[..., httpx.Client]
PIN = "7391"
OURS = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
HELPED = {"outcome": "helped"}
NAMES = {"Maria Keane": Role.CARER, "Tom Abara": Role.CARER, "Sue Lee": Role.SENIOR}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiUnderTest]:
    with ApiUnderTest(tmp_path) as api:
        api.apply(HOME)
        api.proved()
        yield api


@pytest.fixture
def open_as(api: ApiUnderTest) -> Iterator[Open]:
    """Browsers: of somebody who has signed in, or without a name an enrolled screen."""
    with ExitStack() as opened:

        def open_(name: str = "", theme: str = "night") -> httpx.Client:
            with api.store.transaction(api.clock()) as tx:
                if name:
                    user = people.add_user(tx, name, NAMES[name], PIN, "test")
                    cookies = {"nightwarden_session": sessions.open_session(tx, user)}
                else:
                    code = people.enrol_code(tx, "Corridor", "test")
                    cookies = {"nightwarden_screen": people.use_enrol_code(tx, code)}
            cookies["nightwarden_theme"] = theme
            client = httpx.Client(base_url=api.url, cookies=cookies, headers=OURS, verify=False)
            return opened.enter_context(client)

        yield open_


def part(client: httpx.Client) -> str:
    answer = client.get("/board/fragment")
    answer.raise_for_status()
    return re.sub(r"\s+", " ", answer.text).strip()


def whole(client: httpx.Client) -> str:
    return re.sub(r"\s+", " ", client.get("/").text)


def test_the_part_alone_is_what_the_whole_page_shows_to_each(
    api: ApiUnderTest, open_as: Open
) -> None:
    number = api.raise_alert()
    viewers = [open_as(), *(open_as(name) for name in NAMES), open_as(theme="day")]
    for step in ("accept", "attend", "close", ""):
        for viewer in viewers:
            assert part(viewer) in whole(viewer)
        viewers[1].post(f"/api/v1/alerts/{number}/{step}", json=HELPED if step == "close" else {})
        viewers[2].cookies.set("nightwarden_language", "pl")


def test_only_whoever_pressed_is_offered_to_take_it_back(api: ApiUnderTest, open_as: Open) -> None:
    number = api.raise_alert()
    screen, maria, tom = open_as(), open_as("Maria Keane"), open_as("Tom Abara")
    assert part(maria) == part(tom), "nothing on it is anybody's own"
    maria.post(f"/api/v1/alerts/{number}/accept")
    for _ in range(2):
        assert "take-back" in part(maria)
        assert "take-back" not in part(tom)
        assert "take-back" in part(screen), "which asks who it is"
    maria.post(f"/api/v1/alerts/{number}/attend")
    maria.post(f"/api/v1/alerts/{number}/close", json=HELPED)
    assert f"reopen-{number}" in part(maria)
    assert f"reopen-{number}" not in part(tom)
    for viewer in (screen, maria):
        assert "Maria Keane" in part(viewer)
        assert "Tom Abara" not in part(viewer)


def test_what_was_committed_is_seen_at_once_and_the_instant_is_that_of_the_answer(
    api: ApiUnderTest, open_as: Open
) -> None:
    viewer = open_as()
    assert "data-alert" not in part(viewer)
    number = api.raise_alert()
    assert f'data-alert="{number}"' in part(viewer)
    api.clock.advance(seconds=0.5)
    told = viewer.get("/board/fragment").headers["Nightwarden-Now"]
    assert int(told) == round(NIGHT.timestamp() * 1000) + 500
    assert "t-unknown" not in part(viewer)
    api.clock.advance(seconds=9)
    assert "t-unknown" in part(viewer), "the proof has grown old, and nothing else"


def test_a_screen_that_was_removed_sees_nothing_more(api: ApiUnderTest, open_as: Open) -> None:
    screen, other = open_as(), open_as("Maria Keane")
    assert part(screen)
    with api.store.transaction(api.clock()) as tx:
        people.remove_screen(tx, "Corridor", "test")
    assert part(other)
    assert screen.get("/board/fragment").status_code == 401


def test_thirty_boards_that_painted_an_alert_make_one_step_of_it(
    api: ApiUnderTest, open_as: Open
) -> None:
    number, screen = api.raise_alert(), open_as()
    said: list[int] = []

    def say() -> None:
        answer = screen.post("/api/v1/alerts/delivered", json={"alerts": [number]})
        said.extend(answer.json()["delivered"])

    threads = [threading.Thread(target=say) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [number], "it was news to one of them"
    with api.client() as client:
        events = client.get("/alerts").json()["items"][0]["events"]
    assert [one["event"] for one in events] == ["raised", "delivered"]


def test_many_who_ask_at_once_are_answered_by_one_look(api: ApiUnderTest) -> None:
    began, go_on = threading.Event(), threading.Event()
    looks: list[str | None] = []

    def look() -> str | None:
        with api.store.reading(NIGHT) as tx:
            looks.append(meta.get(tx, "test"))
        began.set()
        assert go_on.wait(60)
        return looks[-1]

    async def ask(shared: Shared[str | None]) -> list[str | None]:
        first = asyncio.create_task(shared.of("board", NIGHT, look))
        await asyncio.to_thread(began.wait, 10)
        with api.store.transaction(NIGHT) as tx:
            meta.put(tx, "test", "changed")
        later = [asyncio.create_task(shared.of("board", NIGHT, look)) for _ in range(30)]
        await asyncio.sleep(0)  # all of them have asked
        go_on.set()
        return [await first, *[await one for one in later], await shared.of("board", NIGHT, look)]

    answers = asyncio.run(ask(Shared(api.store)))
    assert answers == [None, *["changed"] * 31], "what was known when each asked, or more"
    assert looks == [None, "changed"]


def test_a_page_goes_over_a_narrow_line_packed(api: ApiUnderTest, open_as: Open) -> None:
    viewer = open_as()
    for path in ("/", "/board/fragment", "/register", "/static/nightwarden.css"):
        plain = viewer.get(path, headers={"Accept-Encoding": "identity"})
        packed = viewer.get(path)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert len(packed.text) == len(plain.text)
        assert int(packed.headers["Content-Length"]) < len(plain.content) / 2
