"""Which package takes a database back."""

from __future__ import annotations

from migrations.runner.manifest import Manifest
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ..catalogue import Catalogue
from ..errors import DatabaseError
from . import database as one
from .manifests import PublishedManifests
from .registered import RegisteredDatabase


def package_to_go_back(
    catalogue: Catalogue, manifests: PublishedManifests, database: RegisteredDatabase, to: SchemaVersion
) -> tuple[Manifest, one.DatabaseState]:
    """The newest package, or one on the database's own line; and what the database has. Raises DatabaseError
    for a database that ran a draft, and what asking it raises."""
    highest = manifests.of(max(catalogue.versions(), default=to))
    found = one.state(database, highest, one.LOOKING)
    at = None if found.version is None else SchemaVersion.parse(found.version, drafts=True)
    if found.is_between or (at is not None and at > to):
        return _manifest_for(found, highest, manifests, database), found
    return highest, found


def _manifest_for(
    found: one.DatabaseState, highest: Manifest, manifests: PublishedManifests, database: RegisteredDatabase
) -> Manifest:
    """One that knows what the database has: that of the highest version, or of one on its own line."""
    if not found.unknown and found.version in {None, *highest.versions}:
        return highest
    # A run that hasn't ended was going to the target.
    for wanted in dict.fromkeys((found.target if found.is_between else found.version, found.version)):
        version = None if wanted is None else SchemaVersion.parse(wanted, drafts=True)
        if version is not None and version.is_draft:
            raise DatabaseError(_ran_a_draft(database, version, highest.package))
        if version is not None and (version in manifests or str(version) == found.version):
            return manifests.of(version)
    return highest


def _ran_a_draft(database: RegisteredDatabase, draft: SchemaVersion, package: str) -> Problem:
    return Problem(
        code="database-at-draft",
        message=f"{database.name} ran the draft {draft}, and only the package of a draft knows its way back",
        fix=f"install {package}=={draft.pep440} and run its downgrade --to the version before, with "
        "--allow-draft; or make the database anew",
    )
