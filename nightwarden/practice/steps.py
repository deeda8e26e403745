"""Reads what happens in a scenario, and what is expected to come of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from nightwarden.homefile.yaml_tree import Path, Unquoted
from nightwarden.model.alerts import AlertKind, Priority
from nightwarden.model.places import GapState, ItemState
from nightwarden.model.roles import Role
from nightwarden.practice.fault_orders import read_faults
from nightwarden.practice.reading import Reader, whole_number
from nightwarden.practice.scenario import (
    ON_ALERTS,
    ON_ITEMS,
    READ,
    SHOWN,
    Act,
    BrokerRestart,
    Cable,
    Call,
    Deed,
    Expectation,
    GatewayPower,
    Listening,
    Publish,
    Say,
    Sign,
    Step,
    What,
    Wire,
)
from nightwarden.rulesfile.story_values import READS, duration, truth, word_among, word_of

_QUANTITIES = tuple(quantity.value for quantity in READS)
_SAYING = ("device", *_QUANTITIES, "every", "times", "copies", "retained", "behind", "faults")
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")
_CALLS = ("post", "patch", "put", "delete")
_STARTS = ("device", "publish", *Cable, *Act, *_CALLS, "listening", "gateway", "broker")
_KINDS_OF_WATCH = {state: state for state in ("armed", "off_hours", "paused", "blind")}
_POWER = {
    "on": GatewayPower(on=True),
    "off": GatewayPower(on=False),
    "forgotten": GatewayPower(on=True, forgotten=True),
}
_CALLED = {word: word for word in ("everyone", *(role.value for role in Role))}
_WINDOW = ("place", "after", "by", "priority", "text", "to")


def read_steps(reader: Reader, lasts: timedelta) -> Iterator[Step]:
    """The steps, in their order; what is wrong with them is noted in the document."""
    reached = timedelta()
    for path, content in _each(reader, "steps", "{at: 10s, …}"):
        if "at" not in content:
            reader.document.wrong(path, '"at" is missing: the time since the start, such as 10s')
        at = reader.time(path, content, "at", lasts)
        if at is not None and at < reached:
            reader.document.wrong((*path, "at"), "is before the step above it")
        reached = at or reached
        found = [key for key in _STARTS if key in content]
        if len(found) != 1:
            reader.document.wrong(path, f"needs one of {', '.join(_STARTS)}")
            continue
        what = _what(reader, path, content, found[0])
        if what is not None:
            yield Step(reader.document.tree.line(path), reached, what)


def read_expectations(reader: Reader, lasts: timedelta) -> Iterator[Expectation]:
    """The expectations; what is wrong with them is noted in the document."""
    count = 0
    for path, content in _each(reader, "expect", "{raised: bed_exit, place: 12/bed, by: 10s}"):
        count += 1
        found = [sign for sign in Sign if sign in content]
        if len(found) != 1:
            reader.document.wrong(path, f"needs one of {', '.join(Sign)}")
            continue
        yield _expectation(reader, path, content, found[0], lasts)
    if not count:
        reader.document.wrong(("expect",), "has no expectation; say what must come of it")


def _each(reader: Reader, key: str, example: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    given = reader.document.value[key]
    if not isinstance(given, list):
        reader.document.wrong((key,), "is not a list; start each line with a dash")
        return
    for number, content in enumerate(given):
        if isinstance(content, dict):
            yield (key, number), content
        else:
            reader.document.wrong((key, number), f"is not a mapping; write {example}")


def _what(reader: Reader, path: Path, content: dict[str, Any], start: str) -> What | None:
    if start == "device":
        return _say(reader, path, content)
    if start == "publish":
        return _publish(reader, path, content)
    if start in tuple(Cable):
        reader.only(path, content, ("at", start))
        device = reader.device(path, content, start)
        return Wire(Cable(start), device) if device else None
    if start == "listening":
        reader.only(path, content, ("at", start))
        return Listening(reader.taken(path, content, start, whole_number) or 0)
    if start == "gateway":
        reader.only(path, content, ("at", start))
        return reader.taken(path, content, start, word_among(_POWER)) or _POWER["on"]
    if start == "broker":
        reader.only(path, content, ("at", start))
        reader.taken(path, content, start, word_among({"restart": True}))
        return BrokerRestart()
    if start in _CALLS:
        return _call(reader, path, content, start)
    return _deed(reader, path, content, Act(start))


def _call(reader: Reader, path: Path, content: dict[str, Any], start: str) -> Call:
    reader.only(path, content, ("at", start, "body", "by", "refused"))
    body = content.get("body") or {}
    if not isinstance(body, dict):
        reader.document.wrong((*path, "body"), "is not a mapping; write {reason: fire alarm}")
    by = reader.taken(path, content, "by", word_of(Role)) or Role.MANAGER
    refused = reader.taken(path, content, "refused", str)
    return Call(start.upper(), _path(reader, path, content, start), _plain(body), by, refused)


def _path(reader: Reader, path: Path, content: dict[str, Any], key: str) -> str:
    given = str(content[key])
    if not given.startswith("/") or " " in given:
        reader.document.wrong((*path, key), f'"{given}" is no path such as /rounds/after-upset')
    return given


def _say(reader: Reader, path: Path, content: dict[str, Any]) -> Say | None:
    reader.only(path, content, ("at", *_SAYING))
    device = reader.device(path, content, "device")
    values = {
        quantity: reader.taken(path, content, quantity.value, read)
        for quantity, read in READS.items()
        if quantity in content
    }
    if not values:
        reader.document.wrong(path, f"says nothing; write one of {', '.join(_QUANTITIES)}")
    if device is None:
        return None
    return Say(
        device,
        {q: v for q, v in values.items() if v is not None},
        every=reader.taken(path, content, "every", _some_time),
        times=reader.taken(path, content, "times", whole_number) or 1,
        copies=reader.taken(path, content, "copies", whole_number) or 1,
        retained=bool(reader.taken(path, content, "retained", truth)),
        behind=reader.taken(path, content, "behind", duration) or timedelta(),
        faults=read_faults(reader, path, content, device),
    )


def _publish(reader: Reader, path: Path, content: dict[str, Any]) -> Publish:
    reader.only(path, content, ("at", "publish", "payload", "every", "retained"))
    topic = str(content["publish"])
    if not topic or {"+", "#"} & set(topic):
        reader.document.wrong((*path, "publish"), f'"{topic}" is no topic to publish on')
    return Publish(
        topic,
        str(content.get("payload") or ""),
        every=reader.taken(path, content, "every", _some_time),
        retained=bool(reader.taken(path, content, "retained", truth)),
    )


def _deed(reader: Reader, path: Path, content: dict[str, Any], act: Act) -> Deed:
    needs = {
        Act.PAUSE: ("for",),
        Act.PERMIT: ("for",),
        Act.CLOSE: ("place", "outcome"),
        Act.CONFIRM: ("found",),
    }.get(act, ("place",) if act in ON_ALERTS else ())
    reader.only(path, content, ("at", act, "by", *needs))
    for key in needs:
        if key not in content:
            reader.document.wrong(path, f'"{key}" is missing')
    if act in ON_ALERTS:
        subject = reader.taken(path, content, act, word_of(AlertKind)) or ""
    elif act in ON_ITEMS:
        subject = reader.among(path, content, act, "item", reader.items)
    else:
        subject = reader.among(path, content, act, "place", reader.places)
    usual = Role.MAINTENANCE if act in ON_ITEMS else Role.CARER
    place = ""
    if "place" in content:
        place = reader.among(path, content, "place", "place", reader.places)
    found = reader.taken(path, content, "found", word_of(ItemState))
    return Deed(
        act,
        str(subject),
        reader.taken(path, content, "by", word_of(Role)) or usual,
        place,
        reader.taken(path, content, "for", duration) or timedelta(),
        str(found or content.get("outcome", "")),
    )


def _expectation(
    reader: Reader, path: Path, content: dict[str, Any], sign: Sign, lasts: timedelta
) -> Expectation:
    if sign in READ:
        return _answer(reader, path, content, sign, lasts)
    known = ("place", "by") if sign in SHOWN else _WINDOW
    reader.only(path, content, (sign, *known))
    words: Any = word_of(AlertKind)
    if sign in SHOWN:
        words = word_of(GapState) if sign is Sign.GAP else word_among(_KINDS_OF_WATCH)
    subject = reader.taken(path, content, sign, words)
    for key in () if sign is Sign.QUIET else ("place", "by"):
        if key not in content:
            reader.document.wrong(path, f'"{key}" is missing')
    place = ""
    if "place" in content:
        place = reader.among(path, content, "place", "place", reader.places)
    after = reader.time(path, content, "after", lasts) or timedelta()
    by = reader.time(path, content, "by", lasts)
    if by is not None and by < after:
        reader.document.wrong((*path, "by"), f"is before after: {content['after']}")
    return Expectation(
        reader.document.tree.line(path),
        sign,
        str(subject or ""),
        place,
        after,
        lasts if by is None else by,
        reader.taken(path, content, "priority", word_of(Priority)),
        reader.taken(path, content, "text", str),
        reader.taken(path, content, "to", word_among(_CALLED)),
    )


def _answer(
    reader: Reader, path: Path, content: dict[str, Any], sign: Sign, lasts: timedelta
) -> Expectation:
    reader.only(path, content, (sign, "text", "lacks", "by", "as"))
    if "by" not in content or not {"text", "lacks"} & set(content):
        reader.document.wrong(path, '"by" is missing, or words that it says (text) or not (lacks)')
    by = reader.time(path, content, "by", lasts)
    return Expectation(
        reader.document.tree.line(path),
        sign,
        _path(reader, path, content, sign),
        "",
        timedelta(),
        lasts if by is None else by,
        text=reader.taken(path, content, "text", str),
        lacks=reader.taken(path, content, "lacks", str),
        role=reader.taken(path, content, "as", word_of(Role)) or Role.MANAGER,
    )


def _plain(given: Any) -> Any:
    """What stands in YAML as JSON has it: numbers without quotes are numbers."""
    if isinstance(given, dict):
        return {key: _plain(value) for key, value in given.items()}
    if isinstance(given, list):
        return [_plain(value) for value in given]
    if isinstance(given, Unquoted) and _NUMBER.fullmatch(given):
        return float(given) if "." in given else int(given)
    return str(given) if isinstance(given, str) else given


def _some_time(given: Any) -> timedelta:
    length = duration(given)
    if not length:
        raise ValueError("0 is no time between messages; write one such as 1m")
    return length
