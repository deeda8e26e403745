"""LoRaWAN devices behind a network server: ChirpStack 4, and The Things Stack 3.

The server speaks for all devices on one connection, at QoS 0, nothing retained. A device joins when
it gets power, then sends an uplink on a change and every 10 to 60 minutes, as its radio and its
duty cycle allow. The frame counter starts anew with each join. A device without power is silence.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from nightwarden.model.readings import Quantity
from simulators.beats import Occasion
from simulators.boards import Beat, Habit
from simulators.home_description import Fitting
from simulators.tongues.base import Voice, kind_of, minutes
from simulators.wire import WireMessage, as_json, rfc3339

_PROBES = re.compile(r"TempC_DS|TempC_DS18B20|TempC2|TempC3|externalTemperature|ext_temperature")
APPLICATION = "3c1d5a0e-6e0e-4a3b-9a51-0d1e4c5b7a11"


class _LoraVoice(Voice):
    """What the servers have in common. A further probe is a channel, all else is the device's."""

    habit = Habit(minutes(10, 60), reportable_c=2.0)
    frames = 0

    @classmethod
    def why_not(cls, fitting: Fitting) -> str | None:
        """A channel is a further probe."""
        channel = fitting.device.channel
        if fitting.says is None:
            return "a LoRaWAN device measures something"
        if channel is None:
            return None
        probe = fitting.says is Quantity.TEMPERATURE and _PROBES.fullmatch(channel)
        return None if probe else "the channel of a LoRaWAN device is a probe, such as TempC_DS"

    def says(self, beat: Beat) -> Iterator[WireMessage]:
        """An uplink, after a join at the start; a device that is gone says nothing."""
        if beat.occasion is Occasion.LOST_POWER:
            return
        if beat.occasion is Occasion.STARTED:
            self.frames = 0
            yield self.join(beat)
        yield self.uplink(beat, self._decoded(beat))
        self.frames += 1

    def join(self, beat: Beat) -> WireMessage:
        raise NotImplementedError

    def uplink(self, beat: Beat, decoded: dict[str, Any]) -> WireMessage:
        raise NotImplementedError

    def _decoded(self, beat: Beat) -> dict[str, Any]:
        """In the words of Milesight's decoders, and Dragino's for the probes."""
        said: dict[str, Any] = {c or "temperature": round(t, 1) for c, t in beat.celsius.items()}
        if beat.change is not None and beat.change.quantity is Quantity.ACTION:
            said["press"] = "short"
        for now in beat.states.values():
            if now.quantity is Quantity.OCCUPANCY:
                said["occupancy"] = "occupied" if now.value else "vacant"
            else:
                said["magnet_status"] = "close" if now.value else "open"
        return {**said, "battery": round(beat.battery)}

    def _tally(self, beat: Beat) -> str:
        return kind_of(beat, self.says_of.get(beat.channel) if beat.channel else None)

    def _raw(self) -> str:
        return b64encode(self.rng.randbytes(6)).decode()


class ChirpStackVoice(_LoraVoice):
    """A device of the server in the cellar; the address is its DevEUI."""

    behind = "server"

    def join(self, beat: Beat) -> WireMessage:
        """It has got keys, and a new device address."""
        self._dev_addr = f"{self.rng.getrandbits(32):08x}"
        return self._event(beat, "join", {"relayRxInfo": None}, "join")

    def uplink(self, beat: Beat, decoded: dict[str, Any]) -> WireMessage:
        """``event/up``; a frame counter of 0 is left out, as ChirpStack leaves out every zero."""
        told = {
            "adr": True,
            "dr": self.rng.randrange(1, 6),
            **({"fCnt": self.frames} if self.frames else {}),
            "fPort": 85,
            "data": self._raw(),
            "object": decoded,
            "rxInfo": [
                {
                    "gatewayId": "24e124fffef0ac11",
                    "rssi": -self.rng.randrange(60, 118),
                    "snr": round(self.rng.uniform(-12, 11), 1),
                    "crcStatus": "CRC_OK",
                }
            ],
            "txInfo": {"frequency": self.rng.choice((868100000, 868300000, 868500000))},
        }
        return self._event(beat, "up", told, self._tally(beat))

    def _event(self, beat: Beat, event: str, told: dict[str, Any], kind: str) -> WireMessage:
        eui = self.device.address.lower()
        head = {
            "deduplicationId": str(UUID(int=self.rng.getrandbits(128), version=4)),
            "deviceInfo": {
                "applicationId": APPLICATION,
                "applicationName": self.home.id,
                "deviceName": self.fittings[0].tag,
                "devEui": eui,
                "tags": {},
            },
            "devAddr": self._dev_addr,
        }
        body = {**head, **{name: value for name, value in told.items() if value is not None}}
        topic = f"application/{APPLICATION}/device/{eui}/event/{event}"
        return self.message(beat.at, topic, body, kind, time_field="time")


class TheThingsVoice(_LoraVoice):
    """A device of The Things Stack, fetched by the home's broker; the address is its device id."""

    behind = "bridge"

    def join(self, beat: Beat) -> WireMessage:
        """``join``."""
        self._key = b64encode(self.rng.randbytes(16)).decode()
        accepted = {"session_key_id": self._key}
        return self._told(beat, "join", "join_accept", lambda _: accepted, "join")

    def uplink(self, beat: Beat, decoded: dict[str, Any]) -> WireMessage:
        """``up``; zeros are left out."""
        raw, frame = self._raw(), self.frames
        radio = {"gateway_ids": {"gateway_id": "attic"}, "rssi": -self.rng.randrange(60, 118)}

        def uplink(clock: datetime) -> dict[str, Any]:
            return {
                "session_key_id": self._key,
                "f_port": 85,
                **({"f_cnt": frame} if frame else {}),
                "frm_payload": raw,
                "decoded_payload": decoded,
                "rx_metadata": [radio],
                "received_at": rfc3339(clock),
            }

        return self._told(beat, "up", "uplink_message", uplink, self._tally(beat))

    def _told(self, beat: Beat, event: str, name: str, content: Any, kind: str) -> WireMessage:
        identity = self.device.address
        ids = {"device_id": identity, "application_ids": {"application_id": self.home.id}}

        def body(clock: datetime) -> bytes:
            head = {"end_device_ids": ids, "received_at": rfc3339(clock)}
            return as_json({**head, name: content(clock)})

        topic = f"v3/{self.home.id}@ttn/devices/{identity}/{event}"
        return self.message(beat.at, topic, body, kind)
