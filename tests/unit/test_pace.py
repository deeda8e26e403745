"""How many messages a turn takes: many while a backlog is quick, few when each costs much."""

from gateway.inbox import LARGEST_BATCH
from gateway.pace import MOST_OF_A_BACKLOG, QUICK_S, SLOW_S, Pace


def after(*turns: tuple[int, float]) -> int:
    pace = Pace()
    for messages, seconds in turns:
        pace.took(messages, seconds)
    return pace.most


def test_a_backlog_that_is_quick_is_taken_in_larger_batches_up_to_a_bound() -> None:
    turns = [(LARGEST_BATCH << doubled, QUICK_S / 2) for doubled in range(2)]
    assert after(turns[0]) == 2 * LARGEST_BATCH
    assert after(*turns) == 4 * LARGEST_BATCH
    assert after(*turns, *[(MOST_OF_A_BACKLOG, QUICK_S / 2)] * 5) == MOST_OF_A_BACKLOG


def test_a_slow_turn_is_followed_by_a_smaller_one() -> None:
    quick, slow = (LARGEST_BATCH, QUICK_S / 2), (2 * LARGEST_BATCH, SLOW_S * 2)
    assert after(quick, slow) == LARGEST_BATCH
    assert after(quick, slow, (LARGEST_BATCH, SLOW_S * 2)) == LARGEST_BATCH


def test_neither_quick_nor_slow_stays_as_it_is() -> None:
    assert after((LARGEST_BATCH, QUICK_S / 2), (2 * LARGEST_BATCH, SLOW_S)) == 2 * LARGEST_BATCH


def test_the_next_backlog_begins_small_again() -> None:
    assert after((LARGEST_BATCH, QUICK_S / 2), (3, 0.001)) == LARGEST_BATCH
