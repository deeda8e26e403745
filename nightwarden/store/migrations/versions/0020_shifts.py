"""Who is on a shift, its handover, and which receivers somebody has heard in it

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _TEXT(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sound_test",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("receiver", "name", "kind", "heard_by")),
        sa.Column("at", _INSTANT(), nullable=False),
        _text("shift"),
        sa.Column("expires_at", _INSTANT(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sound_test_receiver", "sound_test", ["receiver"])
    op.create_index("ix_sound_test_expires_at", "sound_test", ["expires_at"])
    op.create_table(
        "shift_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("shift"),
        sa.Column("since", _INSTANT(), nullable=False),
        _text("deed"),
        _text("person"),
        sa.Column("at", _INSTANT(), nullable=False),
        _text("note", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("shift_entry_shift", "shift_entry", ["since", "shift"])


def downgrade() -> None:
    op.drop_table("shift_entry")
    op.drop_table("sound_test")
