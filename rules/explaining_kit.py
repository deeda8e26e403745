"""What the watches of equipment have in mind, in words; see ``explaining.py``."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from nightwarden.model.phrases import phrase
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
from rules.wording import length, moment, raised


def _device(watch: DeviceWatch, now: datetime, moments: Moments) -> str:
    memory, zone, tag = watch.memory, moments.zone, watch.item.tag
    if memory.hub_down_since:
        since = moment(memory.hub_down_since, zone, now)
        return phrase(f"nothing live: the hub of {tag} is off since {since}")
    if memory.offline_since:
        since = moment(memory.offline_since, zone, now)
        off = phrase(f"nothing live: {tag} is off or unplugged since {since}")
        return raised(off, so=memory.raised)
    if memory.heard_at is None:
        return raised(phrase(f"nothing live: {tag} has never spoken"), so=memory.raised)
    heard = moment(memory.heard_at, zone, now)
    if watch.is_gone(now):
        return raised(phrase(f"nothing live: {tag} silent since {heard}"), so=memory.raised)
    interval = length(watch.item.supervision)
    if watch.due_at is None:
        return phrase(f"{tag} last heard {heard} (interval {interval})")
    due = moment(watch.due_at, zone, now)
    return phrase(f"{tag} last heard {heard}, silence due {due} (interval {interval})")


def _battery(watch: BatteryWatch, _now: datetime, _moments: Moments) -> str:
    memory = watch.memory
    if memory.percent is None:
        return phrase("no battery has been told")
    percent = f"{memory.percent:.0f} %"
    return raised(phrase(f"battery {percent}"), so=memory.low_said or memory.empty_said)


def _lead(watch: LeadWatch, now: datetime, moments: Moments) -> str:
    memory, rule = watch.memory, moments.book.flapping_lead
    if memory.suspect:
        steady = phrase("it holds")
        if memory.steady_at:
            steady = moment(memory.steady_at, moments.zone, now)
        return phrase(f"the lead is suspect, raised; clear at {steady} if it holds")
    if not memory.losses:
        return phrase("its link has not been lost")
    lost, within = moment(memory.losses[-1], moments.zone, now), length(rule.within)
    losses = rule.losses
    return phrase(f"its link was last lost {lost}; {losses} times in {within} are a suspect lead")


def _unproved(watch: UnprovedWatch, now: datetime, moments: Moments) -> str:
    memory, zone, item = watch.memory, moments.zone, watch.device.item
    changed_at = watch.device.memory.changed_at
    changed = phrase(f"{item.tag} has never really changed")
    if changed_at is not None:
        changed = phrase(f"{item.tag} last really changed {moment(changed_at, zone, now)}")
    if memory.raised:
        return raised(changed, so=True)
    if memory.due:
        changed = phrase(f"{changed}; looked at next {moment(memory.due, zone, now)}")
    return phrase(f"{changed} (proof interval {length(item.proof)})")


def _coverage(watch: CoverageWatch, now: datetime, moments: Moments) -> str:
    if watch.raised:
        return phrase("required and not in place, raised")
    if watch.due_at is not None:
        return phrase(
            f"not in place, answered; asked again {moment(watch.due_at, moments.zone, now)}"
        )
    return phrase("what is required stands here")


def _hub(watch: HubWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.down_since is None:
        return phrase("the hub has not said that it is off")
    down = phrase(f"the hub is off since {moment(memory.down_since, moments.zone, now)}")
    if memory.raised or not memory.due:
        return raised(down, so=memory.raised)
    return phrase(f"{down}, due {moment(memory.due, moments.zone, now)}")


def _mains(watch: MainsWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.lost_since is None:
        return phrase("nobody has said that the power is out")
    out = phrase(f"the power is out since {moment(memory.lost_since, moments.zone, now)}")
    return raised(out, so=memory.raised)


def _after_service(watch: AfterServiceWatch, now: datetime, moments: Moments) -> str:
    if watch.memory.raised_for is not None:
        return phrase(f"not tried since the work on {watch.device.item.tag}, raised")
    if watch.due_at is None:
        return phrase("nothing to try since the last work on it")
    return phrase(f"worked on, and to be tried by {moment(watch.due_at, moments.zone, now)}")


def _circuit(watch: CircuitWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    tags = ", ".join(memory.hot)
    hot = phrase(f"too hot: {tags}" if tags else "nothing too hot")
    if memory.raised or not memory.due:
        return raised(hot, so=memory.raised)
    return phrase(f"{hot}, due {moment(memory.due, moments.zone, now)}")


def _together(watch: TogetherWatch, _now: datetime, _moments: Moments) -> str:
    memory = watch.memory
    if memory.silent:
        tags = ", ".join(memory.silent)
        return phrase(f"silent together, raised: {tags}")
    n = len(memory.lately)
    return phrase(f"{n} mats fell silent lately")


def _listening(watch: NobodyListeningWatch, _now: datetime, moments: Moments) -> str:
    memory, wanted = watch.memory, moments.book.nobody_listening.at_least
    count = memory.count
    return raised(phrase(f"{count} can sound an alert, {wanted} must"), so=memory.raised)


def _answers(watch: NobodyAnswersWatch, now: datetime, moments: Moments) -> str:
    memory = watch.memory
    if memory.since is None:
        return phrase("no alert waits")
    since = moment(memory.since, moments.zone, now)
    return raised(phrase(f"alerts wait and nobody acts since {since}"), so=memory.raised)


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
