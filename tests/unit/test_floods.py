"""The measure of a topic: who keeps to it is never held, and who does not holds up nobody else."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.floods import BURST, RATE, Floods
from gateway.messages import RawMessage

NOW = datetime(2026, 11, 2, 22, tzinfo=UTC)


def said(topic: str, number: int) -> RawMessage:
    return RawMessage(topic, str(number).encode(), NOW, mid=number, qos=1)


def test_an_hour_of_backlog_is_taken_whole() -> None:
    floods = Floods()
    assert all(floods.admit(said("mat", n), 0.0) for n in range(int(BURST)))
    assert floods.passed == []


def test_beyond_its_measure_only_the_newest_is_held_and_comes_in_its_turn() -> None:
    floods = Floods()
    for number in range(int(BURST)):
        floods.admit(said("mat", number), 0.0)
    assert not floods.admit(said("mat", 5001), 0.0)
    assert not floods.admit(said("mat", 5002), 0.0)
    assert [one.mid for one in floods.passed] == [5001]
    assert list(floods.release(0.5 / RATE)) == []
    [newest] = floods.release(2 / RATE)
    assert newest.mid == 5002
    assert floods.admit(said("lamp", 1), 0.0), "and another topic has a measure of its own"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 0.01)), max_size=300))
def test_nothing_is_lost_without_being_counted_and_order_is_kept(
    arrivals: list[tuple[str, float]],
) -> None:
    floods, now = Floods(), 0.0
    taken: list[RawMessage] = []
    for topic in "abc":  # all have used up their burst
        for number in range(int(BURST)):
            floods.admit(said(topic, -number), now)
    for number, (topic, gap) in enumerate(arrivals, start=1):
        now += gap
        taken += floods.release(now)
        message = said(topic, number)
        if floods.admit(message, now):
            taken.append(message)
    taken += floods.release(now + 1)
    assert not floods.holds
    seen = sorted([one.mid for one in taken] + [one.mid for one in floods.passed])
    assert seen == list(range(1, len(arrivals) + 1))
    for topic in "abc":
        order = [one.mid for one in taken if one.topic == topic]
        assert order == sorted(order)
        last = max((n for n, (t, _) in enumerate(arrivals, start=1) if t == topic), default=None)
        assert last is None or order[-1] == last, "the newest state of each is taken"
