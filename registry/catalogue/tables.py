"""The catalogue's tables. ``schema_name`` leads every key, so that teams can share one database."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

versions = sa.Table(
    "catalogue_versions",
    metadata,
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
)


def _of_a_version() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["schema_name", "version"], ["catalogue_versions.schema_name", "catalogue_versions.version"]
    )


artifacts = sa.Table(
    "catalogue_artifacts",
    metadata,
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
)

migrations = sa.Table(
    "catalogue_migrations",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("version", sa.String(80), nullable=False),
    sa.Column("up", sa.Text, nullable=False),
    sa.Column("down", sa.Text),
    _of_a_version(),
)

#: Versions that have a partial_types.py. A table of its own: catalogues are older than this.
partial_types = sa.Table(
    "catalogue_partial_types",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    _of_a_version(),
)

latest = sa.Table(
    "catalogue_latest",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), nullable=False),
    _of_a_version(),
)

#: `latest`, if that is a version which another machine published, into a catalogue of its own.
latest_elsewhere = sa.Table(
    "catalogue_latest_elsewhere",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), nullable=False),
)

#: Versions that are published and wait to be promoted: no consumer gets them unasked.
staged = sa.Table(
    "catalogue_staged",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
    _of_a_version(),
)

#: The packages of drafts, each with the number that it was given. ``published_at`` and ``artifacts``, JSON,
#: are NULL until all of its packages are there.
drafts = sa.Table(
    "catalogue_drafts",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("input_digest", sa.String(64), nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    sa.Column("published_by", sa.Text),
    sa.Column("artifacts", sa.Text),
)

#: What is announced to others. ``body`` is the JSON that is sent; ``delivered_at`` is NULL until it arrived.
deliveries = sa.Table(
    "catalogue_deliveries",
    metadata,
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
)
