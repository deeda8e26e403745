"""Who may do what: the table as the people in a home would say it."""

import pytest

from nightwarden.model.roles import RIGHTS, Right, Role, may


def test_everybody_may_see() -> None:
    assert all(may(role, Right.SEE) for role in Role)


def test_every_role_has_its_rights_written_down() -> None:
    assert set(RIGHTS) == set(Role)


def test_only_a_manager_manages_people() -> None:
    assert [role for role in Role if may(role, Right.MANAGE)] == [Role.MANAGER]


@pytest.mark.parametrize("role", [Role.CARER, Role.SENIOR, Role.MAINTENANCE, Role.MANAGER])
def test_whoever_walks_the_corridor_may_answer_an_alert(role: Role) -> None:
    assert may(role, Right.ANSWER_ALERTS)


def test_a_carer_may_pause_for_a_round_of_care_and_no_longer() -> None:
    assert may(Role.CARER, Right.PAUSE)
    assert not may(Role.CARER, Right.PAUSE_LONG)
    assert may(Role.SENIOR, Right.PAUSE_LONG)


def test_a_tester_changes_nothing_that_keeps_a_resident_safe() -> None:
    changes = {Right.ANSWER_ALERTS, Right.PAUSE, Right.PAUSE_LONG, Right.CONFIRM}
    assert not any(may(Role.TESTER, right) for right in changes | {Right.KEEP_REGISTER})


@pytest.mark.parametrize("role", [Role.CARER, Role.SENIOR, Role.TESTER, Role.INTEGRATOR])
def test_only_maintenance_and_the_manager_keep_the_register(role: Role) -> None:
    assert not may(role, Right.KEEP_REGISTER)
    assert may(Role.MAINTENANCE, Right.KEEP_REGISTER)
