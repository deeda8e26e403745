"""What makes a receiver count, and for how long; and what is said of a shift."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from api.handover_kept import keep
from api.shift_ends import ShiftEnds
from nightwarden.errors import Conflict, NotFound
from nightwarden.homefile import plan as home_plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.maintenance.shifts import GRACE, confirm_heard, key_of, shift_before, shift_now
from nightwarden.model.actors import SYSTEM
from nightwarden.model.places import PlaceId
from nightwarden.model.shifts import ShiftDeed
from nightwarden.store import audit, faults, guests, handovers, receivers, shifts
from nightwarden.store.engine import Store, open_store
from nightwarden.store.faults import Reporter
from nightwarden.store.receivers import ReceiverKind, Word
from nightwarden.store.tables import Audit
from tests.browser.night import NIGHT
from tests.browser.twelve_rooms import HOME

ENDS = NIGHT.replace(hour=7, minute=0)
"""The night shift of 21:00 to 07:00, in winter."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "nightwarden.db")
    with made.transaction(NIGHT) as tx:
        home_plan.apply(tx, read_home_file(HOME.encode(), "twelve rooms", NIGHT), "test")
    yield made
    made.close()


def speaks(store: Store, at: datetime, *, sound: bool = True) -> None:
    with store.transaction(at) as tx:
        receivers.heard(tx, [Word("tablet-1", "Corridor", ReceiverKind.SCREEN, sound, at)])


def listening(store: Store, at: datetime) -> int:
    speaks(store, at)
    with store.reading(at) as tx:
        return receivers.staff(tx).listening


def test_what_was_heard_counts_until_just_after_the_shift(store: Store) -> None:
    assert listening(store, NIGHT) == 0, "its sound is on, and nobody has heard it"
    with store.transaction(NIGHT) as tx:
        test = confirm_heard(tx, "tablet-1", "Maria Keane")
    assert (test.heard_by, test.shift, test.expires_at) == ("Maria Keane", "night", ENDS + GRACE)
    assert listening(store, NIGHT + timedelta(hours=1)) == 1
    assert listening(store, ENDS + GRACE - timedelta(seconds=1)) == 1
    assert listening(store, ENDS + GRACE) == 0
    with store.reading(ENDS + GRACE) as tx:
        assert audit.verify(tx).broken_at is None


def test_nobody_can_have_heard_what_is_mute_or_gone(store: Store) -> None:
    with store.transaction(NIGHT) as tx, pytest.raises(NotFound, match="not said yet"):
        confirm_heard(tx, "tablet-1", "Maria Keane")
    speaks(store, NIGHT, sound=False)
    with store.transaction(NIGHT) as tx, pytest.raises(Conflict, match="is off"):
        confirm_heard(tx, "tablet-1", "Maria Keane")
    speaks(store, NIGHT)
    gone = NIGHT + receivers.LISTENS_FOR
    with store.transaction(gone) as tx, pytest.raises(Conflict, match="not been heard of"):
        confirm_heard(tx, "tablet-1", "Maria Keane")


def test_a_shift_keeps_what_was_said_of_it(store: Store) -> None:
    with store.transaction(NIGHT) as tx:
        night = key_of(shift_now(tx))
        for person in ("Maria Keane", "Tom Abara"):
            shifts.say(tx, night, ShiftDeed.ON, person)
            shifts.say(tx, night, ShiftDeed.ON, person)
        shifts.say(tx, night, ShiftDeed.OFF, "Tom Abara")
    with store.transaction(ENDS + timedelta(minutes=5)) as tx:
        now = shift_now(tx)
        assert (now.name, key_of(shift_before(tx, now))) == ("day", night)
        shifts.say(tx, night, ShiftDeed.HANDS_OVER, "Maria Keane", "Ken is restless")
        said = shifts.of_shift(tx, night)
        assert [row.person for row in shifts.on_shift(said)] == ["Maria Keane"]
        assert [row.deed for row in said] == ["on", "on", "off", "hands_over"]
        assert shifts.of_shift(tx, key_of(now)) == []


def test_a_handover_is_kept_as_it_was_shown_and_once_at_the_shifts_end(store: Store) -> None:
    with store.transaction(NIGHT) as tx:
        night = key_of(shift_now(tx))
        shifts.say(tx, night, ShiftDeed.ON, "Maria Keane")
        faults.report(tx, PlaceId("4", "bed"), "the lead is torn", None, Reporter("Maria Keane"))
        first = keep(tx, "now", "handed over", "Maria Keane")
    ends = ShiftEnds(store, lambda: ENDS + timedelta(seconds=3))
    ends.look()
    ends.look()
    with store.transaction(ENDS + timedelta(hours=1)) as tx:
        kept = handovers.page(tx, 10)
        assert [(row.because, row.by) for row in kept] == [
            (handovers.AT_THE_END, SYSTEM),
            ("handed over", "Maria Keane"),
        ]
        assert kept[0].content["on"] == ["Maria Keane"]
        found = {part["name"]: part["lines"] for part in kept[1].content["parts"]}
        assert [line["text"] for line in found["Open faults"]] == ["Room 4, bed: the lead is torn"]
        assert all(handovers.is_whole(row) for row in kept)
        [said] = tx.exec(select(Audit).where(Audit.subject == f"handover {first.id}"))
        assert said.detail["sha256"] == first.sha256
        kept[1].content = {**kept[1].content, "on": ["Tom Abara"]}
        assert not handovers.is_whole(kept[1])


def test_the_end_of_a_guests_access_is_in_the_record_though_nobody_looks(store: Store) -> None:
    with store.transaction(NIGHT) as tx:
        code = guests.give_code(tx, ENDS, "Grace Lund")
        guests.let_in(tx, code, "Kim of Agency", "4821")
    for at in (ENDS - timedelta(seconds=1), ENDS, ENDS + timedelta(minutes=1)):
        ShiftEnds(store, lambda at=at: at).look()  # type: ignore[misc]
    with store.reading(ENDS + timedelta(hours=1)) as tx:
        said = list(tx.exec(select(Audit).where(Audit.subject == "person Kim of Agency")))
    assert [(row.actor, row.action, row.at) for row in said] == [
        ("Grace Lund", "let in guest", NIGHT),
        (SYSTEM, "guest's access ended", ENDS),
    ]
