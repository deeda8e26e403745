"""Whether another gateway watches this home through the same broker.

Two would share one session, which the broker hands to whoever came last: each would hear every
second message and answer the other's alerts. Each gateway therefore has a name, kept in its data
folder, and says it on the loop test's topic; a name that is not ours, spoken now, is a rival.
Retained words are no sign of life: the rival may have died with the broker.
"""

import re
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from nightwarden.broker_url import BrokerUrl
from nightwarden.errors import Invalid
from nightwarden.wire import Topics

LISTENS_S = 5.0
"""Two loop tests and a bit: one is sent every two seconds."""

ANSWERS_WITHIN_S = 3.0
RETAINED_WITHIN_S = 0.3
KEEP_ALIVE_S = 15
_NAME = re.compile(r"[0-9a-f]{16}")


class Identity(NamedTuple):
    """Which gateway says something, and on which machine a person finds it."""

    name: str
    machine: str


def identity(data: Path) -> Identity:
    """That of the gateway with this data folder, made at the first call.

    Raises:
        Invalid: the folder cannot be written.
    """
    path = data / "gateway-name"
    machine = socket.gethostname()[:64]
    try:
        if path.exists() and _NAME.fullmatch(kept := path.read_text(encoding="ascii").strip()):
            return Identity(kept, machine)
        data.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(8)
        path.write_text(f"{name}\n", encoding="ascii")
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{path} cannot be used: {problem}.") from None
    return Identity(name, machine)


def rival(broker: BrokerUrl, home: str, own: Identity, *, suspected: bool = False) -> str | None:
    """The machine of another gateway that gave a sign of life; None when there is none.

    Without a suspicion it listens only when the retained health is another gateway's, so that an
    ordinary start waits a fraction of a second. A broker that cannot be reached tells of nobody.

    Args:
        broker: where to listen, under a client id of its own.
        home: the home's id.
        own: who we are.
        suspected: listen for the whole :data:`LISTENS_S` whatever is retained.
    """
    ear = _Ear(Topics(home), own)
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        f"nightwarden-look-{secrets.token_hex(4)}",
        reconnect_on_failure=False,
    )
    client.connect_timeout = ANSWERS_WITHIN_S
    client.on_connect, client.on_message = ear.connected, ear.heard
    client.on_subscribe = lambda *_: ear.subscribed.set()
    if broker.username is not None:
        client.username_pw_set(broker.username, broker.password)
    if (tls := broker.tls_context()) is not None:
        client.tls_set_context(tls)
    try:
        client.connect(broker.host, broker.port, KEEP_ALIVE_S)
    except OSError:
        return None
    client.loop_start()
    try:
        if not ear.subscribed.wait(ANSWERS_WITHIN_S):
            return None
        deadline = time.monotonic() + RETAINED_WITHIN_S
        ear.retained.wait(RETAINED_WITHIN_S)
        if suspected or ear.suspicious:
            ear.spoke.wait(deadline - time.monotonic() + LISTENS_S)
        return ear.rival
    finally:
        client.disconnect()
        client.loop_stop()


class _Ear:
    """What was heard, on paho's thread."""

    def __init__(self, topics: Topics, own: Identity) -> None:
        self._topics = topics
        self._own = own
        self.subscribed, self.retained = threading.Event(), threading.Event()
        self.spoke = threading.Event()
        self.suspicious = False
        self.rival: str | None = None

    def connected(self, client: paho.Client, _: Any, __: Any, code: Any, ___: Any) -> None:
        if not code.is_failure:
            client.subscribe([(self._topics.health, 1), (self._topics.proof, 1)])

    def heard(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        try:
            body = orjson.loads(message.payload)
        except orjson.JSONDecodeError:
            return
        name = body.get("gateway") if isinstance(body, dict) else None
        another = isinstance(name, str) and name != self._own.name
        if message.topic == self._topics.health and message.retain:
            self.suspicious = another
            self.retained.set()
        elif message.topic == self._topics.proof and another and not message.retain:
            self.rival = str(body.get("machine"))[:64]
            self.spoke.set()
