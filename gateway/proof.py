"""The loop test: a message of our own through the broker, the dialect, the rules and the store.

Sent every two seconds; its return, committed, is the proof that the whole way works. The age of a
proof is counted from when it was *sent*, so one that lay in a queue for a minute proves nothing
about the present. Tokens carry a secret of this process: nobody else's message counts.
"""

import logging
import secrets
from collections import deque
from datetime import datetime, timedelta

import orjson

from gateway.mqtt import MqttLink
from gateway.rival import Identity
from nightwarden.errors import DeliveryFailed
from nightwarden.store import meta
from nightwarden.store.engine import Transaction
from nightwarden.wire import Topics

SEND_EVERY = timedelta(seconds=2)
SAY_AGAIN_EVERY = timedelta(seconds=30)

log = logging.getLogger(__name__)


class Proof:
    """Sends and receives the loop test of one gateway."""

    def __init__(self, link: MqttLink, topics: Topics, own: Identity) -> None:
        self._link = link
        self._topics = topics
        self._own_words = {"gateway": own.name, "machine": own.machine}
        self._secret = secrets.token_hex(8)
        self._send_at: datetime | None = None
        self._proof_at: datetime | None = None
        self._said: tuple[dict[str, str | bool], datetime] | None = None
        self._practice = False
        self._broker_state = ""
        self._under_way: deque[datetime] = deque(maxlen=1000)

    def send_when_due(self, now: datetime) -> None:
        """Publish the next token; when there is no broker the proof grows old, as it should."""
        if self._send_at is not None and self._send_at - SEND_EVERY <= now < self._send_at:
            return
        self._send_at = now + SEND_EVERY
        token = f"{self._secret} {now.isoformat()}"
        try:
            self._link.publish(
                self._topics.proof, orjson.dumps({"token": token, **self._own_words})
            )
        except DeliveryFailed as problem:
            log.debug("no proof sent: %s", problem)
            self._under_way.clear()
        else:
            self._under_way.append(now)

    def waits(self, now: datetime) -> timedelta:
        """How long the oldest token has been under way: what others say waits as long."""
        return max(now - self._under_way[0], timedelta()) if self._under_way else timedelta()

    def returned(self, tx: Transaction, token: str | None) -> bool:
        """Write down a token that came back; True when it is one of ours."""
        secret, _, sent_at = (token or "").partition(" ")
        if not secrets.compare_digest(secret.encode(), self._secret.encode()):
            return False
        self._proof_at = datetime.fromisoformat(sent_at)
        while self._under_way and self._under_way[0] <= self._proof_at:
            self._under_way.popleft()
        meta.put(tx, meta.PROOF_AT, sent_at)
        return True

    def note_broker(self, tx: Transaction, link: MqttLink) -> None:
        """Keep the broker's state for the api, and say on the health topic whether we watch."""
        state = link.trouble or (meta.BROKER_CONNECTED if link.connected else "connecting")
        if state != self._broker_state:
            meta.put(tx, meta.BROKER_STATE, state)
            self._broker_state = state
        fresh = self._proof_at is not None and tx.now - self._proof_at <= meta.PROOF_HOLDS
        status = "watching" if fresh else "not_watching"
        home = meta.home(tx)
        self._practice = home is not None and home.practice
        self._say(link, tx.now, {"status": status})

    def cannot_write(self, link: MqttLink, now: datetime, trouble: str) -> None:
        """Say on the health topic that nobody watches, and why; the store cannot say it."""
        self._say(link, now, {"status": "not_watching", "trouble": trouble})

    def _say(self, link: MqttLink, now: datetime, state: dict[str, str]) -> None:
        """Publish the state on change, and now and then."""
        if not link.connected:
            self._said = None
            return
        state_now: dict[str, str | bool] = {**state, "practice": self._practice}
        said, at = self._said or (None, now)
        if state_now == said and at <= now < at + SAY_AGAIN_EVERY:
            return
        body = {**state_now, "at": now.isoformat(), "gateway": self._own_words["gateway"]}
        try:
            link.publish(self._topics.health, orjson.dumps(body), retain=True)
        except DeliveryFailed:
            return
        self._said = (state_now, now)
