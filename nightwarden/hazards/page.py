"""``docs/hazard-log.md``, made from the catalogue, the scenarios and what they last showed."""

from collections.abc import Mapping
from pathlib import Path

from nightwarden.hazards.catalogue import CHAPTERS, Hazard, hazards, risks
from nightwarden.hazards.risk import LEVELS, LIKELIHOODS, SEVERITIES, matrix
from nightwarden.practice import pack, proof
from nightwarden.practice.proof import Proof

_HEAD = Path(__file__).parent / "head.md"
_TABLE = (
    "| id | hazard | cause | effect | controls: what the product does | where in the code "
    "| shown by | tests | initial risk | residual risk | what remains |\n" + "|---" * 11 + "|\n"
)


def page(proofs: Mapping[str, Proof] | None = None) -> str:
    """The whole document; ``proofs``: what the scenarios last showed, if not as kept."""
    proofs = proof.last_run() if proofs is None else proofs
    known, ids = hazards(), set(pack.ids())
    text = _HEAD.read_text(encoding="utf-8").format(
        count=len(known),
        shown=sum(bool(scenarios_of(name, one, ids)) for name, one in known.items()),
        severities="; ".join(f"*{word}*, {what}" for word, what in SEVERITIES.items()),
        likelihoods="; ".join(f"*{word}*, {what}" for word, what in LIKELIHOODS.items()),
        levels="; ".join(f"{level}, {what}" for level, what in LEVELS.items()),
        matrix=matrix(),
        unnoticed="\n".join(
            f"- **{name}** {one.hazard}: {one.remains}."
            for name, one in known.items()
            if one.noticed == "no"
        ),
        partly=", ".join(name for name, one in known.items() if one.noticed == "partly"),
    )
    for letter, title in CHAPTERS.items():
        text += f"## {title}\n\n{_TABLE}"
        for name, one in known.items():
            if name[0] == letter:
                text += _row(name, one, scenarios_of(name, one, ids), proofs)
        text += "\n"
    return text.rstrip("\n") + "\n"


def scenarios_of(name: str, hazard: Hazard, ids: set[str]) -> list[str]:
    """The scenarios that show a hazard: that of its own id first."""
    return [*([name] if name in ids else []), *hazard.scenarios]


def _row(name: str, one: Hazard, scenarios: list[str], proofs: Mapping[str, Proof]) -> str:
    both = risks(one)
    cells = [
        name,
        one.hazard,
        one.cause,
        one.effect,
        one.does,
        _paths(one.code),
        "<br>".join(_shown(each, proofs.get(each)) for each in scenarios) or "-",
        _paths(one.tests),
        f"{one.initial[0]}, {one.initial[1]}: **{both.initial}**",
        f"{one.residual[0]}, {one.residual[1]}: **{both.residual}**",
        one.remains,
    ]
    return "| " + " | ".join(cells) + " |\n"


def _paths(paths: list[str]) -> str:
    return "<br>".join(f"`{path}`" for path in paths) or "-"


def _shown(name: str, found: Proof | None) -> str:
    if found is None:
        return f"{name}: not played yet"
    noticed = sum(bool(cut.failed) for cut in found.cuts)
    return (
        f"{name}: {found.met} of {found.expected} as expected; "
        f"failed with {noticed} of {len(found.cuts)} switched off"
    )
