"""For how long each class of data is kept, as the home has set it

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "retention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("because", _TEXT(), nullable=False),
        sa.Column("set_by", _TEXT(), nullable=False),
        sa.Column("since", _INSTANT(), nullable=False),
        sa.Column("until", _INSTANT(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "retention_now", "retention", ["name"], unique=True, sqlite_where=sa.text("until IS NULL")
    )


def downgrade() -> None:
    op.drop_table("retention")
