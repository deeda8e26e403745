"""Twelve rooms and a lounge, with what a real home has: most of it well, some of it not."""

_FALLS = "falls assessment 2026-10-12"
_BURNS = "burns assessment 2026-10-12"
_RESIDENTS = {
    "1": "Joan",
    "2": "Arthur",
    "3": "Mavis",
    "4": "Ken",
    "5": "Doreen",
    "6": "Winston",
    "7": "Sheila",
    "8": "Harjit",
    "9": "Olive",
    "10": "Bernard",
    "11": "Rita",
    "12": "Stanley",
}
_NO_MAT = {"5"}
_NO_COVER = {"9"}
_OLD_COVER = {"3"}
_BY_DAY = {"11"}
SILENT = {"MAT-0007"}


def _room(room: str) -> str:
    pipe = "\n      - {id: ensuite-pipe, emitter: pipe}" if room == "10" else ""
    return (
        f'  - id: "{room}"\n    places:\n      - {{id: bed}}\n'
        f"      - {{id: radiator-window, emitter: radiator}}{pipe}\n"
    )


def _resident(room: str, name: str) -> str:
    hours = "07:00-21:00" if room in _BY_DAY else "20:00-08:00"
    return (
        f'  - id: res-{room}\n    shown_as: {name}\n    room: "{room}"\n'
        f"    consent: {{basis: consent, by: {name}, on: 2026-10-12}}\n    requirements:\n"
        f'      - {{place: bed, needs: bed_mat, hours: "{hours}", because: "{_FALLS}", '
        f"review_by: 2027-01-12}}\n"
        f'      - {{place: radiator-window, needs: radiator_cover, because: "{_BURNS}", '
        f"review_by: 2027-01-12}}\n"
    )


def _equipment(room: str) -> str:
    number = room.zfill(4)
    lines = []
    if room not in _NO_MAT:
        device = f"{{dialect: nightwarden, address: mat-{room}}}"
        lines.append(f"{{tag: MAT-{number}, kind: bed_mat, at: {room}/bed, device: {device}}}")
    if room not in _NO_COVER:
        on = "2026-06-02" if room in _OLD_COVER else "2026-11-16"
        seen = f"{{by: P. Nowak, on: {on}, state: in_place}}"
        lines.append(
            f"{{tag: CVR-{number}, kind: radiator_cover, at: {room}/radiator-window, "
            f"confirmed: {seen}}}"
        )
    if room == "2":
        device = "{dialect: zigbee2mqtt, address: Room 2 radiator}"
        lines.append(
            f"{{tag: TMP-0002, kind: temperature_sensor, mount: accessible_face, "
            f"at: 2/radiator-window, device: {device}}}"
        )
    return "".join(f"  - {line}\n" for line in lines)


HOME = (
    "home: {id: elm-house, name: Elm House, timezone: Europe/London}\nrooms:\n"
    + "".join(map(_room, _RESIDENTS))
    + "  - id: Lounge\n    places:\n      - {id: chair}\nresidents:\n"
    + "".join(_resident(room, name) for room, name in _RESIDENTS.items())
    + "equipment:\n"
    + "".join(map(_equipment, _RESIDENTS))
)
