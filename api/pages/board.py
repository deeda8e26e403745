"""The night board: who needs somebody, worst first, and whether every room is watched.

``/`` draws the whole page, ``/board/fragment`` (board_now.py) the part that the live stream renews.
What ticks and sounds is added in static/board.js.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api import health
from api.deps import Actor, ReadTx, WriteTx
from api.fault_queue import FaultLine, queue
from api.gaps import judged
from api.outage import OutageNow, outage_now
from api.pages.alert_cards import AlertCard, alert_cards
from api.pages.asking import Filled, PageRoute, field, person_with
from api.pages.drawing import back_to, draw
from api.pages.reviews import ToDo, to_do
from api.pages.room_tiles import RoomTile, TileState, counted, room_tiles
from api.pages.rounds import SEEN_WORDS
from api.pages.surroundings import OpenPage
from api.pages.tonight import OF_THE_OFFICE
from api.rounds import DueRound, due_list
from api.routes import alerts as answering
from nightwarden.errors import Invalid
from nightwarden.maintenance.shifts import key_of, shift_now
from nightwarden.model.alerts import AlertKind, AlertRecord
from nightwarden.model.roles import Right
from nightwarden.rulesfile.in_force import load_rules
from nightwarden.store import alerts, channels, meta, outgoing, receivers, shifts
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Channel, Receiver, SoundTest
from rules.alert_life import TAKE_BACK_WITHIN

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Answerer = Annotated[Actor, Depends(person_with(Right.ANSWER_ALERTS))]

SHOWN: dict[str, Any] = {"seen_words": SEEN_WORDS, "undo_within": TAKE_BACK_WITHIN}
"""What the board's templates see beside it."""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the board at one instant."""

    health: health.Health
    cards: list[AlertCard]
    tiles: list[RoomTile]
    to_do: list[ToDo]
    rounds: list[DueRound]
    faults: list[FaultLine]
    uncovered: int
    """How many gaps the shift has to know of."""
    heating: OutageNow
    listening: list[Receiver]
    """Screens, phones and pagers that are there now."""
    tests: dict[str, SoundTest]
    """The sound tests that hold, by the receiver's id."""
    on_shift: list[str]
    """Who has signed on to the present shift."""
    just_closed: list[AlertRecord]
    """What whoever closed it may still open again."""
    lost: list[Channel]
    """Channels elsewhere over which nothing is taken."""
    newest: int
    """The last event of the live stream that it knows of."""

    @property
    def watching(self) -> bool:
        """Whether there is a fresh proof."""
        return self.health.proof.fresh

    @property
    def with_something_of_their_own(self) -> set[str]:
        """Who sees what others do not: the way to take back what they have pressed.

        Everybody else of a role is shown one drawing (board_now.py), which knows no name. What a
        template shows to one person by name has to be found here.
        """
        pressed = {card.pressed[0] for card in self.cards if card.pressed}
        return pressed | {alert.closed_by for alert in self.just_closed if alert.closed_by}

    @property
    def troubles(self) -> list[str]:
        """What is not well although alerts are raised, a sentence each."""
        return [check.detail for check in self.health.checks.values() if not check.ok]

    @property
    def heard_by(self) -> list[Receiver]:
        """Who would sound an alert now."""
        return [one for one in self.listening if receivers.counts(one, self.tests)]

    @property
    def not_heard(self) -> list[Receiver]:
        """Whose sound is on and whom nobody has heard in this shift."""
        return [one for one in self.listening if one.sound and one not in self.heard_by]

    @property
    def mute(self) -> list[Receiver]:
        """Whose sound is off."""
        return [one for one in self.listening if not one.sound]

    @property
    def to_see(self) -> list[RoomTile]:
        """Rooms that need a look, in the home's order."""
        return [tile for tile in self.tiles if not tile.quiet]

    @property
    def quiet(self) -> list[RoomTile]:
        """Rooms in which all is as it should be."""
        return [tile for tile in self.tiles if tile.quiet]

    @property
    def counts(self) -> list[tuple[TileState, str, int]]:
        """How many rooms are in each state, worst first."""
        return counted(self.tiles)


def board_at(tx: Transaction) -> Board:
    """The board at ``tx.now``."""
    found = health.health(tx)
    open_now = alerts.open_alerts(tx)
    home = judged(tx)
    proved = found.proof.fresh
    tiles = [] if home is None else room_tiles(tx, home, open_now, proved=proved)
    found_gaps = home.gaps if home else []
    uncovered = sum(gap.state not in OF_THE_OFFICE for gap in found_gaps)
    cards = alert_cards(open_now, load_rules(tx).sections.outcomes)
    heating = outage_now(tx, with_rooms=False)
    to_see = (to_do(tx), due_list(tx), queue(tx), uncovered, heating)
    return Board(
        found,
        cards,
        tiles,
        *to_see,
        receivers.present(tx),
        receivers.heard_tests(tx),
        _on_shift(tx),
        _just_closed(tx),
        channels.failing(tx),
        outgoing.stream_span(tx)[1],
    )


def _just_closed(tx: Transaction) -> list[AlertRecord]:
    found = alerts.closed_since(tx, tx.now - TAKE_BACK_WITHIN)
    return [alert for alert in found if alert.cause.kind is not AlertKind.DRILL]


def _on_shift(tx: Transaction) -> list[str]:
    if meta.home(tx) is None:
        return []
    said = shifts.of_shift(tx, key_of(shift_now(tx)))
    return [row.person for row in shifts.on_shift(said)]


@router.get("/")
def show_board(page: OpenPage, tx: ReadTx) -> Response:
    """The board for a viewer; for anybody else what to do, and no word about the home's people."""
    if page.viewer is None:
        return draw("welcome.html", page)
    return draw("board.html", page, board=board_at(tx), **SHOWN)


@router.post("/alerts/{alert_id}/accept")
def accept(alert_id: str, actor: Answerer, tx: WriteTx) -> Response:
    """ "I'm going"."""
    answering.accept(alert_id, actor, tx)
    return back_to("/")


@router.post("/alerts/{alert_id}/attend")
def attend(alert_id: str, actor: Answerer, tx: WriteTx) -> Response:
    """ "I'm here"."""
    answering.attend(alert_id, actor, tx)
    return back_to("/")


@router.post("/alerts/{alert_id}/take-back")
def take_back(alert_id: str, actor: Answerer, tx: WriteTx) -> Response:
    """A wrong press, by whoever made it."""
    answering.take_back(alert_id, actor, tx)
    return back_to("/")


@router.post("/alerts/{alert_id}/close")
def close(alert_id: str, form: Filled, actor: Answerer, tx: WriteTx) -> Response:
    """The end, with how it ended."""
    outcome = field(form, "outcome", "what you found")
    if load_rules(tx).sections.outcome(outcome) is None:
        raise Invalid("Please choose what you found from the list.")
    answering.close(alert_id, answering.Outcome(outcome=outcome), actor, tx)
    return back_to("/")
