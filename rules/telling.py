"""Whom an alert calls: policies of the home by role, shift and zone.

1. A shift is a name for hours on the home's wall. The shifts of a home leave no minute of the day
   out; of two that overlap, both hold.
2. A policy says for each rung of the ladder which roles are called. Of the home's policies the
   first that fits the place's zone and the present shift holds; one without zones or shifts fits
   all of them.
3. A requirement may name its policy. That one holds for its alerts, in whatever zone, in the
   shifts that the policy has; in other shifts the usual order does.
4. When: the ladder says so (``rules/escalation.py``), by priority alone. Roles are added rung by
   rung and never taken away while the ladder is climbed.
5. Nobody is never the answer. Where no policy fits, or nobody in the home has a role of the rung,
   everyone who may answer is called, and the place is a gap, ``no_escalation``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from nightwarden.model.alerts import AlertEvent
from nightwarden.model.hours import Hours
from nightwarden.model.phrases import OR, listed, phrase, vocabulary
from nightwarden.model.roles import Right, Role, may

EVERYONE = tuple(role for role in Role if may(role, Right.ANSWER_ALERTS))
"""Every role that may answer an alert: what is called where nothing else is known."""


@vocabulary
class RungName(StrEnum):
    """The rungs at which somebody new may be called."""

    RAISED = "raised"
    EVERYONE = "everyone"
    SENIOR = "senior"
    MANAGER = "manager"


RUNG_OF = {
    AlertEvent.RAISED: RungName.RAISED,
    AlertEvent.REOPENED: RungName.RAISED,
    AlertEvent.WORSENED: RungName.RAISED,
    AlertEvent.ACCEPTANCE_EXPIRED: RungName.EVERYONE,
    AlertEvent.TOLD_EVERYONE: RungName.EVERYONE,
    AlertEvent.TOLD_SENIOR: RungName.SENIOR,
    AlertEvent.TOLD_MANAGER: RungName.MANAGER,
}
"""The rung that a step of an alert's life stands on; other steps call nobody new."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours of the day under a name, local to the home."""

    name: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is called at each rung. Empty ``zones`` or ``shifts``: in all of them."""

    raised: tuple[Role, ...]
    everyone: tuple[Role, ...]
    senior: tuple[Role, ...]
    manager: tuple[Role, ...]
    name: str | None = None
    zones: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()

    def roles(self, rung: RungName) -> tuple[Role, ...]:
        """The roles that are called at ``rung``."""
        found: tuple[Role, ...] = getattr(self, rung.value)
        return found

    def in_shift(self, shifts: frozenset[str]) -> bool:
        """Whether it holds in one of these shifts."""
        return not self.shifts or not shifts.isdisjoint(self.shifts)

    def in_zone(self, zone: str | None) -> bool:
        """Whether it holds in this zone."""
        return not self.zones or zone in self.zones


DEFAULT_SHIFTS = (
    Shift(phrase("day"), Hours.parse("07:00-21:00")),
    Shift(phrase("night"), Hours.parse("21:00-07:00")),
)
DEFAULT_POLICIES = (
    Policy(
        raised=(Role.CARER, Role.SENIOR),
        everyone=(Role.CARER, Role.SENIOR, Role.MAINTENANCE, Role.MANAGER),
        senior=(Role.SENIOR, Role.MANAGER),
        manager=(Role.MANAGER,),
        name="all",
    ),
)
"""As delivered: one policy for every place, at every hour."""


@dataclass(frozen=True, slots=True)
class Called:
    """Whom a rung calls now. ``policy`` None: none fits, so that it is everyone."""

    roles: tuple[Role, ...]
    policy: str | None


@dataclass(frozen=True, slots=True)
class Telling:
    """The shifts and policies of a home."""

    shifts: tuple[Shift, ...] = DEFAULT_SHIFTS
    policies: tuple[Policy, ...] = field(default=DEFAULT_POLICIES)

    def shifts_at(self, now: datetime, wall: ZoneInfo) -> frozenset[str]:
        """The shifts that hold at ``now`` (aware) by the home's wall clock."""
        return frozenset(s.name for s in self.shifts if s.hours.cover(now, wall))

    def policy(self, zone: str | None, tell: str | None, shifts: frozenset[str]) -> Policy | None:
        """The policy that holds for a place in these shifts.

        Args:
            zone: that of the place's room, if it has one.
            tell: the name that the requirement gives, if it gives one.
            shifts: the names of the present shifts.
        """
        in_shift = [policy for policy in self.policies if policy.in_shift(shifts)]
        named = [policy for policy in in_shift if tell is not None and policy.name == tell]
        fitting = [policy for policy in in_shift if policy.in_zone(zone)]
        return next(iter(named + fitting), None)

    def called(self, policy: Policy | None, rung: RungName, present: frozenset[Role]) -> Called:
        """Whom ``rung`` calls by ``policy``, in a home in which somebody has the roles ``present``.

        Everyone where there is no policy, or where nobody has a role of the rung (rule 5).
        """
        if policy is None:
            return Called(EVERYONE, None)
        roles, name = policy.roles(rung), self.name_of(policy)
        return Called(roles if present.intersection(roles) else EVERYONE, name)

    def name_of(self, policy: Policy) -> str:
        """Its name, or its place in the list: ``policy 2``."""
        n = self.policies.index(policy) + 1
        return policy.name or phrase(f"policy {n}")

    def lacks(self, zone: str | None, tell: str | None, present: frozenset[Role]) -> Iterator[str]:
        """Why somebody might not be called for a place, a clause each; nothing when all is well."""
        if tell is not None and all(policy.name != tell for policy in self.policies):
            yield phrase(f'the plan names the policy "{tell}", which who_is_told does not have')
        told = set()
        for shift in self.shifts:
            policy = self.policy(zone, tell, frozenset({shift.name}))
            if policy is None:
                yield phrase(f"no policy of who_is_told fits in the {shift.name} shift")
            elif policy not in told:
                told.add(policy)
                yield from self._unfilled(policy, present)

    def _called(self, policy: Policy) -> str:
        if not policy.name:
            return self.name_of(policy)
        return phrase(f'policy "{policy.name}"')

    def _unfilled(self, policy: Policy, present: frozenset[Role]) -> Iterator[str]:
        lacking: dict[tuple[Role, ...], list[str]] = {}
        for rung in RungName:
            roles = policy.roles(rung)
            if not present.intersection(roles):
                lacking.setdefault(roles, []).append(rung.value)
        called = self._called(policy)
        for roles, rungs in lacking.items():
            who = f" {OR} ".join(roles)
            when = ", ".join(rungs)
            yield phrase(
                f"{called} calls {listed(who)} at {listed(when)}, and nobody has that role"
            )


DEFAULT_TELLING = Telling()
