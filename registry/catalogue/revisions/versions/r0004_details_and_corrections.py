"""What is recorded of a version besides its packages, and what its texts were corrected to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "catalogue_details",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("notes", sa.Text),
        sa.Column("generators", sa.Integer, nullable=False),
        sa.Column("packages", sa.Text, nullable=False),
        sa.Column("renames", sa.Text, nullable=False),
        sa.Column("rehearsed_ms", sa.Text, nullable=False),
        _of_a_version(),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_corrections",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        _of_a_version(),
        if_not_exists=True,
    )


def _of_a_version() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["schema_name", "version"], ["catalogue_versions.schema_name", "catalogue_versions.version"]
    )
