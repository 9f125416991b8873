"""The tables from before there were revisions; a database of that time has them, or all but the last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "catalogue_versions",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("schema_text", sa.Text, nullable=False),
        sa.Column("schema_digest", sa.String(64), nullable=False),
        sa.Column("input_digest", sa.String(64), nullable=False),
        sa.Column("changelog", sa.Text, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_artifacts",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("language", sa.String(20), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("package_version", sa.String(80), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        _of_a_version(),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_migrations",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("up", sa.Text, nullable=False),
        sa.Column("down", sa.Text),
        _of_a_version(),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_latest",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), nullable=False),
        _of_a_version(),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_partial_types",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        _of_a_version(),
        if_not_exists=True,
    )


def _of_a_version() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["schema_name", "version"], ["catalogue_versions.schema_name", "catalogue_versions.version"]
    )
