"""The numbers that the rules start from, by kind of alert. Every one is a setting of the home.

Sources: failure-modes.md, "Numbers a rules engine starts from" (HSE HSIS6 for 43 °C; DS18B20 data
sheet for 85.0 and -127 °C; UKHSA for room air at 18 and 26 °C; the rest judgement from makers'
defaults). docs/alarms.md has each with its reason.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from rules.rulebook_kit import (
    ClockDriftRule,
    FaultAgainRule,
    HeaterOverdueRule,
    MainsLostRule,
    NotArmedRule,
    PastServiceLifeRule,
    PermitOverdueRule,
    ReadingFrozenRule,
    ReadingImplausibleRule,
    SilentTogetherRule,
    UndocumentedRule,
    UntestedRule,
    UnverifiedRule,
    WrongRoomRule,
)


@dataclass(frozen=True, slots=True)
class BedExitRule:
    """``dwell``: how long a bed must be empty before it is an exit; at high risk 0 to 10 s."""

    dwell: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class NotBackRule:
    """``after``: how long after the exit an empty bed is raised once more."""

    after: timedelta = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class HotSurfaceRule:
    """A surface that a person can touch, in degrees Celsius.

    ``limit_c``: so hot for the hold time, and it is raised.
    ``clear_c``: below this it has cooled down.
    ``hold``: how long it must stay at the limit; a warm-up that passes is no danger.
    ``at_once_c``: so hot, and it is raised without waiting.
    ``jump_c``: a larger step between two samples waits for the next sample to confirm it.
    ``cooling_c``: what a surface that somebody answered for loses in each hold time, or it is
    raised again.
    """

    limit_c: float = 43.0
    clear_c: float = 41.0
    hold: timedelta = timedelta(minutes=5)
    at_once_c: float = 50.0
    jump_c: float = 20.0
    cooling_c: float = 2.0


@dataclass(frozen=True, slots=True)
class DeviceSilentRule:
    """``offline_grace``: one that said goodbye may be restarting; after this it is silent.

    ``ask_again``: a person who closes the alert is asked again after this, or after the device's
    supervision interval if that is longer.
    """

    offline_grace: timedelta = timedelta(seconds=30)
    ask_again: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RequiredRule:
    """``confirmation_holds``: after this a confirmation has aged into *unverified*.

    ``ask_again``: a person who closes the alert while nothing has changed is asked again the next
    shift.
    """

    confirmation_holds: timedelta = timedelta(days=31)
    ask_again: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class ChairExitRule:
    """``dwell``: how long a chair must be empty before it is an exit."""

    dwell: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class FloorMatRule:
    """``dwell``: how long somebody must be on the floor mat before it is raised."""

    dwell: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class RoomTooColdRule:
    """Room air in degrees Celsius: below ``limit_c`` for ``hold``, until above ``clear_c``."""

    limit_c: float = 18.0
    clear_c: float = 18.5
    hold: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class RoomTooHotRule:
    """Room air in degrees Celsius: above ``limit_c`` for ``hold``, until below ``clear_c``."""

    limit_c: float = 26.0
    clear_c: float = 25.5
    hold: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class HubDownRule:
    """``offline_grace``: a hub that went offline may be restarting; after this it is down.

    ``ask_again``: a person who closes the alert while the hub is down is asked again after this.
    """

    offline_grace: timedelta = timedelta(seconds=30)
    ask_again: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class BatteryLowRule:
    """A device's battery, in per cent.

    ``warn_percent`` or less is low, ``urgent_percent`` or less nearly empty; ``changed_percent``
    or more says that one which was low was changed, and so, of any other, does a report that is by
    ``changed_rise_percent`` above the last. ``ask_again``: a person who closes the alert without
    that is asked again after this.

    ``ahead_first``: how long before its projected end it is said first.
    ``ahead_second``: how long before its projected end it is said again.
    ``ahead_last``: how long before its projected end it is said last, as urgent.
    ``trend_over``: how long it must have been heard for an end to be projected. A report counts
    half as much when it is so old.
    ``trend_reports``: from how many days there must be a report for an end to be projected.
    """

    warn_percent: float = 20.0
    urgent_percent: float = 5.0
    changed_percent: float = 30.0
    changed_rise_percent: float = 15.0
    ask_again: timedelta = timedelta(days=1)
    ahead_first: timedelta = timedelta(days=30)
    ahead_second: timedelta = timedelta(days=7)
    ahead_last: timedelta = timedelta(days=1)
    trend_over: timedelta = timedelta(days=14)
    trend_reports: int = 5


@dataclass(frozen=True, slots=True)
class FlappingLeadRule:
    """``losses`` of a device's link ``within`` this time make its lead suspect.

    ``steady_for``: it is suspect until there was no loss for so long.
    """

    losses: int = 4
    within: timedelta = timedelta(minutes=15)
    steady_for: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class NeverChangesRule:
    """``ask_again``: a person who closes the alert is asked again after this, if the mat still
    has not changed. How long it may go without a change is the device's own proof interval.
    """

    ask_again: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class NobodyListeningRule:
    """``at_least``: screens, phones and pagers that must be able to sound an alert.

    ``after``: how long fewer may listen; a page that is loaded anew takes some seconds.
    ``ask_again``: a person who closes the alert while nobody listens is asked again after this.
    """

    at_least: int = 1
    after: timedelta = timedelta(minutes=1)
    ask_again: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NobodyAnswersRule:
    """``after``: alerts about people wait, and nobody has done anything at all for so long."""

    after: timedelta = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class MissedFloorMatRule:
    """``within``: a floor mat must be stepped on within this after an exit beside it.

    ``in_a_row``: so many exits that it missed, one after the other, are raised.
    """

    within: timedelta = timedelta(seconds=30)
    in_a_row: int = 2


@dataclass(frozen=True, slots=True)
class OutOfBedOftenRule:
    """``nights``: how many nights before tell what is usual.

    ``known_nights``: before so many are known nothing is usual.
    ``at_least``: fewer exits than this in a night are never raised.
    ``more_than``: so many exits beyond the usual are within it still.
    """

    nights: int = 14
    known_nights: int = 5
    at_least: int = 4
    more_than: int = 2


@dataclass(frozen=True, slots=True)
class CircuitHotRule:
    """Emitters of one heating circuit that are too hot together.

    ``limit_c``: so hot is too hot for a panel, pipe or valve.
    ``emitters``: so many of one circuit are raised.
    ``hold``: how long they must be so together.
    """

    limit_c: float = 82.0
    emitters: int = 3
    hold: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RoundMissedRule:
    """``after``: how late a look of a manual round may be.

    ``ask_again``: a person who closes the alert without a look is asked again after this.
    """

    after: timedelta = timedelta(minutes=2)
    ask_again: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Settings of every rule, under the name of the alert that it raises."""

    bed_exit: BedExitRule = field(default_factory=BedExitRule)
    not_back_in_bed: NotBackRule = field(default_factory=NotBackRule)
    hot_surface: HotSurfaceRule = field(default_factory=HotSurfaceRule)
    device_silent: DeviceSilentRule = field(default_factory=DeviceSilentRule)
    required_not_in_place: RequiredRule = field(default_factory=RequiredRule)
    chair_exit: ChairExitRule = field(default_factory=ChairExitRule)
    floor_mat: FloorMatRule = field(default_factory=FloorMatRule)
    room_too_cold: RoomTooColdRule = field(default_factory=RoomTooColdRule)
    room_too_hot: RoomTooHotRule = field(default_factory=RoomTooHotRule)
    hub_down: HubDownRule = field(default_factory=HubDownRule)
    battery_low: BatteryLowRule = field(default_factory=BatteryLowRule)
    flapping_lead: FlappingLeadRule = field(default_factory=FlappingLeadRule)
    never_changes: NeverChangesRule = field(default_factory=NeverChangesRule)
    permit_overdue: PermitOverdueRule = field(default_factory=PermitOverdueRule)
    fault_again: FaultAgainRule = field(default_factory=FaultAgainRule)
    heater_overdue: HeaterOverdueRule = field(default_factory=HeaterOverdueRule)
    wrong_room: WrongRoomRule = field(default_factory=WrongRoomRule)
    past_service_life: PastServiceLifeRule = field(default_factory=PastServiceLifeRule)
    unverified: UnverifiedRule = field(default_factory=UnverifiedRule)
    undocumented: UndocumentedRule = field(default_factory=UndocumentedRule)
    nobody_listening: NobodyListeningRule = field(default_factory=NobodyListeningRule)
    nobody_answers: NobodyAnswersRule = field(default_factory=NobodyAnswersRule)
    clock_drift: ClockDriftRule = field(default_factory=ClockDriftRule)
    reading_implausible: ReadingImplausibleRule = field(default_factory=ReadingImplausibleRule)
    reading_frozen: ReadingFrozenRule = field(default_factory=ReadingFrozenRule)
    not_armed_after_care: NotArmedRule = field(default_factory=NotArmedRule)
    mats_silent_together: SilentTogetherRule = field(default_factory=SilentTogetherRule)
    missed_floor_mat: MissedFloorMatRule = field(default_factory=MissedFloorMatRule)
    out_of_bed_often: OutOfBedOftenRule = field(default_factory=OutOfBedOftenRule)
    circuit_hot: CircuitHotRule = field(default_factory=CircuitHotRule)
    round_missed: RoundMissedRule = field(default_factory=RoundMissedRule)
    mains_lost: MainsLostRule = field(default_factory=MainsLostRule)
    untested_after_service: UntestedRule = field(default_factory=UntestedRule)


DEFAULT_RULEBOOK = Rulebook()
