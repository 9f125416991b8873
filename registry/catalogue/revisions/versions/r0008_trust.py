"""What versions were made from, the keys that sign releases, and what they signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_VERSIONS = ["catalogue_versions.schema_name", "catalogue_versions.version"]


def upgrade() -> None:
    op.create_table(
        "catalogue_inputs",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("path", sa.String(400), primary_key=True),
        sa.Column("of", sa.Text),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["schema_name", "version"], _VERSIONS),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_signing_keys",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("keyid", sa.String(80), primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_attestations",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["schema_name", "version"], _VERSIONS),
        if_not_exists=True,
    )
