"""What the watches of equipment have in mind, in words; see ``explaining.py``."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from rules.after_service import AfterServiceWatch
from rules.batteries import BatteryWatch
from rules.circuits import CircuitWatch
from rules.hubs import HubWatch
from rules.leads import LeadWatch
from rules.liveness import DeviceWatch
from rules.mains import MainsWatch
from rules.moments import Moments
from rules.required import CoverageWatch
from rules.staff import NobodyAnswersWatch, NobodyListeningWatch
from rules.together import TogetherWatch
from rules.unproved import UnprovedWatch
from rules.wording import length, moment


def _device(watch: DeviceWatch, now: datetime, moments: Moments) -> str:
    memory, zone, tag = watch.memory, moments.zone, watch.item.tag
    if memory.hub_down_since:
        since = moment(memory.hub_down_since, zone, now)
        return f"nothing live: the hub of {tag} is off since {since}"
    raised = ", raised" if memory.raised else ""
    if memory.offline_since:
        since = moment(memory.offline_since, zone, now)
        return f"nothing live: {tag} is off or unplugged since {since}{raised}"
    if memory.heard_at is None:
        return f"nothing live: {tag} has never spoken{raised}"
    heard = moment(memory.heard_at, zone, now)
    if watch.is_gone(now):
        return f"nothing live: {tag} silent since {heard}{raised}"
    interval = length(watch.item.supervision)
    due = "" if watch.due_at is None else f", silence due {moment(watch.due_at, zone, now)}"
    return f"{tag} last heard {heard}{due} (interval {interval})"


def _battery(watch: BatteryWatch, _now: datetime, _moments: Moments) -> str:
    memory = watch.memory
    if memory.percent is None:
        return "no battery has been told"
    said = ", raised" if memory.low_said or memory.empty_said else ""
    return f"battery {memory.percent:.0f} %{said}"


def _lead(watch: LeadWatch, now: datetime, moments: Moments) -> str:
    memory, rule = watch.memory, moments.book.flapping_lead
    if memory.suspect:
        steady = moment(memory.steady_at, moments.zone, now) if memory.steady_at else "it holds"
        return f"the lead is suspect, raised; clear at {steady} if it holds"
    if not memory.losses:
        return "its link has not been lost"
    lost, within = moment(memory.losses[-1], moments.zone, now), length(rule.within)
    return f"its link was last lost {lost}; {rule.losses} times in {within} are a suspect lead"


def _unproved(watch: UnprovedWatch, now: datetime, moments: Moments) -> str:
    memory, zone, item = watch.memory, moments.zone, watch.device.item
    changed_at = watch.device.memory.changed_at
    changed = "has never really changed"
    if changed_at is not None:
        changed = f"last really changed {moment(changed_at, zone, now)}"
    if memory.raised:
        return f"{item.tag} {changed}, raised"
    due = f"; looked at next {moment(memory.due, zone, now)}" if memory.due else ""
    return f"{item.tag} {changed}{due} (proof interval {length(item.proof)})"


def _coverage(watch: CoverageWatch, now: datetime, moments: Moments) -> str:
    if watch.raised:
        return "required and not in place, raised"
    if watch.due_at is not None:
        return f"not in place, answered; asked again {moment(watch.due_at, moments.zone, now)}"
    return "what is required stands here"


def _hub(watch: HubWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.down_since is None:
        return "the hub has not said that it is off"
    down = f"the hub is off since {moment(memory.down_since, moments.zone, now)}"
    if memory.raised:
        return f"{down}, raised"
    return f"{down}, due {moment(memory.due, moments.zone, now)}" if memory.due else down


def _mains(watch: MainsWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.lost_since is None:
        return "nobody has said that the power is out"
    out = f"the power is out since {moment(memory.lost_since, moments.zone, now)}"
    return f"{out}, raised" if memory.raised else out


def _after_service(watch: AfterServiceWatch, now: datetime, moments: Moments) -> str:
    if watch.memory.raised_for is not None:
        return f"not tried since the work on {watch.device.item.tag}, raised"
    if watch.due_at is None:
        return "nothing to try since the last work on it"
    return f"worked on, and to be tried by {moment(watch.due_at, moments.zone, now)}"


def _circuit(watch: CircuitWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    hot = f"too hot: {', '.join(memory.hot)}" if memory.hot else "nothing too hot"
    if memory.raised:
        return f"{hot}, raised"
    return f"{hot}, due {moment(memory.due, moments.zone, now)}" if memory.due else hot


def _together(watch: TogetherWatch, _now: datetime, _moments: Moments) -> str:
    memory = watch.memory
    if memory.silent:
        return f"silent together, raised: {', '.join(memory.silent)}"
    return f"{len(memory.lately)} mats fell silent lately"


def _listening(watch: NobodyListeningWatch, _now: datetime, moments: Moments) -> str:
    memory, wanted = watch.memory, moments.book.nobody_listening.at_least
    return f"{memory.count} can sound an alert, {wanted} must" + (
        ", raised" if memory.raised else ""
    )


def _answers(watch: NobodyAnswersWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.since is None:
        return "no alert waits"
    return f"alerts wait and nobody acts since {moment(memory.since, moments.zone, now)}" + (
        ", raised" if memory.raised else ""
    )


SAYS: dict[type[Any], Callable[[Any, datetime, Moments], str]] = {
    DeviceWatch: _device,
    BatteryWatch: _battery,
    LeadWatch: _lead,
    UnprovedWatch: _unproved,
    CoverageWatch: _coverage,
    HubWatch: _hub,
    MainsWatch: _mains,
    AfterServiceWatch: _after_service,
    CircuitWatch: _circuit,
    TogetherWatch: _together,
    NobodyListeningWatch: _listening,
    NobodyAnswersWatch: _answers,
}
