"""A manager tries a longer dwell on a recorded night: what it spares, and what it would cost."""

import asyncio
from pathlib import Path

import httpx

from api.app import ApiOptions, create_app
from nightwarden.model.roles import Role
from tests.brokers import Broker
from tests.harness import Home, Mat

PATH = "/manager/trials/12/bed/bed_mat"


def up_for(home: Home, mat: Mat, seconds: float, outcome: str) -> None:
    """Joan gets up and is back; somebody comes and says how it was."""
    mat.release()
    home.fast_forward(seconds=seconds)
    mat.press()
    home.settle()
    [alert] = home.alerts(kind="bed_exit")
    home.post(f"/alerts/{alert['id']}/attend")
    home.post(f"/alerts/{alert['id']}/close", {"outcome": outcome})
    home.fast_forward(minutes=2)


def test_a_trial_shows_what_would_be_missed_and_what_would_be_late(
    tmp_path: Path, any_broker: Broker
) -> None:
    with Home(tmp_path / "data", any_broker) as home:
        mat = home.mat("mat-12")
        mat.press()
        home.settle()
        up_for(home, mat, 2, "already_back")
        up_for(home, mat, 3, "helped")
        up_for(home, mat, 60, "helped")
        home.fast_forward(hours=14)
        home.pager.ignores_the_rest()
        headers = {"Accept": "text/html", "Authorization": f"Bearer {home.api.token(Role.MANAGER)}"}
        with httpx.Client(base_url=home.api.url, headers=headers, timeout=60) as client:
            assert "Nothing was tried" in client.get(PATH).text
            before = home.get("/rules")["version"]
            answer = client.post(PATH, data={"dwell": "5"}, follow_redirects=True)
            assert answer.status_code == 200, answer.text
            row = answer.text[answer.text.index('<th scope="row">5 s</th>') :].split("</tr>")[0]
            raised, these, missed, late = row.split("<td>")[1:]
            assert raised.startswith("3")
            assert these.startswith("1")
            assert ">2<" in missed
            assert "1 led to care" in missed, "an exit that led to care is not spared in silence"
            assert late.startswith("1")
            assert "by up to" in late
            assert home.get("/rules")["version"] == before, "nothing is ever applied from here"
            assert client.post(PATH, data={"dwell": "7"}).status_code == 422
        [kept] = home.get("/backtests")["items"]
        assert (kept["what"], kept["run_by"]) == ("a dwell of 5 s for each bed mat", "test manager")
        report = home.get(f"/backtests/{kept['id']}")["report"]
        assert len(report["missed"]) == 2
        assert "Joan" not in str(report), "it is about a place"
        after_a_restart = create_app(ApiOptions(home.api.store, home.clock))
        transport = httpx.ASGITransport(after_a_restart)
        assert '<th scope="row">5 s</th>' in asyncio.run(_page(transport, headers))


async def _page(transport: httpx.ASGITransport, headers: dict[str, str]) -> str:
    async with httpx.AsyncClient(
        transport=transport, base_url="http://home", headers=headers
    ) as client:
        return (await client.get(PATH)).text
