"""The rules that are in force: the last file that was applied, or the rules as delivered."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from nightwarden.errors import Invalid
from nightwarden.rulesfile.reader import RulesFile, read_rules_file
from nightwarden.rulesfile.sections import Sections
from nightwarden.rulesfile.settings import (
    Values,
    after_fall_of,
    coverage_of,
    defaults,
    escalation_of,
    rulebook_of,
)
from nightwarden.store import listings, rule_files
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import RuleFile
from rules.beside_requirements import Calling
from rules.escalation import DEFAULT_ESCALATION, EscalationPolicy
from rules.outcomes import AfterFall
from rules.protected_share import CoverageTarget
from rules.rulebook import DEFAULT_RULEBOOK, Rulebook


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """What the rules work with. ``version`` 0: as delivered, no file was ever applied.

    ``problem`` is set when the file in force cannot be read by this Nightwarden (one that was
    applied before an upgrade took a setting away); then the rules are those as delivered, and
    somebody has to apply a file that can be read.
    """

    version: int = 0
    book: Rulebook = DEFAULT_RULEBOOK
    policy: EscalationPolicy = DEFAULT_ESCALATION
    after_fall: AfterFall = field(default_factory=AfterFall)
    coverage: CoverageTarget = field(default_factory=CoverageTarget)
    values: Values = field(default_factory=defaults)
    sets: Values = field(default_factory=dict)
    sections: Sections = field(default_factory=Sections)
    text: str = ""
    because: str = ""
    applied_by: str | None = None
    applied_at: datetime | None = None
    problem: str | None = None


def load_rules(tx: Transaction) -> RulesInForce:
    """The rules in force at ``tx``; never fails on what an earlier version has stored."""
    row = rule_files.latest(tx)
    return RulesInForce() if row is None else _in_force(row)


def load_version(tx: Transaction, version: int) -> RulesInForce:
    """The rules as this version of them was; 0 is the rules as delivered."""
    row = rule_files.version(tx, version)
    return RulesInForce() if row is None else _in_force(row)


def _in_force(row: RuleFile) -> RulesInForce:
    about = (row.version, row.text, row.because, row.applied_by, row.applied_at)
    version, text, because, applied_by, applied_at = about
    try:
        file = _read(text, f"rules version {version}")
    except Invalid as problem:
        return RulesInForce(
            version=version,
            text=text,
            because=because,
            applied_by=applied_by,
            applied_at=applied_at,
            problem=str(problem),
        )
    return RulesInForce(
        version=version,
        book=rulebook_of(file.sets),
        policy=escalation_of(file.sets),
        after_fall=after_fall_of(file.sets),
        coverage=coverage_of(file.sets),
        values=file.values,
        sets=file.sets,
        sections=file.sections,
        text=text,
        because=because,
        applied_by=applied_by,
        applied_at=applied_at,
    )


def calling(tx: Transaction, rules: RulesInForce) -> Calling:
    """Whom alerts call by ``rules``, with the roles that somebody has at ``tx``."""
    return Calling(rules.sections.telling, listings.roles_present(tx), rules.applied_at)


@lru_cache(maxsize=8)
def _read(text: str, source: str) -> RulesFile:
    return read_rules_file(text.encode(), source)
