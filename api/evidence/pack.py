"""Gathering the evidence of a period: of the home, of a resident, or of an item."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.errors import BadQuery
from api.evidence import answers, kit, upkeep
from api.evidence.sections import Asked, Pack, Scope, Section
from nightwarden.errors import Conflict, NotFound
from nightwarden.store import audit, meta, period
from nightwarden.store.engine import Transaction
from nightwarden.store.period import Period
from nightwarden.store.tables import Home, Resident

LONGEST = timedelta(days=5 * 366)
LISTS: tuple[Callable[[Asked, Transaction], Section], ...] = (
    kit.gaps,
    kit.required,
    kit.heat,
    kit.coverage,
    lambda asked, tx: answers.answers(
        asked,
        [alert for alert in period.alerts(tx, asked.period) if asked.scope.has(room=alert.room)],
    ),
    upkeep.checks_done,
    upkeep.checks_missed,
    upkeep.check_rounds,
    upkeep.faults,
    upkeep.controls_off,
    upkeep.notices_read,
)
"""Gaps are first: what is missing must not be looked for."""


def gather(
    tx: Transaction, since: date, until: date, made_by: str, *, resident: str = "", item: str = ""
) -> Pack:
    """The evidence of the days ``since`` to ``until``, both included, on the home's calendar.

    Args:
        tx: reading is enough.
        since: the first day.
        until: the last day, at most five years later; today at the latest.
        made_by: who asks for it.
        resident: only what concerns this resident, by id; left out, everybody.
        item: only what concerns this item, by tag.

    Raises:
        BadQuery: the days are the wrong way round, too far apart, or yet to come; or both a
            resident and an item are named.
        Conflict: there is no home yet.
        NotFound: there is no such resident or item.
    """
    home = meta.home(tx)
    if home is None:
        raise Conflict("There is no home yet; apply a home file first.")
    zone = ZoneInfo(home.timezone)
    _check(since, until, tx.now.astimezone(zone).date())
    if resident and item:
        raise BadQuery("Ask for a resident or for an item, not for both.")
    wanted = Period(_midnight(since, zone), _midnight(until + timedelta(days=1), zone))
    scope, subject = _scope(tx, home, wanted, resident, item)
    asked = Asked(wanted, scope, zone)
    verified = audit.verify(tx)
    return Pack(
        home=home.name,
        subject=subject,
        since=since,
        until=until,
        made_at=f"{tx.now.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}",
        made_by=made_by,
        zone=home.timezone,
        sections=tuple(make(asked, tx) for make in LISTS),
        entries=verified.entries,
        head=verified.head,
        intact=verified.intact,
        broken=verified.reason,
    )


def _check(since: date, until: date, today: date) -> None:
    if since > until:
        raise BadQuery(f"from ({since}) is after to ({until}); exchange them.")
    if until > today:
        raise BadQuery(f"to ({until}) has yet to come; today is {today}.")
    if until - since > LONGEST:
        raise BadQuery("Evidence covers at most five years; ask for a part of them.")


def _scope(
    tx: Transaction, home: Home, wanted: Period, resident: str, item: str
) -> tuple[Scope, str]:
    if resident:
        row = tx.get(Resident, resident)
        if row is None:
            raise NotFound(f'There is no resident "{resident[:40]}".')
        lived = {one.room for one in period.requirements(tx, wanted) if one.resident == row.id}
        scope = Scope(resident=row.id, rooms=frozenset({row.room, *lived}))
        return scope, f"Resident {row.shown_as} ({row.id})"
    if item:
        if item not in period.kit(tx):
            raise NotFound(f'There is no item "{item[:40]}".')
        stood = {one.room for one in period.placements(tx, wanted) if one.equipment == item}
        return Scope(item=item, rooms=frozenset(stood)), f"Item {item}"
    return Scope(), f"The whole home ({home.id})"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
