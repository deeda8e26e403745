"""The JSON Schema of the rules file, for editors that complete and check it while it is written.

Made from the settings, so that it cannot say anything else than the reader; what JSON Schema
cannot say (that two numbers agree) the reader alone checks.
"""

from typing import Any

from nightwarden.homefile.schema import DIALECT
from nightwarden.model import claims
from nightwarden.rulesfile.reader import BECAUSE
from nightwarden.rulesfile.sections import sections_schema
from nightwarden.rulesfile.settings import all_settings


def rules_schema() -> dict[str, Any]:
    """The schema as ``GET /api/v1/schema/rules`` publishes it (draft 2020-12)."""
    root = _mapping()
    root["properties"][BECAUSE] = {
        "type": "string",
        "pattern": r"\S",
        "maxLength": claims.TEXT_MAX,
        "description": "Why the numbers are what they are; asked for when one changes.",
    }
    for path, setting in all_settings().items():
        here = root
        for key in path[:-1]:
            here = here["properties"].setdefault(key, _mapping() | {"type": ["object", "null"]})
        here["properties"][path[-1]] = setting.schema()
    root["properties"].update(sections_schema())
    return {"$schema": DIALECT, "title": "Nightwarden rules file", **root}


def _mapping() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}
