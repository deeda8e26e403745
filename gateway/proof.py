"""The loop test: a message of our own through the broker, the dialect, the rules and the store.

Sent every two seconds; its return, committed, is the proof that the whole way works. The age of a
proof is counted from when it was *sent*, so one that lay in a queue for a minute proves nothing
about the present. Tokens carry a secret of this process: nobody else's message counts.
"""

import logging
import secrets
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
        self._said: tuple[tuple[str, bool], datetime] | None = None
        self._broker_state = ""

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

    def returned(self, tx: Transaction, token: str | None) -> bool:
        """Write down a token that came back; True when it is one of ours."""
        secret, _, sent_at = (token or "").partition(" ")
        if not secrets.compare_digest(secret.encode(), self._secret.encode()):
            return False
        self._proof_at = datetime.fromisoformat(sent_at)
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
        state_now = (status, home is not None and home.practice)
        said, at = self._said or (None, tx.now)
        if link.connected and (state_now != said or tx.now - at >= SAY_AGAIN_EVERY):
            body = {
                "status": status,
                "practice": state_now[1],
                "at": tx.now.isoformat(),
                "gateway": self._own_words["gateway"],
            }
            try:
                link.publish(self._topics.health, orjson.dumps(body), retain=True)
            except DeliveryFailed:
                return
            self._said = (state_now, tx.now)
        elif not link.connected:
            self._said = None
