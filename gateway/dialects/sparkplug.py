"""Sparkplug B, ``spBv1.0/GROUP/TYPE/NODE[/DEVICE]``: edge nodes of building automation.

TYPE is NBIRTH, NDATA or NDEATH for the node, DBIRTH, DDATA or DDEATH for a device of it. Addresses
are ``GROUP/NODE`` and ``GROUP/NODE/DEVICE``. A metric's name says what it is, by its last part:
``Bed 3/Occupancy`` is the occupancy of the channel ``Bed 3``, ``Occupancy`` that of the device.

1. A birth names the metrics, their aliases and units, and tells their present state; later messages
   may have aliases alone. What a birth taught is kept, also over a restart of ours. A node's birth
   makes those of its devices void; they follow.
2. Messages of a node are numbered, 0 to 255 and round. After a gap what came is read, and the node
   is asked for a rebirth: something was missed, and the rebirth tells the state of everything. So
   it is asked when an alias is unknown or nothing is known of it at all.
3. A death counts when its ``bdSeq`` is that of the last birth; else it is the will of a connection
   that the node has replaced. The node and its devices are then off.
4. The will may overtake what was on its way. What a dead node says is read and proves nobody alive;
   the node is asked for a rebirth, and the second birth after a death is believed in any case.
5. A metric without a value, or that says it is null, was not reported. One whose ``Quality`` is not
   good is a problem. ``is_historical`` is recorded with its own time, proving nobody alive.
6. In a birth all values are those of its sending; in data each has its own time of measuring. Times
   are milliseconds since 1970, and believed up to 24 h back.
7. ``retain`` is against the specification: kept messages tell the present state as anywhere.

https://sparkplug.eclipse.org/specification/version/3.0/documents/sparkplug-specification-3.0.0.pdf
"""

from gateway.dialects import fields, loose
from gateway.dialects.base import NOTHING, Heard, Lesson, Problem, Request
from gateway.dialects.claimed_time import Stamp, epoch, receipt, stamp_of
from gateway.dialects.doubt import Doubt
from gateway.dialects.sparkplug_memory import (
    Births,
    Known,
    Meant,
    Session,
    birth_lesson,
    forgotten,
    number_lesson,
    session_lesson,
)
from gateway.dialects.sparkplug_payload import Metric, Said, decode, rebirth
from gateway.messages import RawMessage
from nightwarden.errors import Unreadable
from nightwarden.model import claims
from nightwarden.model.readings import DeviceId, Quantity, Reading

NAME = "sparkplug"

_NODE_TYPES = ("NBIRTH", "NDATA", "NDEATH")
_DEVICE_TYPES = ("DBIRTH", "DDATA", "DDEATH")
_ROUND = 256
_LATE = 128
"""So far ahead in the round is a number from before, sent again or late, and no gap."""

FIELDS: fields.Fields = {
    **loose.PLAIN_WORDS,
    "temp": loose.PLAIN_WORDS["temperature"],
    "battery level": loose.PLAIN_WORDS["battery"],
}


class SparkplugDialect:
    """All edge nodes of the home's broker. Remembers births; asks for them again."""

    name = NAME

    def __init__(self) -> None:
        self._births = Births()

    def filters(self) -> tuple[str, ...]:
        """What nodes and devices say; never the commands to them."""
        return (
            *(f"spBv1.0/+/{kind}/+" for kind in _NODE_TYPES),
            *(f"spBv1.0/+/{kind}/+/+" for kind in _DEVICE_TYPES),
        )

    def owns(self, topic: str) -> bool:
        """Whether the topic is one on which a node speaks for itself or for a device."""
        if not topic.startswith("spBv1.0/"):
            return False
        parts = topic.split("/")
        return (len(parts) == 4 and parts[2] in _NODE_TYPES) or (
            len(parts) == 5 and parts[2] in _DEVICE_TYPES
        )

    def requests_on(self) -> tuple[str, ...]:
        """Where nodes and devices hear commands; a rebirth is the only one that we send."""
        return ("spBv1.0/+/NCMD/+", "spBv1.0/+/DCMD/+/+")

    def learn(self, lesson: Lesson) -> bool:
        """Take up what a birth or a number taught; False when too much is known already."""
        return self._births.learn(lesson)

    def read(self, message: RawMessage) -> Heard:
        """The readings in a birth, in data or in a death.

        Raises:
            Unreadable: not a payload of Sparkplug B, or no node named.
        """
        _, group, kind, *names = message.topic.split("/")
        if not all((group, *names)):
            raise Unreadable("The topic names no node; spBv1.0/GROUP/TYPE/NODE/DEVICE is due.")
        if message.retain and not message.payload:
            return NOTHING
        node, address = f"{group}/{names[0]}", "/".join((group, *names))
        said = decode(message.payload)
        one = _OneMessage(self._births, node, DeviceId(NAME, address), said, message)
        match kind:
            case "NBIRTH":
                one.node_birth()
            case "NDEATH":
                one.node_death()
            case "DBIRTH":
                one.device_birth()
            case "DDEATH":
                one.device_death()
            case _:
                one.values()
        return one.heard()


class _OneMessage:
    """One message: what is known before it, and what it comes to."""

    def __init__(
        self, births: Births, node: str, device: DeviceId, said: Said, message: RawMessage
    ) -> None:
        self._births = births
        self._session = births.session(node)
        self._node = node
        self._device = device
        self._said = said
        self._message = message
        self._readings: list[Reading] = []
        self._problems: list[Problem] = []
        self._lessons: list[Lesson] = []
        self._ask = False
        self._alive = not message.retain

    def heard(self) -> Heard:
        """Readings, problems, lessons, and the request for a rebirth where one is due."""
        requests: tuple[Request, ...] = ()
        if self._ask and not self._message.retain:
            group, name = self._node.split("/")
            payload = rebirth(self._message.received_at)
            requests = (Request(f"spBv1.0/{group}/NCMD/{name}", payload),)
        return Heard(tuple(self._readings), tuple(self._problems), tuple(self._lessons), requests)

    def node_birth(self) -> None:
        """The node tells who it is; its devices follow with births of their own."""
        session = _session_number(self._said)
        before = self._session or Session()
        doubted = before.died and before.bd == session and not before.doubted
        if doubted:
            self._ask, self._alive = True, False
        self._lessons += [forgotten(one) for one in self._births.devices_of(self._node)]
        now = Session(session, died=doubted, doubted=doubted)
        self._lessons.append(session_lesson(self._node, now))
        self._lessons.append(number_lesson(self._node, (self._said.seq or 0) % _ROUND))
        self._birth()

    def device_birth(self) -> None:
        """A device that the node speaks for is there."""
        self._count()
        self._birth()

    def node_death(self) -> None:
        """The node's will: it is off, and so is all that it speaks for."""
        session = _session_number(self._said)
        born = self._session.bd if self._session else None
        if None not in (session, born) and session != born:
            return
        self._lessons.append(session_lesson(self._node, Session(session, died=True)))
        stamp = receipt(self._message)
        off = [self._device, *(DeviceId(NAME, one) for one in self._births.devices_of(self._node))]
        self._readings += [Reading(each, Quantity.LINK, False, *stamp) for each in off]

    def device_death(self) -> None:
        """The node has lost this device."""
        self._count()
        self._readings.append(Reading(self._device, Quantity.LINK, False, *receipt(self._message)))

    def values(self) -> None:
        """What has changed since the birth."""
        self._count()
        self._metrics(self._births.metrics_of(self._device.address))

    def _count(self) -> None:
        """The number of the message: what is missing, and whether its node lives."""
        if self._session is None or self._session.died:
            self._ask = True
            self._alive = self._alive and self._session is None
        number, before = self._said.seq, self._births.number(self._node)
        if number is None:
            return
        ahead = (number - before) % _ROUND if before is not None else 1
        self._ask = self._ask or 1 < ahead < _LATE
        if 0 < ahead < _LATE:
            self._lessons.append(number_lesson(self._node, number % _ROUND))

    def _birth(self) -> None:
        known = Known.of(self._said)
        self._lessons.append(birth_lesson(self._device.address, known))
        self._metrics(known, self._stamp(self._said.at_ms))
        self._there()

    def _there(self) -> None:
        stamp = receipt(self._message)._replace(fresh=self._alive)
        self._readings.append(Reading(self._device, Quantity.LINK, True, *stamp))

    def _metrics(self, known: Known, born: Stamp | None = None) -> None:
        """The readings of all metrics; ``born`` is the stamp of those in a birth."""
        strange = 0
        for metric in self._said.metrics:
            meant = known.meaning(metric)
            if meant is None:
                strange += 1
                continue
            self._judge(meant, metric, born)
        if strange:
            self._ask = True
            told = f"{strange} of its metrics have an alias that no birth has told of"
            self._problems.append(Problem(self._device, f"{told}; a rebirth is asked for."))
        if born is None and not self._readings and not self._problems:
            self._there()

    def _judge(self, meant: Meant, metric: Metric, born: Stamp | None) -> None:
        folder, _, last = meant.name.rpartition("/")
        known = FIELDS.get(last.strip().lower())
        if known is None or meant.value is None:
            return
        quantity, judge = known
        try:
            device = self._device.at_channel(claims.channel(folder)) if folder else self._device
        except ValueError as doubt:
            self._problems.append(Problem(self._device, f"a channel's name {doubt}."))
            return
        if not metric.good:
            self._problems.append(
                Problem(device, f"{meant.name} is not good: so says its Quality.")
            )
            return
        try:
            value = _with_unit(judge, quantity, meant.value, meant.unit)
        except Doubt as doubt:
            self._problems.append(Problem(device, f"{meant.name} {doubt}"))
            return
        stamp = born
        if stamp is None or metric.historical:
            stamp = self._stamp(metric.at_ms, historical=metric.historical)
        if value is not None:
            self._readings.append(Reading(device, quantity, value, *stamp))

    def _stamp(self, at_ms: int | None, *, historical: bool = False) -> Stamp:
        """The time of a metric, else that of the payload, else receipt."""
        claim = at_ms if at_ms is not None else self._said.at_ms
        kept = self._message._replace(retain=True) if historical else self._message
        stamp = receipt(kept)
        if claim is not None:
            try:
                stamp = stamp_of(epoch(claim / 1000), kept)
            except Doubt as doubt:
                problem = Problem(self._device, f"The timestamp {doubt}")
                if problem not in self._problems:  # one wrong clock, not one of each metric
                    self._problems.append(problem)
        return stamp if self._alive else stamp._replace(fresh=False)


def _with_unit(
    judge: fields.Judge, quantity: Quantity, value: bool | float | str, unit: str
) -> bool | float | str | None:
    """A value whose birth told its unit: °F and K are converted, volts are no per cent."""
    if quantity is Quantity.TEMPERATURE and unit:
        return fields.celsius(value, unit.removeprefix("deg"))
    if quantity is Quantity.BATTERY and unit.strip().lower() in ("v", "mv", "volt", "volts"):
        return None
    return judge(value)


def _session_number(said: Said) -> int | None:
    """``bdSeq``, which ties a death to its birth."""
    metric = said.metric("bdSeq")
    value = metric.value if metric else None
    if isinstance(value, bool | str) or value is None or not 0 <= value < 2**53:
        return None
    return int(value)
