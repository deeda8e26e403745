"""The machine's own time zone must never matter: here it is far from the home's."""

import os
import time
from collections.abc import Iterator

import pytest

FAR_AWAY = "Pacific/Apia"


@pytest.fixture(autouse=True)
def far_away() -> Iterator[None]:
    """The machine stands in Samoa."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = FAR_AWAY
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()
