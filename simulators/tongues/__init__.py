"""What simulated boards say, one module a language; each from the language's public documents."""

from collections.abc import Mapping

from nightwarden.model.readings import DeviceId
from simulators.home_description import Fitting
from simulators.tongues.announced import AnnouncedVoice
from simulators.tongues.base import Voice
from simulators.tongues.esphome import EspHomeVoice
from simulators.tongues.homie import HomieVoice
from simulators.tongues.homie5 import PREFIX, Homie5Voice
from simulators.tongues.lorawan import ChirpStackVoice, TheThingsVoice
from simulators.tongues.native import NativeVoice
from simulators.tongues.rtl_433 import Rtl433Voice
from simulators.tongues.shelly import ShellyVoice
from simulators.tongues.sparkplug import SparkplugVoice, node_of
from simulators.tongues.tasmota import TasmotaVoice
from simulators.tongues.zigbee_endpoints import EndpointsVoice

VOICES: Mapping[str, type[Voice]] = {
    "chirpstack": ChirpStackVoice,
    "esphome": EspHomeVoice,
    "homeassistant": AnnouncedVoice,
    "homie": HomieVoice,
    "nightwarden": NativeVoice,
    "rtl_433": Rtl433Voice,
    "shelly": ShellyVoice,
    "sparkplug": SparkplugVoice,
    "tasmota": TasmotaVoice,
    "thethings": TheThingsVoice,
    "zigbee2mqtt": EndpointsVoice,
}
"""By dialect. A native device with one input is played by :mod:`simulators.native_devices`, a
Zigbee device without endpoints by :mod:`simulators.zigbee2mqtt_devices`.
"""


def voice_of(device: DeviceId) -> type[Voice] | None:
    """How a device speaks; None where nobody here speaks its dialect."""
    if device.dialect == "homie" and device.address.startswith(PREFIX):
        return Homie5Voice
    return VOICES.get(device.dialect)


def board_of(fitting: Fitting) -> DeviceId:
    """The board that speaks for an item: the device, or the edge node that it is behind."""
    whole = fitting.device.whole
    return whole._replace(address=node_of(whole.address)) if whole.dialect == "sparkplug" else whole
