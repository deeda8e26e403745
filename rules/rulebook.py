"""The numbers that the rules start from, by kind of alert. Every one is a setting of the home.

Sources: failure-modes.md, "Numbers a rules engine starts from" (HSE HSIS6 for 43 °C; DS18B20 data
sheet for 85.0 and -127 °C; the rest judgement from makers' defaults).
"""

from dataclasses import dataclass, field
from datetime import timedelta


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

    ``limit_c`` held for ``hold``, ``at_once_c`` at once, until below ``clear_c``. A step of more
    than ``jump_c`` between two samples waits for the next sample to confirm it.
    """

    limit_c: float = 43.0
    clear_c: float = 41.0
    hold: timedelta = timedelta(minutes=5)
    at_once_c: float = 50.0
    jump_c: float = 20.0


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
class Rulebook:
    """Settings of every rule, under the name of the alert that it raises."""

    bed_exit: BedExitRule = field(default_factory=BedExitRule)
    not_back_in_bed: NotBackRule = field(default_factory=NotBackRule)
    hot_surface: HotSurfaceRule = field(default_factory=HotSurfaceRule)
    device_silent: DeviceSilentRule = field(default_factory=DeviceSilentRule)
    required_not_in_place: RequiredRule = field(default_factory=RequiredRule)


DEFAULT_RULEBOOK = Rulebook()
