"""Store mode: sites and their cameras, stays, lines that are crossed, proofs of purges."""

from __future__ import annotations

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from kiosk.database.columns import Float32Vector, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A visit named its site and camera in words so far: each such site becomes one of its tenant, and ids
    are made of the words."""
    _add_tables()
    _name_sites()
    with op.batch_alter_table("visits") as visits:
        visits.alter_column("site", new_column_name="site_id")
        visits.alter_column("camera", new_column_name="stream_id")
        visits.add_column(sa.Column("is_returning", sa.Boolean(), server_default=sa.false(), nullable=False))
        visits.add_column(sa.Column("number", sa.Integer(), nullable=True))
        visits.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
        visits.add_column(sa.Column("picture_key", sa.Text(), nullable=True))
    counted = ["tenant_id", "began_at", "site_id", "gender", "is_returning"]
    op.create_index("ix_visits_counted", "visits", counted)
    op.create_index("ix_visits_person_id_began_at", "visits", ["person_id", "began_at"])
    _know_people_better()
    _add_visit_faces()
    _add_camera_workers()


def _name_sites() -> None:
    connection = op.get_bind()
    words = sa.table("visits", *(sa.column(name) for name in ("tenant_id", "site", "camera", "began_at")))
    sites = sa.table(
        "sites",
        *(sa.column(name) for name in ("site_id", "tenant_id", "name")),
        sa.column("created_at", UtcDateTime(timezone=True)),
    )
    first = sa.type_coerce(sa.func.min(words.c.began_at), UtcDateTime(timezone=True))
    named = sa.select(words.c.tenant_id, words.c.site, first)
    for tenant_id, name, at in connection.execute(named.group_by(words.c.tenant_id, words.c.site)).all():
        site_id = _id_of(tenant_id, name)
        values = {"site_id": site_id, "tenant_id": tenant_id, "name": name, "created_at": at}
        connection.execute(sa.insert(sites).values(**values))
        its = (words.c.tenant_id == tenant_id, words.c.site == name)
        for camera in connection.scalars(sa.select(words.c.camera).where(*its).distinct()).all():
            new = {"site": site_id, "camera": _id_of(tenant_id, name, camera)}
            connection.execute(sa.update(words).where(*its, words.c.camera == camera).values(**new))


def _id_of(*words: str) -> str:
    return sha256("\0".join(words).encode()).hexdigest()[:32]


def _know_people_better() -> None:
    op.add_column("people", sa.Column("merged_into", sa.Text(), nullable=True))
    op.create_index(op.f("ix_people_merged_into"), "people", ["merged_into"])
    for name in ("changed_at", "kind_since"):
        op.add_column("people", sa.Column(name, UtcDateTime(timezone=True), nullable=True))
    op.execute("UPDATE people SET changed_at = created_at, kind_since = created_at")
    with op.batch_alter_table("people") as people:
        people.alter_column("changed_at", nullable=False)
        people.alter_column("kind_since", nullable=False)
        people.add_column(sa.Column("gone_faces", sa.Text(), server_default="", nullable=False))
    op.add_column("person_faces", sa.Column("face_id", sa.Text(), nullable=True))
    op.execute("UPDATE person_faces SET face_id = CAST(ordinal AS TEXT)")  # the same on every machine
    with op.batch_alter_table("person_faces") as faces:
        faces.alter_column("face_id", nullable=False)
        faces.add_column(_tenant())
        faces.add_column(sa.Column("added_at", UtcDateTime(timezone=True), nullable=True))
        faces.add_column(sa.Column("picture_key", sa.Text(), nullable=True))
    op.create_index(op.f("ix_person_faces_tenant_id"), "person_faces", ["tenant_id"])
    op.execute(
        "UPDATE person_faces SET tenant_id = "
        "(SELECT people.tenant_id FROM people WHERE people.person_id = person_faces.person_id)"
    )
    op.create_table(
        "forgotten_pictures",
        sa.Column("deletion_id", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deletion_id"],
            ["deletions.deletion_id"],
            name=op.f("fk_forgotten_pictures_deletion_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("deletion_id", "object_key", name=op.f("pk_forgotten_pictures")),
    )


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant_id", sa.Text(), nullable=False, server_default="")


def _add_tables() -> None:
    op.create_table(
        "sites",
        sa.Column("site_id", sa.Text(), nullable=False),
        _tenant(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_sites")),
    )
    op.create_index(op.f("ix_sites_tenant_id"), "sites", ["tenant_id"])
    op.create_table(
        "streams",
        sa.Column("stream_id", sa.Text(), nullable=False),
        _tenant(),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("kiosk_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("recognises", sa.Boolean(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("access_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("lease_since", UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_until", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=op.f("fk_streams_site_id")),
        sa.PrimaryKeyConstraint("stream_id", name=op.f("pk_streams")),
    )
    op.create_index(op.f("ix_streams_site_id"), "streams", ["site_id"])
    op.create_index(op.f("ix_streams_tenant_id"), "streams", ["tenant_id"])
    op.create_table(
        "stays",
        sa.Column("stay_id", sa.Text(), nullable=False),
        _tenant(),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("began_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("tracks", sa.Integer(), server_default="1", nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=True),
        sa.Column("embedding", Float32Vector(), nullable=True),
        sa.PrimaryKeyConstraint("stay_id", name=op.f("pk_stays")),
    )
    op.create_index("ix_stays_site_id_last_seen_at", "stays", ["site_id", "last_seen_at"])
    op.create_index(op.f("ix_stays_tenant_id"), "stays", ["tenant_id"])
    op.create_table(
        "void_visits",
        sa.Column("visit_id", sa.Text(), nullable=False),
        _tenant(),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_void_visits")),
    )
    op.create_index(op.f("ix_void_visits_tenant_id"), "void_visits", ["tenant_id"])
    op.create_table(
        "line_counts",
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("hour", UtcDateTime(timezone=True), nullable=False),
        _tenant(),
        sa.Column("kiosk_id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("came_in", sa.Integer(), nullable=False),
        sa.Column("went_out", sa.Integer(), nullable=False),
        sa.Column("is_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "hour", name=op.f("pk_line_counts")),
    )
    op.create_index(op.f("ix_line_counts_tenant_id"), "line_counts", ["tenant_id"])
    op.create_index("ix_line_counts_tenant_id_hour", "line_counts", ["tenant_id", "hour"])
    op.create_table(
        "purges",
        sa.Column("purge_id", sa.Text(), nullable=False),
        _tenant(),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("older_than", UtcDateTime(timezone=True), nullable=False),
        sa.Column("removed", sa.Text(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("purge_id", name=op.f("pk_purges")),
        sa.UniqueConstraint("tenant_id", "ordinal", name=op.f("uq_purges_tenant_id_ordinal")),
    )
    op.create_index(op.f("ix_purges_tenant_id"), "purges", ["tenant_id"])


def _add_camera_workers() -> None:
    op.create_table(
        "camera_workers",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_until", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_camera_workers")),
    )


def _add_visit_faces() -> None:
    op.create_table(
        "visit_faces",
        sa.Column("visit_id", sa.Text(), nullable=False),
        _tenant(),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("embedding", Float32Vector(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.visit_id"], name=op.f("fk_visit_faces_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_faces")),
    )
    op.create_index(op.f("ix_visit_faces_tenant_id"), "visit_faces", ["tenant_id"])
