"""Assessments, consent, models, status, pairings and tests of items, training, gaps' owners

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime
_NEW = {
    "room": ("kind",),
    "place": ("owner", "use_until"),
    "resident": ("admitted_on",),
    "requirement": ("assessment",),
    "equipment": ("owner", "use_until", "status"),
}
_DAYS = {"use_until", "admitted_on"}


def _text(name: str, *, must: bool = False) -> sa.Column[str]:
    return sa.Column(name, _TEXT(), nullable=not must)


def _instant(name: str, *, must: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INSTANT(), nullable=not must)


def _day(name: str, *, must: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=not must)


def _number(name: str, *, must: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=not must)


def _numbered(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(table, _number("id", must=True), *columns, sa.PrimaryKeyConstraint("id"))


def _of(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target])


def upgrade() -> None:
    for table, names in _NEW.items():
        for name in names:
            op.add_column(table, _day(name) if name in _DAYS else _text(name))
    op.add_column(
        "resident", sa.Column("version", sa.Integer(), nullable=False, server_default="0")
    )
    _plans()
    _kit()
    _numbered(
        "training",
        *(_text(name, must=True) for name in ("person", "kind", "shown_by")),
        _day("on", must=True),
        _instant("recorded_at", must=True),
        _text("recorded_by", must=True),
        _instant("ended_at"),
        _text("ended_by"),
    )
    op.create_index("ix_training_person", "training", ["person"])
    _numbered(
        "gap_entry",
        *(_text(name, must=True) for name in ("kind", "room", "place", "needs", "state")),
        *(_text(name) for name in ("equipment", "owner", "reason")),
        _day("review_by"),
        _text("by", must=True),
        _instant("at", must=True),
        _instant("ended_at"),
        _text("ended_by"),
    )
    op.create_index("ix_gap_entry_ended_at", "gap_entry", ["ended_at"])
    op.create_index("confirmation_newest", "confirmation", ["equipment", "on", "id"])


def _plans() -> None:
    _numbered(
        "emitter_assessment",
        *(_text(name, must=True) for name in ("room", "place", "by")),
        _day("on", must=True),
        _text("finding", must=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        _instant("recorded_at", must=True),
        _text("recorded_by", must=True),
    )
    op.create_index("emitter_assessment_place", "emitter_assessment", ["room", "place"])
    _numbered(
        "assessment",
        *(_text(name, must=True) for name in ("resident", "ref", "kind", "by")),
        _day("on", must=True),
        _day("review_by", must=True),
        *(_text(name) for name in ("mobility", "heat_sensitivity", "capacity", "furniture")),
        _text("finding"),
        _instant("since", must=True),
        _text("recorded_by", must=True),
        _instant("until"),
        _text("ended_by"),
        _of("resident", "resident.id"),
    )
    op.create_index("ix_assessment_resident", "assessment", ["resident"])
    _numbered(
        "consent",
        *(_text(name, must=True) for name in ("resident", "basis", "by")),
        _day("on", must=True),
        _day("review_by"),
        _text("note"),
        _instant("since", must=True),
        _text("recorded_by", must=True),
        _instant("until"),
        _text("ended_by"),
        _of("resident", "resident.id"),
    )
    op.create_index("ix_consent_resident", "consent", ["resident"])


def _kit() -> None:
    op.create_table(
        "kit_model",
        _text("make", must=True),
        _text("model", must=True),
        _text("kind"),
        *(_number(name) for name in ("service_life_days", "life_uses", "battery_life_days")),
        *(_number(name) for name in ("rearm_s", "reorder_level")),
        _text("note"),
        _number("version", must=True),
        _instant("changed_at", must=True),
        _text("changed_by", must=True),
        _instant("removed_at"),
        sa.PrimaryKeyConstraint("make", "model"),
    )
    _numbered(
        "status_change",
        *(_text(name, must=True) for name in ("equipment", "status", "why", "by")),
        _instant("at", must=True),
        _of("equipment", "equipment.tag"),
    )
    op.create_index("ix_status_change_equipment", "status_change", ["equipment"])
    _numbered(
        "pairing",
        _text("equipment", must=True),
        *(_text(name) for name in ("make", "model", "serial")),
        _instant("since", must=True),
        _text("by", must=True),
        _instant("until"),
        _text("ended_by"),
        _of("equipment", "equipment.tag"),
    )
    op.create_index("ix_pairing_equipment", "pairing", ["equipment"])
    now = sa.text("until IS NULL")
    op.create_index("pairing_now", "pairing", ["equipment"], unique=True, sqlite_where=now)
    _numbered(
        "equipment_test",
        *(_text(name, must=True) for name in ("equipment", "kind")),
        sa.Column("passed", sa.Boolean(), nullable=False),
        _text("why"),
        sa.Column("surface_c", sa.Float(), nullable=True),
        _number("pairing"),
        *(_text(name) for name in ("room", "place")),
        _text("by", must=True),
        _day("on", must=True),
        _text("note"),
        _instant("recorded_at", must=True),
        _text("recorded_by", must=True),
        _of("equipment", "equipment.tag"),
    )
    op.create_index("ix_equipment_test_equipment", "equipment_test", ["equipment"])


def downgrade() -> None:
    op.drop_index("confirmation_newest", "confirmation")
    for table in ("gap_entry", "training", "equipment_test", "pairing", "status_change"):
        op.drop_table(table)
    for table in ("kit_model", "consent", "assessment", "emitter_assessment"):
        op.drop_table(table)
    op.drop_column("resident", "version")
    for table, names in _NEW.items():
        for name in names:
            op.drop_column(table, name)
