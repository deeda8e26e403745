"""Night drills, and floor plans with the rooms on them

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room", TEXT(), nullable=False),
        sa.Column("token", TEXT(), nullable=False),
        sa.Column("asked_by", TEXT(), nullable=False),
        sa.Column("asked_at", INSTANT(), nullable=False),
        sa.Column("ends_at", INSTANT(), nullable=False),
        sa.Column("sent_at", INSTANT(), nullable=True),
        sa.Column("returned_at", INSTANT(), nullable=True),
        sa.Column("alert", sa.Integer(), nullable=True),
        sa.Column("ended_at", INSTANT(), nullable=True),
        sa.Column("ended_why", TEXT(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drill_ended_at", "drill", ["ended_at"])
    op.create_table(
        "floor_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("digest", TEXT(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("at", INSTANT(), nullable=False),
        sa.Column("removed_at", INSTANT(), nullable=True),
        sa.Column("removed_by", TEXT(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "floor_spot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("room", TEXT(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("at", INSTANT(), nullable=False),
        sa.Column("until", INSTANT(), nullable=True),
        sa.ForeignKeyConstraint(["floor"], ["floor_plan.id"]),
        sa.ForeignKeyConstraint(["room"], ["room.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "floor_spot_now", "floor_spot", ["room"], unique=True, sqlite_where=sa.text("until IS NULL")
    )
    op.create_index("ix_floor_spot_floor", "floor_spot", ["floor"])


def downgrade() -> None:
    op.drop_table("floor_spot")
    op.drop_table("floor_plan")
    op.drop_table("drill")
