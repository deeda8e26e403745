"""What every page stands in: the home, its wall clock, the reader, and day or night.

Times reach a template as instants and leave it in the home's own wall clock. A tablet's clock may
be wrong by an hour, so what ticks in the browser is given the instant of the server as well.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

import nightwarden
from api.deps import Actor, EnrolledScreen, Now, ReadTx, current_viewer, get_parts
from nightwarden.errors import Unauthenticated
from nightwarden.languages import LANGUAGES, language, ngettext
from nightwarden.languages.scripts import script_words
from nightwarden.languages.sentences import day_words
from nightwarden.model.roles import Right
from nightwarden.store import meta, notices, people
from nightwarden.store.engine import Transaction

THEME_COOKIE = "nightwarden_theme"
THEMES = ("auto", "night", "day")
NIGHT_FROM, NIGHT_UNTIL = 20, 7
"""Hours of the home between which a page is dark unless somebody chose otherwise."""

SHORT = timedelta(hours=1)
LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The page as a template sees it. ``now`` is the instant of the request, aware, UTC."""

    home: str | None
    zone: ZoneInfo
    now: datetime
    viewer: Actor | EnrolledScreen | None
    theme: str
    path: str
    staff: tuple[people.StaffMember, ...] = ()
    """Whom "Who are you?" offers: on an enrolled screen only, since names are not for anybody."""
    practice: bool = False
    """Whether the home is marked as one to practise on."""
    unread_notices: int = 0
    """How many notices the person who is signed in has yet to read."""
    provider: bool = False
    """Whether one may sign in through the organisation's own provider too."""

    version = nightwarden.__version__
    languages = LANGUAGES

    @property
    def language(self) -> str:
        """The reader's language, as in ``<html lang>``."""
        return language()

    @property
    def script_words(self) -> str:
        """What the page's scripts say, as JSON; empty in English."""
        return script_words()

    @property
    def title(self) -> str:
        """The home's name, or the product's before there is a home."""
        return self.home or "Nightwarden"

    @property
    def actor(self) -> Actor | None:
        """The person who is signed in, if one is."""
        return self.viewer if isinstance(self.viewer, Actor) else None

    @property
    def screen(self) -> EnrolledScreen | None:
        """The enrolled screen on which nobody is signed in, if it is one."""
        return self.viewer if isinstance(self.viewer, EnrolledScreen) else None

    @property
    def look(self) -> Literal["auto", "night", "day"]:
        """Day or night; ``auto`` leaves it to the browser, and to the clock after dark."""
        if self.theme == "night" or (self.theme == "auto" and self._after_dark):
            return "night"
        return "day" if self.theme == "day" else "auto"

    @property
    def _after_dark(self) -> bool:
        hour = self.now.astimezone(self.zone).hour
        return hour >= NIGHT_FROM or hour < NIGHT_UNTIL

    def may(self, right: str) -> bool:
        """Whether to offer something. A screen offers it to whoever then says who they are."""
        return self.actor is None or self.actor.may(Right[right])

    @property
    def today(self) -> date:
        """The day on the home's calendar."""
        return self.now.astimezone(self.zone).date()

    def clock(self, instant: datetime) -> str:
        """``02:14`` on the home's wall; with the day when that is another one."""
        local = instant.astimezone(self.zone)
        if local.date() == self.today:
            return f"{local:%H:%M}"
        return f"{day_words(local.date(), language(), year=False)}, {local:%H:%M}"

    def seconds(self, instant: datetime) -> str:
        """``02:14:07`` on the home's wall."""
        return f"{instant.astimezone(self.zone):%H:%M:%S}"

    def day(self, instant: datetime | date) -> str:
        """``3 Nov 2026`` on the home's calendar."""
        if isinstance(instant, datetime):
            instant = instant.astimezone(self.zone).date()
        return day_words(instant, language())

    def age(self, since: datetime) -> str:
        """``4:12`` in the first hour, then ``2 h 05``, then days; never negative."""
        return span(max(self.now - since, timedelta()))

    def left(self, until: datetime) -> str:
        """How long until then, in the form of :meth:`age`."""
        return span(max(until - self.now, timedelta()))

    def ms(self, instant: datetime) -> int:
        """Milliseconds since 1970 in UTC, for what ticks in the browser."""
        return round(instant.timestamp() * 1000)


def span(length: timedelta) -> str:
    """A length of time in as few signs as a wall can show; static/ticking.js does the same."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    if length < SHORT:
        return f"{minutes}:{seconds:02d}"
    if length < LONG:
        return f"{minutes // 60} h {minutes % 60:02d}"
    return ngettext("{n} day", "{n} days", length.days).format(n=length.days)


def surroundings(
    request: Request, tx: Transaction, viewer: Actor | EnrolledScreen | None
) -> Surroundings:
    """The surroundings of a page that is drawn within ``tx``."""
    home = meta.home(tx)
    return Surroundings(
        home=None if home is None else home.name,
        zone=ZoneInfo("UTC" if home is None else home.timezone),
        now=tx.now.astimezone(UTC),
        viewer=viewer,
        theme=theme_of(request),
        path=request.url.path,
        practice=home is not None and home.practice,
        staff=tuple(people.staff(tx)) if isinstance(viewer, EnrolledScreen) else (),
        provider=get_parts(request).openid is not None,
        unread_notices=_unread(tx, viewer) if isinstance(viewer, Actor) else 0,
    )


def theme_of(request: Request) -> str:
    """What this browser has chosen; one of :data:`THEMES`."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def _unread(tx: Transaction, actor: Actor) -> int:
    return notices.unread_count(tx, actor.name, actor.role)


def anybody(request: Request, now: Now) -> Actor | EnrolledScreen | None:
    """Who looks, if we know them: the pages that anybody may see."""
    try:
        return current_viewer(request, now)
    except Unauthenticated:
        return None


Anybody = Annotated[Actor | EnrolledScreen | None, Depends(anybody)]


def page_for_anybody(request: Request, viewer: Anybody, tx: ReadTx) -> Surroundings:
    """The surroundings of a page that needs no sign-in."""
    return surroundings(request, tx, viewer)


def page_for_viewer(
    request: Request, viewer: Annotated[Actor | EnrolledScreen, Depends(current_viewer)], tx: ReadTx
) -> Surroundings:
    """The surroundings of a page that only a viewer may see; raises Unauthenticated."""
    return surroundings(request, tx, viewer)


OpenPage = Annotated[Surroundings, Depends(page_for_anybody)]
ViewerPage = Annotated[Surroundings, Depends(page_for_viewer)]
