"""The numbers of ``rulebook.py`` that are about the register and kit that lets people down."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PermitOverdueRule:
    """``after``: how long past the permit's time an item may still be off.

    ``ask_again``: a person who closes the alert while it is still so is asked again after this.
    """

    after: timedelta = timedelta(0)
    ask_again: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FaultAgainRule:
    """``within``: a fault reported so long after another one of the same is the same again.

    ``ask_again``: a person who closes the alert while it is still open is asked again after this.
    """

    within: timedelta = timedelta(days=90)
    ask_again: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HeaterOverdueRule:
    """``after``: how long past its time a portable heater may still be there.

    ``ask_again``: a person who closes the alert while it is still so is asked again after this.
    """

    after: timedelta = timedelta(0)
    ask_again: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WrongRoomRule:
    """``ask_again``: a person who closes the alert while nothing has changed is asked again the
    next shift.
    """

    ask_again: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class PastServiceLifeRule:
    """``told_at``: how long after midnight of the day on which it ends, by the home's clock.

    ``ask_again``: a person who closes the alert while it is still so is asked again after this.
    """

    told_at: timedelta = timedelta(hours=8)
    ask_again: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class UnverifiedRule:
    """``told_at``: how long after midnight they are counted, by the home's clock."""

    told_at: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class UndocumentedRule:
    """``told_at``: how long after midnight they are counted, by the home's clock."""

    told_at: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class NotArmedRule:
    """``after``: how long after a pause, or after the required hours begin, a mat must be back.

    ``ask_again``: a person who closes the alert while it is still so is asked again after this.
    """

    after: timedelta = timedelta(minutes=5)
    ask_again: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SilentTogetherRule:
    """``mats`` of so many different rooms that fall silent ``within`` this time are a pattern."""

    mats: int = 3
    within: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ClockDriftRule:
    """``limit``: how far a device's own time may be behind ours.

    ``times``: how often in a row, every ten minutes, before it is raised.
    ``ask_again``: a person who closes the alert while it is still so is asked again after this.
    """

    limit: timedelta = timedelta(seconds=5)
    times: int = 6
    ask_again: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReadingImplausibleRule:
    """``readings`` of one sensor ``within`` this time that were not believed are its own fault.

    ``steady_for``: it is at fault until it has spoken without one for so long.
    ``ask_again``: a person who closes the alert while it is still so is asked again after this.
    """

    readings: int = 10
    within: timedelta = timedelta(hours=1)
    steady_for: timedelta = timedelta(hours=1)
    ask_again: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class ReadingFrozenRule:
    """``after``: for how long a sensor that repeats itself may say the very same.

    ``ask_again``: a person who closes the alert while it is still so is asked again after this.
    """

    after: timedelta = timedelta(days=1)
    ask_again: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MainsLostRule:
    """``after``: how long the power must be out; a switch-over to a generator takes as long.

    ``ask_again``: a person who closes the alert while it is out is asked again after this.
    """

    after: timedelta = timedelta(seconds=10)
    ask_again: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class UntestedRule:
    """``after``: how long after work on a mat or call button it is to have been pressed.

    ``ask_again``: a person who closes the alert without a press is asked again after this.
    """

    after: timedelta = timedelta(minutes=15)
    ask_again: timedelta = timedelta(hours=1)
