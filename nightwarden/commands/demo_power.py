"""What the demo does to its own processes when the bench orders it.

The demo alone has this: it has made its home itself, in a folder that it throws away, and started
its own broker. ``up`` never listens for such an order, whatever home it runs.
"""

import secrets
import shutil
import threading
from collections import deque
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from nightwarden.bench.orders import POWER, BenchTopics, Do, Order, answer, read_order
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.options import store_file
from nightwarden.errors import Invalid
from nightwarden.store.glance import glance
from nightwarden.supervisor import Supervisor

TELLS_EVERY_S = 1.0
_CHILD = {Do.KILL_GATEWAY: "gateway", Do.DROP_BROKER: "broker"}


class Beginning:
    """The demo's store as it was before anything happened; made once, the store closed."""

    def __init__(self, data: Path) -> None:
        self._data, self._kept = data, data / "beginning"
        self.home, _ = glance(store_file(data))
        self._kept.mkdir()
        for file in data.glob(f"{store_file(data).name}*"):
            shutil.copy(file, self._kept)

    def restore(self) -> None:
        """Put it back; nobody may have the store open."""
        for file in self._data.glob(f"{store_file(self._data).name}*"):
            file.unlink()
        for folder in self._data.iterdir():
            if folder.is_dir() and folder != self._kept:
                shutil.rmtree(folder, ignore_errors=True)
        for file in self._kept.iterdir():
            shutil.copy(file, self._data)


class Power:
    """Hears the bench's orders to the processes, and obeys them."""

    def __init__(self, supervisor: Supervisor, broker: str, beginning: Beginning) -> None:
        self._supervisor, self._beginning = supervisor, beginning
        self._topics = BenchTopics(beginning.home)
        self._known: deque[str] = deque(maxlen=200)
        address = BrokerUrl.parse(broker)
        client = paho.Client(
            CallbackAPIVersion.VERSION2, f"nightwarden-demo-{secrets.token_hex(4)}"
        )
        client.reconnect_delay_set(1, 2)
        client.on_connect = self._connected
        client.on_message = self._heard
        client.will_set(self._topics.power_state, b"", qos=1, retain=True)
        client.connect_async(address.host, address.port, 15)
        self._client = client

    def start(self) -> None:
        """Listen from now on, until the process ends."""
        self._client.loop_start()
        threading.Thread(target=self._tell, daemon=True).start()

    def _connected(self, client: paho.Client, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        if not reason.is_failure:
            client.subscribe(self._topics.power, qos=1)

    def _heard(self, _client: paho.Client, _u: Any, message: paho.MQTTMessage) -> None:
        try:
            order = read_order(bytes(message.payload))
        except Invalid:
            return
        fresh = not message.retain and order.fresh(utc_now()) and order.id not in self._known
        if not fresh or order.do not in POWER | {Do.LIFT}:
            return
        self._known.append(order.id)
        self._client.publish(self._topics.done, answer(order.id, self._obey(order), ok=True))

    def _obey(self, order: Order) -> str:
        if order.do is Do.RESET:
            threading.Timer(
                0.3, self._supervisor.begin_again, [self._beginning.restore]
            ).start()  # the answer goes first, through the broker that ends too
            return "The home begins again as it was at the start. Sign in again in some seconds."
        if order.do is Do.LIFT:
            self._supervisor.pick_up("gateway")
            return "The gateway is started again."
        name = _CHILD[order.do]
        threading.Timer(0.3, self._supervisor.knock_down, [name, order.lasts_s]).start()
        return f"The {name} is killed, and started again after {order.lasts_s:.0f} s."

    def _tell(self) -> None:
        while True:
            state = {"at": utc_now().isoformat(), "down": self._supervisor.down()}
            if self._client.is_connected():
                self._client.publish(self._topics.power_state, orjson.dumps(state), retain=True)
            threading.Event().wait(TELLS_EVERY_S)
