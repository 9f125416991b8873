"""``new``, ``versions`` and ``show``: drafting versions and looking at them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from schemas.versions import SchemaVersion
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace

from ...catalogue import Catalogue
from ...catalogue.opening import open_catalogue
from ...config.settings import Settings
from ...lifecycle.seen_now import SeenNow, seen_now
from ...trust.attesting import signed_by
from ...versions.amend import Corrected, corrected, correction_document
from ..output import JsonFlag, emit_json, say, say_lines, show_problem
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
    takes: Annotated[
        list[str] | None,
        typer.Option("--takes", metavar="VERSION", help="A maintenance version to take over."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a new version: a copy of the one before it, to be edited.

    Below a version that is published it begins a maintenance line. Its migrations are in no
    later version until one takes the line over: --takes.
    """
    workspace, _settings = current_workspace()
    base = SchemaVersion.parse(from_version) if from_version is not None else None
    taken = [SchemaVersion.parse(each) for each in takes or ()]
    source = workspace.create_version(SchemaVersion.parse(version), base, taken)
    later = [str(each) for each in workspace.versions() if each > source.version]
    follows = source.origin.from_
    if as_json:
        document = {"ok": True, "version": str(source.version), "schema": source.schema_path}
        line = {"follows": str(follows) if follows else None, "takes": _answers(source)}
        emit_json({**document, "later_versions": later, **line})
        return
    say(f"Drafted {source.version}: edit {source.schema_path}")
    if follows is not None:
        others = ", ".join(later) or "other versions"
        say(f"It is on a maintenance line after {follows}: {others} won't have its changes,")
        say(f"until a later version takes it over: schema-service new VERSION --takes {source.version}")
    for each in source.origin.taken_over:
        say(f"{each.migration} of {each.version}: {each.answer} ([takes] in {source.folder}/version.toml)")
    say(f"Next: schema-service migration new NAME {source.version}")


def _answers(source: VersionSource) -> list[dict[str, str]]:
    return [
        {"version": str(each.version), "migration": each.migration, "answer": each.answer}
        for each in source.origin.taken_over
    ]


def versions(as_json: JsonFlag = False) -> None:
    """List the versions: drafts, published ones, and which is latest. Packages of drafts follow their
    version."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        seen, origins = _seen(workspace, settings, catalogue), catalogue.origins()
        packages = catalogue.drafts.all()
    published = set(origins)
    origins = {**origins, **workspace.origins()}
    in_workspace = workspace.versions()
    locks = {version: workspace.release_lock(version) for version in in_workspace}
    rows = []
    for version in sorted({*published, *in_workspace}):
        if version in published:
            status = "pushed" if version in seen.staged else "published"
        elif (lock := locks[version]) is not None:
            status = _PUSHED_ELSEWHERE if lock.is_staged else _ELSEWHERE
        else:
            status = "draft"
        follows, takes = origins[version].from_, [str(each) for each in origins[version].takes]
        rows.append(
            {
                "version": str(version),
                "status": status,
                "latest": version == seen.latest,
                "withdrawn": seen.withdrawn.get(version),
                "follows": str(follows) if follows else None,
                "takes": takes,
            }
        )
    if as_json:
        numbers = [{"version": str(each.version), "draft": str(each.number)} for each in packages]
        emit_json({"ok": True, "versions": rows, "drafts": numbers})
        return
    for row in rows:
        marks = ["latest"] if row["latest"] else []
        marks += [f"follows {row['follows']}"] if row["follows"] else []
        marks += [f"takes over {each}" for each in origins[SchemaVersion.parse(str(row["version"]))].takes]
        marks += [f"withdrawn: {row['withdrawn']}"] if row["withdrawn"] else []
        say("  ".join([f"{row['version']:<16} {row['status']}", *marks]))
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
        seen = _seen(workspace, settings, catalogue)
        corrections = catalogue.corrections.of(wanted) if published else ()
        signed = signed_by(catalogue, workspace, wanted)
    if published:
        document = _published_facts(corrected(published, corrections))
    else:
        document = _draft_facts(workspace.load(wanted))
    if wanted in seen.staged:
        document["status"] = "pushed"
    document["latest"] = wanted == seen.latest
    document["signed_by"] = signed
    document["withdrawn"] = seen.withdrawn.get(wanted)
    if as_json:
        emit_json({"ok": True, **document})
        return
    _print_facts(document)


def _seen(workspace: Workspace, settings: Settings, catalogue: Catalogue) -> SeenNow:
    """Warns where it is only what this machine knew."""
    seen = seen_now(workspace, settings, catalogue)
    for problem in seen.problems:
        show_problem(replace(problem, severity="warning"))
    if seen.problems:
        say("What other machines have published or withdrawn since may be missing here.", on_stderr=True)
    return seen


def _draft_facts(source: VersionSource) -> dict[str, Any]:
    return {
        "version": str(source.version),
        "status": "draft" if not source.lock else _PUSHED_ELSEWHERE if source.lock.is_staged else _ELSEWHERE,
        "description": source.description,
        "author": source.author,
        "notes": source.notes,
        "migrations": [migration.id for migration in source.migrations],
        "changelog": source.changelog,
        "artifacts": [asdict(artifact) for artifact in source.lock.artifacts] if source.lock else [],
    }


def _published_facts(now: Corrected) -> dict[str, Any]:
    published = now.published
    return {
        "version": str(published.version),
        "status": "published",
        "published_at": published.published_at.isoformat(),
        "published_by": published.published_by,
        "description": published.description,
        "author": published.author,
        "notes": published.notes,
        "schema_digest": published.schema_digest,
        "generators": published.generators,
        "migrations": [migration.id for migration in published.migrations],
        "rehearsed_ms": dict(published.rehearsed_ms),
        "changelog": published.changelog,
        "corrections": [correction_document(each) for each in now.corrections],
        "original": dict(now.original),
        "artifacts": [asdict(artifact) for artifact in published.artifacts],
    }


def _print_facts(document: dict[str, Any]) -> None:
    mark = " (latest)" if document["latest"] else ""
    say((document["version"], "bold"), f" {document['status']}{mark}")
    keys = ("withdrawn", "description", "author", "notes", "published_at", "published_by", "schema_digest")
    for key in keys:
        if document.get(key):
            say(f"{key.replace('_', ' ') + ':':<15} {document[key]}")
    for each in document.get("corrections", ()):
        say(f"{'corrected:':<15} {each['what']}, {each['at']} by {each['by']}; packages carry the original")
    say(f"{'migrations:':<15} {', '.join(document['migrations']) or 'none'}")
    for name, duration in document.get("rehearsed_ms", {}).items():
        say(f"{'':<15} {name} took {duration:.0f} ms in the rehearsal, on a few rows")
    if document["artifacts"]:
        say(f"{'signed by:':<15} {document['signed_by'] or 'nobody: it is unsigned'}")
    for artifact in document["artifacts"]:
        say(f"{artifact['language'] + ':':<15} {artifact['filename']}")
        say(f"{'':<15} sha256 {artifact['sha256']}")
    if document["changelog"].strip():
        say()
        say_lines(document["changelog"].strip(), indent="  ")
