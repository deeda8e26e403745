"""Checks done and missed, faults, permits, removals, notices: what maintenance has recorded."""

from api.evidence.answers import spoken
from api.evidence.sections import Asked, Section
from nightwarden.maintenance.today import today
from nightwarden.model.checks import EntryMark
from nightwarden.store import checks, notices, period
from nightwarden.store.engine import Transaction
from rules.check_times import marks

MARK_WORDS = {
    EntryMark.LATE: "entered later",
    EntryMark.TOGETHER: "entered with others at once",
    EntryMark.ALIKE: "the same figure again and again",
}


def checks_done(asked: Asked, tx: Transaction) -> Section:
    """Every check that was entered: claimed time beside entry time, and what is odd about it."""
    found = [
        row
        for row in period.checks(tx, asked.period)
        if asked.scope.has(room=row.room, item=row.equipment)
    ]
    odd = marks([checks.entered(row) for row in found])
    pictures = {row.item_check for row in period.photos(tx, asked.period)}
    failed = sum(row.outcome == "failed" for row in found)
    return Section(
        name="checks",
        title="Checks done",
        says=(
            (
                f"{len(found)} checks were entered, {failed} of them failed, "
                f"{len(odd)} have a mark. A mark is no verdict: it says what a reader should ask."
            ),
        ),
        columns=(
            "Item",
            "Room",
            "Place",
            "Check",
            "Outcome",
            "By",
            "Claimed time",
            "Entered",
            "Mark",
            "Proved by a reading",
            "Photo",
            "Remark",
        ),
        weights=(0.9, 0.5, 0.9, 0.8, 0.7, 0.9, 1.2, 1.2, 1.2, 1.2, 0.5, 1.2),
        rows=[
            (
                row.equipment,
                row.room or "",
                row.place or "",
                row.kind.replace("_", " "),
                row.outcome.replace("_", " "),
                row.by,
                asked.at(row.at),
                asked.at(row.recorded_at),
                ", ".join(MARK_WORDS[mark] for mark in odd.get(row.id or 0, ())),
                asked.at(row.proved_at),
                "yes" if row.id in pictures else "",
                row.remark or row.note or "",
            )
            for row in found
        ],
        red=lambda row: row[4] != "passed" or bool(row[8]),
    )


def checks_missed(asked: Asked, tx: Transaction) -> Section:
    """What is overdue as this is written, and since when."""
    due = today(tx)
    rows = [
        (
            one.equipment,
            one.place.room,
            one.place.place,
            one.check.value.replace("_", " "),
            one.interval.every_days,
            one.due_on.isoformat(),
            (due.day - one.due_on).days,
            asked.at(one.last_at) or "never here",
        )
        for one in due.overdue
        if asked.scope.has(room=one.place.room, item=one.equipment)
    ]
    return Section(
        name="checks-overdue",
        title="Checks missed",
        says=(f"{len(rows)} checks are overdue as this is written.",),
        columns=(
            "Item",
            "Room",
            "Place",
            "Check",
            "Every, days",
            "Was due",
            "Days late",
            "Last done",
        ),
        weights=(1, 0.5, 1, 1, 0.6, 0.8, 0.6, 1.2),
        rows=rows,
        red=lambda _row: True,
    )


def check_rounds(asked: Asked, tx: Transaction) -> Section:
    """The rounds that were walked, each with the digest of its receipt."""
    found = period.check_rounds(tx, asked.period) if asked.scope.rooms is None else ()
    return Section(
        name="check-rounds",
        title="Check rounds",
        says=(f"{len(found)} rounds were begun.",),
        columns=("Round", "Name", "Begun", "Begun by", "Ended", "Ended by", "SHA-256 of receipt"),
        weights=(0.4, 1.2, 1.1, 0.9, 1.1, 0.9, 2.4),
        rows=[
            (
                row.id,
                row.name,
                asked.at(row.begun_at),
                row.begun_by,
                asked.at(row.ended_at) or "not ended",
                row.ended_by or "",
                row.receipt or "",
            )
            for row in found
        ],
        red=lambda row: row[4] == "not ended",
    )


def faults(asked: Asked, tx: Transaction) -> Section:
    """Every fault that was open on a day of the period."""
    found = [
        row
        for row in period.faults(tx, asked.period)
        if asked.scope.has(room=row.room, item=row.equipment)
    ]
    unmended = sum(row.mended_at is None for row in found)
    return Section(
        name="faults",
        title="Faults",
        says=(f"{len(found)} faults were open in this time; {unmended} of them are still.",),
        columns=(
            "Number",
            "Item",
            "Room",
            "What",
            "Reported",
            "Reported by",
            "Owner",
            "Interim measure",
            "Mended",
            "Mended by",
            "Evidence",
            "Open for",
        ),
        weights=(0.5, 0.9, 0.5, 1.7, 1.1, 0.9, 0.8, 1.3, 1.1, 0.8, 0.8, 0.8),
        rows=[
            (
                row.id,
                row.equipment or "",
                row.room or "",
                row.what,
                asked.at(row.reported_at),
                row.reported_by if row.signed_in else f"{row.reported_by} (not signed in)",
                row.owner or "nobody",
                row.interim or "none",
                asked.at(row.mended_at) or "not mended",
                row.mended_by or "",
                row.mended_how or "",
                spoken((row.mended_at or tx.now) - row.reported_at),
            )
            for row in found
        ],
        red=lambda row: row[8] == "not mended",
    )


def controls_off(asked: Asked, tx: Transaction) -> Section:
    """Controls that were off with a permit, or taken away."""
    rows: list[tuple[object, ...]] = [
        (
            "permit",
            row.equipment,
            "",
            row.reason,
            f"made safe by {row.made_safe_by}",
            asked.at(row.since),
            row.issued_by,
            asked.at(row.until),
            asked.at(row.ended_at) or "not ended",
        )
        for row in period.permits(tx, asked.period)
        if asked.scope.has(room="", item=row.equipment)
    ]
    rows += [
        (
            "removal",
            row.equipment or row.kind.replace("_", " "),
            f"{row.room}/{row.place}",
            row.reason or "nobody has said",
            row.replacement or "nothing",
            asked.at(row.removed_at),
            row.removed_by,
            "" if row.review_by is None else f"review {row.review_by}",
            "",
        )
        for row in period.removals(tx, asked.period)
        if asked.scope.has(room=row.room, item=row.equipment)
    ]
    return Section(
        name="controls-off",
        title="Controls that were off or taken away",
        says=(f"{len(rows)} permits and removals.",),
        columns=(
            "What",
            "Item",
            "Place",
            "Reason",
            "Instead",
            "From",
            "By",
            "Until",
            "Ended",
        ),
        weights=(0.6, 0.9, 0.9, 1.5, 1.4, 1.1, 0.9, 1.1, 1.1),
        rows=rows,
        red=lambda row: row[3] == "nobody has said" or row[8] == "not ended",
    )


def notices_read(asked: Asked, tx: Transaction) -> Section:
    """Each safety notice: what it concerns here, who has read it and who has not."""
    rows = [
        (
            each.notice.number,
            each.notice.source,
            each.notice.dated.isoformat(),
            each.notice.title,
            len(each.checked),
            ", ".join(item.tag for item in each.unchecked) or "none",
            ", ".join(f"{read.person} {asked.day(read.at)}" for read in each.read) or "nobody",
            ", ".join(each.unread_by) or "nobody",
            "withdrawn" if each.notice.withdrawn_at else "open" if each.open else "done",
        )
        for each in notices.standings(tx, notices.every(tx))
        if each.notice.recorded_at < asked.period.until
    ]
    return Section(
        name="notices",
        title="Safety notices, and who has read them",
        says=(f"{len(rows)} notices were recorded until the end of this time.",),
        columns=(
            "Number",
            "Source",
            "Dated",
            "Title",
            "Checks done",
            "Items not checked",
            "Read by",
            "Not read by",
            "State",
        ),
        weights=(0.7, 0.9, 0.7, 1.5, 0.5, 1.2, 2, 1.5, 0.6),
        rows=rows,
        red=lambda row: row[8] == "open",
    )
