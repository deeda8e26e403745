"""Bytes off the wire to JSON, strictly: what is not plain JSON is said to be so, never guessed at.

NaN and the infinities are no JSON and no measurement, so they cannot reach a rule: a comparison
with NaN is always false, and a radiator at NaN would be cold for ever.
"""

import re

import orjson

from gateway.dialects.doubt import shown
from nightwarden.errors import Unreadable

MAX_PAYLOAD = 256 * 1024
"""Bytes. The largest device message seen in the wild is 3 KiB; this only stops a runaway device."""

_BARE_NAN = re.compile(rb"(?<=[:\[,])\s*[+-]?nan\b(?=\s*[,}\]])", re.IGNORECASE)
_NOT_A_NUMBER = re.compile(rb"\b(NaN|Infinity)\b", re.IGNORECASE)


def json_object(payload: bytes) -> dict[str, object]:
    """The JSON object in a payload.

    Raises:
        Unreadable: empty, over ``MAX_PAYLOAD``, not UTF-8, not JSON (NaN and infinities are not),
            or JSON that is not an object.
    """
    if not payload:
        raise Unreadable("The payload is empty; a JSON object is due.")
    check_size(payload)
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Unreadable(_what_is_wrong(payload, error)) from None
    if not isinstance(value, dict):
        raise Unreadable(f"The payload is {shown(value)}; a JSON object is due.")
    return value


def json_object_with_nan(payload: bytes) -> dict[str, object]:
    """As :func:`json_object`, for firmware that prints a failed sensor as a bare ``nan``: null.

    So one dead sensor does not cost what the others in the message say.

    Raises:
        Unreadable: as :func:`json_object`.
    """
    try:
        return json_object(payload)
    except Unreadable:
        if not _BARE_NAN.search(payload):
            raise
    return json_object(_BARE_NAN.sub(b"null", payload))


def bare_value(payload: bytes) -> object:
    """The value in a payload that holds one alone: ``false``, ``21.5``, or a word such as ``sit``.

    Raises:
        Unreadable: over ``MAX_PAYLOAD`` or not UTF-8.
    """
    check_size(payload)
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        pass
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Unreadable("The payload is not UTF-8; a bare value in UTF-8 is due.") from None


def check_size(payload: bytes) -> None:
    """Refuses what is over ``MAX_PAYLOAD``.

    Raises:
        Unreadable: naming both sizes.
    """
    if len(payload) > MAX_PAYLOAD:
        raise Unreadable(f"The payload is {len(payload)} bytes long; at most {MAX_PAYLOAD} is due.")


def _what_is_wrong(payload: bytes, error: orjson.JSONDecodeError) -> str:
    if _NOT_A_NUMBER.search(payload):
        return "The payload holds NaN or Infinity, which JSON has not; leave the field out instead."
    return f"The payload is not JSON ({error}); a JSON object in UTF-8 is due."
