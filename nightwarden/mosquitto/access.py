"""From the register to Mosquitto's folder, and into the audit, in one go."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nightwarden.certificates.authority import Authority
from nightwarden.errors import Invalid
from nightwarden.mosquitto.folder import AccessFolder, Changes
from nightwarden.mosquitto.listeners import TLS_FOLDER, Listeners, configuration
from nightwarden.mosquitto.users import Asked, broker_users
from nightwarden.store import audit, meta, register
from nightwarden.store.engine import Transaction
from nightwarden.store.teaching import all_taught


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``ca`` is the authority's folder, of which ``certificate`` is one."""

    out: Path
    ca: Path
    monitor_listener: str
    device_listener: str | None = None
    readers: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    renew: tuple[str, ...] = ()
    group: int | None = None
    certificate: str | None = None
    monitor_tls: bool = False
    client_certificates: bool = False

    def listeners(self) -> Listeners:
        """Where Mosquitto should listen."""
        port = 8883 if self.certificate else 1883
        return Listeners(
            self.monitor_listener,
            self.device_listener or f"0.0.0.0:{port}",
            self.certificate is not None,
            self.monitor_tls,
            self.client_certificates,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What was done. ``news``: Mosquitto has something to read anew."""

    out: Path
    changes: Changes
    refused: list[str]
    news: bool

    def lines(self) -> Iterator[str]:
        """For the person who asked; never a password."""
        issued, renewed = self.changes.issued, self.changes.renewed
        kept = len(self.changes.hashes) - len(issued)
        for name in issued:
            word = "renewed" if name in renewed else "new"
            yield f"{word:<10} {name}  {self.out / 'credentials' / name}"
        for name in self.changes.withdrawn:
            yield f"{'withdrawn':<10} {name}"
        for sentence in self.refused:
            yield f"{'refused':<10} {sentence}"
        counted = f"{len(issued)} issued, {len(self.changes.withdrawn)} withdrawn, {kept} kept"
        yield f"{self.out}: {counted}{'' if self.news else '; nothing to change'}"


def write_access(tx: Transaction, wanted: Wanted, actor: str) -> Written:
    """Make the folder follow the register, and write down who was let in or out.

    The writing transaction also keeps two such runs apart.

    Raises:
        Invalid: something asked for cannot be; nothing was changed then.
        NotFound: there is no such certificate.
    """
    home = meta.home(tx)
    devices = [item.device for item in register.items_now(tx) if item.device is not None]
    asked = Asked(wanted.readers, wanted.bridges)
    home_id = home.id if home else None
    users, refused = broker_users(home_id, devices, asked, all_taught(tx))
    lines = configuration(wanted.out, wanted.listeners())
    folder = AccessFolder(wanted.out, wanted.group)
    changes = folder.changes(users, wanted.renew)
    renewed_tls = _certificate(folder, wanted)
    news = folder.write(changes, users, lines)
    subjects = {user.name: user.stands_for for user in users}
    for name in changes.issued:
        verb = "renewed" if name in changes.renewed else "issued"
        detail = {"for": subjects[name]}
        audit.record(tx, actor, f"{verb} broker password", f"broker user {name}", detail)
    for name in changes.withdrawn:
        audit.record(tx, actor, "withdrew broker password", f"broker user {name}")
    return Written(wanted.out, changes, refused, news or renewed_tls)


def _certificate(folder: AccessFolder, wanted: Wanted) -> bool:
    """Put the broker's certificate where Mosquitto can read it; True when it is another."""
    if wanted.certificate is None:
        return False
    authority = Authority(wanted.ca)
    issued = authority.find(wanted.certificate)
    if not issued.purpose.hosts:
        raise Invalid(
            f'the certificate "{issued.name}" is a client\'s; issue one for the broker with --host.'
        )
    files = {"ca.crt": authority.certificate, "broker.crt": issued.certificate}
    files["broker.key"] = issued.key
    try:
        texts = {f"{TLS_FOLDER}/{name}": path.read_text() for name, path in files.items()}
    except OSError as problem:
        raise Invalid(f"{problem.filename} cannot be read: {problem.strerror}.") from None
    other = [folder.for_mosquitto(name, text) for name, text in texts.items()]
    return any(other)
