"""What tokens are limited to, and an audit log that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.catalogue.tables import APPEND_ONLY

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("catalogue_tokens")}
    for name in ("schemas", "labels"):
        if name not in known:
            op.add_column("catalogue_tokens", sa.Column(name, sa.Text))
    op.create_index("catalogue_tokens_digest", "catalogue_tokens", ["digest"], if_not_exists=True)
    op.create_index("catalogue_audit_at", "catalogue_audit", ["schema_name", "at", "id"], if_not_exists=True)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
