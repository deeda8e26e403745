"""How many messages a turn takes: few as long as each may cost much, many while a backlog is quick.

1. A turn costs a commit, and a row of memory for each device that spoke in it. In one of 500
   messages of 400 devices that is a third of all work (15 of 42 µs a message, measured), in one of
   2,000 a tenth.
2. People's answers wait for the store while a turn writes, and a message that raises or clears an
   alert costs a hundred times another. So only a full batch that was quick is followed by a larger
   one, and a slow one by a smaller one.
3. Quick is meant of the processor: what a slow disk or a busy machine takes for a commit is no less
   for a smaller batch, and comes more often.
4. A backlog that is through says nothing of the next: that begins with :data:`LARGEST_BATCH` again.
"""

from gateway.inbox import LARGEST_BATCH

MOST_OF_A_BACKLOG = 2_000
"""Beyond this a batch gains little: of 4,000 each costs a twentieth less than of 2,000."""

QUICK_S = 0.05
SLOW_S = 0.1


class Pace:
    """What the next turn may take, by how long the last ones took."""

    def __init__(self) -> None:
        self.most = LARGEST_BATCH
        """Messages."""

    def took(self, messages: int, seconds: float) -> None:
        """A turn with so many messages took the deciding thread so long, of the processor."""
        if messages < LARGEST_BATCH:
            self.most = LARGEST_BATCH
        elif messages >= self.most and seconds < QUICK_S:
            self.most = min(2 * self.most, MOST_OF_A_BACKLOG)
        elif seconds > SLOW_S:
            self.most = max(self.most // 2, LARGEST_BATCH)
