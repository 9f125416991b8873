"""Releases over the API: what was uploaded, what is to be done with it, and the sealed folders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "catalogue_release_jobs",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("draft", sa.String(64)),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("worker", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.Text),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_uploads",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_sealed_folders",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        if_not_exists=True,
    )
