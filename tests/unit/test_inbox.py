"""What the deciding thread is given at once: of each topic a share, in the topic's order."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.floods import BURST
from gateway.inbox import LARGEST_BATCH, MOST_OF_A_TOPIC, Inbox
from gateway.messages import RawMessage

NOW = datetime(2026, 11, 2, 22, tzinfo=UTC)


def said(topic: str, number: int) -> RawMessage:
    return RawMessage(topic, str(number).encode(), NOW, mid=number, qos=1)


def test_who_comes_behind_hundreds_of_another_topic_is_in_the_next_batch() -> None:
    inbox = Inbox()
    inbox.put_all([said("a mat that flips", number) for number in range(int(BURST))])
    inbox.put(said("another", 1))
    assert [one.topic for one in inbox.take(0)].count("another") == 1
    assert len(inbox) == BURST - MOST_OF_A_TOPIC


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 65)), max_size=9))
def test_every_message_is_given_once_in_its_topics_order(runs: list[tuple[str, int]]) -> None:
    topics = [topic for topic, length in runs for _ in range(length)]
    inbox, given_out = Inbox(), []
    inbox.put_all([said(topic, number) for number, topic in enumerate(topics)])
    while batch := inbox.take(0):
        assert len(batch) <= LARGEST_BATCH
        assert all([m.topic for m in batch].count(t) <= MOST_OF_A_TOPIC for t in "abc")
        given_out += batch
    given_out += inbox.passed()
    assert sorted(m.mid for m in given_out) == list(range(len(topics)))
    for topic in "abc":
        own = [one.mid for one in given_out if one.topic == topic]
        assert own == sorted(own)
