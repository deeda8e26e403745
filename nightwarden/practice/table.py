"""The table of the pack in ``docs/scenarios.md``: what each shows, and how it fails without it."""

from collections.abc import Mapping

from nightwarden.practice.proof import Proof
from nightwarden.practice.scenario import Scenario
from nightwarden.rulesfile.durations import duration_text

HEAD = "| id | what it shows | lasts | switched off | and so it failed |\n|---|---|---|---|---|\n"
NOT_PROVED = "**not proved yet**"
NOT_NOTICED = "**NOT NOTICED**"


def rows(scenario: Scenario, proof: Proof | None) -> str:
    """A line for each thing that was switched off."""
    first = f"| {scenario.id} | {scenario.title} | {duration_text(scenario.lasts)} "
    if proof is None:
        return f"{first}| | {NOT_PROVED} |\n"
    lines, before = [], first
    for cut in proof.cuts:
        failed = cut.failed.replace("|", "\\|") if cut.failed else NOT_NOTICED
        lines.append(f"{before}| {cut.off} | {failed} |\n")
        before = "| | | "
    return "".join(lines)


def table(scenarios: list[Scenario], proofs: Mapping[str, Proof]) -> str:
    """All of it."""
    return HEAD + "".join(rows(one, proofs.get(one.id)) for one in scenarios)
