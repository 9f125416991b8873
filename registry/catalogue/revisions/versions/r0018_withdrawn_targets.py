"""That whoever asked for a run, or let it go on, knew that its target is withdrawn, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for table in ("catalogue_runs", "catalogue_fleet_runs"):
        known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
        if "withdrawn" not in known:
            op.add_column(table, sa.Column("withdrawn", sa.Text))
