"""The start of a shift as lines to read: is it green, and what stands in the way if it is not.

Green is earned anew by every shift: the monitor proves itself, no gap is open, somebody is on, a
screen or phone was heard in *this* shift, nobody who is on has a notice to read, and every mat that
can be pressed was.
"""

from dataclasses import dataclass
from typing import Literal

from api.health import last_proof
from api.pages.tonight import Tonight, tonight_at
from nightwarden.languages import gettext, ngettext
from nightwarden.maintenance import presses
from nightwarden.maintenance.presses import ShiftPresses, ShiftTest, Shown
from nightwarden.maintenance.shifts import heard_in_shift, key_of, shift_now
from nightwarden.model.roles import Role
from nightwarden.store import notices, people, receivers, shifts
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import Receiver, ShiftEntry, SoundTest

Look = Literal["good", "waits", "bad"]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a shift has to have. ``words`` is a sentence, ``href`` where it is done."""

    name: str
    look: Look
    words: str
    href: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True)
class OnShift:
    """Somebody who has signed on, and how many notices they have yet to read."""

    entry: ShiftEntry
    unread: int


@dataclass(frozen=True, slots=True)
class Hears:
    """A receiver that is there. ``test``: its sound test of this shift, or of the one before."""

    receiver: Receiver
    test: SoundTest | None
    in_this_shift: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class ShiftStart:
    """Everything on the page at one instant."""

    shift: ShiftTest
    tonight: Tonight
    on: list[OnShift]
    hears: list[Hears]
    presses: ShiftPresses | None
    points: list[Point]

    @property
    def green(self) -> bool:
        """Whether all of it is well."""
        return all(point.look == "good" for point in self.points)

    @property
    def names(self) -> list[str]:
        """Who is on."""
        return [one.entry.person for one in self.on]


def shift_start(tx: Transaction) -> ShiftStart:
    """The start of the shift that holds at ``tx.now``; raises Conflict where there is no home."""
    shift = shift_now(tx)
    tonight = tonight_at(tx)
    on, hears = _on(tx, shift), _hears(tx, shift)
    pressed = presses.shift_presses(tx, tx.now)
    points = [
        _watching(tx),
        _covered(tonight),
        _people(on),
        _heard(hears),
        _read(on),
        _pressed(pressed),
    ]
    return ShiftStart(shift, tonight, on, hears, pressed, points)


def _on(tx: Transaction, shift: ShiftTest) -> list[OnShift]:
    roles = {one.name: one.role for one in people.staff(tx)}
    return [
        OnShift(row, notices.unread_count(tx, row.person, roles.get(row.person, Role.CARER)))
        for row in shifts.on_shift(shifts.of_shift(tx, key_of(shift)))
    ]


def _hears(tx: Transaction, shift: ShiftTest) -> list[Hears]:
    tests = receivers.heard_tests(tx)
    fresh = heard_in_shift(tests, shift)
    return [
        Hears(
            receiver=one,
            test=tests.get(one.id),
            in_this_shift=one.id in fresh or one.kind == receivers.ReceiverKind.PAGER,
            counts=receivers.counts(one, tests),
        )
        for one in receivers.present(tx)
    ]


def _watching(tx: Transaction) -> Point:
    proof = last_proof(tx)
    if proof.fresh:
        words = gettext("It watches; its last proof is {seconds} s old.")
        return Point(gettext("The monitor"), "good", words.format(seconds=f"{proof.age_s:.0f}"))
    words = gettext("NOT WATCHING. Look in on every room.")
    return Point(gettext("The monitor"), "bad", words, "/", gettext("The board"))


def _covered(tonight: Tonight) -> Point:
    name, gaps = gettext("Covered"), len(tonight.open) + len(tonight.decided)
    if not gaps:
        words = ngettext(
            "The {n} thing that plans ask for is in place and proved.",
            "All {n} things that plans ask for are in place and proved.",
            tonight.required,
        )
        return Point(name, "good", words.format(n=tonight.required), "/tonight", "")
    words = ngettext(
        "{n} gap: look in on them by hand.", "{n} gaps: look in on them by hand.", gaps
    )
    return Point(name, "bad", words.format(n=gaps), "/tonight", gettext("See the gaps"))


def _people(on: list[OnShift]) -> Point:
    name = gettext("Who is on")
    if not on:
        return Point(name, "bad", gettext("Nobody has signed on to this shift yet."))
    names = ", ".join(one.entry.person for one in on)
    return Point(name, "good", f"{len(on)}: {names}.")


def _heard(hears: list[Hears]) -> Point:
    name = gettext("Who hears")
    good = [one.receiver.name for one in hears if one.counts and one.in_this_shift]
    if good:
        words = gettext("{names}: heard in this shift.").format(names=", ".join(good))
        return Point(name, "good", words)
    todo = gettext("Test the sound on the board")
    if any(one.counts for one in hears):
        words = gettext("Heard in the shift before, and not yet in this one.")
        return Point(name, "waits", words, "/", todo)
    words = gettext("NOBODY: no screen or phone was heard in the sound test.")
    return Point(name, "bad", words, "/", todo)


def _read(on: list[OnShift]) -> Point:
    late = [f"{one.entry.person} ({one.unread})" for one in on if one.unread]
    name = gettext("Notices")
    if not late:
        return Point(name, "good", gettext("Nobody who is on has one to read."))
    words = gettext("To read: {names}.").format(names=", ".join(late))
    return Point(name, "waits", words, "/notices/unread", gettext("Read them"))


def _pressed(found: ShiftPresses | None) -> Point:
    name = gettext("Press test")
    if found is None or not found.lines:
        return Point(name, "good", gettext("No mat is required in this shift."))
    missed, waiting = found.count(Shown.MISSED), found.count(Shown.WAITING)
    total = len(found.lines)
    if missed:
        words = gettext("{n} of {total} mats were not pressed in time.")
        return Point(name, "bad", words.format(n=missed, total=total), "#press", "")
    if waiting:
        words = gettext("{n} of {total} mats still to press.")
        return Point(name, "waits", words.format(n=waiting, total=total), "#press", "")
    words = ngettext(
        "The {n} mat has shown a real press, or somebody is on it.",
        "All {n} mats have shown a real press, or somebody is on them.",
        total,
    )
    return Point(name, "good", words.format(n=total))
