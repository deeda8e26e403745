"""An alert as the store keeps it, for tests that need one and do not care which."""

from datetime import datetime
from typing import Any

from nightwarden.model.alerts import AlertKind, AlertRecord, AlertState, Cause, Priority
from nightwarden.model.places import PlaceId


def bed_exit(at: datetime, **other: Any) -> AlertRecord:
    """Joan of room 12 is out of bed since ``at``; ``other`` are fields that differ."""
    usual: dict[str, Any] = {
        "id": 0,
        "cause": Cause(AlertKind.BED_EXIT, PlaceId("12", "bed")),
        "priority": Priority.HIGH,
        "state": AlertState.RAISED,
        "resident": "Joan",
        "text": "Room 12 · Joan · out of bed",
        "action": "Go to her now.",
        "caused_at": at,
        "raised_at": at,
    }
    return AlertRecord(**usual | other)
