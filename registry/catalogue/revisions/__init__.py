"""The revisions of the state database: how its tables changed, for databases that older tools have written.

A change is a file in ``versions/`` beside the same change in ``tables.py``, and the new ``HEAD``. The tables
of DBOS, which share the database, have migrations of their own.
"""

import sqlalchemy as sa

#: The revision that ``tables.py`` describes.
HEAD = "0018"

#: Alembic's own table; under its usual name a team that shares the database may have one already.
revision = sa.Table(
    "catalogue_revision",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="catalogue_revision_pkc"),
)
