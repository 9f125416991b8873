"""``new``, ``versions`` and ``show``: drafting versions and looking at them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource

from ...catalogue import PublishedVersion
from ...catalogue.opening import open_catalogue
from ..output import JsonFlag, emit_json, say, say_lines
from ..session import VersionArgument, current_workspace

#: Sealed in the workspace, and not in this machine's state database.
_ELSEWHERE = "published elsewhere"
_PUSHED_ELSEWHERE = "pushed elsewhere"


def new(
    version: VersionArgument,
    from_version: Annotated[
        str | None,
        typer.Option("--from", metavar="VERSION", help="The version to copy; the newest below by default."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a new version: a copy of the one before it, to be edited."""
    workspace, _settings = current_workspace()
    base = SchemaVersion.parse(from_version) if from_version is not None else None
    source = workspace.create_version(SchemaVersion.parse(version), base)
    later = [str(each) for each in workspace.versions() if each > source.version]
    if as_json:
        document = {"ok": True, "version": str(source.version), "schema": source.schema_path}
        emit_json({**document, "later_versions": later})
        return
    say(f"Drafted {source.version}: edit {source.schema_path}")
    if later:
        come = "comes" if len(later) == 1 else "come"
        say(f"{', '.join(later)} {come} after it: where migrations come later, this version can't add any.")
    else:
        say(f"Next: schema-service migration new NAME {source.version}")


def versions(as_json: JsonFlag = False) -> None:
    """List the versions: drafts, published ones, and which is latest. Packages of drafts follow their
    version."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        latest, published = catalogue.latest(), set(catalogue.versions())
        staged, packages = catalogue.staged.all(), catalogue.drafts.all()
    in_workspace = workspace.versions()
    locks = {version: workspace.release_lock(version) for version in in_workspace}
    rows = []
    for version in sorted({*published, *in_workspace}):
        if version in published:
            status = "pushed" if version in staged else "published"
        elif (lock := locks[version]) is not None:
            status = _PUSHED_ELSEWHERE if lock.is_staged else _ELSEWHERE
        else:
            status = "draft"
        rows.append({"version": str(version), "status": status, "latest": version == latest})
    if as_json:
        numbers = [{"version": str(each.version), "draft": str(each.number)} for each in packages]
        emit_json({"ok": True, "versions": rows, "drafts": numbers})
        return
    for row in rows:
        say(f"{row['version']:<16} {row['status']}{'  latest' if row['latest'] else ''}")
        for each in packages:
            if str(each.version) == row["version"]:
                say(f"  {each.number!s:<14} packages of the draft, {each.published_at:%Y-%m-%d %H:%M} UTC")
    if not rows:
        say("No versions yet: schema-service new 1.0.0")


def show(version: VersionArgument, as_json: JsonFlag = False) -> None:
    """Show a version: its description, migrations, changelog and packages."""
    workspace, settings = current_workspace()
    wanted = SchemaVersion.parse(version)
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        published = catalogue.find(wanted)
        latest, is_staged = catalogue.latest(), wanted in catalogue.staged.all()
    document = _published_facts(published) if published else _draft_facts(workspace.load(wanted))
    if is_staged:
        document["status"] = "pushed"
    document["latest"] = wanted == latest
    if as_json:
        emit_json({"ok": True, **document})
        return
    _print_facts(document)


def _draft_facts(source: VersionSource) -> dict[str, Any]:
    return {
        "version": str(source.version),
        "status": "draft" if not source.lock else _PUSHED_ELSEWHERE if source.lock.is_staged else _ELSEWHERE,
        "description": source.description,
        "author": source.author,
        "migrations": [migration.id for migration in source.migrations],
        "changelog": source.changelog,
        "artifacts": [asdict(artifact) for artifact in source.lock.artifacts] if source.lock else [],
    }


def _published_facts(published: PublishedVersion) -> dict[str, Any]:
    return {
        "version": str(published.version),
        "status": "published",
        "published_at": published.published_at.isoformat(),
        "published_by": published.published_by,
        "description": published.description,
        "author": published.author,
        "schema_digest": published.schema_digest,
        "migrations": [migration.id for migration in published.migrations],
        "changelog": published.changelog,
        "artifacts": [asdict(artifact) for artifact in published.artifacts],
    }


def _print_facts(document: dict[str, Any]) -> None:
    mark = " (latest)" if document["latest"] else ""
    say((document["version"], "bold"), f" {document['status']}{mark}")
    for key in ("description", "author", "published_at", "published_by", "schema_digest"):
        if document.get(key):
            say(f"{key.replace('_', ' ') + ':':<15} {document[key]}")
    say(f"{'migrations:':<15} {', '.join(document['migrations']) or 'none'}")
    for artifact in document["artifacts"]:
        say(f"{artifact['language'] + ':':<15} {artifact['filename']}")
        say(f"{'':<15} sha256 {artifact['sha256']}")
    if document["changelog"].strip():
        say()
        say_lines(document["changelog"].strip(), indent="  ")
