"""What is announced to others, until it was delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "catalogue_deliveries",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.Text),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
