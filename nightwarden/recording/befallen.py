"""A recording under faults on order (:mod:`simulators.faults`), each section for itself.

A fault's times count from the first message of a section. The clock of a device that is set wrong
moves the time that it claims, in those languages of which :mod:`claimed` knows it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from nightwarden.model.readings import DeviceId
from nightwarden.recording.claimed import moved
from nightwarden.recording.lines import Entry, Header, Recorded
from simulators.faults import Fault, with_faults
from simulators.wire import WireMessage

_OF_THE_LINK = ("/availability", "/LWT", "/online", "/status", "/$state")


def befallen(entries: Iterable[Entry], faults: Sequence[Fault], seed: int) -> Iterator[Entry]:
    """The entries as they arrive under the faults; as they were where there are none."""
    if not faults:
        yield from entries
        return
    rest = iter(entries)
    header: Entry | None = next(rest, None)
    while header is not None:
        if isinstance(header, Recorded):
            section = _Section(chain([header], rest))
        else:
            yield header
            section = _Section(rest)
        first = next(section, None)
        if first is not None:
            spoken = map(_as_said, chain([first], section))
            arriving = with_faults(spoken, faults, first.at, seed)
            yield from (_as_recorded(one) for one in arriving if one.parting is None)
        header = section.next_header


class _Section(Iterator[Recorded]):
    """What stands before the next header, which is then kept."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        self._entries = entries
        self._over = False
        self.next_header: Header | None = None

    def __next__(self) -> Recorded:
        entry = None if self._over else next(self._entries, None)
        if isinstance(entry, Recorded):
            return entry
        if entry is not None:
            self.next_header = entry
        self._over = True
        raise StopIteration


def _as_said(entry: Recorded) -> WireMessage:
    about = next((end for end in _OF_THE_LINK if entry.topic.endswith(end)), "")
    sender = DeviceId("recorded", entry.topic.removesuffix(about))
    body = _by_clock(entry)
    return WireMessage(
        entry.at, sender, entry.topic, body, "recorded", qos=entry.qos, retain=entry.retain
    )


def _by_clock(entry: Recorded) -> Callable[[datetime], bytes]:
    def body(clock: datetime) -> bytes:
        if clock == entry.at:
            return entry.payload
        return moved(entry.topic, entry.payload, lambda at: at + (clock - entry.at))

    return body


def _as_recorded(message: WireMessage) -> Recorded:
    return Recorded(message.at, message.topic, message.payload(), message.qos, message.retain)
