"""The table of ``rules/alert_life.py`` in words, for docs/alert-life.md.

The page is kept equal to this by a test: what people read is what the code does.
"""

from nightwarden.model.alerts import AlertEvent, AlertState
from rules.alert_life import TRANSITIONS

_MEANS = {
    AlertEvent.DELIVERED: "a receiver has shown it",
    AlertEvent.ACCEPTED: "somebody is going",
    AlertEvent.ATTENDED: "somebody is in the room",
    AlertEvent.CLOSED: "a person has said how it ended",
    AlertEvent.REPEATED: "nobody has answered, or nobody has closed it: sounded again",
    AlertEvent.TOLD_EVERYONE: "nobody has answered: everyone is told",
    AlertEvent.TOLD_SENIOR: "nobody has answered: a senior is told",
    AlertEvent.TOLD_MANAGER: "nobody has answered: the on-call manager is told",
    AlertEvent.ACCEPTANCE_EXPIRED: "whoever was going did not get there in time",
    AlertEvent.CAUSE_CLEARED: "back in bed, cooled down, heard again: shown, no more",
    AlertEvent.REOPENED: "the same cause again",
    AlertEvent.WORSENED: "the cause has become worse: a higher priority, called anew",
    AlertEvent.TAKEN_BACK: "a wrong press, taken back by whoever made it: it calls again",
    AlertEvent.CLOSED_BY_MISTAKE: "a wrong close, taken back by whoever closed it",
    AlertEvent.STILL_GOING: "a wrong “I'm here”, taken back: who was going still is",
}


def alert_life_table() -> str:
    """A Markdown table: a line an event, a column a state, in each cell the state after it."""
    states = list(AlertState)
    lines = [
        f"| what happens | means | {' | '.join(states)} |",
        f"|---|---|{'---|' * len(states)}",
    ]
    for event, meaning in _MEANS.items():
        after = [TRANSITIONS.get((state, event), "-") for state in states]
        lines.append(f"| `{event}` | {meaning} | {' | '.join(after)} |")
    return "\n".join(lines) + "\n"
