"""Fleet runs, what is known of each registered database, and which workers are alive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("catalogue_runs")}
    if "fleet" not in columns:
        op.add_column("catalogue_runs", sa.Column("fleet", sa.String(40)))
    op.create_table(
        "catalogue_fleet_runs",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("target", sa.String(80), nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("allow_data_loss", sa.Boolean, nullable=False),
        sa.Column("concurrency", sa.Integer, nullable=False),
        sa.Column("stop_after", sa.Integer, nullable=False),
        sa.Column("pause_after_canary", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("wave", sa.Integer),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_fleet_members",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("fleet", sa.String(40), primary_key=True),
        sa.Column("database", sa.String(60), primary_key=True),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("run", sa.String(40)),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_databases",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("database", sa.String(60), primary_key=True),
        sa.Column("version", sa.String(80)),
        sa.Column("facts", sa.Text),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.Column("asks", sa.Integer, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("target", sa.String(80)),
        sa.Column("run", sa.String(40)),
        if_not_exists=True,
    )
    op.create_table(
        "catalogue_workers",
        sa.Column("schema_name", sa.String(200), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
