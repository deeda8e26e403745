"""A home of many beds: each with a mat that is required at all hours, and a warm radiator."""

import json

HOME_ID = "bench-house"
ALL_DEVICES = f"nightwarden/v1/{HOME_ID}/device/#"


def home_file(beds: int) -> str:
    """The home file, as JSON, which is YAML too."""
    rooms = [room(number) for number in range(beds)]
    return json.dumps(
        {
            "home": {"id": HOME_ID, "name": "Bench House", "timezone": "Europe/London"},
            "rooms": [
                {"id": name, "places": [{"id": "bed"}, {"id": "radiator", "emitter": "radiator"}]}
                for name in rooms
            ],
            "residents": [_resident(name) for name in rooms],
            "equipment": [item for name in rooms for item in _equipment(name)],
        }
    )


def room(number: int) -> str:
    """The id of the room with this number, from 0."""
    return f"{number:03d}"


def mat_topic(name: str) -> str:
    """Where the bed mat of a room speaks."""
    return f"nightwarden/v1/{HOME_ID}/device/mat-{name}"


def sensor_topic(name: str) -> str:
    """Where the temperature sensor of a room speaks."""
    return f"nightwarden/v1/{HOME_ID}/device/tmp-{name}"


def _resident(name: str) -> dict[str, object]:
    return {
        "id": f"res-{name}",
        "shown_as": f"R{name}",
        "room": name,
        "requirements": [
            {
                "place": "bed",
                "needs": "bed_mat",
                "hours": "00:00-24:00",
                "because": "falls assessment",
                "review_by": "2099-01-01",
            }
        ],
    }


def _equipment(name: str) -> list[dict[str, object]]:
    def device(address: str) -> dict[str, object]:
        return {"dialect": "nightwarden", "address": address, "supervision_s": 86400}

    mat = {"tag": f"MAT-{name}", "kind": "bed_mat", "at": f"{name}/bed"}
    sensor = {
        "tag": f"TMP-{name}",
        "kind": "temperature_sensor",
        "mount": "accessible_face",
        "at": f"{name}/radiator",
    }
    return [
        mat | {"device": device(f"mat-{name}")},
        sensor | {"device": device(f"tmp-{name}")},
    ]
