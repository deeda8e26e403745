"""Who may speak at the broker, and on which topics: the register's devices and our own processes.

1. A device that connects by itself has a user of its own, and opens its own topics alone. In the
   native dialect the user is the address; in any other, ``ADDRESS@DIALECT``. Signs that are not
   plain are written as ``%XX``, so that no two devices share a user.
2. A bridge has one user for its whole dialect, named after it. What announces itself to Home
   Assistant has no bridge: one user for all would let each say how the others are to be read. Such
   a device has the topics that it had announced when this was asked; what it announces later is
   another device's word until somebody asks again.
3. A device that the register no longer holds has no user. Neither has one that would open more
   than its own topics; that is said.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from gateway.dialects import dialects
from gateway.dialects.base import Learner, Lesson
from gateway.dialects.speaking import Speech, bridge_speech, device_speech, spoken_by
from nightwarden.errors import Invalid
from nightwarden.model.readings import DeviceId
from nightwarden.store.teaching import Teaching
from nightwarden.wire import Topics

GATEWAY = "gateway"
API = "api"
ANNOUNCED = "homeassistant/#"
"""Where a dashboard learns what there is, from us and from others."""

LONGEST = 200
"""Signs of a user name that is also the name of a file."""

_READER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_NATIVE = "nightwarden"
_ANNOUNCING = "homeassistant"


@dataclass(frozen=True, slots=True)
class BrokerUser:
    """One user of the broker. ``stands_for`` is what the audit calls it."""

    name: str
    stands_for: str
    speech: Speech


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for beyond the register: readers of alerts, and bridges not yet in it."""

    readers: Sequence[str] = ()
    bridges: Sequence[str] = ()


class _Roll:
    """The users so far, and a sentence for each device or bridge that gets none."""

    def __init__(self, home: str | None, asked: Asked, taught: Iterable[Teaching]) -> None:
        self._spoken = dialects(home or "no-home-yet")
        learners = {each.name: each for each in self._spoken if isinstance(each, Learner)}
        for name, key, content in taught:
            if name in learners:
                learners[name].learn(Lesson(key, content))
        self._names = {dialect.name for dialect in self._spoken}
        self.users = _own()
        self.refused: list[str] = []
        for name in dict.fromkeys(asked.readers):
            self.users.append(_reader(name, self._names))
        self._taken = {user.name for user in self.users} | self._names

    def add_device(self, device: DeviceId) -> str | None:
        """Its own user; or, when its dialect has a bridge, the dialect whose bridge needs one."""
        if (dialect := spoken_by(self._spoken, device.dialect)) is None:
            self.refused.append(f"{device} gets no password: no such dialect is spoken here.")
            return None
        try:
            if (speech := device_speech(dialect, device.address)) is None:
                return device.dialect
            name = _user(device, self._taken)
        except Invalid as problem:
            self.refused.append(str(problem))
            return None
        self.users.append(BrokerUser(name, f"device {device}", speech))
        return None

    def add_bridge(self, name: str) -> None:
        """The one user of all its devices."""
        if name == _ANNOUNCING or (dialect := spoken_by(self._spoken, name)) is None:
            known = ", ".join(sorted(self._names - {_ANNOUNCING}))
            raise Invalid(f'there is no dialect "{name}" to have a bridge; there are {known}.')
        try:
            self.users.append(BrokerUser(name, f"bridge {name}", bridge_speech(dialect)))
        except Invalid as problem:
            self.refused.append(str(problem))


def broker_users(
    home: str | None,
    devices: Iterable[DeviceId],
    asked: Asked,
    taught: Iterable[Teaching] = (),
) -> tuple[list[BrokerUser], list[str]]:
    """Every user that the broker should know, and a sentence for each device that gets none.

    Args:
        home: its id; None before the first home file.
        devices: the devices of the register.
        asked: the readers and bridges that were asked for by name.
        taught: what devices have announced.

    Raises:
        Invalid: a reader or bridge cannot be what was asked for.
    """
    roll = _Roll(home, asked, taught)
    behind = [roll.add_device(device) for device in sorted({device.whole for device in devices})]
    for name in dict.fromkeys((*asked.bridges, *filter(None, behind))):
        roll.add_bridge(name)
    return roll.users, roll.refused


def _own() -> list[BrokerUser]:
    """The gateway hears everything, and calls people by topics that the home may choose. The api,
    which the network can reach, only rings.
    """
    any_home = Topics("+")
    everything = Speech(("#",), ("#",))
    bell = Speech((any_home.ring_gateway,), (any_home.ring_api,))
    return [
        BrokerUser(GATEWAY, "the gateway", everything),
        BrokerUser(API, "the api", bell),
    ]


def _reader(name: str, dialect_names: set[str]) -> BrokerUser:
    """A pager, a dashboard, a Home Assistant: it hears what the monitor says, and says nothing."""
    if not _READER.fullmatch(name) or name in dialect_names | {GATEWAY, API}:
        raise Invalid(
            f'"{name}" cannot be a reader\'s name: it has letters, digits, ".", "_", "-", and is '
            "not a dialect's, gateway or api."
        )
    topics = Topics("+")
    shown = (topics.health, topics.board, topics.room("+"), "homeassistant/device/#")
    return BrokerUser(name, f"reader {name}", Speech((), (f"{topics.root}/alert/+", *shown)))


def _user(device: DeviceId, taken: set[str]) -> str:
    name = quote(device.address, safe="")
    if device.dialect != _NATIVE or name in taken:
        name = f"{name}@{device.dialect}"
    if len(name) > LONGEST or name.startswith("."):
        raise Invalid(
            f"{device} gets no password: its address is too long for a user name, or begins with "
            'a "."; give the device another address.'
        )
    return name
