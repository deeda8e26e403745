"""Which topics are the monitor's own or orders to devices, and what of them is kept and played.

Kept: what devices say; of our own, alerts and health with the fields below and no others, so that
a name cannot be among them. Left out: the loop test, the rings, discovery, and whatever topic of
ours there may be one day.

Played: what devices say. Our own topics would tell lies about the home that hears them, and an
order (``…/set``) would move something.
"""

import re
from dataclasses import replace

import orjson

from nightwarden.recording.lines import Recorded

_OURS = re.compile(r"nightwarden(?:/v1/(?P<home>[^/]+)/(?P<what>.+)|/.*)?", re.DOTALL)
_OUR_DISCOVERY = re.compile(r"homeassistant/[^/]+/nightwarden_.*/config", re.DOTALL)
_ORDER = re.compile(
    r"(.*/)?cmnd/.*|.*/(set|get|command|do_command)(/.*)?|.*/bridge/request/.*"
    r"|(?!.*/events/rpc$).*/rpc|.*/down/(push|replace)|spBv1\.0/[^/]+/[ND]CMD/.*",
    re.DOTALL,
)
_KEPT_OF_HEALTH = ("status", "at", "practice")
_KEPT_OF_ALERTS = (
    *("id", "kind", "priority", "state", "room", "place", "subject", "while_not_watching"),
    *("caused_at", "raised_at", "delivered_at", "accepted_at", "attended_at", "cleared_at"),
    *("closed_at", "escalation", "escalated_to", "rule_version", "version"),
)


def kept(message: Recorded) -> Recorded | None:
    """What of a message a recording keeps; None where it keeps nothing."""
    ours = _OURS.fullmatch(message.topic)
    if ours is None:
        return None if _OUR_DISCOVERY.fullmatch(message.topic) else message
    what = ours["what"] or ""
    if what.startswith("device/"):
        return message
    if what == "health":
        return _only(message, _KEPT_OF_HEALTH)
    if re.fullmatch(r"alert/\d+", what):
        return _only(message, _KEPT_OF_ALERTS)
    return None


def played(message: Recorded, home: str | None = None) -> Recorded | None:
    """What is said again of a message; None for what is not.

    Args:
        message: out of a recording.
        home: the home that native devices are to speak to, if not the one they spoke to.
    """
    if _ORDER.fullmatch(message.topic):
        return None
    ours = _OURS.fullmatch(message.topic)
    if ours is None:
        return None if _OUR_DISCOVERY.fullmatch(message.topic) else message
    what = ours["what"] or ""
    if not what.startswith("device/"):
        return None
    return message if home is None else replace(message, topic=f"nightwarden/v1/{home}/{what}")


def _only(message: Recorded, fields: tuple[str, ...]) -> Recorded | None:
    if not message.payload:  # a closed alert clears its topic
        return message
    try:
        body = orjson.loads(message.payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict):
        return None
    plain = str | int | float | bool | None
    left = {name: body[name] for name in fields if isinstance(body.get(name, ...), plain)}
    return replace(message, payload=orjson.dumps(left))
