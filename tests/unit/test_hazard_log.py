"""The hazard log is whole, names what exists, and is what the command prints."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from nightwarden.cli import nightwarden_command
from nightwarden.hazards.catalogue import IDS, Hazard, hazards, risks
from nightwarden.hazards.page import page, scenarios_of
from nightwarden.hazards.risk import Likelihood, Severity, risk
from nightwarden.practice import pack, proof

PAGE = Path("docs/hazard-log.md")


def test_every_hazard_is_there_once_in_its_order() -> None:
    assert tuple(hazards()) == IDS
    assert len(IDS) == 75


@pytest.mark.parametrize("name", IDS)
def test_what_it_names_exists(name: str) -> None:
    hazard = hazards()[name]
    for named in [*hazard.code, *hazard.tests]:
        path, _, test = named.partition("::")
        assert Path(path).is_file(), f"{name}: {path}"
        assert not test or f"def {test}(" in Path(path).read_text(encoding="utf-8"), named
    assert set(hazard.scenarios) <= set(pack.ids()), name


@pytest.mark.parametrize("name", IDS)
def test_what_is_noticed_is_shown_and_lessens_the_risk(name: str) -> None:
    hazard = hazards()[name]
    shown = scenarios_of(name, hazard, set(pack.ids()))
    level = risks(hazard)
    if hazard.noticed == "no":
        assert hazard.initial == hazard.residual, "what is not noticed is no less likely"
        assert not hazard.tests or hazard.scenarios or name == "A25"
    else:
        assert shown or hazard.tests, "nothing shows it"
        assert level.residual <= level.initial


def test_every_scenario_that_has_an_id_of_the_catalogue_is_of_a_hazard_that_is_noticed() -> None:
    assert [n for n in pack.ids() if n in hazards() and hazards()[n].noticed == "no"] == []


def test_a_risk_grows_with_both() -> None:
    levels = [[risk(s, one) for s in Severity] for one in Likelihood]
    assert all(row == sorted(row) for row in levels)
    assert all(list(column) == sorted(column) for column in zip(*levels, strict=True))
    assert (levels[0][0], levels[-1][-1]) == (1, 5)


def test_the_page_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(nightwarden_command, ["hazards"], standalone_mode=False).output
    assert printed == page()
    assert PAGE.read_text(encoding="utf-8") == printed, "nightwarden hazards > docs/hazard-log.md"
    assert "No clinical safety officer has signed this hazard log." in printed


def test_every_scenario_was_proved_as_it_is() -> None:
    """``nightwarden scenario prove --changed``, then this page and the table of scenarios."""
    proofs = proof.last_run()
    for name in pack.ids():
        assert proofs[name].mark == proof.mark_of(pack.find(name)), name
        assert proofs[name].holds, proofs[name]


def test_a_hazard_without_controls_is_refused() -> None:
    whole = hazards()["M1"].model_dump()
    with pytest.raises(ValueError, match="code"):
        Hazard.model_validate({**whole, "code": []})
