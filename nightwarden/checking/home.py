"""What the store says of the home: its register, its clock, its people and who can hear an alert.

Each function looks at one subject inside a reading transaction at ``tx.now``.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import col, func, select

from api.health import health, last_proof
from nightwarden.checking.finding import Finding, fine, unseen, wrong
from nightwarden.model.roles import Right, Role, may
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import meta, people, receivers
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_plan
from nightwarden.store.tables import Audit, HistoryCursor, ReadingRow
from rules.rulebook import Rulebook

NO_HOME = "no home file has been applied"
CLOCK_MAY_DIFFER = timedelta(seconds=5)
"""Over this a clock is at fault (failure-modes.md, the numbers)."""


def look_at_home(tx: Transaction) -> Finding:
    """Whether a home file has been applied."""
    home = meta.home(tx)
    if home is None:
        return wrong("home", "No home file has been applied; `nightwarden apply FILE` does it.")
    practice = "; a practice home, on which simulators may act" if home.practice else ""
    return fine("home", f"{home.name} ({home.id}, {home.timezone}){practice}.")


def look_at_rules(tx: Transaction, book: Rulebook | None = None) -> Finding:
    """Whether the numbers fit together, and the rules can read what the register asks of them.

    ``book`` is what the home's rules say, unless it is given.
    """
    rules = load_rules(tx)
    if rules.problem:
        return wrong("rules", f"{rules.problem}; the rules as delivered are in force.")
    book = book or rules.book
    if contradiction := _contradiction(book):
        return wrong("rules", contradiction)
    if meta.home(tx) is None:
        return unseen("rules", NO_HOME)
    try:
        plan = load_plan(tx)
    except ZoneInfoNotFoundError:
        return unseen("rules", "the home's time zone is not known here")
    except (ValueError, KeyError) as problem:
        return wrong("rules", f"The register cannot be read: {problem}; apply the home file again.")
    assert plan is not None
    if not plan.requirements:
        return wrong("rules", "No resident requires anything; the home file names what to watch.")
    late = sum(requirement.review_by < tx.now.date() for requirement in plan.requirements)
    overdue = f"; the review of {late} is overdue" if late else ""
    kept = f"{len(plan.requirements)} requirements and {len(plan.items)} placed items can be read"
    return fine("rules", f"The numbers fit together, {kept}{overdue}.")


def _contradiction(book: Rulebook) -> str | None:
    """Two numbers of which one makes the other meaningless, as a sentence."""
    limit, at_once, clear = (
        book.hot_surface.limit_c,
        book.hot_surface.at_once_c,
        book.hot_surface.clear_c,
    )
    if not clear < limit <= at_once:
        return (
            f"A surface clears below {clear} °C, is hot from {limit} °C and at once from "
            f"{at_once} °C; each must be above the one before."
        )
    if not timedelta(0) <= book.bed_exit.dwell < book.not_back_in_bed.after:
        return (
            f"Out of bed is raised after {book.bed_exit.dwell} and not back in bed after "
            f"{book.not_back_in_bed.after}; the second must be the later."
        )
    lengths = (book.hot_surface.hold, book.device_silent.offline_grace)
    if min(lengths) < timedelta(0) or book.required_not_in_place.confirmation_holds <= timedelta(0):
        return "A length of time in the rulebook is negative; each must be zero or more."
    return None


def look_at_clock(tx: Transaction) -> Finding:
    """Whether this machine knows the home's time zone, and time goes forward."""
    home = meta.home(tx)
    if home is not None:
        try:
            ZoneInfo(home.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return wrong(
                "clock",
                f'This machine does not know the time zone "{home.timezone}"; correct the home '
                "file, or install the package tzdata.",
            )
    newest = _newest_instant(tx)
    if newest is not None and newest - tx.now > CLOCK_MAY_DIFFER:
        return wrong(
            "clock",
            f"It is {_shown(tx.now)} by this machine, and the store already holds something of "
            f"{_shown(newest)}; set the clock right and keep it so with NTP.",
        )
    return fine("clock", f"It is {_shown(tx.now)}, and nothing in the store is later.")


def look_at_proof(tx: Transaction, *, running: bool) -> Finding:
    """Whether the loop test comes through, and if not, what the monitor says is the matter."""
    if not running:
        return wrong("watching", "NOT WATCHING: `nightwarden up` does not run on this data.")
    state = health(tx)
    amiss = [
        check.detail
        for name, check in state.checks.items()
        if not check.ok and name not in ("history", "proof", "home", "deadman")
    ]
    proof = last_proof(tx)
    if not proof.fresh:
        why = " ".join([state.checks["proof"].detail, *amiss])
        return wrong("watching", f"NOT WATCHING. {why}")
    detail = state.checks["proof"].detail
    return wrong("watching", " ".join([detail, *amiss])) if amiss else fine("watching", detail)


def look_at_receivers(tx: Transaction, *, running: bool) -> Finding:
    """Whether anybody would hear an alert now: who says of itself that it would sound one."""
    screens, staff = people.screens(tx), people.staff(tx)
    if not screens and not staff:
        return wrong(
            "receivers",
            "Nobody can hear an alert; enrol a screen with `nightwarden screen add NAME`.",
        )
    enrolled = f"{len(screens)} screens enrolled"
    if not running:
        return fine("receivers", f"{enrolled}; which of them listen shows when the monitor runs.")
    there = receivers.present(tx)
    tests = receivers.heard_tests(tx)
    sounding = [receiver.name for receiver in there if receivers.counts(receiver, tests)]
    silent = [
        f"{receiver.name} {'not heard in this shift' if receiver.sound else 'without sound'}"
        for receiver in there
        if not receivers.counts(receiver, tests)
    ]
    names = {receiver.name for receiver in there}
    silent += [f"{s.name} not seen" for s in screens if s.name not in names]
    amiss = f"; {', '.join(silent)}" if silent else ""
    if not sounding:
        return wrong(
            "receivers",
            f"Nobody is listening: {enrolled}{amiss}; open the board on one and test its sound.",
        )
    return fine("receivers", f"{', '.join(sounding)} would sound an alert now{amiss}.")


def look_at_people(tx: Transaction) -> Finding:
    """Whether somebody can answer an alert, and somebody can let others in."""
    staff = people.staff(tx)
    answering = [member for member in staff if may(member.role, Right.ANSWER_ALERTS)]
    if not answering:
        return wrong(
            "people",
            "Nobody may answer an alert; `nightwarden user add NAME --role carer` adds somebody.",
        )
    managers = sum(member.role is Role.MANAGER for member in staff)
    if not managers:
        return wrong(
            "people",
            "There is no manager; `nightwarden user add NAME --role manager` adds one.",
        )
    return fine(
        "people", f"{len(staff)} can sign in, {len(answering)} may answer, {managers} manage."
    )


def look_at_deadman(tx: Transaction, *, running: bool) -> Finding:
    """Whether somebody outside of the home would notice that the monitor is gone."""
    if not running:
        return unseen("deadman", "it is fed while the monitor runs")
    state = health(tx).checks["deadman"]
    return fine("deadman", state.detail) if state.ok else wrong("deadman", state.detail)


def look_at_history(tx: Transaction) -> Finding:
    """Whether readings wait for the long history, or were refused by it."""
    state = health(tx).checks["history"]
    if not state.ok:
        return wrong("history", state.detail)
    refused = tx.exec(select(func.sum(HistoryCursor.rejected))).one() or 0
    said = f" It refused {refused} readings; they are in the store." if refused else ""
    return fine("history", f"{state.detail}{said}")


def look_at_all(tx: Transaction, *, running: bool) -> list[Finding]:
    """Every subject above, in the order in which a person would mend them.

    Args:
        tx: a reading transaction.
        running: whether ``nightwarden up`` runs on this store.
    """
    looks: list[Callable[[Transaction], Finding]] = [look_at_home, look_at_rules, look_at_clock]
    return [
        *(look(tx) for look in looks),
        look_at_proof(tx, running=running),
        look_at_receivers(tx, running=running),
        look_at_people(tx),
        look_at_deadman(tx, running=running),
        look_at_history(tx),
    ]


def _newest_instant(tx: Transaction) -> datetime | None:
    """The newest time of our own in the store; devices' claims do not count."""
    last_reading = select(ReadingRow.received_at).order_by(col(ReadingRow.id).desc()).limit(1)
    last_entry = select(Audit.at).order_by(col(Audit.id).desc()).limit(1)
    proof = last_proof(tx).at
    found = [tx.exec(last_reading).first(), tx.exec(last_entry).first(), proof]
    return max((instant for instant in found if instant is not None), default=None)


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
