"""Faults with an owner and their evidence, permits, removals, outages, stock and notices

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

text, instant = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime

TABLES = (
    "permit_extension",
    "removal",
    "outage",
    "outage_step",
    "heater_stay",
    "stock_level",
    "supply",
    "supply_move",
    "stock_order",
    "life_count",
    "use_of_item",
    "notice",
    "notice_file",
    "notice_model",
    "notice_check",
    "notice_read",
    "outside_finding",
)


def upgrade() -> None:
    _faults()
    _permits_and_removals()
    _outages()
    _stock()
    _lives()
    _notices()
    _what_was_done_on_notices()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _faults() -> None:
    """Made anew, since a fault may now be of a place without an item; the old ones get theirs."""
    op.execute("ALTER TABLE fault RENAME TO fault_before")
    op.execute("DROP INDEX ix_fault_equipment")
    op.create_table(
        "fault",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("equipment", text(), nullable=True),
        *(sa.Column(name, text(), nullable=True) for name in ("room", "place", "kind")),
        sa.Column("what", text(), nullable=False),
        sa.Column("interim", text(), nullable=True),
        sa.Column("interim_by", text(), nullable=True),
        sa.Column("interim_at", instant(), nullable=True),
        sa.Column("owner", text(), nullable=True),
        sa.Column("owner_since", instant(), nullable=True),
        sa.Column("reported_by", text(), nullable=False),
        sa.Column("signed_in", sa.Boolean(), nullable=False),
        sa.Column("reported_at", instant(), nullable=False),
        sa.Column("mended_by", text(), nullable=True),
        sa.Column("mended_at", instant(), nullable=True),
        sa.Column("mended_how", text(), nullable=True),
        sa.Column("mended_note", text(), nullable=True),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("equipment", "room", "mended_at"):
        op.create_index(f"ix_fault_{column}", "fault", [column])
    op.execute(_OLD_FAULTS)
    op.execute("DROP TABLE fault_before")


_OLD_FAULTS = """
INSERT INTO fault (id, equipment, room, place, kind, what, interim, interim_by, interim_at,
    reported_by, signed_in, reported_at, mended_by, mended_at)
SELECT f.id, f.equipment, p.room, p.place, e.kind, f.what, f.interim,
    CASE WHEN f.interim IS NULL THEN NULL ELSE f.reported_by END,
    CASE WHEN f.interim IS NULL THEN NULL ELSE f.reported_at END,
    f.reported_by, 1, f.reported_at, f.mended_by, f.mended_at
FROM fault_before AS f
JOIN equipment AS e ON e.tag = f.equipment
LEFT JOIN placement AS p ON p.id = (
    SELECT max(id) FROM placement
    WHERE equipment = f.equipment AND since <= f.reported_at
        AND (until IS NULL OR until > f.reported_at)
)
"""


def _permits_and_removals() -> None:
    op.create_table(
        "permit_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permit", sa.Integer(), nullable=False),
        sa.Column("until_before", instant(), nullable=False),
        sa.Column("until", instant(), nullable=False),
        sa.Column("reason", text(), nullable=False),
        sa.Column("by", text(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["permit"], ["permit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_permit_extension_permit", "permit_extension", ["permit"])
    op.create_table(
        "removal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("equipment", text(), nullable=True),
        sa.Column("room", text(), nullable=False),
        sa.Column("place", text(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("resident", text(), nullable=True),
        sa.Column("because", text(), nullable=True),
        sa.Column("reason", text(), nullable=True),
        sa.Column("replacement", text(), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("removed_at", instant(), nullable=False),
        sa.Column("removed_by", text(), nullable=False),
        sa.Column("explained_at", instant(), nullable=True),
        sa.Column("explained_by", text(), nullable=True),
        sa.Column("reviewed_at", instant(), nullable=True),
        sa.Column("reviewed_by", text(), nullable=True),
        sa.Column("verdict", text(), nullable=True),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_removal_equipment", "removal", ["equipment"])
    op.create_index("ix_removal_reviewed_at", "removal", ["reviewed_at"])


def _outages() -> None:
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opened_at", instant(), nullable=False),
        sa.Column("opened_by", text(), nullable=False),
        sa.Column("why", text(), nullable=False),
        sa.Column("proposed", sa.Boolean(), nullable=False),
        sa.Column("ended_at", instant(), nullable=True),
        sa.Column("ended_by", text(), nullable=True),
        sa.Column("ended_note", text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "outage_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage", sa.Integer(), nullable=False),
        sa.Column("step", text(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.Column("by", text(), nullable=False),
        sa.Column("note", text(), nullable=True),
        sa.ForeignKeyConstraint(["outage"], ["outage.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outage_step_outage", "outage_step", ["outage"])
    op.create_table(
        "heater_stay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("equipment", text(), nullable=False),
        sa.Column("outage", sa.Integer(), nullable=True),
        sa.Column("room", text(), nullable=False),
        sa.Column("place", text(), nullable=False),
        sa.Column("owner", text(), nullable=False),
        sa.Column("made_safe", text(), nullable=False),
        sa.Column("since", instant(), nullable=False),
        sa.Column("until", instant(), nullable=False),
        sa.Column("placed_by", text(), nullable=False),
        sa.Column("ended_at", instant(), nullable=True),
        sa.Column("ended_by", text(), nullable=True),
        sa.Column("went_to", text(), nullable=True),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.ForeignKeyConstraint(["outage"], ["outage.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_heater_stay_equipment", "heater_stay", ["equipment"])
    op.create_index("ix_heater_stay_outage", "heater_stay", ["outage"])


def _stock() -> None:
    op.create_table(
        "stock_level",
        sa.Column("kind", text(), nullable=False),
        sa.Column("spare_at_least", sa.Integer(), nullable=False),
        sa.Column("because", text(), nullable=False),
        sa.Column("set_by", text(), nullable=False),
        sa.Column("set_at", instant(), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "supply",
        sa.Column("name", text(), nullable=False),
        sa.Column("reorder_at", sa.Integer(), nullable=False),
        sa.Column("since", instant(), nullable=False),
        sa.Column("removed_at", instant(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "supply_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supply", text(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("what", text(), nullable=False),
        sa.Column("equipment", text(), nullable=True),
        sa.Column("by", text(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["supply"], ["supply.name"]),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_supply_move_equipment", "supply_move", ["equipment"])
    op.create_index("ix_supply_move_supply", "supply_move", ["supply"])
    op.create_table(
        "stock_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", text(), nullable=True),
        sa.Column("supply", text(), nullable=True),
        sa.Column("model", text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("source", text(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("ordered_at", instant(), nullable=False),
        sa.Column("ordered_by", text(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=True),
        sa.Column("ended_at", instant(), nullable=True),
        sa.Column("ended_by", text(), nullable=True),
        sa.Column("ended_why", text(), nullable=True),
        sa.ForeignKeyConstraint(["supply"], ["supply.name"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stock_order_kind", "stock_order", ["kind"])
    op.create_index("ix_stock_order_supply", "stock_order", ["supply"])


def _lives() -> None:
    op.create_table(
        "life_count",
        sa.Column("equipment", text(), nullable=False),
        sa.Column("uses_allowed", sa.Integer(), nullable=False),
        sa.Column("set_by", text(), nullable=False),
        sa.Column("set_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("equipment"),
    )
    op.create_table(
        "use_of_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("equipment", text(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.Column("by", text(), nullable=False),
        sa.Column("note", text(), nullable=True),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_use_of_item_equipment", "use_of_item", ["equipment"])


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", text(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("source", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("text", text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("to_check", text(), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("file_name", text(), nullable=True),
        sa.Column("file_type", text(), nullable=True),
        sa.Column("file_size", sa.Integer(), nullable=True),
        sa.Column("recorded_by", text(), nullable=False),
        sa.Column("recorded_at", instant(), nullable=False),
        sa.Column("withdrawn_at", instant(), nullable=True),
        sa.Column("withdrawn_by", text(), nullable=True),
        sa.Column("withdrawn_why", text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notice_withdrawn_at", "notice", ["withdrawn_at"])
    op.create_table(
        "notice_file",
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", text(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"]),
        sa.PrimaryKeyConstraint("notice"),
    )
    op.create_table(
        "notice_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("kind", text(), nullable=True),
        sa.Column("make", text(), nullable=True),
        sa.Column("model", text(), nullable=True),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notice_model_notice", "notice_model", ["notice"])


def _what_was_done_on_notices() -> None:
    op.create_table(
        "notice_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("equipment", text(), nullable=False),
        sa.Column("outcome", text(), nullable=False),
        sa.Column("note", text(), nullable=True),
        sa.Column("by", text(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"]),
        sa.ForeignKeyConstraint(["equipment"], ["equipment.tag"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notice_check_equipment", "notice_check", ["equipment"])
    op.create_index("ix_notice_check_notice", "notice_check", ["notice"])
    op.create_table(
        "notice_read",
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("person", text(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"]),
        sa.ForeignKeyConstraint(["person"], ["user.name"]),
        sa.PrimaryKeyConstraint("notice", "person"),
    )
    op.create_index("ix_notice_read_person", "notice_read", ["person"])
    op.create_table(
        "outside_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", text(), nullable=False),
        sa.Column("reference", text(), nullable=True),
        sa.Column("text", text(), nullable=False),
        sa.Column("room", text(), nullable=True),
        sa.Column("place", text(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("owner", text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", text(), nullable=False),
        sa.Column("recorded_at", instant(), nullable=False),
        sa.Column("closed_at", instant(), nullable=True),
        sa.Column("closed_by", text(), nullable=True),
        sa.Column("closed_how", text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outside_finding_closed_at", "outside_finding", ["closed_at"])
