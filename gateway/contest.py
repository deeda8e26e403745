"""Somebody else comes to the broker under our client id, again and again.

MQTT 3.1.1 has no word for it: the broker closes the older connection and lets us in again when we
come. Once is a network's whim; three times in five minutes is another client, or a broker that
somebody restarts, and a person has to look.
"""

from collections import deque
from collections.abc import Callable

from nightwarden.broker_url import BrokerUrl

LOST_TIMES = 3
WITHIN_S = 300.0

Rival = Callable[[], str | None]
"""Looks whether another gateway is there; the machine it runs on, or None. Takes seconds."""


class Contest:
    """Counts the accepted connections that the broker has ended.

    Args:
        broker: named in the sentence.
        client_id: the id that somebody else may be using.

    ``rival`` is asked before a contested connection is made again; see :meth:`stand_by`.
    """

    def __init__(self, broker: BrokerUrl, client_id: str) -> None:
        self._broker = broker
        self._client_id = client_id
        self.rival: Rival | None = None
        self._network_was_it = False
        self._lost: deque[float] = deque(maxlen=LOST_TIMES)

    def lost(self, at: float) -> str | None:
        """An accepted connection was ended by the other side; gives the :meth:`sentence` at once.

        ``at`` is monotonic, in seconds.
        """
        if self._network_was_it:
            return None
        self._lost.append(at)
        return self.sentence(at)

    def accepted(self) -> None:
        """A new connection: whatever ended the last one says nothing about this one's end."""
        self._network_was_it = False

    def network_is_silent(self) -> None:
        """We end a connection on which nobody answers any more: nobody's doing."""
        self._network_was_it = True

    @property
    def how(self) -> str:
        """How the last connection ended, after its name."""
        return "went silent without being closed" if self._network_was_it else "was lost"

    def unreachable(self) -> None:
        """The broker itself was away, which explains what was lost before."""
        self._lost.clear()

    def sentence(self, now: float) -> str | None:
        """What to tell a person while it lasts; None when nobody contests the session."""
        if len(self._lost) < LOST_TIMES or now - self._lost[0] > WITHIN_S:
            return None
        return (
            f"the broker at {self._broker} has ended our connection {LOST_TIMES} times within "
            f"minutes and let us in again: somebody else uses our client id {self._client_id}, a "
            "second gateway or a stranger; find it in the broker's log and stop it."
        )

    def stand_by(self, now: float) -> str | None:
        """Why not to take the session back: another gateway has it and watches. None: take it."""
        if self.rival is None or self.sentence(now) is None:
            return None
        if (machine := self.rival()) is None:
            return None
        self._lost.extend([now] * LOST_TIMES)  # it lasts while the other is there
        return (
            f"another gateway watches this home through the broker at {self._broker}, on "
            f"{machine}; this one stands by and does not watch. Stop one of the two."
        )
