"""Every page in every language: nothing on it that no translator has seen."""

from pathlib import Path

import pytest

from api.pages.drawing import HERE, templates
from tests.unit.template_words import unmarked

NOT_YET = {file.name for file in (HERE / "templates").iterdir()}


@pytest.mark.parametrize(
    "file", sorted((HERE / "templates").glob("*.html")), ids=lambda file: file.name
)
def test_every_word_of_a_template_is_in_the_catalogues(file: Path) -> None:
    if file.name not in NOT_YET:
        assert unmarked(templates(), file) == []
