"""Passkeys, with which people sign in

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credential", _TEXT(), nullable=False),
        sa.Column("user", _TEXT(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("host", _TEXT(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("created_at", _INSTANT(), nullable=False),
        sa.Column("last_used_at", _INSTANT(), nullable=True),
        sa.Column("removed_at", _INSTANT(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.name"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_passkey_credential", "passkey", ["credential"], unique=True)
    op.create_index("ix_passkey_user", "passkey", ["user"])


def downgrade() -> None:
    op.drop_table("passkey")
