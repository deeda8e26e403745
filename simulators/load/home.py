"""The home of a load: many rooms, each with a bed mat, and sensors shared out among the rooms."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from nightwarden.errors import Invalid

HOME_ID = "load-house"
MOST_ROOMS = 20_000
MOST_DEVICES = 1_000_000
USUAL_SUPERVISION_S = 900
REPORTS_BEFORE_SILENCE = 3


@dataclass(frozen=True, slots=True)
class LoadHome:
    """``devices`` in all, of which the first ``rooms`` are the bed mats.

    Raises:
        Invalid: a room would be without a mat, or there are too many.
    """

    rooms: int
    devices: int
    id: str = HOME_ID

    def __post_init__(self) -> None:
        if not 0 < self.rooms <= MOST_ROOMS:
            raise Invalid(f"--rooms {self.rooms} cannot be played; give 1 to {MOST_ROOMS}.")
        if not self.rooms <= self.devices <= MOST_DEVICES:
            raise Invalid(
                f"--devices {self.devices} cannot be played: each of the {self.rooms} rooms has a "
                f"bed mat; give {self.rooms} to {MOST_DEVICES}."
            )

    def room(self, number: int) -> str:
        """The id of room ``number``, from 0."""
        return f"{number + 1:04d}"

    def address(self, number: int) -> str:
        """The address of device ``number``, from 0; the bed mats come first, by room."""
        if number < self.rooms:
            return f"mat-{self.room(number)}"
        turn, room = divmod(number, self.rooms)
        return f"tmp-{self.room(room)}-{turn}"

    def topic(self, number: int) -> str:
        """Where device ``number`` speaks."""
        return f"nightwarden/v1/{self.id}/device/{self.address(number)}"

    def filters(self) -> tuple[str, str]:
        """Where all devices speak, and where a monitor tells of alerts."""
        root = f"nightwarden/v1/{self.id}"
        return f"{root}/device/+", f"{root}/alert/+"

    def file(self, rate: float) -> Iterator[str]:
        """The home file, line by line, for a monitor that is to have this home.

        A device that speaks less often than the usual supervision allows, at ``rate`` messages a
        second of all together, is given three times its own interval.
        """
        interval = REPORTS_BEFORE_SILENCE * self.devices / rate
        supervision_s = max(USUAL_SUPERVISION_S, round(interval))
        yield f"home: {{id: {self.id}, name: Load House, timezone: Europe/London, practice: true}}"
        yield "rooms:"
        places = "{id: bed}, {id: radiator, emitter: radiator}"
        for number in range(self.rooms):
            yield f'  - {{id: "{self.room(number)}", places: [{places}]}}'
        yield "residents:"
        for number in range(self.rooms):
            yield f"  - {_resident(self.room(number))}"
        yield "equipment:"
        for number in range(self.devices):
            yield f"  - {self._item(number, supervision_s)}"

    def _item(self, number: int, supervision_s: int) -> str:
        address, room = self.address(number), self.room(number % self.rooms)
        what = f"kind: bed_mat, at: {room}/bed"
        if number >= self.rooms:
            what = f"kind: temperature_sensor, mount: room_air, at: {room}/radiator"
        device = f"dialect: nightwarden, address: {address}, supervision_s: {supervision_s}"
        return f"{{tag: {address.upper()}, {what}, device: {{{device}}}}}"


def _resident(room: str) -> str:
    need = {
        "place": "bed",
        "needs": "bed_mat",
        "hours": "00:00-24:00",
        "because": "load test",
        "review_by": "2099-01-01",
    }
    return json.dumps(
        {"id": f"res-{room}", "shown_as": f"R{room}", "room": room, "requirements": [need]}
    )
