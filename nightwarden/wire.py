"""What outside programs read: JSON of an alert, and the topics of our own MQTT messages."""

from datetime import UTC, datetime
from typing import Any

from nightwarden.model.alerts import AlertEvent, AlertRecord, EventRecord
from nightwarden.model.plan import Gap

_LEVELS = {
    AlertEvent.REPEATED: "repeat",
    AlertEvent.TOLD_EVERYONE: "everyone",
    AlertEvent.TOLD_SENIOR: "senior",
    AlertEvent.TOLD_MANAGER: "manager",
}


def rfc3339(instant: datetime | None) -> str | None:
    """An instant as RFC 3339 in UTC, milliseconds; None stays None."""
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alert_json(alert: AlertRecord, events: list[EventRecord]) -> dict[str, Any]:
    """An alert as ``GET /alerts``, the live stream and the MQTT topic give it."""
    told = [_LEVELS[step.event] for step in events if step.event in _LEVELS]
    return {
        "id": str(alert.id),
        "rule": alert.cause.kind.value,
        "kind": alert.cause.kind.value,
        "priority": alert.priority.value,
        "state": alert.state.value,
        "room": alert.cause.place.room,
        "place": alert.cause.place.place,
        "subject": alert.cause.subject,
        "resident": alert.resident,
        "text": alert.text,
        "action": alert.action,
        "while_not_watching": alert.while_not_watching,
        "caused_at": rfc3339(alert.caused_at),
        "raised_at": rfc3339(alert.raised_at),
        "delivered_at": rfc3339(alert.delivered_at),
        "accepted_by": alert.accepted_by,
        "accepted_at": rfc3339(alert.accepted_at),
        "attended_by": alert.attended_by,
        "attended_at": rfc3339(alert.attended_at),
        "cleared_at": rfc3339(alert.cleared_at),
        "closed_by": alert.closed_by,
        "closed_at": rfc3339(alert.closed_at),
        "outcome": alert.outcome,
        "evidence": alert.evidence and {"kind": alert.evidence, "detail": alert.evidence_detail},
        "told": {"roles": [role.value for role in alert.told], "policy": alert.policy},
        "escalation": alert.escalation,
        "escalated_to": told[-1] if told else None,
        "rule_version": alert.rule_version,
        "version": alert.version,
        "events": [
            {
                "event": step.event.value,
                "at": rfc3339(step.at),
                "recorded_at": rfc3339(step.recorded_at),
                "actor": step.actor,
                "detail": step.detail,
            }
            for step in events
        ],
    }


class Topics:
    """Where the product itself publishes and listens; devices have their dialects' topics."""

    def __init__(self, home: str) -> None:
        self.root = f"nightwarden/v1/{home}"
        self.health = f"{self.root}/health"
        self.proof = f"{self.root}/proof"
        self.board = f"{self.root}/board"
        self.ring_api = f"{self.root}/ring/api"
        self.ring_gateway = f"{self.root}/ring/gateway"

    def alert(self, alert_id: int) -> str:
        """The retained topic of one alert."""
        return f"{self.root}/alert/{alert_id}"

    def room(self, room: str) -> str:
        """The retained topic of one room's state."""
        return f"{self.root}/room/{room}"


def gap_json(gap: Gap, now: datetime) -> dict[str, Any]:
    """A gap as ``GET /gaps`` and the live stream give it; ``age_s`` is whole seconds at ``now``."""
    decided = gap.decision
    return {
        "room": gap.place.room,
        "place": gap.place.place,
        "needs": gap.needs,
        "state": gap.state.value,
        "since": rfc3339(gap.since),
        "because": gap.because,
        "equipment": gap.equipment,
        "resident": gap.resident,
        "next_step": gap.next_step,
        "owner": gap.owner,
        "closes_by": gap.closes_by,
        "age_s": max(0, int((now - gap.since).total_seconds())),
        "decision": decided
        and {
            "by": decided.by,
            "at": rfc3339(decided.at),
            "reason": decided.reason,
            "review_by": decided.review_by.isoformat(),
        },
    }
