"""A clock that stands until it is turned."""

from datetime import datetime, timedelta


class TurnedClock:
    """What the program takes for the time; ``now`` is aware and in UTC."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Turn it on, by as much as ``timedelta`` takes."""
        self.now += timedelta(**by)
