"""Whether Mosquitto's access list is that of the register as it stands now.

A device that was bound after the last run has no password; one that has left still has one.
"""

from pathlib import Path

from nightwarden.checking.finding import Finding, fine, unseen, wrong
from nightwarden.mosquitto.users import Asked, broker_users
from nightwarden.store import meta, register
from nightwarden.store.engine import Transaction
from nightwarden.store.teaching import all_taught

ABOUT = "access"


def look_at_access(tx: Transaction, folder: Path | None) -> Finding:
    """Compare the list in ``folder`` of ``nightwarden broker mosquitto``; None: there is none."""
    if folder is None:
        return unseen(ABOUT, "no folder of `nightwarden broker mosquitto` was named with --access")
    try:
        listed = (folder / "acl").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        return wrong(
            ABOUT, f"{folder / 'acl'} cannot be read: {problem}; `nightwarden broker mosquitto`."
        )
    home = meta.home(tx)
    devices = [item.device for item in register.items_now(tx) if item.device is not None]
    home_id = home.id if home else None
    users, refused = broker_users(home_id, devices, Asked(), all_taught(tx))
    wanted = {user.stands_for for user in users}
    known = {line.removeprefix("# ") for line in listed if line.startswith("# ")}
    missing = sorted(wanted - known)
    gone = sorted(one for one in known - wanted if one.startswith("device "))
    said = [f"no password for {one}" for one in missing]
    said += [f"{one} has left and may still speak" for one in gone]
    if said:
        more = f" and {len(said) - 3} more" if len(said) > 3 else ""
        return wrong(ABOUT, f"{'; '.join(said[:3])}{more}: run `nightwarden broker mosquitto`.")
    by_hand = f" {refused[0]}" if refused else ""
    return fine(ABOUT, f"{folder} is that of the register.{by_hand}")
