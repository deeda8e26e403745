"""Temperature sensors that lie: values that cannot be, and values that do not move.

1. A sensor of which ten readings within an hour were not believed is at fault, and not the room:
   ``reading_implausible``. Its doubted readings are in quarantine one by one; meanwhile its gap is
   *faulty* and its watch *blind*. What it says that can be believed is still believed where it is
   hot: a fault of the sensor never hides a surface that burns. It is trusted again after an hour
   without a doubt in which it has spoken.
2. A sensor that repeats the very same value for a day is stuck: ``reading_frozen``. It must have
   been heard anew at every round of those; one that speaks only of changes is silent in between,
   and that is no fault. And something must show that values move here: it has changed before, or
   another sensor of the home has meanwhile.
"""

from datetime import datetime, timedelta

from nightwarden.model.alerts import AlertKind
from nightwarden.model.phrases import phrase
from nightwarden.model.places import EquipmentKind
from nightwarden.model.readings import Quantity
from rules import wording
from rules.decisions import Reason
from rules.findings import Finding
from rules.liveness import DeviceWatch
from rules.rounds import Round, RoundRule

FROZEN_ROUNDS = 12
"""In how many rounds of the time a sensor must have been heard anew."""


def _at_fault(seen: Round) -> list[Finding]:
    rule = seen.moments.book.reading_implausible
    n, span = rule.readings, wording.span(rule.within)
    return [
        Finding(
            item=device.item,
            what=phrase(
                f"temperature sensor {device.item.tag} cannot be believed, {n} readings within "
                f"{span} that cannot be"
            ),
            action=phrase(
                "Feel for yourself what it should measure. Then check its cable, or change it."
            ),
            since=device.memory.at_fault_since,
        )
        for device in seen.devices.values()
        if device.memory.at_fault_since is not None
    ]


def _frozen(seen: Round) -> list[Finding]:
    sensors = [
        device
        for device in seen.devices.values()
        if device.item.kind is EquipmentKind.TEMPERATURE_SENSOR
    ]
    moved = max(filter(None, (device.memory.changed_at for device in sensors)), default=None)
    return [one for device in sensors if (one := _stuck(device, moved, seen)) is not None]


def _stuck(device: DeviceWatch, moved: datetime | None, seen: Round) -> Finding | None:
    last, tag = device.memory.last.get(Quantity.TEMPERATURE), device.item.tag
    if last is None:
        return None
    value, at = last[0], min(last[1], seen.now)  # a replay knows a run's end from its beginning
    note = seen.notes.get(tag)
    changed_at = device.memory.changed_at
    if note is None or (changed_at is not None and changed_at > note[0]):
        seen.notes[tag] = [max(changed_at or at, device.item.stands_since), 0, at]
        return None
    since, times, heard = note
    if at > heard:
        times, heard = times + 1, at
    elif tag not in seen.standing:
        times = 0  # it speaks of changes alone, or not at all
    seen.notes[tag] = [since, times, heard]
    long = seen.now - since >= seen.moments.book.reading_frozen.after
    others_move = moved is not None and moved > since
    stuck = times >= FROZEN_ROUNDS and long and (changed_at is not None or others_move)
    if not stuck and tag not in seen.standing:
        return None
    celsius, span = f"{value} °C", wording.span(seen.now - since)
    return Finding(
        item=device.item,
        what=phrase(f"temperature sensor {tag} says {celsius} for {span}"),
        action=phrase("Warm it with your hand. If the value stays as it is, change the sensor."),
        since=since,
    )


READING_IMPLAUSIBLE = RoundRule(
    AlertKind.READING_IMPLAUSIBLE,
    Reason.CANNOT_BE_BELIEVED,
    phrase("believed again"),
    timedelta(minutes=5),
    _at_fault,
)
READING_FROZEN = RoundRule(
    AlertKind.READING_FROZEN, Reason.VALUE_IS_STUCK, phrase("changed"), timedelta(hours=2), _frozen
)
