"""How much each benchmark does. ``FULL`` is `make bench`, ``SHORT`` a look while working."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rounds are repeated and their median is told.

    ``slow_exits`` and ``busy_exits``: bed exits in a round at 1 and at 500 messages a second.
    ``backlog``: messages in a round of the throughput. ``devices``: homes for the engine alone.
    ``backtest_rooms`` and ``backtest_days``: the record that other rules go through.
    ``register_…``: rooms, items and rounds of the large register.
    ``boards`` open, ``real_boards`` of them in Chromium; ``board_exits`` in a round, so far apart.
    ``board_rest_s``: a whole number of 30 s, in which each board renews itself once.
    ``page_visits``: to each page with an empty cache.
    ``idle_s``: seconds of rest before memory is read; ``settle_s``: before a round's first exit.
    """

    rounds: int = 5
    beds: int = 200
    slow_exits: int = 10
    busy_exits: int = 80
    busy_rate: int = 500
    backlog: int = 10_000
    devices: tuple[int, ...] = (100, 10_000, 100_000)
    readings: int = 20_000
    idle_s: float = 60.0
    settle_s: float = 0.5
    backtest_rooms: int = 60
    backtest_days: int = 30
    register_rooms: int = 200
    register_items: int = 1_500
    register_rounds: int = 15
    boards: int = 30
    real_boards: int = 3
    board_exits: int = 10
    board_exit_every_s: float = 1.5
    board_rest_s: float = 60.0
    page_visits: int = 5


FULL = Sizes()
SHORT = Sizes(
    rounds=3,
    slow_exits=5,
    busy_exits=50,
    backlog=4_000,
    devices=(100, 10_000),
    readings=5_000,
    idle_s=10.0,
    backtest_rooms=6,
    register_rounds=5,
    board_exits=5,
    board_exit_every_s=1.0,
    board_rest_s=30.0,
    page_visits=1,
    backtest_days=7,
)
