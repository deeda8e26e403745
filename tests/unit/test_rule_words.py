"""Every rule says in a sentence what it watches for."""

import pytest

from nightwarden.model.alerts import AlertKind
from rules.rule_words import RULE_WORDS, rule_words


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_of_alert_has_its_sentence(kind: AlertKind) -> None:
    assert kind in RULE_WORDS, f"write a sentence for {kind} in rules/rule_words.py"
    assert rule_words(kind).endswith(".")
