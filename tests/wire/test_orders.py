"""How a sounder or light is told, in each language that has outputs."""

import pytest

from gateway.dialects import dialects, owner
from gateway.dialects.base import NOTHING
from gateway.dialects.orders import TakesOrders, order_to
from gateway.messages import RawMessage
from nightwarden.clock import utc_now
from nightwarden.model.outputs import TAKE_ORDERS
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import DeviceId

ALL = dialects("elm-house")
SOUNDER, LIGHT = EquipmentKind.SOUNDER, EquipmentKind.LIGHT
ORDERS = [
    (
        "nightwarden:siren-12",
        SOUNDER,
        "nightwarden/v1/elm-house/device/siren-12/set",
        '{"on":true,"for_s":180}',
        '{"on":false}',
    ),
    (
        "zigbee2mqtt:Hall/siren",
        SOUNDER,
        "zigbee2mqtt/Hall/siren/set",
        '{"warning":{"mode":"emergency","level":"high","strobe":true,"duration":180}}',
        '{"warning":{"mode":"stop"}}',
    ),
    ("zigbee2mqtt:Lamp", LIGHT, "zigbee2mqtt/Lamp/set", '{"state":"ON"}', '{"state":"OFF"}'),
    (
        "zigbee2mqtt:Plug#l2",
        SOUNDER,
        "zigbee2mqtt/Plug/set",
        '{"state_l2":"ON"}',
        '{"state_l2":"OFF"}',
    ),
    ("tasmota:hall", SOUNDER, "cmnd/hall/POWER", "ON", "OFF"),
    ("tasmota:hall#POWER2", LIGHT, "cmnd/hall/POWER2", "ON", "OFF"),
    (
        "shelly:shellyplus1-a8032abe54dc",
        SOUNDER,
        "shellyplus1-a8032abe54dc/rpc",
        (
            '{"id":1,"src":"nightwarden-orders","method":"Switch.Set",'
            '"params":{"id":0,"on":true,"toggle_after":180}}'
        ),
        '{"id":1,"src":"nightwarden-orders","method":"Switch.Set","params":{"id":0,"on":false}}',
    ),
    (
        "shelly:hall#light:1",
        LIGHT,
        "hall/rpc",
        (
            '{"id":1,"src":"nightwarden-orders","method":"Light.Set",'
            '"params":{"id":1,"on":true,"toggle_after":180}}'
        ),
        '{"id":1,"src":"nightwarden-orders","method":"Light.Set","params":{"id":1,"on":false}}',
    ),
    ("shelly:plug-1#relay/0", SOUNDER, "shellies/plug-1/relay/0/command", "on", "off"),
    ("esphome:hall#siren", SOUNDER, "hall/switch/siren/command", "ON", "OFF"),
    ("esphome:hall#lamp", LIGHT, "hall/light/lamp/command", '{"state":"ON"}', '{"state":"OFF"}'),
    ("esphome:hall#switch/lamp", LIGHT, "hall/switch/lamp/command", "ON", "OFF"),
]


@pytest.mark.parametrize(("device", "kind", "topic", "on", "off"), ORDERS)
def test_an_order_is_in_the_devices_own_words(
    device: str, kind: EquipmentKind, topic: str, on: str, off: str
) -> None:
    told = DeviceId(*device.split(":", 1))
    for wanted, payload in ((True, on), (False, off)):
        order = order_to(ALL, told, kind, on=wanted)
        assert order is not None
        assert (order.topic, order.payload.decode()) == (topic, payload)


@pytest.mark.parametrize("topic", sorted({topic for _, _, topic, _, _ in ORDERS}))
def test_our_own_order_comes_back_as_nothing(topic: str) -> None:
    dialect = owner(ALL, topic)
    if dialect is not None:
        message = RawMessage(topic, b'{"on":true,"for_s":180}', utc_now())
        assert dialect.read(message) == NOTHING


def test_the_home_file_knows_which_dialects_take_orders() -> None:
    assert {one.name for one in ALL if isinstance(one, TakesOrders)} == TAKE_ORDERS
