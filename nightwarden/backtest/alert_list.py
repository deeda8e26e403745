"""The alerts that follow from decisions, kept as the gateway keeps them and without a store.

It mirrors ``gateway/answering.py`` in what decides whether there is a new alert: at most one is
open for a cause; the same cause again opens it again if it had cleared, if somebody is with it or
if it is worse. Escalation changes nothing of that and is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nightwarden.model.alerts import Cause, Priority, StandingAlert, more_urgent
from rules.decisions import Clear, Decision, Raise


@dataclass(slots=True)
class ReplayedAlert:
    """One alert of a replay. Times are aware, UTC; ``text`` is as it was last raised."""

    cause: Cause
    priority: Priority
    resident: str | None
    text: str
    caused_at: datetime
    raised_at: datetime
    unwatched: bool
    rule_version: int
    cleared_at: datetime | None = None
    attended: bool = False
    reopened: int = 0
    closed_at: datetime | None = None


class AlertList:
    """Every alert of one replay, in the order in which they were raised.

    Args:
        standing: what was open where the replay begins.
    """

    def __init__(self, standing: Iterable[StandingAlert]) -> None:
        self.raised: list[ReplayedAlert] = []
        self._before: dict[Cause, StandingAlert] = {alert.cause: alert for alert in standing}
        self._open: dict[Cause, ReplayedAlert] = {}
        self._closed: dict[Cause, ReplayedAlert | StandingAlert] = {}

    @property
    def open_causes(self) -> set[Cause]:
        """The causes that have an open alert."""
        return {*self._before, *self._open}

    def carry_out(
        self, decisions: Iterable[Decision], at: datetime, rule_version: int
    ) -> list[ReplayedAlert]:
        """Do what was decided at ``at`` under these rules; returns the alerts that it cleared."""
        cleared = []
        for decision in decisions:
            for effect in decision.effects:
                if isinstance(effect, Raise):
                    self._raise(effect, at, rule_version)
                elif (alert := self._clear(effect)) is not None:
                    cleared.append(alert)
        return cleared

    def waits(self, alert: ReplayedAlert, cleared_by: datetime) -> bool:
        """Whether it is open, and its cause has not held since ``cleared_by`` or before."""
        is_open = self._open.get(alert.cause) is alert
        return is_open and alert.cleared_at is not None and alert.cleared_at <= cleared_by

    def attended(self, causes: Iterable[Cause]) -> None:
        """People are at the alerts of these causes."""
        for cause in causes:
            if (alert := self._open.get(cause)) is not None:
                alert.attended = True
            elif (before := self._before.get(cause)) is not None:
                self._before[cause] = before._replace(attended=True)

    def close(self, causes: Iterable[Cause], at: datetime) -> None:
        """The alerts of these causes are closed."""
        for cause in causes:
            if (before := self._before.pop(cause, None)) is not None:
                self._closed[cause] = before
            if (alert := self._open.pop(cause, None)) is not None:
                alert.closed_at = at
                self._closed[cause] = alert

    def open_again(self, causes: Iterable[Cause]) -> None:
        """The alerts of these causes were closed by mistake: somebody is with them again."""
        for cause in causes:
            closed = self._closed.pop(cause, None)
            if isinstance(closed, StandingAlert):
                self._before[cause] = closed._replace(attended=True)
            elif closed is not None:
                closed.closed_at, closed.attended = None, True
                self._open[cause] = closed

    def _raise(self, effect: Raise, at: datetime, rule_version: int) -> None:
        if (before := self._before.get(effect.cause)) is not None:
            if _again(before, effect):
                worst = _worst(before, effect)
                again = before._replace(priority=worst, cleared_at=None, attended=False)
                self._before[effect.cause] = again
            return
        standing = self._open.get(effect.cause)
        if standing is None:
            self._add(effect, at, rule_version)
        elif _again(standing, effect):
            standing.priority = _worst(standing, effect)
            standing.cleared_at, standing.attended = None, False
            standing.text, standing.unwatched = effect.text, effect.unwatched
            standing.rule_version = rule_version
            standing.reopened += 1

    def _add(self, effect: Raise, at: datetime, rule_version: int) -> None:
        alert = ReplayedAlert(
            cause=effect.cause,
            priority=effect.priority,
            resident=effect.resident,
            text=effect.text,
            caused_at=effect.caused_at,
            raised_at=at,
            unwatched=effect.unwatched,
            rule_version=rule_version,
        )
        self._open[effect.cause] = alert
        self.raised.append(alert)

    def _clear(self, effect: Clear) -> ReplayedAlert | None:
        if (alert := self._open.get(effect.cause)) is not None:
            if alert.cleared_at is None:
                alert.cleared_at = effect.at
                return alert
        elif (before := self._before.get(effect.cause)) is not None:
            cleared_at = before.cleared_at or effect.at
            self._before[effect.cause] = before._replace(cleared_at=cleared_at)
        return None


def _again(standing: ReplayedAlert | StandingAlert, effect: Raise) -> bool:
    """Whether an open alert begins anew, rather than saying so already."""
    worse = more_urgent(effect.priority, standing.priority)
    return worse or standing.cleared_at is not None or standing.attended


def _worst(standing: ReplayedAlert | StandingAlert, effect: Raise) -> Priority:
    worse = more_urgent(effect.priority, standing.priority)
    return effect.priority if worse else standing.priority
