"""The people behind the kiosk: staff and their log, prints, messages, money given back and shared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kiosk.database.columns import Float32Vector, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REFUSED = "the audit log can only grow"


def upgrade() -> None:
    _add_staff()
    _add_prints()
    _add_messages()
    _add_money()
    _index_orders()
    _guard_log()


def _add_staff() -> None:
    """Who works here, and what they did."""
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("failed_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
    )
    op.create_table(
        "audit_log",
        sa.Column("audit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_log")),
    )


def _add_prints() -> None:
    """What is to be printed, and on what."""
    op.create_table(
        "print_jobs",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("finish", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("spool_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sheets_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("reprint_of", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_print_jobs_order_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_print_jobs")),
    )
    op.create_index(op.f("ix_print_jobs_order_id"), "print_jobs", ["order_id"], unique=False)
    op.create_index("ix_print_jobs_state_created_at", "print_jobs", ["state", "created_at"], unique=False)
    op.create_table(
        "supplies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("counted_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_supplies")),
    )


def _add_messages() -> None:
    """What is sent to buyers."""
    op.create_table(
        "sendings",
        sa.Column("sending_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shown_to", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("photo_count", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_sendings_order_id")),
        sa.PrimaryKeyConstraint("sending_id", name=op.f("pk_sendings")),
    )
    op.create_index(op.f("ix_sendings_order_id"), "sendings", ["order_id"], unique=False)
    op.create_index("ix_sendings_state_due_at", "sendings", ["state", "due_at"], unique=False)
    op.create_table(
        "new_photo_wishes",
        sa.Column("wish_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shown_to", sa.Text(), nullable=False),
        sa.Column("passed_over", sa.Text(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_new_photo_wishes_order_id")),
        sa.PrimaryKeyConstraint("wish_id", name=op.f("pk_new_photo_wishes")),
        sa.UniqueConstraint("order_id", name=op.f("uq_new_photo_wishes_order_id")),
    )
    op.create_index(op.f("ix_new_photo_wishes_event_id"), "new_photo_wishes", ["event_id"], unique=False)
    op.create_table(
        "new_photo_wish_faces",
        sa.Column("wish_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("embedding", Float32Vector(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wish_id"],
            ["new_photo_wishes.wish_id"],
            name=op.f("fk_new_photo_wish_faces_wish_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wish_id", "ordinal", name=op.f("pk_new_photo_wish_faces")),
    )
    op.create_table(
        "order_photos",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.Text(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_order_photos_order_id")),
        sa.PrimaryKeyConstraint("order_id", "photo_id", name=op.f("pk_order_photos")),
    )


def _add_money() -> None:
    """What is given back, shared and closed."""
    op.create_table(
        "given_back",
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("amount_satang", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_given_back_order_id")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_given_back")),
    )
    op.create_index(op.f("ix_given_back_at"), "given_back", ["at"], unique=False)
    op.create_index(op.f("ix_given_back_order_id"), "given_back", ["order_id"], unique=False)
    op.create_index(op.f("ix_given_back_payment_id"), "given_back", ["payment_id"], unique=False)
    op.create_table(
        "slips",
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("amount_satang", sa.BigInteger(), nullable=False),
        sa.Column("is_checked_online", sa.Boolean(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_slips_order_id")),
        sa.PrimaryKeyConstraint("bank", "reference", name=op.f("pk_slips")),
    )
    op.create_index(op.f("ix_slips_order_id"), "slips", ["order_id"], unique=False)
    op.create_table(
        "sale_shares",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("amount_satang", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_sale_shares_order_id")),
        sa.PrimaryKeyConstraint("order_id", "refund_id", "kind", "party", name=op.f("pk_sale_shares")),
    )
    op.create_index("ix_sale_shares_at", "sale_shares", ["at"], unique=False)
    op.create_table(
        "closed_days",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_closed_days")),
    )
    op.create_table(
        "visitor_counts",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("hour", UtcDateTime(timezone=True), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("not_found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "hour", name=op.f("pk_visitor_counts")),
    )


def _index_orders() -> None:
    """What the staff's pages list of 100,000 orders at once."""
    op.create_index(
        "ix_orders_state_created_at_order_id", "orders", ["state", "created_at", "order_id"], unique=False
    )
    op.create_index(op.f("ix_orders_paid_at"), "orders", ["paid_at"], unique=False)
    op.create_index(op.f("ix_orders_voucher_code"), "orders", ["voucher_code"], unique=False)


def _guard_log() -> None:
    """The database itself refuses to change or delete a line of the log."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{what.lower()} BEFORE {what} ON audit_log "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()"
    )
