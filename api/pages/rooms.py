"""One room: what is required, what watches, what was last heard, care in progress, a call for help.

A pause always has an end. The page offers the times that a round of care takes; longer ones are
offered to those who may.
"""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response

from api.coverage import Coverage, coverage_between
from api.deps import Actor, ReadTx, WriteTx
from api.gaps import judged
from api.health import last_proof
from api.pages.alert_cards import AlertCard, alert_cards
from api.pages.asking import Filled, PageRoute, as_kept, field, person_with
from api.pages.coverage import losses
from api.pages.drawing import back_to, draw
from api.pages.evening import evening
from api.pages.evening_window import WORDS, window_of
from api.pages.register_view import RegisterLine, register_lines
from api.pages.room_tiles import current_watches
from api.pages.rounds import ROUND_HOURS
from api.pages.surroundings import ViewerPage
from api.routes import calls as calling
from api.routes import places as pausing
from api.routes.coverage import shown_percent
from nightwarden.errors import Invalid, NotFound
from nightwarden.model.phrases import phrase
from nightwarden.model.places import MATS, WATCHES_A_PERSON, PlaceId
from nightwarden.model.plan import PlacedItem, Plan
from nightwarden.model.roles import Right
from nightwarden.model.watches import WatchState
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, calls, listings, pauses, register, rounds
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import HelpCallRow, PauseRow, ReadingRow, RoundRow
from rules.watching import WatchView

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Pauser = Annotated[Actor, Depends(person_with(Right.PAUSE))]
Caller = Annotated[Actor, Depends(person_with(Right.ANSWER_ALERTS))]

PAUSE_MINUTES = (5, 10, 15)
LONG_PAUSE_MINUTES = (60, 240, 480)
WATCH_WORDS = {
    WatchState.ARMED: phrase("Watched"),
    WatchState.OFF_HOURS: phrase("Off hours"),
    WatchState.PAUSED: phrase("Paused"),
    WatchState.BLIND: phrase("Blind"),
}
CARE = phrase("care in progress")
LOOK_BACK = 40
"""Readings of a device to look through for the last of each quantity."""


@dataclass(frozen=True, slots=True)
class PlaceInRoom:
    """One place: its watches, its lines of the register, and the pause in force."""

    place: str
    watches: list[WatchView]
    lines: list[RegisterLine]
    pause: PauseRow | None


@dataclass(frozen=True, slots=True)
class RoomView:
    """One room at one instant."""

    room: str
    residents: str
    proved: bool
    cards: list[AlertCard]
    places: list[PlaceInRoom]
    readings: list[tuple[PlacedItem, list[ReadingRow]]]
    care: PauseRow | None
    """"Care in progress", said at the door."""
    coverage: Coverage
    rounds: list[RoundRow]
    called: HelpCallRow | None
    """The last call for help by hand, where it was lately."""

    def walked(self, place: str) -> bool:
        """Whether a round of the place goes on."""
        return any(row.place == place for row in self.rounds)

    @property
    def watched(self) -> bool:
        """Whether anything here watches a person, so that care can be said."""
        return any(
            view.needs in WATCHES_A_PERSON for place in self.places for view in place.watches
        )


def room_at(tx: Transaction, room: str) -> RoomView:
    """The room at ``tx.now``.

    Raises:
        NotFound: the home has no such room.
    """
    home = judged(tx)
    if home is None or room not in {known.id for known in register.rooms(tx)}:
        raise NotFound(f"There is no room {room} in this home.")
    plan, liveness = home.plan, home.liveness
    lines = register_lines(home, tx.now, room)
    views = current_watches(tx, plan, liveness)
    places = [place for place in register.places(tx) if place.room == room]
    return RoomView(
        room=room,
        residents=plan.residents.get(room, ""),
        proved=last_proof(tx).fresh,
        cards=alert_cards(
            (a for a in alerts.open_alerts(tx) if a.cause.place.room == room),
            load_rules(tx).sections.outcomes,
        ),
        places=[
            PlaceInRoom(
                place.place,
                [view for view in views if view.place == (room, place.place)],
                [line for line in lines if line.place == (room, place.place)],
                pauses.present(tx, PlaceId(room, place.place)),
            )
            for place in places
        ],
        readings=_last_readings(tx, plan, room),
        care=pauses.present(tx, PlaceId(room, pauses.DOOR)),
        coverage=coverage_between(tx, room=room),
        rounds=[row for row in rounds.running(tx) if row.room == room],
        called=calls.lately(tx, room),
    )


@router.get("/rooms/{room}")
def show_room(room: str, page: ViewerPage, tx: ReadTx, day: str = "", hours: str = "") -> Response:
    """The room's page; of its picture ``day`` and ``hours`` (evening, night, day) may be chosen."""
    longer = page.actor is not None and page.actor.may(Right.PAUSE_LONG)
    minutes = PAUSE_MINUTES + LONG_PAUSE_MINUTES if longer else PAUSE_MINUTES
    view = room_at(tx, room)
    shown: dict[str, Any] = {"losses": losses, "percent": shown_percent, "mats": MATS}
    shown |= {"watch_words": WATCH_WORDS}
    shown |= {"round_hours": ROUND_HOURS, "minutes": minutes, "hours_words": WORDS}
    shown["evening"] = evening(tx, room, window_of(day, hours, page.now, page.zone), page.zone)
    return draw("room.html", page, view=view, **shown)


@router.post("/rooms/{room}/{place}/pause")
def pause(room: str, place: str, form: Filled, actor: Pauser, tx: WriteTx) -> Response:
    """ "Care in progress": the watches of the place are quiet until then."""
    minutes = field(form, "minutes", "for how many minutes")
    if not minutes.isascii() or not minutes.isdigit():
        raise Invalid(f'"{minutes}" is not a number of minutes; write 15, say.')
    reason = as_kept(field(form, "reason", "a reason"), CARE)
    # The store checks the rest and says it in a sentence.
    wanted = pausing.PauseRequest.model_construct(minutes=int(minutes[:6]), reason=reason)
    pausing.pause(room, place, wanted, actor, tx)
    return _back(room)


@router.post("/rooms/{room}/{place}/resume")
def resume(room: str, place: str, actor: Pauser, tx: WriteTx) -> Response:
    """The watches of the place watch again."""
    pausing.resume(room, place, actor, tx)
    return _back(room)


@router.post("/rooms/{room}/call")
def call(room: str, actor: Caller, tx: WriteTx) -> Response:
    """Somebody needs others here, now."""
    calling.call(room, actor, tx)
    return _back(room)


def _back(room: str) -> Response:
    return back_to(f"/rooms/{quote(room, safe='')}")


def _last_readings(
    tx: Transaction, plan: Plan, room: str
) -> list[tuple[PlacedItem, list[ReadingRow]]]:
    found = []
    for item in plan.items:
        if item.place.room != room or item.device is None:
            continue
        last: dict[str, ReadingRow] = {}
        for row in listings.readings_of(tx, item.device, listings.Window(), LOOK_BACK):
            last.setdefault(row.quantity, row)
        found.append((item, list(last.values())))
    return found
