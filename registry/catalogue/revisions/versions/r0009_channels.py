"""Announcements to several channels, tried again by a schedule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ONLY_WEBHOOK = "webhook"  # all that there was


def upgrade() -> None:
    table = "catalogue_deliveries"
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in (
        sa.Column("channel", sa.String(40), nullable=False, server_default=_ONLY_WEBHOOK),
        sa.Column("status", sa.Integer),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("given_up_at", sa.DateTime(timezone=True)),
    ):
        if column.name not in there:
            op.add_column(table, column)
    if "next_attempt_at" not in there:
        op.execute(f"UPDATE {table} SET next_attempt_at = created_at WHERE delivered_at IS NULL")  # noqa: S608
