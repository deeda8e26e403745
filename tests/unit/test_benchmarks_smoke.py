"""Each benchmark runs, on the smallest sizes, and gives a figure and a reference. No timing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import (
    backtest,
    boards,
    engine,
    flood,
    latency,
    memory,
    pages,
    register,
    senders,
    throughput,
)
from benchmarks.__main__ import main
from benchmarks.figures import Row, Table, median_percentile, percentile, shown
from benchmarks.machine import described
from benchmarks.mosquitto import DEPLOYED, mosquitto
from benchmarks.running_home import RunningHome, furnish, running_home
from benchmarks.sizes import Sizes
from tests.brokers import find_program

TINY = Sizes(
    rounds=1,
    beds=4,
    slow_exits=1,
    busy_exits=2,
    busy_rate=50,
    backlog=50,
    devices=(3,),
    readings=200,
    idle_s=0.0,
    settle_s=0.05,
    register_rooms=2,
    register_items=15,
    register_rounds=1,
    boards=4,
    real_boards=1,
    board_exits=2,
    board_exit_every_s=0.2,
    board_rest_s=2.0,  # a processor's time is counted in hundredths of a second
    page_visits=1,
)


def assert_measured(table: Table) -> None:
    assert table.rows
    for row in table.rows:
        assert row.figure > 0
        assert row.ratio is not None
        assert row.what in str(table)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    find_program("mosquitto")
    with mosquitto(tmp_path_factory.mktemp("bench") / "broker", DEPLOYED) as url:
        yield url


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, broker: str) -> Iterator[RunningHome]:
    data = tmp_path_factory.mktemp("home")
    with running_home(data, furnish(data, TINY.beds), broker) as running:
        yield running


def test_engine(tmp_path: Path) -> None:
    assert_measured(engine.run(tmp_path, TINY))


@pytest.mark.mosquitto
def test_start_and_memory(home: RunningHome) -> None:
    assert home.took_s > 0
    assert_measured(memory.measure(home, TINY))
    assert {"gateway", "api"} <= home.processes.keys()


@pytest.mark.mosquitto
def test_latency(home: RunningHome, broker: str, tmp_path: Path) -> None:
    path = latency.measure_path(home, broker, TINY)
    assert home.call("GET", "/alerts?state=open")["items"] == []
    lowest = latency.measure_floor(tmp_path, broker, TINY)
    assert_measured(latency.tabled(path, lowest, tmp_path, TINY))


@pytest.mark.slow
@pytest.mark.mosquitto
def test_flood(home: RunningHome, broker: str) -> None:
    assert_measured(flood.measure(home, broker, TINY))


@pytest.mark.mosquitto
def test_throughput(home: RunningHome, broker: str) -> None:
    assert throughput.measure_path(home, broker, TINY).a_second > 0
    assert throughput.measure_ceiling(broker, TINY).a_second > 0


@pytest.mark.slow
@pytest.mark.mosquitto
@pytest.mark.parametrize(
    "publisher", [senders.mosquitto_pub, senders.senders_alone, senders.whole_load]
)
def test_senders(broker: str, publisher: senders.Publisher) -> None:
    assert min(senders.measure(publisher, broker, TINY)) > 0


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.mosquitto
def test_boards_and_pages(tmp_path: Path) -> None:
    for name, run in (("boards", boards.run), ("pages", pages.run)):
        folder = tmp_path / name
        folder.mkdir()
        found = {row.what: row for row in run(folder, TINY).rows}
        assert found
        assert all(row.figure > 0 for row in found.values() if "paint" in row.what)


@pytest.mark.slow
def test_backtest(tmp_path: Path) -> None:
    table = backtest.run(tmp_path, Sizes(backtest_rooms=2, backtest_days=1))
    assert table.rows[0].figure > 0


def test_statistics() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(range(1, 101), 0.99) == 99
    assert median_percentile([[1.0], [9.0], [2.0]], 0.99) == 2.0
    assert Row("x", 3.0, "s", 2.0).ratio == 1.5
    assert Row("x", 3.0, "s").ratio is None
    assert [shown(12_345.6), shown(123.4), shown(1.234)] == ["12,346", "123", "1.23"]


def test_the_machine_is_told(tmp_path: Path) -> None:
    assert "Python 3." in described(tmp_path, None)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["latencies"])
    assert ended.value.code == 2
    assert "there is no latencies; use startup, latency" in capsys.readouterr().err


def test_the_large_register_is_measured(tmp_path: Path) -> None:
    assert_measured(register.run(tmp_path, replace(TINY, register_rooms=3, register_items=22)))
