"""Maintenance lines: which version another one follows, and which lines it takes over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "catalogue_lines",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(80), primary_key=True),
        sa.Column("follows", sa.String(80)),
        sa.Column("takes", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["schema_name", "version"], ["catalogue_versions.schema_name", "catalogue_versions.version"]
        ),
        if_not_exists=True,
    )
