"""``nightwarden devices`` and ``nightwarden bind``: what speaks, and whom it speaks for."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from nightwarden.clock import utc_now
from nightwarden.commands.devices import bind, devices
from nightwarden.errors import Conflict, Invalid, NightwardenError, NotFound
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.homefile.writer import export_home_file
from nightwarden.model.pace import Pace
from nightwarden.model.readings import DeviceId, Quantity
from nightwarden.store import heard
from nightwarden.store.engine import open_store
from tests.api_server import HOME

TWIN = DeviceId("nightwarden", "twin")
HEARD: dict[DeviceId, dict[Quantity, heard.Value]] = {
    TWIN.at_channel("left"): {Quantity.CONTACT: False},
    TWIN.at_channel("right"): {Quantity.CONTACT: True},
    TWIN: {Quantity.BATTERY: 71.0, Quantity.LINK: True},
    DeviceId("tasmota", "probe"): {Quantity.TEMPERATURE: 21.5},
    DeviceId("esphome", "probe"): {Quantity.TEMPERATURE: 20.0},
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A home in which a two-input transmitter and two probes speak, bound to nothing."""
    now = utc_now()
    with closing(open_store(tmp_path / "nightwarden.db")) as store, store.transaction(now) as tx:
        plan.apply(tx, read_home_file(HOME.encode(), "test", now), "test")
        for ago, (device, said) in enumerate(HEARD.items()):
            at = now - timedelta(minutes=10 * ago)
            values = {quantity: (value, at) for quantity, value in said.items()}
            heard.save(tx, [heard.Heard(device, at, at, values, Pace(messages=3))])
    return tmp_path


def listed(data: Path) -> list[list[str]]:
    result = CliRunner().invoke(devices, ["--data", str(data)], catch_exceptions=False)
    assert result.exit_code == 0
    return [line.split("\t") for line in result.stdout.splitlines()]


def said(data: Path, *words: str) -> str:
    done = CliRunner().invoke(bind, [*words, "--data", str(data)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(data: Path, *words: str) -> NightwardenError:
    result = CliRunner().invoke(bind, [*words, "--data", str(data)])
    assert isinstance(result.exception, NightwardenError), result
    return result.exception


def test_unbound_devices_come_first_with_what_they_say(data: Path) -> None:
    unbound = [line for line in listed(data) if line[0] == "unbound"]
    assert listed(data)[: len(unbound)] == unbound
    assert [line[1] for line in unbound] == [
        "nightwarden:twin#left",
        "nightwarden:twin#right",
        "tasmota:probe",
        "esphome:probe",
    ]
    assert unbound[0][2] == "battery 71, contact false, link true", "the whole device's words too"
    assert "may be a cover switch" in unbound[0][3]
    assert listed(data)[-1][:3] == ["MAT-0012", "nightwarden:mat-12", "12/bed"]


def test_a_new_item_is_bound_as_proposed_and_is_in_the_home_file(data: Path) -> None:
    words = said(data, "FLR-1", "twin#left", "--kind", "floor_mat", "--at", "12/bed", "--inverted")
    assert words.startswith(
        "FLR-1 at 12/bed hears nightwarden:twin#left, contact as occupancy, inverted\n"
    )
    assert "Press the mat once and let go" in words
    with closing(open_store(data / "nightwarden.db")) as store, store.reading(utc_now()) as tx:
        assert (
            "device: {dialect: nightwarden, address: twin, channel: left, "
            "reads: {contact: occupancy}, inverted: true" in export_home_file(tx)
        )


@pytest.mark.parametrize(
    ("words", "error", "sentence"),
    [
        (["X", "ghost"], NotFound, 'No unbound device "ghost" has been heard; `nightwarden'),
        (["X", "twin"], NotFound, "twin has several inputs; name one: nightwarden:twin#left, "),
        (["X", "probe"], NotFound, '"probe" is the address of several devices; write DIALECT:'),
        (["X", "twin#left"], Invalid, 'There is no equipment "X" yet; say its kind'),
        (["MAT-0012", "twin#left"], Conflict, "MAT-0012 has nightwarden:mat-12 already; unbind"),
        (["X", "nightwarden:mat-12"], Conflict, "is bound to MAT-0012 already; unbind it there"),
        (["X", "twin#left", "--at", "12"], Invalid, "--at is ROOM/PLACE, such as 12/bed"),
        (["X", "twin#left", "--reads", "contact"], Invalid, "--reads is SAID=HEARD"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    data: Path, words: list[str], error: type[NightwardenError], sentence: str
) -> None:
    problem = refused(data, *words)
    assert sentence in str(problem)
    assert type(problem) is error
    assert "\n" not in str(problem)


def test_without_a_store_it_says_what_makes_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(devices, ["--data", str(tmp_path / "nothing")])
    assert isinstance(result.exception, Invalid)
    assert "`nightwarden apply FILE` makes one" in str(result.exception)
