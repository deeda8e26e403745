"""What is refused as a PIN or password, and that what is kept tells nothing."""

import pytest

from nightwarden.errors import Invalid
from nightwarden.model.roles import Role
from nightwarden.store.pins import check_strength, hashed, matches


@pytest.mark.parametrize("pin", ["4071", "90210", "5555 4444 33"])
def test_a_carers_pin(pin: str) -> None:
    check_strength(Role.CARER, "Ann", pin)


@pytest.mark.parametrize(
    "secret", ["", "407", "1111", "1234", "9876", "short", "٤٠٧١", "Ann's own!!"]
)
def test_a_carers_pin_that_is_guessed_first_is_refused(secret: str) -> None:
    with pytest.raises(Invalid):
        check_strength(Role.CARER, "Ann", secret)


@pytest.mark.parametrize("secret", ["407140714", "nine-long", "i am mary k."])
def test_a_manager_needs_a_password(secret: str) -> None:
    with pytest.raises(Invalid):
        check_strength(Role.MANAGER, "Mary", secret)


def test_what_is_kept_is_salted_and_opens_to_the_secret_alone() -> None:
    kept = hashed("4071")
    assert "4071" not in kept
    assert kept != hashed("4071")
    assert matches(kept, "4071")
    assert not matches(kept, "4072")
    assert not matches(None, "4071")
