"""A home with a device of each dialect, and a night in it in which everybody gets up."""

from datetime import UTC, datetime

from simulators.home_description import HomeDescription, parse_home
from simulators.story import BoilerCycle, Exit, Story

START = datetime(2026, 11, 23, 23, tzinfo=UTC)

AS_OCCUPANCY = "reads: {contact: occupancy}"
MATS = {
    "one": "{dialect: nightwarden, address: mat-one}",
    "twin": "{dialect: nightwarden, address: box-7, channel: left}",
    "wired": f"{{dialect: nightwarden, address: wired, {AS_OCCUPANCY}, inverted: true}}",
    "pad": f"{{dialect: zigbee2mqtt, address: Pad, {AS_OCCUPANCY}}}",
    "tas": f"{{dialect: tasmota, address: tas-1, channel: Switch1, {AS_OCCUPANCY}}}",
    "gen1": f"{{dialect: shelly, address: shelly1-A1B2C3, channel: input/0, {AS_OCCUPANCY}}}",
    "gen2": f"{{dialect: shelly, address: shellyplus1pm-aa00bb11cc22, channel: 'input:0', "
    f"{AS_OCCUPANCY}, inverted: true}}",
    "esp": "{dialect: esphome, address: bed-esp, channel: mat_left}",
    "homie": "{dialect: homie, address: mat-h, channel: mat/occupied}",
    "five": "{dialect: homie, address: homie5-mat, channel: mat/occupied}",
    "ends": f"{{dialect: zigbee2mqtt, address: Twin box, channel: l1, {AS_OCCUPANCY}}}",
    "lora": "{dialect: chirpstack, address: 24e124136b012345}",
    "ttn": "{dialect: thethings, address: mat-ttn}",
    "spark": "{dialect: sparkplug, address: elm/node-1/bed}",
    "ha": "{dialect: homeassistant, address: bed-ha, channel: mat}",
    "radio": f"{{dialect: rtl_433, address: Honeywell-Security/8/39809, {AS_OCCUPANCY}}}",
}
PROBES = {
    "tas": "{dialect: tasmota, address: tas-1, channel: DS18B20/3CE10457A8F9}",
    "gen1": "{dialect: shelly, address: shelly1-A1B2C3, channel: ext_temperature/0}",
    "ht": "{dialect: shelly, address: shellyht-0083A7}",
    "gen2": "{dialect: shelly, address: shellyplus1pm-aa00bb11cc22, channel: 'temperature:100'}",
    "esp": "{dialect: esphome, address: bed-esp, channel: surface}",
    "homie": "{dialect: homie, address: rad-h, channel: pipe/temperature}",
    "five": "{dialect: homie, address: homie5-rad, channel: pipe/temperature}",
    "ends": "{dialect: zigbee2mqtt, address: Twin box, channel: l2}",
    "blu": "{dialect: shelly, address: shellyblugwg3-aabbccddeeff, channel: 'blutrv:200'}",
    "lora": "{dialect: chirpstack, address: 24e124136b01aaaa, channel: TempC_DS}",
    "ttn": "{dialect: thethings, address: rad-ttn}",
    "spark": "{dialect: sparkplug, address: elm/node-1/rad, channel: Pipe}",
    "ha": "{dialect: homeassistant, address: rad-ha, channel: warmth}",
    "radio": "{dialect: rtl_433, address: Prologue-TH/5/3/147}",
}
DOORS = {
    "tas": "{dialect: tasmota, address: tas-1, channel: Switch2, inverted: true}",
    "dw": "{dialect: shelly, address: shellydw2-0083A8}",
    "esp": "{dialect: esphome, address: bed-esp, channel: cover}",
    "homie": "{dialect: homie, address: rad-h, channel: cover/open}",
    "five": "{dialect: homie, address: homie5-rad, channel: cover/open}",
    "ends": "{dialect: zigbee2mqtt, address: Twin box, channel: l3}",
    "lora": "{dialect: chirpstack, address: 24e124136b01bbbb}",
    "spark": "{dialect: sparkplug, address: elm/node-1/cover}",
    "ha": "{dialect: homeassistant, address: rad-ha, channel: cover}",
}


def every_dialect() -> str:
    """The home file. A mat, a probe and a cover switch are tagged with their kind and word."""
    lines = ["home: {id: elm-house, name: Elm, timezone: Europe/London, practice: true}", "rooms:"]
    places = "{id: bed}, {id: radiator, emitter: radiator}"
    words = sorted({*MATS, *PROBES, *DOORS})
    lines += [f'  - {{id: "{word}", places: [{places}]}}' for word in words]
    lines.append("residents:")
    need = (
        "{place: bed, needs: bed_mat, hours: '00:00-24:00', because: falls, review_by: 2027-01-01}"
    )
    for word in MATS:
        resident = f'id: r-{word}, shown_as: A., room: "{word}", requirements: [{need}]'
        lines.append(f"  - {{{resident}}}")
    lines.append("equipment:")
    for kind, more, place, devices in (
        ("bed_mat", "", "bed", MATS),
        ("temperature_sensor", "mount: under_cover, ", "radiator", PROBES),
        ("cover_switch", "", "radiator", DOORS),
    ):
        for word, device in devices.items():
            own = f"tag: {kind}-{word}, kind: {kind}, {more}at: {word}/{place}, device: {device}"
            lines.append(f"  - {{{own}}}")
    return "\n".join(lines)


def described() -> HomeDescription:
    """The same, as the simulators read it."""
    return parse_home(every_dialect(), "every.yaml")


EVERYBODY_UP = Story(
    exits=tuple(Exit(after_s=60 + 7 * n, away_s=200) for n in range(len(MATS))),
    boiler=BoilerCycle(first_on_s=60, on_s=3600, off_s=3600),
    quiet_s=7200,
)
"""All who have a mat get up within two minutes of each other, and are back after 200 s."""
