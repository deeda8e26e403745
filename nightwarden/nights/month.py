"""Several nights one after the other, each from its own seed: any of them can be played alone."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from nightwarden.nights.night import Setting, play, setting_of
from nightwarden.nights.score import Score, score

FURNISHED_FOR = 28
"""After so many nights the home is confirmed anew: a cover's confirmation ages after 31 days."""


def scores(
    text_of: Callable[[date], str], first: date, nights: int, seed: int, **more: Any
) -> Iterator[tuple[date, Score]]:
    """The score of each night from ``first`` on; ``text_of`` gives the home file of a day.

    ``more`` is what :class:`~nightwarden.nights.night.Setting` takes besides.

    Raises:
        Invalid: it is no home file that the register would take.
    """
    setting: Setting | None = None
    for number in range(nights):
        night = first + timedelta(days=number)
        if setting is None or number % FURNISHED_FOR == 0:
            setting = setting_of(text_of(night), night, seed, **more)
        yield night, score(play(setting, night))
