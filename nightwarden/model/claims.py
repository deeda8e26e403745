"""What people and files may claim: names, addresses, texts, days.

Names become parts of MQTT topics and web addresses, are read off labels and shown on boards, so
what cannot be seen or would split a topic is refused at the door, with the same sentence whether
it came from a home file or from a form.

Each function gives the accepted value back and raises ``ValueError`` with one sentence.
"""

from datetime import date, datetime, timedelta

NAME_MAX = 64
ADDRESS_MAX = 200
TEXT_MAX = 500
NAME_PATTERN = r"^(?!\.{1,2}$)[^\s/+#]([^/+#]{0,62}[^\s/+#])?$"
"""The rule of :func:`name` for JSON Schema; control characters apart, which it cannot say."""

_FURTHEST_AHEAD = timedelta(hours=14)


def name(value: str) -> str:
    """An id of a home, room, place, resident or item.

    1 to 64 characters that can be seen, spaces inside allowed; none of ``/ + #``, which split
    and match MQTT topics and places written ``ROOM/PLACE``; not ``.`` or ``..``, which web
    addresses swallow.
    """
    _seen(value, NAME_MAX)
    for sign in "/+#":
        if sign in value:
            raise ValueError(f'"{value}" has a "{sign}" in it; an id must be free of / + and #')
    if value in {".", ".."}:
        raise ValueError(f'"{value}" cannot be an id; use letters or digits')
    return value


def address(value: str) -> str:
    """A device's address in its dialect: as :func:`name`, up to 200 characters, slashes allowed.

    Zigbee2MQTT's friendly names have spaces and slashes in them.
    """
    _seen(value, ADDRESS_MAX)
    for sign in "+#":
        if sign in value:
            raise ValueError(f'"{value}" has a "{sign}" in it; no MQTT topic can carry that')
    return value


def channel(value: str) -> str:
    """The name of one input of a device: as :func:`address`, up to 64 characters."""
    _seen(value, NAME_MAX)
    for sign in "+#":
        if sign in value:
            raise ValueError(f'"{value}" has a "{sign}" in it; no channel is called so')
    return value


def text(value: str) -> str:
    """Words for people, up to 500 characters; line breaks and runs of spaces become one space."""
    joined = " ".join(value.split())
    _seen(joined, TEXT_MAX)
    return joined


def day_not_ahead(value: date, now: datetime) -> date:
    """A day on which somebody says they did something: not one that has yet to come.

    A home's own date is not asked for: the latest date anywhere on Earth (UTC+14) is let through,
    so that nobody's today is refused, and tomorrow's confirmation is never believed for a week.
    """
    if value > (now + _FURTHEST_AHEAD).date():
        raise ValueError(f"{value} has yet to come; write the day on which it was done")
    return value


def _seen(value: str, most: int) -> None:
    if not value:
        raise ValueError("is empty; write at least one character")
    if value != value.strip():
        raise ValueError(f'"{value}" starts or ends with a space; remove it')
    if not value.isprintable():
        raise ValueError(f"{value!a} has a character in it that cannot be seen; remove it")
    if len(value) > most:
        raise ValueError(f'"{value[:20]}…" has {len(value)} characters; {most} are allowed')
