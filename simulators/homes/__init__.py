"""Homes to simulate. ``$names`` in their text are dates that must not grow stale."""

from datetime import date, timedelta
from importlib.resources import files
from string import Template


def demo_home(today: date) -> str:
    """The demo home as the text of a home file, its dates reckoned from ``today``.

    Args:
        today: the present day in the home; confirmations are some days before it, reviews after.
    """
    days = {
        "yesterday": -1,
        "last_week": -6,
        "last_month": -24,
        "half_a_year_ago": -180,
        "in_a_month": 30,
        "in_half_a_year": 180,
    }
    dates = {name: (today + timedelta(days=count)).isoformat() for name, count in days.items()}
    text = files(__name__).joinpath("demo.yaml").read_text(encoding="utf-8")
    return Template(text).substitute(dates)
