"""Checks of items, check rounds, labels and photos

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _TEXT(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INSTANT(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "check_setting",
        _number("id"),
        _text("name"),
        sa.Column("value", sa.Float(), nullable=False),
        _text("because"),
        _text("set_by"),
        _instant("since"),
        _instant("until", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    in_force = sa.text("until IS NULL")
    op.create_index(
        "check_setting_now", "check_setting", ["name"], unique=True, sqlite_where=in_force
    )
    op.create_table(
        "printed_label",
        _text("code"),
        _text("equipment", nullable=True),
        _text("room", nullable=True),
        _text("place", nullable=True),
        _text("made_by"),
        _instant("made_at"),
        _text("ended_by", nullable=True),
        _instant("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_printed_label_equipment", "printed_label", ["equipment"])
    _rounds()
    _checks()


def _rounds() -> None:
    op.create_table(
        "check_round",
        _number("id"),
        _text("name"),
        sa.Column("steps", sa.JSON(), nullable=False),
        _text("begun_by"),
        _instant("begun_at"),
        _text("ended_by", nullable=True),
        _instant("ended_at", nullable=True),
        _text("receipt", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "check_round_item",
        _number("round"),
        _text("equipment"),
        _text("room", nullable=True),
        _text("place", nullable=True),
        _number("fault", nullable=True),
        sa.ForeignKeyConstraint(["round"], ["check_round.id"]),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.ForeignKeyConstraint(["fault"], ["fault.id"]),
        sa.PrimaryKeyConstraint("round", "equipment"),
    )
    op.create_table(
        "check_round_scan",
        _number("id"),
        _text("key"),
        _number("round"),
        _text("equipment"),
        sa.Column("expected", sa.Boolean(), nullable=False),
        _text("room", nullable=True),
        _text("place", nullable=True),
        _text("by"),
        _instant("at"),
        _instant("recorded_at"),
        sa.ForeignKeyConstraint(["round"], ["check_round.id"]),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_check_round_scan_round", "check_round_scan", ["round"])


def _checks() -> None:
    op.create_table(
        "item_check",
        _number("id"),
        _text("key"),
        _text("equipment"),
        _text("room", nullable=True),
        _text("place", nullable=True),
        _text("kind"),
        _text("outcome"),
        sa.Column("answers", sa.JSON(), nullable=False),
        _text("note", nullable=True),
        _text("by"),
        _instant("at"),
        _instant("recorded_at"),
        sa.Column("kept_offline", sa.Boolean(), nullable=False),
        _number("round", nullable=True),
        _instant("proved_at", nullable=True),
        sa.Column("faults", sa.JSON(), nullable=False),
        _text("remark", nullable=True),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.ForeignKeyConstraint(["round"], ["check_round.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("item_check_latest", "item_check", ["equipment", "kind", "at"])
    op.create_index("ix_item_check_recorded_at", "item_check", ["recorded_at"])
    op.create_index("ix_item_check_round", "item_check", ["round"])
    op.create_table(
        "photo",
        _number("id"),
        _text("digest"),
        _text("equipment"),
        _text("room", nullable=True),
        _text("place", nullable=True),
        _number("item_check", nullable=True),
        _text("note", nullable=True),
        _number("width"),
        _number("height"),
        _number("size"),
        _text("by"),
        _instant("at"),
        _instant("recorded_at"),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.ForeignKeyConstraint(["item_check"], ["item_check.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_photo_equipment", "photo", ["equipment"])
    op.create_index("ix_photo_item_check", "photo", ["item_check"])


def downgrade() -> None:
    for table in (
        "photo",
        "item_check",
        "check_round_scan",
        "check_round_item",
        "check_round",
        "printed_label",
        "check_setting",
    ):
        op.drop_table(table)
