"""Numbers read on shirts, calibrations of face similarity, and what an organiser chooses for an event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kiosk.database.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Events that are there go on as they were: no numbers are read, bystanders are blurred."""
    op.add_column(
        "events", sa.Column("reads_numbers", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "events", sa.Column("blurs_bystanders", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("feedback", sa.Column("ordinal", sa.Integer(), nullable=True))
    op.create_table(
        "shirt_numbers",
        sa.Column("photo_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("digits", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("x2", sa.Double(), nullable=False),
        sa.Column("y2", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photos.photo_id"],
            name=op.f("fk_shirt_numbers_photo_id_photos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", "ordinal", name=op.f("pk_shirt_numbers")),
    )
    op.create_index("ix_shirt_numbers_digits", "shirt_numbers", ["digits"])
    op.create_table(
        "number_readings",
        sa.Column("photo_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"],
            ["photos.photo_id"],
            name=op.f("fk_number_readings_photo_id_photos"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_number_readings")),
    )
    op.create_table(
        "calibrations",
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("measured_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("curve", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_calibrations")),
    )
    op.create_table(
        "watched_files",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.event_id"], name=op.f("fk_watched_files_event_id_events")
        ),
        sa.PrimaryKeyConstraint("event_id", "path", name=op.f("pk_watched_files")),
    )
