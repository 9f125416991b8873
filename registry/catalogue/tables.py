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
    sa.Index("catalogue_artifacts_digest", "schema_name", "sha256"),
    sa.Index("catalogue_artifacts_package", "schema_name", "name", "package_version"),
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

#: What later tools record of a version besides. ``packages``, ``renames``, ``rehearsed_ms`` are JSON: pairs.
details = sa.Table(
    "catalogue_details",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("notes", sa.Text),
    sa.Column("generators", sa.Integer, nullable=False),
    sa.Column("packages", sa.Text, nullable=False),
    sa.Column("renames", sa.Text, nullable=False),
    sa.Column("rehearsed_ms", sa.Text, nullable=False),
    _of_a_version(),
)

#: What published texts were corrected to, beside them. ``number`` counts those of a version, from 1.
corrections = sa.Table(
    "catalogue_corrections",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("what", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    _of_a_version(),
)

#: Versions that say in version.toml which version they follow, or which lines they take over. ``takes`` is
#: JSON: a list of version, migration and answer for each migration that they take over.
lines = sa.Table(
    "catalogue_lines",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("follows", sa.String(80)),
    sa.Column("takes", sa.Text, nullable=False),
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

#: What a version was made from, file by file, as its release.lock lists it.
inputs = sa.Table(
    "catalogue_inputs",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("path", sa.String(400), primary_key=True),
    sa.Column("of", sa.Text),
    sa.Column("sha256", sa.String(64), nullable=False),
    _of_a_version(),
)

#: The public halves of the keys that sign releases. ``key`` is base64 of its DER form (SubjectPublicKeyInfo).
signing_keys = sa.Table(
    "catalogue_signing_keys",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("keyid", sa.String(80), primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("retired_at", sa.DateTime(timezone=True)),
)

#: The signed statement about a version: one line of JSON, a DSSE envelope.
attestations = sa.Table(
    "catalogue_attestations",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("envelope", sa.Text, nullable=False),
    _of_a_version(),
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

#: What is announced to others, a row for each channel. ``body`` is the JSON that is sent; ``delivered_at`` is
#: NULL until it arrived, ``next_attempt_at`` is NULL once nothing is tried any more.
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
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
    sa.Column("given_up_at", sa.DateTime(timezone=True)),
)

#: What was done to versions, numbered from 1; no row is ever removed. ``details`` is JSON, ``decision`` the
#: number of a decision about `latest`; ``finished_at`` is NULL until the registries agree.
events = sa.Table(
    "catalogue_events",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("version", sa.String(80), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("decision", sa.Integer),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
)

#: Migrations of registered databases, run by workers. ``target`` is the version that a run goes to;
#: ``outcome`` is JSON: a result, or problems. One that is running while nobody holds its database's lock was
#: left by a worker that died.
runs = sa.Table(
    "catalogue_runs",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("database", sa.String(60), nullable=False),
    sa.Column("direction", sa.String(4), nullable=False),
    sa.Column("target", sa.String(80), nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("allow_data_loss", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("worker", sa.Text),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("cancel_asked", sa.Boolean, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("fleet", sa.String(40)),
    sa.Column("withdrawn", sa.Text),
)

#: One version for all databases with a label. ``wave`` is the one that was begun last, 0 is the canary.
fleet_runs = sa.Table(
    "catalogue_fleet_runs",
    metadata,
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
    sa.Column("withdrawn", sa.Text),
)

#: The databases of fleet runs: waiting, skipped, cancelled, or started, which are as their run is. ``told``:
#: the end is among the events; ``accepted``: the failure doesn't count any more.
fleet_members = sa.Table(
    "catalogue_fleet_members",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("fleet", sa.String(40), primary_key=True),
    sa.Column("database", sa.String(60), primary_key=True),
    sa.Column("wave", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("run", sa.String(40)),
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Column("accepted", sa.Boolean, nullable=False),
)

#: What is known of registered databases without asking them. ``facts`` is JSON; ``asks`` counts how often one
#: was asked or migrated, so that an answer that took too long is known; ``run`` is the last one.
databases = sa.Table(
    "catalogue_databases",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("database", sa.String(60), primary_key=True),
    sa.Column("version", sa.String(80)),
    sa.Column("facts", sa.Text),
    sa.Column("seen_at", sa.DateTime(timezone=True)),
    sa.Column("asks", sa.Integer, nullable=False),
    sa.Column("asked_at", sa.DateTime(timezone=True)),
    sa.Column("target", sa.String(80)),
    sa.Column("run", sa.String(40)),
)

#: Workers, each of which says every few seconds that it is alive.
workers = sa.Table(
    "catalogue_workers",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
)

#: What happened in a run, numbered from 1; ``event`` is JSON, most of it the runner's own.
run_events = sa.Table(
    "catalogue_run_events",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("run", sa.String(40), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
)

#: Releases, and changes of published versions, asked for over the API. ``draft`` is the digest of what
#: was uploaded; ``options`` are JSON; ``outcome`` is as for runs, and their events are in the same table.
release_jobs = sa.Table(
    "catalogue_release_jobs",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("version", sa.String(80), nullable=False),
    sa.Column("draft", sa.String(64)),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("worker", sa.Text),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("cancel_asked", sa.Boolean, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("is_publishing", sa.Boolean, nullable=False, server_default=sa.false()),
)

#: Drafts that were uploaded, by the digest under which the store of artifacts has their files. ``origin``
#: says which commit they are from, where it was one.
uploads = sa.Table(
    "catalogue_uploads",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("origin", sa.Text),
    sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("uploaded_by", sa.Text, nullable=False),
)

#: The folders of versions that were published over the API, as they were sealed: the digest under which the
#: store of artifacts has their files.
sealed_folders = sa.Table(
    "catalogue_sealed_folders",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
)

#: Who may use the API. Of a token only its SHA-256 is kept; a row is never removed. ``scope`` may be several,
#: with commas; ``schemas`` is a JSON list, or NULL for the schema of the row; so is ``labels``.
tokens = sa.Table(
    "catalogue_tokens",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("scope", sa.String(20), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("last_used_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("schemas", sa.Text),
    sa.Column("labels", sa.Text),
    sa.Index("catalogue_tokens_digest", "digest"),
)

#: Every write that was asked for: who, what, from where. Rows are only added.
audit = sa.Table(
    "catalogue_audit",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Index("catalogue_audit_at", "schema_name", "at", "id"),
)
#: The database itself refuses to change or remove a row, whoever asks: the service has no need to.
APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER IF NOT EXISTS catalogue_audit_no_{event.lower()} BEFORE {event} ON catalogue_audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for event in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION catalogue_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        "CREATE OR REPLACE TRIGGER catalogue_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON catalogue_audit FOR EACH STATEMENT EXECUTE FUNCTION catalogue_audit_append_only()",
    ),
}
for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        sa.event.listen(audit, "after_create", sa.DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

#: One row: a number that grows with every change of what is published, so that copies can be kept until then.
published_changes = sa.Table(
    "catalogue_published_changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False),
)

#: What a package's file says of itself, by the digest of the file. ``metadata`` is the METADATA of a wheel,
#: empty for others; ``facts`` are JSON.
package_facts = sa.Table(
    "catalogue_package_facts",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("metadata", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
)

#: A version's schema as JSON, made from its text when somebody asked for it. ``format`` is that of the JSON.
schema_models = sa.Table(
    "catalogue_schema_models",
    metadata,
    sa.Column("schema_name", sa.String(200), primary_key=True),
    sa.Column("version", sa.String(80), primary_key=True),
    sa.Column("format", sa.Integer, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    _of_a_version(),
)
