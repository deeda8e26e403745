"""The JSON Schema of the home file, for editors that complete and check it while it is written.

Derived from ``shape``, so that it cannot say anything else than the reader; what JSON Schema
cannot say (a place that exists, an id used once) the reader alone checks.
"""

from typing import Any

from nightwarden.homefile.shape import HomeFile
from nightwarden.model.places import EquipmentKind

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def home_schema() -> dict[str, Any]:
    """The schema as ``GET /api/v1/schema/home`` publishes it (draft 2020-12)."""
    schema = HomeFile.model_json_schema()
    equipment = schema["$defs"]["EquipmentPart"]
    equipment["if"] = {
        "properties": {"kind": {"const": EquipmentKind.TEMPERATURE_SENSOR.value}},
        "required": ["kind"],
    }
    equipment["then"] = {"required": ["mount"]}
    equipment["else"] = {"properties": {"mount": {"type": "null"}}}
    return {"$schema": DIALECT, **schema, "title": "Nightwarden home file"}
