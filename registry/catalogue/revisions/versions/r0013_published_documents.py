"""When what is published changed, what packages say of themselves, and schemas as JSON."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "catalogue_published_changes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_package_facts",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_schema_models",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["schema_name", "version"], ["catalogue_versions.schema_name", "catalogue_versions.version"]
        ),
        if_not_exists=True,
    )
