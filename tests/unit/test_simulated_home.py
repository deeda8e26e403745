"""What the simulators and their command are given by a person, right and wrong."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.commands.simulate import parse_duration
from nightwarden.errors import Invalid
from simulators.home_description import parse_home, read_home

WITHOUT_A_SLASH = """
home: {id: a, timezone: UTC}
equipment:
  - {tag: A, kind: bed_mat, at: 12, device: {dialect: nightwarden, address: a}}
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rooms: []", "is not a home file"),
        ("- 1", "is not a home file"),
        ("", "is not a home file"),
        ("home: {id: [", "this is not YAML"),
        ("home: {id: a, timezone: Europe/Londn}", '"Europe/Londn" is not a time zone'),
        (WITHOUT_A_SLASH, "is not ROOM/PLACE"),
    ],
)
def test_a_wrong_home_file_is_one_sentence(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_home(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_home_file_that_is_not_there_or_not_text_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        read_home(tmp_path / "none.yaml")
    (tmp_path / "photo").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(Invalid, match="not UTF-8"):
        read_home(tmp_path / "photo")


@given(text=st.text(max_size=80))
@settings(deadline=None)
def test_text_that_is_no_home_file_is_invalid_and_nothing_else(text: str) -> None:
    with pytest.raises(Invalid, match=r"^x"):
        parse_home(text, "x")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("1.5h", timedelta(hours=1.5)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "0s", "10 weeks", "1e9d", "9999999999d"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(Invalid, match="such as 90s, 10m or 8h"):
        parse_duration(text)
