"""What devices say, one module a language.

A dialect turns bytes into readings and knows no register: which place a reading speaks of, and
whether anybody asked for it, is decided after it. Adding a dialect is a module with the three
methods of :class:`~gateway.dialects.base.Dialect` and a line in :func:`dialects`.
"""

from collections.abc import Iterable

from gateway.dialects.announced import Announced
from gateway.dialects.base import Dialect
from gateway.dialects.chirpstack import ChirpStackDialect
from gateway.dialects.esphome import EspHomeDialect
from gateway.dialects.homeassistant import HomeAssistantDialect
from gateway.dialects.homie import HomieDialect
from gateway.dialects.native import NativeDialect
from gateway.dialects.rtl_433 import Rtl433Dialect
from gateway.dialects.shelly import ShellyDialect
from gateway.dialects.sparkplug import SparkplugDialect
from gateway.dialects.tasmota import TasmotaDialect
from gateway.dialects.thethings import TheThingsDialect
from gateway.dialects.zigbee2mqtt import Zigbee2MqttDialect


def dialects(home: str) -> tuple[Dialect, ...]:
    """Every dialect that the gateway of a home understands; ``home`` is the home's id.

    Those that learn know nothing at first.
    """
    announced = Announced()
    esphome = EspHomeDialect(announced)
    with_own_topics: tuple[Dialect, ...] = (
        NativeDialect(home),
        Zigbee2MqttDialect(),
        ChirpStackDialect(),
        TheThingsDialect(),
        Rtl433Dialect(),
        SparkplugDialect(),
        HomieDialect(),
        TasmotaDialect(),
        ShellyDialect(),
        esphome,
    )
    by_announcement = HomeAssistantDialect(announced, with_own_topics, esphome)
    return (*with_own_topics, by_announcement)


def owner(dialects: Iterable[Dialect], topic: str) -> Dialect | None:
    """The dialect that a topic's messages are written in, or None: then nobody can read them."""
    for dialect in dialects:
        if dialect.owns(topic):
            return dialect
    return None
