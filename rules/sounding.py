"""Which sounders and lights are on.

1. One is on while an alert that it answers for waits for somebody to accept it, and off once
   somebody is going: who comes to help should not have to shout over a siren. When nobody gets
   there the acceptance runs out, and it is on again; so it is when the cause comes back.
2. ``room``: alerts of the room that it stands in. ``home``: all.
3. From its least priority up. A technical alert never switches one on: a siren for a flat battery
   is a siren that somebody unplugs.
4. A return to bed does not switch it off, as it does not close the alert.
"""

from collections.abc import Iterable, Mapping

from nightwarden.model.alerts import AlertRecord, AlertState, Priority
from nightwarden.model.outputs import Output
from nightwarden.model.places import SoundsFor
from nightwarden.model.readings import DeviceId

_RANK = {Priority.HIGH: 3, Priority.MEDIUM: 2, Priority.LOW: 1, Priority.TECHNICAL: 0}
_WAITS = (AlertState.RAISED, AlertState.DELIVERED)


def sounding(outputs: Iterable[Output], alerts: Iterable[AlertRecord]) -> Mapping[DeviceId, bool]:
    """Whether each output is to be on, given the open alerts."""
    waiting = [
        alert
        for alert in alerts
        if alert.state in _WAITS and alert.priority is not Priority.TECHNICAL
    ]
    return {output.device: any(_calls(output, alert) for alert in waiting) for output in outputs}


def _calls(output: Output, alert: AlertRecord) -> bool:
    near = output.sounds_for is SoundsFor.HOME or alert.cause.place.room == output.place.room
    return near and _RANK[alert.priority] >= _RANK[output.sounds_from]
