"""Whom an alert calls at this step of its life, by the home's policies (``rules/telling.py``)."""

from dataclasses import replace
from functools import cached_property
from zoneinfo import ZoneInfo

from nightwarden.model.alerts import AlertEvent, AlertRecord, AlertState
from nightwarden.model.roles import Role
from nightwarden.rulesfile.in_force import RulesInForce
from nightwarden.store import listings
from nightwarden.store.engine import Transaction
from rules.telling import RUNG_OF


class Caller:
    """Knows whom to call within one transaction; it looks up nothing until it is asked.

    Args:
        tx: whose ``now`` says which shift it is.
        rules: the home's rules in force.
    """

    def __init__(self, tx: Transaction, rules: RulesInForce) -> None:
        self._tx = tx
        self._telling = rules.sections.telling

    def call(self, alert: AlertRecord, event: AlertEvent) -> AlertRecord:
        """``alert``, which ``event`` has just happened to, with whom it calls from now on."""
        rung = RUNG_OF.get(event)
        if rung is None or alert.state is AlertState.ACCEPTED:  # somebody is on the way already
            return alert
        zone = self._zones.get(alert.cause.place.room)
        policy = self._telling.policy(zone, alert.tell, self._shifts)
        called = self._telling.called(policy, rung, self._present)
        before = () if event is AlertEvent.REOPENED else alert.told  # the ladder begins again
        told = tuple(dict.fromkeys((*before, *called.roles)))
        return replace(alert, told=told, policy=called.policy)

    @cached_property
    def _shifts(self) -> frozenset[str]:
        wall = self._tx.sql.exec_driver_sql("SELECT timezone FROM home").scalar()
        return self._telling.shifts_at(self._tx.now, ZoneInfo(wall or "UTC"))

    @cached_property
    def _zones(self) -> dict[str, str]:
        return listings.zones(self._tx)

    @cached_property
    def _present(self) -> frozenset[Role]:
        return listings.roles_present(self._tx)


def told_detail(before: AlertRecord | None, after: AlertRecord) -> dict[str, str]:
    """Whom a step has called anew, for the record of that step; empty when nobody."""
    known = () if before is None else before.told
    new = [role.value for role in after.told if role not in known]
    return {"told": ", ".join(new), "policy": after.policy or "none fits"} if new else {}
