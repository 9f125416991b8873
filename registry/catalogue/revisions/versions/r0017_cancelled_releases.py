"""Whether a release job has begun to change what consumers see, and packages found by digest and by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"

_JOBS, _ARTIFACTS = "catalogue_release_jobs", "catalogue_artifacts"


def upgrade() -> None:
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(_JOBS)}
    if "is_publishing" not in known:
        op.add_column(
            _JOBS, sa.Column("is_publishing", sa.Boolean, nullable=False, server_default=sa.false())
        )
    op.create_index("catalogue_artifacts_digest", _ARTIFACTS, ["schema_name", "sha256"], if_not_exists=True)
    named = ["schema_name", "name", "package_version"]
    op.create_index("catalogue_artifacts_package", _ARTIFACTS, named, if_not_exists=True)
