"""A room on the board in one shape, one word and one colour: are we covered there?

What the gateway wrote of its watches is what counts, and only under a fresh proof: without one
nothing here is known. A watch that the plan asks for and the gateway has not written is blind.

The worst thing in the room decides. ``watched`` stands above ``off hours`` because a room with a
chair that is watched by day and a bed that is watched by night is, at any hour, watched.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.gaps import Judged
from api.pages.drawing import stated
from nightwarden.languages import gettext, said
from nightwarden.model.alerts import AlertRecord
from nightwarden.model.phrases import phrase
from nightwarden.model.places import WATCHES_A_PERSON, GapState, PlaceId
from nightwarden.model.plan import Gap, Liveness, Plan
from nightwarden.model.readings import DeviceId
from nightwarden.model.watches import WatchState
from nightwarden.store import listings, register
from nightwarden.store.engine import Transaction
from rules.watching import WatchView, watch_views


class TileState(StrEnum):
    """What a tile says, worst first."""

    UNKNOWN = "unknown"
    BLIND = "blind"
    GAP = "gap"
    PAUSED = "paused"
    TO_CHECK = "to_check"
    WATCHED = "watched"
    OFF_HOURS = "off_hours"
    NOTHING = "nothing"


WORDS = {
    TileState.UNKNOWN: phrase("Not known"),
    TileState.BLIND: phrase("Blind"),
    TileState.GAP: phrase("Gap"),
    TileState.PAUSED: phrase("Paused"),
    TileState.TO_CHECK: phrase("To check"),
    TileState.WATCHED: phrase("Watched"),
    TileState.OFF_HOURS: phrase("Off hours"),
    TileState.NOTHING: phrase("No watch"),
}
_WORST_FIRST = list(TileState)
QUIET = frozenset({TileState.WATCHED, TileState.OFF_HOURS, TileState.NOTHING})
_OF_WATCH = {
    WatchState.BLIND: TileState.BLIND,
    WatchState.PAUSED: TileState.PAUSED,
    WatchState.ARMED: TileState.WATCHED,
    WatchState.OFF_HOURS: TileState.OFF_HOURS,
}
_OPEN_GAPS = frozenset(
    {GapState.MISSING, GapState.FAULTY, GapState.NO_ESCALATION, GapState.NO_NIGHT_PLAN}
)
_OF_THE_OFFICE = frozenset({GapState.CONSENT_MISSING, GapState.REVIEW_OVERDUE})
"""What is written down, or not: nobody in the corridor can mend it, and the room is watched."""


@dataclass(slots=True)
class RoomTile:
    """One room. ``until`` is when the worst state ends by itself."""

    room: str
    residents: str
    alerts: int = 0
    state: TileState = TileState.NOTHING
    why: str = ""
    until: datetime | None = None

    @property
    def word(self) -> str:
        """The state as a word."""
        return WORDS[self.state]

    @property
    def quiet(self) -> bool:
        """Nothing here needs a look."""
        return self.state in QUIET

    def worsen(self, state: TileState, why: str, until: datetime | None = None) -> None:
        """Take up a state if it is worse than what is known so far."""
        if _WORST_FIRST.index(state) < _WORST_FIRST.index(self.state):
            self.state, self.why, self.until = state, why, until


def current_watches(
    tx: Transaction, plan: Plan, liveness: Mapping[DeviceId, Liveness]
) -> list[WatchView]:
    """Every watch that the plan asks for, in the state in which the gateway last saw it."""
    written = {(row.room, row.place, row.needs): row for row in listings.watches(tx)}
    views = []
    for asked in watch_views(plan, liveness, tx.now):
        row = written.get((*asked.place, asked.needs))
        if row is None:
            why = phrase("the gateway has not taken up this watch")
            views.append(WatchView(asked.place, asked.needs, WatchState.BLIND, why))
        else:
            state = WatchState(row.state)
            views.append(WatchView(asked.place, asked.needs, state, row.why, row.until))
    return views


def room_tiles(
    tx: Transaction, home: Judged, alerts: Iterable[AlertRecord], *, proved: bool
) -> list[RoomTile]:
    """A tile for every room, in the home's own order. ``proved``: there is a fresh proof."""
    tiles = {
        room.id: RoomTile(room.id, home.plan.residents.get(room.id, ""))
        for room in register.rooms(tx)
    }
    for alert in alerts:
        if tile := tiles.get(alert.cause.place.room):
            tile.alerts += 1
    _judge_watches(tiles, current_watches(tx, home.plan, home.liveness))
    _judge_gaps(tiles, home.gaps)
    if not proved:
        for tile in tiles.values():
            tile.state, tile.why, tile.until = TileState.UNKNOWN, "", None
    return list(tiles.values())


def counted(tiles: Iterable[RoomTile]) -> list[tuple[TileState, str, int]]:
    """How many rooms are in each state, worst first."""
    counts = Counter(tile.state for tile in tiles)
    return [(state, WORDS[state], counts[state]) for state in _WORST_FIRST if counts[state]]


def place_words(place: PlaceId) -> str:
    """A place as a person says it: ``radiator window``."""
    return place.place.replace("-", " ").replace("_", " ")


def _judge_watches(tiles: Mapping[str, RoomTile], views: Iterable[WatchView]) -> None:
    for view in views:
        if tile := tiles.get(view.place.room):
            where = said(place_words(view.place))
            why = f"{where}: {said(view.why)}" if view.why else where
            tile.worsen(_OF_WATCH[view.state], why, view.until)


def _judge_gaps(tiles: Mapping[str, RoomTile], found: Iterable[Gap]) -> None:
    for gap in found:
        tile = tiles.get(gap.place.room)
        if tile is not None and gap.state not in _OF_THE_OFFICE:
            is_open = gap.state in _OPEN_GAPS and gap.decision is None
            state = TileState.GAP if is_open else TileState.TO_CHECK
            tile.worsen(state, f"{said(place_words(gap.place))}: {gap_words(gap)}")


def gap_words(gap: Gap) -> str:
    """What is the matter, as a person says it."""
    if gap.state is GapState.NO_ESCALATION:
        return gettext("whom its alerts call is not settled")
    if gap.state is GapState.NO_NIGHT_PLAN:
        return gettext("new here, and nobody has said what they need")
    if gap.state is GapState.UNVERIFIED and gap.needs in WATCHES_A_PERSON:
        kind = said(gap.needs.replace("_", " "))
        return gettext("{kind} unproven: press it").format(kind=kind)
    words = stated(gap.needs, gap.state)
    if gap.decision is None:
        return words
    return gettext("{what}, left so by {name}").format(what=words, name=gap.decision.by)
