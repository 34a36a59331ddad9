"""Whether a photo's time is known: the camera wrote it down, or it is only that of the file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Photos that are there keep their time: which of them the camera told is not known any more."""
    op.add_column(
        "photos", sa.Column("is_time_known", sa.Boolean(), nullable=False, server_default=sa.true())
    )
