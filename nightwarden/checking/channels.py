"""Each way of telling people elsewhere: whether its service takes what it is sent.

Nothing is sent here: what is looked at is what became of the last message.
"""

from collections.abc import Iterator

from nightwarden.checking.finding import Finding, fine, wrong
from nightwarden.store import channels
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel

ABOUT = "channel"


def look_at_channels(tx: Transaction) -> Iterator[Finding]:
    """A line for each channel and phone; none where the home has none."""
    for row in channels.present(tx):
        yield _look_at(row)


def _look_at(row: Channel) -> Finding:
    name = f'"{row.name}", {row.service}'
    if row.failing_since is not None:
        since = f"{row.failing_since:%Y-%m-%d %H:%M} UTC"
        return wrong(
            ABOUT,
            f"{name} fails since {since}: {row.failing_why}. Put it right or remove it at "
            "/channels, and send a test there.",
        )
    if row.taken_at is None:
        return wrong(ABOUT, f"{name} has never been tried; send a test at /channels.")
    taken = f"{row.taken_at:%Y-%m-%d %H:%M} UTC"
    return fine(ABOUT, f"{name}: its service took a message last at {taken}.")
