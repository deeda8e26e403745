"""The bench of a practice home: devices to press, faults to throw, scenarios, a message followed.

1. Every route stands behind :func:`practice_home`: where people live there is no bench.
2. What is ordered is done by whoever plays the home, elsewhere; this process only asks. Each order
   is in the audit before it is sent.
"""

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.deps import Actor, Now, Parts, ReadTx, get_parts
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.bench_view import BenchView, bench_view, journey
from api.pages.drawing import back_to, draw
from api.pages.surroundings import Surroundings, ViewerPage
from nightwarden.bench.orders import SPEEDS, Do, Order, checked
from nightwarden.errors import Conflict, Invalid, NotPermitted
from nightwarden.model.phrases import phrase
from nightwarden.model.roles import Right
from nightwarden.store import audit, meta, register
from nightwarden.store.engine import Transaction

FOLLOWS = timedelta(minutes=10)
FAULT_LASTS = {
    "30": "30 s",
    "120": phrase("2 minutes"),
    "600": phrase("10 minutes"),
    "3600": phrase("an hour"),
}
FAULT_WORDS = {
    phrase("unplug"): phrase("no power; its last will is said where it has one"),
    phrase("goodbye"): phrase("says goodbye as MQTT has it, and no more"),
    phrase("flap"): phrase("on and off every 2 s, as a bad lead"),
    phrase("drain"): phrase("3 % of battery is all that is left"),
    phrase("stick"): phrase("values stay as they are, messages go on"),
    phrase("freeze"): phrase("hangs: connected, and says nothing"),
    phrase("skew"): phrase("its clock is 2 h behind"),
    phrase("duplicate"): phrase("each message comes twice"),
    phrase("reorder"): phrase("half of the messages overtake each other"),
    phrase("delay"): phrase("each message is about 5 s under way"),
    phrase("lose"): phrase("a third of the messages is lost"),
    phrase("drift"): phrase("temperatures go off by 10 °C a minute"),
    phrase("flood"): phrase("50 messages a second"),
}
DOWN_LASTS = {"5": "5 s", "15": "15 s", "45": "45 s"}

CHOICES = {
    "faults": FAULT_WORDS,
    "lengths": FAULT_LASTS,
    "down": DOWN_LASTS,
    "speeds": SPEEDS,
}


def practice_home(tx: Transaction) -> str:
    """The id of the home, if it is one to practise on.

    Raises:
        NotPermitted: it is not marked so.
    """
    home = meta.home(tx)
    if home is None or not home.practice:
        name = "This home" if home is None else home.name
        raise NotPermitted(
            f"{name} is not marked as a home to practise on, so it has no bench: what is played "
            "there would call people for nothing, and hide what is real. The demo has one."
        )
    return home.id


def bench_page(request: Request, page: ViewerPage, tx: ReadTx) -> Surroundings:
    """The surroundings of a page of the bench, for who may use it; the bench listens from now."""
    home = practice_home(tx)
    if page.actor is None or not page.actor.may(Right.USE_BENCH):
        raise NotPermitted("The bench is for testers and managers; sign in as one.")
    get_parts(request).bench.attend(home)
    return page


router = APIRouter(route_class=PageRoute, include_in_schema=False)
BenchPage = Annotated[Surroundings, Depends(bench_page)]
Tester = Annotated[Actor, Depends(person_with(Right.USE_BENCH))]
Shared = Annotated[Parts, Depends(get_parts)]


@router.get("/bench")
def show_bench(page: BenchPage, parts: Shared) -> Response:
    """Devices and faults."""
    return draw("bench.html", page, view=_view(parts), choices=CHOICES)


@router.get("/bench/fragment")
def show_bench_alone(page: BenchPage, parts: Shared) -> Response:
    """The part that renews itself."""
    return draw("bench_live.html", page, view=_view(parts))


@router.get("/bench/journey")
def show_journey(
    page: BenchPage, parts: Shared, tx: ReadTx, device: Annotated[str, Query(max_length=120)] = ""
) -> Response:
    """The messages of a device as they travel, down to what was delivered."""
    return _journey("bench_journey.html", page, parts, tx, device)


@router.get("/bench/journey/fragment")
def show_journey_alone(
    page: BenchPage, parts: Shared, tx: ReadTx, device: Annotated[str, Query(max_length=120)] = ""
) -> Response:
    """The part that renews itself."""
    return _journey("bench_journey_live.html", page, parts, tx, device)


@router.get("/bench/scenarios")
async def show_scenarios(page: BenchPage, parts: Shared) -> Response:
    """The pack, and expected beside actual of the one that is played."""
    pack = await parts.scenarios.pack()
    return draw("bench_scenarios.html", page, pack=pack, run=parts.scenarios.run)


@router.get("/bench/scenarios/fragment")
def show_scenario_alone(page: BenchPage, parts: Shared) -> Response:
    """The part that renews itself."""
    return draw("bench_scenario_live.html", page, run=parts.scenarios.run)


@router.post("/bench/scenarios")
async def start_scenario(tester: Tester, form: Filled, parts: Shared, now: Now) -> Response:
    """Play one, in a home of its own."""
    scenario = field(form, "scenario", "a scenario")
    await run_in_threadpool(_may_play, parts, now, tester, scenario)
    await parts.scenarios.start(scenario, tester.name)
    return back_to("/bench/scenarios#live")


@router.post("/bench/orders")
def give_order(tester: Tester, form: Filled, parts: Shared, now: Now) -> Response:
    """Order something of whoever plays the home."""
    order = _order(form, tester, now)
    with parts.store.transaction(now) as tx:
        home = practice_home(tx)
        detail = {"value": order.value, "lasts_s": order.lasts_s}
        audit.record(tx, tester.name, f"bench: {order.do}", order.equipment or home, detail)
    parts.bench.attend(home)
    with suppress(Conflict):  # the page says so itself, beside what was ordered
        parts.bench.order(order)
    return back_to("/bench#said")


def _may_play(parts: Parts, now: Now, tester: Actor, scenario: str) -> None:
    with parts.store.transaction(now) as tx:
        home = practice_home(tx)
        audit.record(tx, tester.name, "bench: scenario", home, {"scenario": scenario[:60]})


def _order(form: Filled, tester: Actor, now: Now) -> Order:
    value = form.get("value", "")
    try:
        do = Do(form.get("do", ""))
        meant: bool | float | str = value
        if do is Do.SWITCH:
            meant = {"on": True, "off": False}[value]
        elif do in (Do.HEAT, Do.SPEED):
            meant = float(value)
        lasts_s = float(form.get("lasts_s") or 0)
    except (ValueError, KeyError):
        raise Invalid("This is no order of the bench; use its buttons.") from None
    number = secrets.token_hex(8)
    equipment = form.get("equipment") or None
    return checked(Order(number, tester.name, now, do, equipment, meant, lasts_s))


def _view(parts: Parts) -> BenchView:
    return bench_view(parts.bench.state, parts.bench.power, list(parts.bench.log))


def _journey(
    template: str, page: Surroundings, parts: Parts, tx: Transaction, tag: str
) -> Response:
    view = _view(parts)
    tag = tag or next((one["equipment"] for one in view.devices), "")
    steps = []
    if tag:
        item = register.item(tx, tag)
        steps = journey(tx, item, parts.bench.travelled, tx.now - FOLLOWS)
    return draw(template, page, view=view, tag=tag, steps=steps)
