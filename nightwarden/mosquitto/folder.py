"""The folder that Mosquitto reads its users from.

``passwords``, ``acl`` and ``conf.d/nightwarden.conf`` are Mosquitto's to read; ``credentials/USER``
holds a new password in plain text, for whoever puts it into the device, and may be deleted then.
``passwords.local`` and ``acl.local`` are the home's own and are taken in as they are.

Each file appears whole or not at all. A password is written down in ``credentials`` before
Mosquitto hears of it, so none is ever lost: at worst a new one is made at the next run.
"""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightwarden.errors import Invalid
from nightwarden.mosquitto.passwords import hashed, new_password, read_password_lines
from nightwarden.mosquitto.users import BrokerUser

WRITTEN_BY = "# Written by `nightwarden broker mosquitto`; changes here are lost at its next run.\n"
CONFIGURATION = "conf.d/nightwarden.conf"


@dataclass(frozen=True, slots=True)
class Changes:
    """What the next write will do. ``hashes`` is every user that stays, and how it is kept."""

    issued: Mapping[str, str]  # user to new password
    renewed: Collection[str]  # those of ``issued`` that had one
    withdrawn: Sequence[str]
    hashes: Mapping[str, str]


class AccessFolder:
    """One folder, for one Mosquitto.

    Args:
        path: made when it is not there.
        group: number of the group that Mosquitto runs under; None when it runs as we do.
    """

    def __init__(self, path: Path, group: int | None = None) -> None:
        self.path = path
        self._group = group
        self._local = self._read("passwords.local"), self._read("acl.local")

    def changes(self, users: Sequence[BrokerUser], renew: Collection[str]) -> Changes:
        """What must be issued and withdrawn so that these users, and no others, are known.

        Raises:
            Invalid: a file there cannot be read, or a user to renew is not there.
        """
        names = [user.name for user in users]
        if unknown := sorted(set(renew) - set(names)):
            raise Invalid(f'there is no user "{unknown[0]}" to renew; there are {_listed(names)}.')
        own = read_password_lines(self._local[0], str(self.path / "passwords.local"))
        if twice := sorted(own.keys() & set(names)):
            raise Invalid(
                f"{self.path / 'passwords.local'} names {twice[0]}, whose password is made here; "
                "remove that line."
            )
        before = read_password_lines(self._read("passwords"), str(self.path / "passwords"))
        before = {name: kept for name, kept in before.items() if name not in own}
        issued = {n: new_password() for n in names if n not in before or n in renew}
        hashes = {n: hashed(issued[n]) if n in issued else before[n] for n in names}
        renewed = issued.keys() & before.keys()
        return Changes(issued, renewed, sorted(before.keys() - set(names)), hashes)

    def write(self, changes: Changes, users: Sequence[BrokerUser], configuration: str) -> bool:
        """Make the folder so; True when Mosquitto has something to read anew.

        Raises:
            Invalid: it cannot be written.
        """
        try:
            self._make_folders()
            for name, password in changes.issued.items():
                self._put(f"credentials/{name}", f"{password}\n", 0o600)
            lines = [f"{name}:{kept}\n" for name, kept in sorted(changes.hashes.items())]
            news = [
                self._put_if_new("acl", _access_list(users) + self._own_access()),
                self._put_if_new("passwords", "".join(lines) + self._local[0]),
                self._put_if_new(CONFIGURATION, WRITTEN_BY + configuration),
            ]
            for name in changes.withdrawn:
                (self.path / "credentials" / name).unlink(missing_ok=True)
        except OSError as problem:
            raise Invalid(
                f"{problem.filename or self.path} cannot be written: {problem.strerror}; choose "
                "another folder, or a group that you belong to."
            ) from None
        return any(news)

    def for_mosquitto(self, name: str, text: str) -> bool:
        """One more file that Mosquitto reads, such as a certificate; True when it is another."""
        self._make_folders()
        return self._put_if_new(name, text)

    def _own_access(self) -> str:
        own = self._local[1]
        spoken = [line for line in own.splitlines() if line.strip() and not line.startswith("#")]
        if spoken and not re.match(r"user\s", spoken[0]):
            raise Invalid(
                f'{self.path / "acl.local"} must begin with a line "user NAME": what stands '
                "before one would belong to somebody else."
            )
        return f"\n# from acl.local\n{own}" if spoken else ""

    def _make_folders(self) -> None:
        for folder in (self.path, self.path / "conf.d", self.path / "tls"):
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_uid == os.geteuid():
                self._give(os.open(folder, os.O_RDONLY), 0o750)
        (self.path / "credentials").mkdir(exist_ok=True, mode=0o700)

    def _read(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as problem:
            raise Invalid(f"{self.path / name} cannot be read: {problem}.") from None

    def _put_if_new(self, name: str, text: str) -> bool:
        if self._read(name) == text:
            return False
        self._put(name, text, 0o640 if self._group is not None else 0o600)
        return True

    def _put(self, name: str, text: str, mode: int) -> None:
        """Whole or not at all, and on the disk when this returns."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
            self._give(os.dup(descriptor), mode)
        beside.replace(path)

    def _give(self, descriptor: int, mode: int) -> None:
        """To the group, where there is one and the mode has something for it; closes it."""
        try:
            if self._group is not None and mode & 0o070:
                os.fchown(descriptor, -1, self._group)
            os.fchmod(descriptor, mode if self._group is not None else mode & 0o700)
        finally:
            os.close(descriptor)


def _access_list(users: Sequence[BrokerUser]) -> str:
    parts = [WRITTEN_BY, "# Whoever is not named here may neither say nor hear anything.\n"]
    for user in users:
        says, hears = user.speech.publishes, user.speech.hears
        parts.append(f"\n# {user.stands_for}\nuser {user.name}\n")
        parts += [
            f"topic {_right(topic in says, topic in hears)} {topic}\n"
            for topic in dict.fromkeys((*says, *hears))
        ]
    return "".join(parts)


def _right(says: bool, hears: bool) -> str:
    return "readwrite" if says and hears else "write" if says else "read"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
