"""Whom an alert calls, how somebody was there, and what is looked into afterwards

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = {
    "room": ("zone",),
    "requirement": ("tell", "action"),
    "alert": ("policy", "tell", "evidence", "evidence_detail"),
}


def upgrade() -> None:
    text, instant = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    for table, names in WORDS.items():
        for name in names:
            op.add_column(table, sa.Column(name, text(), nullable=True))
    op.add_column("alert", sa.Column("told", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("alert", sa.Integer(), nullable=False),
        sa.Column("resident", text(), nullable=True),
        sa.Column("shown_as", text(), nullable=True),
        sa.Column("room", text(), nullable=False),
        sa.Column("place", text(), nullable=False),
        sa.Column("opened_at", instant(), nullable=False),
        sa.Column("opened_by", text(), nullable=False),
        sa.Column("due_by", instant(), nullable=False),
        sa.Column("similar_to", sa.Integer(), nullable=True),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("to_tell", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("done_at", instant(), nullable=True),
        sa.Column("done_by", text(), nullable=True),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("alert", "resident", "done_at"):
        op.create_index(f"ix_review_{name}", "review", [name])


def downgrade() -> None:
    op.drop_table("review")
    op.drop_column("alert", "told")
    for table, names in WORDS.items():
        for name in names:
            op.drop_column(table, name)
