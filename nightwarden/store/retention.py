"""For how long each class of what is kept is kept, as the home has set it, with who and why.

A rule ``acts`` where what is older goes by itself (``gateway/tidying.py``); of residents who have
left it says when their name is due to be erased, which a person does. What has no rule here is kept
for ever, see docs/deploy.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from nightwarden.errors import Invalid, NotFound
from nightwarden.model import claims
from nightwarden.model.phrases import phrase
from nightwarden.store import audit
from nightwarden.store.descriptions import checked
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Retention, Session


@dataclass(frozen=True, slots=True)
class Rule:
    """A class of data. ``usual`` and the bounds are in days."""

    name: str
    what: str
    usual: int
    least: int
    most: int
    acts: bool = True


RULES = {
    rule.name: rule
    for rule in (
        Rule(
            "readings",
            phrase(
                "What mats and sensors said, what the rules were told beside it, who was covered"
            ),
            400,
            35,
            3_650,
        ),
        Rule(
            "letters",
            phrase("Letters about alerts that have been closed, to screens and pagers"),
            400,
            30,
            3_650,
        ),
        Rule("orders", phrase("Orders to sounders and lights"), 30, 7, 400),
        Rule(
            "sign_ins",
            phrase("Sign-ins that have ended: who, when, from which browser"),
            400,
            30,
            3_650,
        ),
        Rule(
            "former_residents",
            phrase("The name of somebody who has left: then it is due to be erased, by a person"),
            2_922,
            30,
            36_525,
            acts=False,
        ),
    )
}
"""Eight years after somebody has left: the NHS Records Management Code, adults' records."""

FOR_EVER = {
    phrase("Alerts with every step, reviews"): phrase("the safety record; names go by erasure"),
    phrase("Register, plans, assessments, checks, faults, notices"): phrase("the same"),
    phrase("Photos of equipment"): phrase("evidence of checks; drawn anew, without place or owner"),
    phrase("Audit"): phrase("a chain that only grows"),
    phrase("Staff"): phrase("a name stays with what they did; PINs and tokens end with their use"),
}
"""What has no end, and why."""


def rows(tx: Transaction) -> dict[str, Retention]:
    """What the home has set, by class."""
    query = select(Retention).where(col(Retention.until).is_(None))
    return {row.name: row for row in tx.exec(query)}


def kept(tx: Transaction) -> dict[str, timedelta]:
    """How long each class is kept now."""
    given = rows(tx)
    return {
        name: timedelta(days=given[name].days if name in given else rule.usual)
        for name, rule in RULES.items()
    }


def set_days(tx: Transaction, name: str, days: int, because: str, actor: str) -> Retention:
    """Say how long a class is kept.

    Raises:
        NotFound: there is no such class.
        Invalid: fewer days than the monitor needs, or more than it can keep; or no reason.
    """
    if name not in RULES:
        raise NotFound(f'"{name[:40]}" is no class of data; there are {", ".join(RULES)}.')
    rule = RULES[name]
    if not rule.least <= days <= rule.most:
        raise Invalid(f"days: from {rule.least} to {rule.most}, not {days}.")
    because = checked(claims.text, because, "because")
    before = rows(tx).get(name)
    if before is not None:
        before.until = tx.now
        tx.flush()
    row = Retention(name=name, days=days, because=because, set_by=actor, since=tx.now)
    tx.add(row)
    detail = {"days": days, "was": before.days if before else rule.usual, "because": because}
    audit.record(tx, actor, "set how long is kept", f"retention {name}", detail)
    return row


def forget_sign_ins(tx: Transaction, before: datetime) -> int:
    """Delete sessions that ended, or ran out, before an instant; returns how many."""
    over = (col(Session.ended_at) < before) | (col(Session.expires_at) < before)
    return tx.sql.execute(delete(Session).where(over)).rowcount
