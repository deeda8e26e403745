"""Homie 4, ``homie/DEVICE/NODE/PROPERTY``, and Homie 5, ``homie/5/DEVICE/NODE/PROPERTY``.

The address is DEVICE; each property is the channel ``NODE/PROPERTY``, and a battery is the whole
device's. The policy:

1. What a property is, its id says (``occupied``, ``temperature``), or its node's id where its own
   is a general word (``door/state``), or its unit, which is a temperature's. Units and the labels
   of true and false are in ``$unit`` and ``$format`` (4) or ``$description`` (5), and are kept.
2. Everything is retained by convention, so the broker's copy says nothing of now: a value that
   arrives without the retain flag was just published and is fresh, one with it tells the present
   state and proves nobody alive.
3. ``$state``: ``init``, ``ready``, ``sleeping`` and ``alert`` say that the device is there (asleep,
   it is there and silent), ``disconnected`` and ``lost`` that it is not. ``alert``, and in Homie 5
   what comes under ``$alert``, is also a problem, since a person should look. The will of a Homie 5
   bridge is said of the bridge alone, and holds for all its children.
4. ``$stats`` (4) that arrive prove the device alive, and ``$stats/battery`` is its battery.
5. ``…/set``, ``$log``, ``$broadcast`` and what describes without a meaning for us are
   nothing. Homie 5 writes an empty text as one byte 0.
6. The first level must be ``homie``.

https://homieiot.github.io/specification/spec-core-v4_0_0/ and
https://homieiot.github.io/specification/
"""

from typing import NamedTuple

from gateway.dialects import fields, loose
from gateway.dialects.base import NOTHING, Heard, Lesson, Problem
from gateway.dialects.claimed_time import receipt
from gateway.dialects.doubt import Doubt, shown
from gateway.dialects.homie_memory import Described, Descriptions, read_description
from gateway.dialects.json_payload import check_size
from gateway.dialects.speaking import Speech
from gateway.messages import RawMessage
from nightwarden.errors import Invalid, Unreadable
from nightwarden.model import claims
from nightwarden.model.readings import DeviceId, Quantity, Reading

NAME = "homie"

_THERE = frozenset({"init", "ready", "sleeping", "alert"})
_GONE = frozenset({"disconnected", "lost"})
_GENERAL = frozenset({"state", "status", "value", "active", "detected", "degrees"})
_TEMPERATURE_UNITS = frozenset({"°C", "°F", "K", "ºC", "ºF"})
_EMPTY_TEXT = b"\0"

FIELDS: fields.Fields = {**loose.PLAIN_WORDS, "battery-level": loose.PLAIN_WORDS["battery"]}


class _Path(NamedTuple):
    """A topic, taken apart: ``rest`` is what follows the device."""

    device: str
    rest: tuple[str, ...]
    five: bool


def _path(topic: str) -> _Path | None:
    """None where the topic has not the shape of Homie's, or is not heard."""
    root, *parts = topic.split("/")
    five = bool(parts) and parts[0] == "5"
    if root != NAME or not 2 <= len(parts) <= 4:
        return None
    if five and len(parts) > 2:
        return _Path(parts[1], tuple(parts[2:]), five=True)
    return _Path(parts[0], tuple(parts[1:]), five=False)


class HomieDialect:
    """All Homie devices under the usual ``homie``. Remembers how they describe themselves."""

    name = NAME

    def __init__(self) -> None:
        self._described = Descriptions()

    def filters(self) -> tuple[str, ...]:
        """No filter overlaps another, so that nothing comes twice."""
        return ("homie/+/+", "homie/+/+/+", "homie/+/+/+/+")

    def owns(self, topic: str) -> bool:
        """Whether the topic is one that :meth:`filters` bring in."""
        return topic.startswith("homie/") and _path(topic) is not None

    def topics_of(self, address: str) -> Speech:
        """All under the device's id, in both versions; the device hears its commands.

        Raises:
            Invalid: the address is no Homie id.
        """
        if "/" in address or address == "5" or address.startswith("$"):
            raise Invalid(
                f'{NAME} "{address}" gets no password: it is no Homie id; '
                "give the device another address."
            )
        roots = (f"homie/{address}/#", f"homie/5/{address}/#")
        return Speech(roots, (*roots, "homie/$broadcast/#", "homie/5/$broadcast/#"))

    def learn(self, lesson: Lesson) -> bool:
        """Take up how a property or a device describes itself; False when too much is known."""
        return self._described.learn(lesson)

    def read(self, message: RawMessage) -> Heard:
        """The reading of a property, a state, or what a description teaches.

        Raises:
            Unreadable: not UTF-8, too long, or no device named.
        """
        path = _path(message.topic)
        if path is None or not path.device or not path.rest[0]:
            raise Unreadable("The topic names no property; homie/DEVICE/NODE/PROPERTY is due.")
        if path.device.startswith("$"):
            return NOTHING
        check_size(message.payload)
        try:
            text = "" if message.payload == _EMPTY_TEXT else message.payload.decode()
        except UnicodeDecodeError:
            raise Unreadable("The payload is not UTF-8, as all of Homie's are.") from None
        if path.rest[0].startswith("$"):
            return self._attribute(path, text, message)
        if len(path.rest) == 2 and not path.rest[1].startswith("$"):
            return self._property(path, text, message)
        if len(path.rest) == 3 and path.rest[2] in ("$unit", "$format") and not path.five:
            key = "/".join((path.device, *path.rest))
            return Heard(lessons=self._described.news(key, text.encode()))
        return NOTHING

    def _attribute(self, path: _Path, text: str, message: RawMessage) -> Heard:
        device = DeviceId(NAME, path.device)
        match path.rest:
            case ("$state",):
                return self._state(device, text, message)
            case ("$description",) if path.five:
                return Heard(
                    lessons=self._described.news(f"5/{path.device}", read_description(text))
                )
            case ("$stats", "battery"):
                return _judged(device, "$stats/battery", FIELDS["battery"], text, message)
            case ("$stats", _):
                return Heard((Reading(device, Quantity.LINK, True, *receipt(message)),))
            case ("$alert", alert) if text:
                return Heard(problems=(Problem(device, f"raises {shown(alert)}: {shown(text)}."),))
            case _:
                return NOTHING

    def _state(self, device: DeviceId, state: str, message: RawMessage) -> Heard:
        if state in _THERE:
            alert = Problem(device, 'is in the state "alert": a person should look at it.')
            problems = (alert,) if state == "alert" else ()
            return Heard((Reading(device, Quantity.LINK, True, *receipt(message)),), problems)
        if state in _GONE or not state:  # cleared: the device was taken away
            children = self._described.children_of(device.address) if state == "lost" else []
            off = [device, *(DeviceId(NAME, child) for child in children)]
            stamp = receipt(message)
            return Heard(tuple(Reading(each, Quantity.LINK, False, *stamp) for each in off))
        raise Unreadable(
            f"The state is {shown(state)}; one of {', '.join(sorted(_THERE | _GONE))} is due."
        )

    def _property(self, path: _Path, text: str, message: RawMessage) -> Heard:
        """The value of a property, as its description says that it is meant."""
        node, name = path.rest
        described = self._described.of(path.device, node, name)
        meant = _meaning(node, name, described)
        if meant is None or not text:
            return NOTHING
        device = DeviceId(NAME, path.device)
        if meant[0] is not Quantity.BATTERY:
            try:
                device = device.at_channel(claims.channel(f"{node}/{name}"))
            except ValueError as doubt:
                raise Unreadable(f"The property's name {doubt}.") from None
        worded = described.worded(text)
        heard = _judged(device, f"{node}/{name}", meant, worded, message)
        if worded != text and not heard.readings:  # labels in another language, or for show
            return _judged(device, f"{node}/{name}", meant, text, message)
        return heard


def _meaning(node: str, name: str, described: Described) -> tuple[Quantity, fields.Judge] | None:
    known = FIELDS.get(name) or (FIELDS.get(node) if name in _GENERAL else None)
    unit = described.unit
    if known is not None and known[0] is Quantity.BATTERY:
        return known if unit in ("", "%") else None
    if unit in _TEMPERATURE_UNITS:
        return (Quantity.TEMPERATURE, lambda value: fields.celsius(value, unit))
    return known


def _judged(
    device: DeviceId,
    name: str,
    meant: tuple[Quantity, fields.Judge],
    text: str,
    message: RawMessage,
) -> Heard:
    try:
        value = meant[1](fields.number(text))
    except Doubt as doubt:
        return Heard(problems=(Problem(device, f"{name} {doubt}"),))
    if value is None:
        return NOTHING
    return Heard((Reading(device, meant[0], value, *receipt(message)),))
