"""Plan against live at the moment of asking, once for every page and call that needs it."""

from collections.abc import Mapping
from dataclasses import dataclass

from nightwarden.model.papers import Papers
from nightwarden.model.plan import Gap, Liveness, Plan
from nightwarden.model.readings import DeviceId
from nightwarden.rulesfile.in_force import RulesInForce, calling, load_rules
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_liveness, plan_and_papers
from rules.coverage import gaps


@dataclass(frozen=True, slots=True)
class Judged:
    """A home at one instant: what is required, what lives, what is written down, and the gaps."""

    plan: Plan
    liveness: Mapping[DeviceId, Liveness]
    papers: Papers
    rules: RulesInForce
    gaps: list[Gap]


def judged(tx: Transaction) -> Judged | None:
    """The home at ``tx.now``; None before the first home file, which requires nothing."""
    plan, papers = plan_and_papers(tx)
    if plan is None:
        return None
    rules, liveness = load_rules(tx), load_liveness(tx)
    found = gaps(plan, liveness, tx.now, rules.book, calling(tx, rules), papers)
    return Judged(plan, liveness, papers, rules, found)


def gaps_now(tx: Transaction) -> list[Gap]:
    """Every gap at ``tx.now``, worst first."""
    found = judged(tx)
    return [] if found is None else found.gaps
