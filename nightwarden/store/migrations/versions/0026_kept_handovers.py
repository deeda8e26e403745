"""Handovers as they were shown, and whose end of access the record has

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "kept_handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift", _TEXT(), nullable=False),
        sa.Column("since", _INSTANT(), nullable=False),
        sa.Column("until", _INSTANT(), nullable=False),
        sa.Column("kept_at", _INSTANT(), nullable=False),
        sa.Column("because", _TEXT(), nullable=False),
        sa.Column("by", _TEXT(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", _TEXT(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_kept_handover_since", "kept_handover", ["since"])
    op.add_column("user", sa.Column("guest_end_said", _INSTANT(), nullable=True))


def downgrade() -> None:
    op.drop_column("user", "guest_end_said")
    op.drop_table("kept_handover")
