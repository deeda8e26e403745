"""Every heat emitter of the home in one list: assessed or not, and what stands between it and a
person. A survey's finding is closed emitter by emitter, never room by room."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from api.gaps import judged
from nightwarden.errors import NotFound
from nightwarden.model.phrases import phrase
from nightwarden.model.places import GapState, PlaceId
from nightwarden.model.plan import Gap
from nightwarden.store import register
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Place

RED = frozenset({GapState.MISSING, GapState.FAULTY, GapState.UNASSESSED, GapState.PAST_END_DATE})


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One emitter. ``state``: the worst gap at it, ``in_place`` where a required cover is, else
    ``assessed``; ``order``: where its room stands in the home file."""

    row: Place
    room_kind: str | None
    order: int
    required: bool
    tags: tuple[str, ...]
    gap: Gap | None

    @property
    def place(self) -> PlaceId:
        """Where it is."""
        return PlaceId(self.row.room, self.row.place)

    @property
    def assessed(self) -> bool:
        """Whether somebody has judged it."""
        return self.row.assessed_on is not None

    @property
    def state(self) -> str:
        """In one word."""
        if self.gap is not None:
            return self.gap.state.value
        if not self.assessed and not self.required:
            return GapState.UNASSESSED.value
        return "in_place" if self.required else phrase("assessed")


def survey(tx: Transaction) -> list[Surveyed]:
    """Every emitter at ``tx.now``, in the order of the home file."""
    return list(_surveyed(tx))


def survey_of(tx: Transaction, place: PlaceId) -> Surveyed:
    """One emitter.

    Raises:
        NotFound: there is none.
    """
    found = next((one for one in _surveyed(tx) if one.place == place), None)
    if found is None:
        raise NotFound(f'There is no heat emitter "{place.place}" in room "{place.room}".')
    return found


def _surveyed(tx: Transaction) -> Iterator[Surveyed]:
    home = judged(tx)
    if home is None:
        return
    worst: dict[PlaceId, Gap] = {}
    for gap in home.gaps:
        worst.setdefault(gap.place, gap)
    tags: dict[PlaceId, list[str]] = defaultdict(list)
    for item in home.plan.items:
        tags[item.place].append(item.tag)
    required = {need.place for need in home.plan.requirements}
    rooms = {room.id: (number, room.kind) for number, room in enumerate(register.rooms(tx))}
    for row in register.places(tx):
        if row.emitter:
            here = PlaceId(row.room, row.place)
            order, kind = rooms[row.room]
            yield Surveyed(row, kind, order, here in required, tuple(tags[here]), worst.get(here))
