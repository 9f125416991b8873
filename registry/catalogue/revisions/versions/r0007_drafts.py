"""Versions that wait to be promoted, and the packages of drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "catalogue_staged",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["schema_name", "version"], ["catalogue_versions.schema_name", "catalogue_versions.version"]
        ),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_drafts",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("input_digest", sa.String(64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_by", sa.Text),
        sa.Column("artifacts", sa.Text),
        if_not_exists=True,
    )
