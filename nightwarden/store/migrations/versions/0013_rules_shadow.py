"""A rules file in the shadow of the one in force

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, instant = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "rulesshadow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", text(), nullable=False),
        sa.Column("because", text(), nullable=False),
        sa.Column("begun_by", text(), nullable=False),
        sa.Column("begun_at", instant(), nullable=False),
        sa.Column("ended_by", text(), nullable=True),
        sa.Column("ended_at", instant(), nullable=True),
        sa.Column("ended_how", text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "rulesshadow_one",
        "rulesshadow",
        [sa.text("(ended_at IS NULL)")],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("rulesshadow")
