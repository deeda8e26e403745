"""Rules in the shadow: what they would have raised since they began, and how they come into force.

1. A shadow raises nothing and decides nothing: what it would have done is worked out when somebody
   asks, by a replay of what was recorded since it began (decision 18).
2. To promote it is a manager's step, in their name. The audit keeps the report's figures, so that
   it says what was known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nightwarden.backtest.trial import Backtest, backtest
from nightwarden.errors import Conflict, Invalid
from nightwarden.rulesfile.changes import apply_rules, plan_rules
from nightwarden.rulesfile.reader import RulesFile, read_rules_file
from nightwarden.store import shadows
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import RulesShadow


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """A shadow that runs, and what came of it so far; None while nothing was recorded since."""

    shadow: RulesShadow
    found: Backtest | None

    @property
    def number(self) -> int:
        """The shadow's own."""
        assert self.shadow.id is not None, "it was kept"
        return self.shadow.id

    @property
    def figures(self) -> dict[str, int]:
        """How many alerts were raised, and what these rules miss and add."""
        if self.found is None:
            return {"raised": 0, "missed": 0, "added": 0}
        comparison = self.found.comparison
        return {
            "raised": len(self.found.really),
            "missed": len(comparison.missed),
            "added": len(comparison.added),
        }


def begin_shadow(tx: Transaction, file: RulesFile, actor: str) -> RulesShadow:
    """Let a rules file run in the shadow from now on.

    Raises:
        Invalid: it changes nothing, or does not say why.
        Conflict: another one is running.
    """
    if not plan_rules(tx, file):
        raise Invalid(f"{file.source} sets what is in force already; there is nothing to compare")
    return shadows.begin(tx, file.text, file.because or "", actor)


def shadow_report(tx: Transaction) -> ShadowReport:
    """What the shadow would have done differently until now; takes as long as a backtest.

    Raises:
        NotFound: none is running.
    """
    shadow = shadows.present(tx)
    if tx.now <= shadow.begun_at:
        return ShadowReport(shadow, None)
    return ShadowReport(shadow, backtest(tx, shadow_rules(shadow), shadow.begun_at, tx.now))


def shadow_rules(shadow: RulesShadow) -> RulesFile:
    """The rules file of a shadow."""
    return read_rules_file(shadow.text.encode(), f"the rules in the shadow ({shadow.because})")


def stop_shadow(tx: Transaction, actor: str) -> RulesShadow:
    """End the shadow; the rules in force stay as they are."""
    return shadows.end(tx, actor, shadows.STOPPED, {})


def promote_shadow(tx: Transaction, number: int, figures: Mapping[str, int], actor: str) -> int:
    """Put the shadow's rules in force; a manager's step. Returns how many settings change.

    Args:
        tx: a writing transaction.
        number: of the shadow whose report the manager has seen.
        figures: of that report.
        actor: the manager.

    Raises:
        NotFound: it has ended meanwhile.
        Conflict: another one is running by now.
    """
    shadow = shadows.present(tx)
    if shadow.id != number:
        raise Conflict("other rules run in the shadow by now; look at their report first")
    changes = apply_rules(tx, shadow_rules(shadow), actor)
    shadows.end(tx, actor, shadows.PROMOTED, dict(figures))
    return len(changes)
