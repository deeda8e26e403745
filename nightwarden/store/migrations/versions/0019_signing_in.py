"""Sessions that are listed and ended, second steps, guests, people of an OpenID provider

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    for name, kind in (
        ("totp_secret", _TEXT()),
        ("totp_pending", _TEXT()),
        ("totp_step", sa.Integer()),
        ("guest_until", _INSTANT()),
        ("openid", _TEXT()),
    ):
        op.add_column("user", sa.Column(name, kind, nullable=True))
    op.create_index("ix_user_openid", "user", ["openid"])
    for name, kind in (("ended_by", _TEXT()), ("seen_at", _INSTANT())):
        op.add_column("session", sa.Column(name, kind, nullable=True))
    for name, usual in (("place", "own"), ("via", "secret"), ("browser", "")):
        op.add_column("session", sa.Column(name, _TEXT(), nullable=False, server_default=usual))
    op.add_column(
        "session",
        sa.Column("awaits_code", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "recoverycode",
        sa.Column("digest", _TEXT(), nullable=False),
        sa.Column("user", _TEXT(), nullable=False),
        sa.Column("created_at", _INSTANT(), nullable=False),
        sa.Column("used_at", _INSTANT(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.name"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_recoverycode_user", "recoverycode", ["user"])
    op.create_table(
        "guestcode",
        sa.Column("digest", _TEXT(), nullable=False),
        sa.Column("issued_by", _TEXT(), nullable=False),
        sa.Column("expires_at", _INSTANT(), nullable=False),
        sa.Column("ends_at", _INSTANT(), nullable=False),
        sa.Column("used_at", _INSTANT(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    op.drop_table("guestcode")
    op.drop_table("recoverycode")
    for name in ("awaits_code", "browser", "via", "place", "seen_at", "ended_by"):
        op.drop_column("session", name)
    op.drop_index("ix_user_openid", "user")
    for name in ("openid", "guest_until", "totp_step", "totp_pending", "totp_secret"):
        op.drop_column("user", name)
