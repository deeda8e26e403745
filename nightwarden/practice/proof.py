"""Proves that a scenario would notice: it is played whole, and once for each thing it must notice.

What came of it is kept in ``nightwarden/hazards/last_run.json``, from which the table in
``docs/scenarios.md`` and the hazard log are made. A scenario that has changed since stands there
with its old mark, and must be proved again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightwarden.practice.breakages import BREAKAGES
from nightwarden.practice.pack import Stage
from nightwarden.practice.scenario import Scenario
from nightwarden.practice.verdict import NOTHING, Verdict

LAST_RUN = Path(__file__).parents[1] / "hazards" / "last_run.json"


@dataclass(frozen=True, slots=True)
class Cut:
    """What was switched off, and by what the scenario failed; empty: it noticed nothing."""

    off: str
    failed: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One scenario: the ``mark`` of its files, how many expectations were met, and its cuts."""

    mark: str
    expected: int
    met: int
    cuts: tuple[Cut, ...]

    @property
    def holds(self) -> bool:
        """Whether it is as expected, and fails with each thing switched off."""
        return self.met == self.expected and all(cut.failed for cut in self.cuts)


def mark_of(scenario: Scenario) -> str:
    """Changes with the scenario's file."""
    return hashlib.blake2b(Path(scenario.source).read_bytes(), digest_size=6).hexdigest()


def words_of_cuts(scenario: Scenario) -> list[str]:
    """What is switched off to prove it, in words, in the order in which it is."""
    kinds = [] if scenario.kind is None else [f"`{scenario.kind}` is never raised"]
    return kinds + [BREAKAGES[name].words for name in scenario.broken]


def prove(stage: Stage, scenario: Scenario) -> Proof:
    """Play it whole, and with each thing switched off."""
    whole = stage.play(scenario).verdict
    failed = []
    if scenario.kind is not None:
        failed.append(_failure(stage.play(scenario, without=scenario.kind).verdict))
    failed += [_failure(stage.play(scenario, breakage=name).verdict) for name in scenario.broken]
    cuts = tuple(map(Cut, words_of_cuts(scenario), failed))
    met = sum(row.met for row in whole.rows)
    return Proof(mark_of(scenario), len(whole.rows), met, cuts)


def last_run() -> dict[str, Proof]:
    """The newest proof of each scenario, by its id."""
    if not LAST_RUN.exists():
        return {}
    kept = json.loads(LAST_RUN.read_text(encoding="utf-8"))
    return {name: _proof(one) for name, one in kept.items()}


def keep(proofs: Mapping[str, Proof], known: Iterable[str]) -> None:
    """Write them down, in the order of ``known``, which is every scenario that there is."""
    kept = {name: _json(proofs[name]) for name in known if name in proofs}
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    LAST_RUN.write_text(f"{text}\n", encoding="utf-8")


def _failure(verdict: Verdict) -> str:
    row = next((row for row in verdict.rows if not row.met), None)
    if row is None:
        return ""
    if row.expected == NOTHING:
        return f"not expected: {row.actual}"
    actual = "nothing" if row.actual == NOTHING else row.actual
    return f"expected {row.expected}; came {actual}"


def _proof(kept: Mapping[str, Any]) -> Proof:
    cuts = tuple(Cut(cut["off"], cut["failed"]) for cut in kept["cuts"])
    return Proof(kept["mark"], kept["expected"], kept["met"], cuts)


def _json(proof: Proof) -> dict[str, Any]:
    cuts = [{"off": cut.off, "failed": cut.failed} for cut in proof.cuts]
    return {"mark": proof.mark, "expected": proof.expected, "met": proof.met, "cuts": cuts}
