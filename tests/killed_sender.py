"""A gateway's outbox that is killed after the broker has its letters and before it knows so.

``python -m tests.killed_sender STORE BROKER NOW``; it ends by SIGKILL when all went as planned.
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from gateway.mqtt import MqttLink
from gateway.outbox import Outbox
from gateway.outlets.topics import TopicOutlet
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.store.engine import open_store
from tests.brokers import until


def main(store_file: str, broker: str, now: str) -> None:
    """Lease, commit, send, and be killed between the receipt and its being written down."""
    store = open_store(Path(store_file))
    link = MqttLink(BrokerUrl.parse(broker), "killed", (), utc_now, lambda _: None)
    link.start()
    until(lambda: link.connected)
    outbox = Outbox({"mqtt": TopicOutlet(link)})
    with store.transaction(datetime.fromisoformat(now)) as tx:
        letters = outbox.lease(tx)
    assert letters
    outbox.send(letters)
    until(lambda: not outbox.under_way)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
