"""What dialects want devices to be asked for, such as a Sparkplug node for a rebirth.

1. A request leaves after the commit of the message that it answers, at QoS 0 and not retained: who
   misses it is asked again by the next message that lacks something.
2. Each topic is asked at most once in ``AGAIN_AFTER``. A request that comes sooner is not dropped
   but waits: what was missed meanwhile is told by the answer to the later one.
3. Topics that wait or were asked lately are bounded: whoever invents nodes fills no memory.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from gateway.dialects.base import Request
from gateway.mqtt import MqttLink
from nightwarden.errors import DeliveryFailed

AGAIN_AFTER = timedelta(seconds=10)
"""Long enough for a large node to answer with all of its devices (judgement)."""

MOST_TOPICS = 1_000

log = logging.getLogger(__name__)


class Asking:
    """One per gateway; the deciding thread's own.

    Args:
        link: to publish on.
    """

    def __init__(self, link: MqttLink) -> None:
        self._link = link
        self._waiting: dict[str, bytes] = {}
        self._asked_at: dict[str, datetime] = {}

    def want(self, requests: Iterable[Request]) -> None:
        """These are to be asked; the batch that wants them has been committed."""
        for topic, payload in requests:
            if topic in self._waiting or len(self._waiting) < MOST_TOPICS:
                self._waiting[topic] = payload

    def send_due(self, now: datetime) -> None:
        """Ask whom it is time to ask."""
        for topic in [each for each in self._waiting if self._may_ask(each, now)]:
            try:
                self._link.publish(topic, self._waiting[topic], qos=0)
            except DeliveryFailed as problem:
                log.debug("%s is asked later: %s", topic, problem)
                if not problem.permanent:
                    continue
            del self._waiting[topic]
            if len(self._asked_at) >= MOST_TOPICS:
                self._asked_at.clear()
            self._asked_at[topic] = now

    def _may_ask(self, topic: str, now: datetime) -> bool:
        asked_at = self._asked_at.get(topic)
        return asked_at is None or not asked_at <= now < asked_at + AGAIN_AFTER
