"""A handover as it was shown, kept: who handed what to whom can be read years later.

1. It is kept with each signature, and once more when the shift has ended, signed or not: the
   last is what the next shift found.
2. What is kept is the page's own words, on the home's clock, with their SHA-256 in the audit. The
   lists are not asked for again, so that a fault which is mended by then still stands in it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.pages.handover_view import MISSED_WORDS, Handover, handover_of
from nightwarden.maintenance.shifts import key_of
from nightwarden.model.alerts import AlertRecord, AlertState
from nightwarden.model.phrases import phrase
from nightwarden.store import handovers, meta
from nightwarden.store.engine import Transaction
from nightwarden.store.tables import KeptHandover
from rules.wording import wall_time

Line = dict[str, str]


def keep(tx: Transaction, of: str, because: str, by: str) -> KeptHandover:
    """Keep the handover of a shift, ``now`` or ``before``, as it is at ``tx.now``.

    Args:
        tx: with the signature that it is kept for.
        of: which shift's.
        because: why it is kept now, such as ``handed over``.
        by: whose deed that is.
    """
    shown = handover_of(tx, of)
    content = {"on": [row.person for row in shown.on], "parts": parts(shown, meta.zone(tx), tx.now)}
    span = key_of(shown.shift), shown.shift.until
    return handovers.keep(tx, *span, because, by, content)


def parts(h: Handover, zone: ZoneInfo, now: datetime) -> list[dict[str, Any]]:
    """The parts of the page in its order, each with its lines in words."""

    def moment(at: datetime) -> str:
        local, today = at.astimezone(zone), now.astimezone(zone).date()
        return wall_time(at, zone) if local.date() == today else f"{local:%-d %b, %H:%M}"

    unpressed = [
        _line(
            f"{_at(x.place.room, x.place.place)}: " + phrase(f"{_plain(x.needs)} not pressed"),
            x.why,
        )
        for x in h.unpressed
    ]
    new = [
        _line(phrase(f"{_whose_room(x.room, x.shown_as)} came {moment(x.since)}"))
        for x in h.newcomers
    ]
    return [
        _part(
            phrase("Open alerts"),
            (_line(_raised(c.alert, moment), _answer(c.alert)) for c in h.cards),
        ),
        _part(
            phrase("Pauses"),
            (
                _line(
                    f"{_at(x.room, x.place)}: " + phrase(f"until {moment(x.until)}"),
                    f"{x.reason} ({x.by})",
                )
                for x in h.pauses
            ),
        ),
        _part(
            phrase("Who was up most"),
            (
                _line(
                    f"{_whose_room(x.room, x.resident)}: {x.times}",
                    phrase(f"last at {moment(x.last_at)}"),
                )
                for x in h.up
            ),
        ),
        _part(
            phrase("What was missed"),
            [_line(f"{moment(x.at)} {x.text}", MISSED_WORDS[x.event]) for x in h.missed]
            + unpressed,
        ),
        _part(
            phrase("New here"),
            new
            + [
                _line(
                    f"{_whose_room(x.place.room, x.resident)}: " + phrase("no night plan yet"),
                    x.next_step,
                )
                for x in h.unplanned
            ],
        ),
        *_of_kit(h, moment),
    ]


def _of_kit(h: Handover, moment: Any) -> list[dict[str, Any]]:
    dead = []
    for one in h.dead:
        line = one.line
        where = _at(line.room, line.place or "") if line.room else phrase("Store cupboard")
        heard = phrase(f"last heard {moment(line.heard_at)}" if line.heard_at else "never heard")
        dead.append(_line(f"{where}: {_plain(line.kind or '')} {line.equipment}", heard))
    faults = []
    for fault in h.faults:
        row = fault.row
        meanwhile = phrase(
            f"meanwhile: {row.interim}" if row.interim else "nothing is done meanwhile"
        )
        owner = phrase(f"{row.owner} has it" if row.owner else "nobody has it yet")
        since = phrase(f"{fault.about}, since {moment(row.reported_at)}")
        more = f"{since}; {owner}; {meanwhile}"
        faults.append(_line(f"{_at(row.room, row.place)}: {row.what}", more))
    gaps = [
        _line(
            f"{_whose_room(x.place.room, x.resident)}, {_plain(x.place.place)}: "
            f"{_plain(x.needs)}: {_plain(x.state)}",
            phrase(f"whose: {x.owner}") + f"; {x.next_step}",
        )
        for x in h.gaps
    ]
    return [
        _part(phrase("Dead devices"), dead),
        _part(phrase("Open faults"), faults),
        _part(phrase("Gaps"), gaps),
    ]


def _raised(alert: AlertRecord, moment: Any) -> str:
    line = alert.text
    return phrase(f"{line}, since {moment(alert.caused_at)}")


def _answer(alert: AlertRecord) -> str:
    if alert.state is AlertState.ATTENDED:
        return f"{alert.priority}; " + phrase(f"{alert.attended_by} is there")
    if alert.state is AlertState.ACCEPTED:
        return f"{alert.priority}; " + phrase(f"{alert.accepted_by} is going")
    return f"{alert.priority}; " + phrase("nobody is going")


def _part(name: str, lines: Iterable[Line]) -> dict[str, Any]:
    return {"name": name, "lines": list(lines)}


def _line(text: str, more: str | None = None) -> Line:
    return {"text": text, "more": more or ""}


def _room(room: str) -> str:
    return f"Room {room}" if room[:1].isdigit() else room


def _whose_room(room: str, resident: str | None) -> str:
    return f"{_room(room)} {resident}" if resident else _room(room)


def _at(room: str | None, place: str | None) -> str:
    return ", ".join(filter(None, (_room(room or ""), _plain(place or ""))))


def _plain(word: str) -> str:
    return str(word).replace("-", " ").replace("_", " ")
