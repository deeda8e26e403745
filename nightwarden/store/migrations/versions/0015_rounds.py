"""Manual rounds, and the looks that were ticked

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, instant = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room", text(), nullable=False),
        sa.Column("place", text(), nullable=False),
        sa.Column("since", instant(), nullable=False),
        sa.Column("until", instant(), nullable=False),
        sa.Column("every_s", sa.Float(), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("by", text(), nullable=False),
        sa.Column("reason", text(), nullable=False),
        sa.Column("last_tick_at", instant(), nullable=True),
        sa.Column("ended_at", instant(), nullable=True),
        sa.Column("ended_by", text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_round_until", "round", ["until"])
    op.create_table(
        "round_tick",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.Column("recorded_at", instant(), nullable=False),
        sa.Column("by", text(), nullable=False),
        sa.Column("seen", text(), nullable=False),
        sa.Column("note", text(), nullable=False),
        sa.ForeignKeyConstraint(["round"], ["round.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_round_tick_round", "round_tick", ["round"])


def downgrade() -> None:
    op.drop_table("round_tick")
    op.drop_table("round")
