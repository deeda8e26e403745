"""The numbers that the rules start from. Every one is a setting of the home.

Sources: failure-modes.md, "Numbers a rules engine starts from" (HSE HSIS6 for 43 °C; DS18B20 data
sheet for 85.0 and -127 °C; the rest judgement from makers' defaults).
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Settings of every rule, in the units that their names say."""

    bed_exit_dwell: timedelta = timedelta(0)
    """How long a bed must be empty before it is an exit. A person at high risk: 0 to 10 s."""
    not_back_after: timedelta = timedelta(minutes=6)
    surface_limit_c: float = 43.0
    surface_clear_c: float = 41.0
    surface_hold: timedelta = timedelta(minutes=5)
    surface_at_once_c: float = 50.0
    jump_limit_c: float = 20.0
    """A larger step between two samples waits for the next sample to confirm it."""
    offline_grace: timedelta = timedelta(seconds=30)
    """A device that said goodbye may be restarting; after this it is silent."""
    confirmation_holds: timedelta = timedelta(days=31)
    """A confirmation ages into *unverified* after this."""


DEFAULT_RULEBOOK = Rulebook()
