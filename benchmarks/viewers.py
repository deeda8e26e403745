"""Who looks at the boards of a benchmark: enrolled screens and people who have signed in."""

from contextlib import closing
from pathlib import Path

from nightwarden.clock import utc_now
from nightwarden.commands.options import store_file
from nightwarden.model.roles import Role
from nightwarden.store import people, sessions
from nightwarden.store.engine import open_store

PIN = "7391"
PASSWORD = "a lantern in the hall"
SCREEN_COOKIE = "nightwarden_screen"
SESSION_COOKIE = "nightwarden_session"
Cookie = tuple[str, str]
"""Name and value."""


def viewers(data: Path, screens: int, carers: int) -> list[Cookie]:
    """So many enrolled screens and signed-in carers, in turn; before the home is started."""
    screen_cookies = [_screen(data, number) for number in range(screens)]
    carer_cookies = [signed_in(data, f"Carer {number}", Role.CARER) for number in range(carers)]
    mixed: list[Cookie] = []
    while screen_cookies or carer_cookies:
        longer = screen_cookies if len(screen_cookies) >= len(carer_cookies) else carer_cookies
        mixed.append(longer.pop())
    return mixed


def signed_in(data: Path, name: str, role: Role) -> Cookie:
    """A new person of this role, and the cookie of their session."""
    secret = PASSWORD if role is Role.MANAGER else PIN
    with closing(open_store(store_file(data))) as store:
        with store.transaction(utc_now()) as tx:
            user = people.add_user(tx, name, role, secret, "benchmark")
        with store.transaction(utc_now()) as tx:
            return SESSION_COOKIE, sessions.open_session(tx, user)


def _screen(data: Path, number: int) -> Cookie:
    with closing(open_store(store_file(data))) as store, store.transaction(utc_now()) as tx:
        code = people.enrol_code(tx, f"Screen {number}", "benchmark")
        return SCREEN_COOKIE, people.use_enrol_code(tx, code)
