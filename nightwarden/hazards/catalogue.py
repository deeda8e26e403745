"""The catalogue of hazards (``catalogue.yaml``), read and checked."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from nightwarden.errors import Invalid
from nightwarden.hazards.risk import Likelihood, Severity, risk
from nightwarden.homefile.yaml_tree import read_tree

CATALOGUE = Path(__file__).parent / "catalogue.yaml"
CHAPTERS = {
    "M": "Mats and sensors",
    "A": "From the alarm to a person, and a person to the room",
    "H": "Hot surfaces, heating, water",
    "O": "Organisation and records",
}
IDS = (
    *(f"M{n}" for n in range(1, 28)),
    *(f"A{n}" for n in range(1, 26)),
    *(f"H{n}" for n in range(1, 18)),
    *(f"O{n}" for n in range(1, 7)),
)


class Hazard(BaseModel):
    """One row, as it stands in the file. ``initial`` is without the product, ``residual`` with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hazard: str = Field(min_length=10)
    cause: str = Field(min_length=4)
    effect: str = Field(min_length=4)
    does: str = Field(min_length=10)
    code: list[str] = Field(min_length=1)
    tests: list[str]
    scenarios: list[str] = Field(default_factory=list)
    initial: tuple[Severity, Likelihood]
    residual: tuple[Severity, Likelihood]
    remains: str = Field(min_length=5)
    noticed: Literal["yes", "partly", "no"]


@dataclass(frozen=True, slots=True)
class Risks:
    """The level of a hazard's risk without and with the product."""

    initial: int
    residual: int


def risks(hazard: Hazard) -> Risks:
    """Both levels."""
    return Risks(risk(*hazard.initial), risk(*hazard.residual))


@cache
def hazards() -> dict[str, Hazard]:
    """Every hazard by its id, in the order of the file.

    Raises:
        Invalid: what is wrong with the file, one line each.
    """
    tree = read_tree(CATALOGUE.read_text(encoding="utf-8"))
    try:
        return TypeAdapter(dict[str, Hazard]).validate_python(tree.value)
    except ValidationError as wrong:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in wrong.errors()]
        raise Invalid("\n".join(f"{CATALOGUE.name}: {line}" for line in lines)) from None
