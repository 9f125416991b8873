"""What a release is made from, frozen at its start.

The workflow's input is this snapshot and not the workspace, so that a release that is resumed tomorrow
finishes what was begun, whatever has been edited since.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter

from generators.target import PackageNames
from migrations.package.release_state import Release
from schemas.answers import Answers, Rename
from schemas.partial_types.checking import FILE_NAME
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration
from schemas.workspace.version_source import VersionSource

from ..config.settings import Settings
from ..validation.predecessors import BaseVersion, Predecessors
from ..validation.schema_loading import SchemaTexts
from ..validation.version_check import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``migrations`` are all of them up to ``version``; ``schema_file`` is how problems name the schema, and
    ``previous`` is the highest published version below this one, ``last_stable`` the highest of those that is
    no pre-release: the one whose users a release must not surprise. ``releases`` are the versions below that
    the packages tell of, ``answers`` what the author said of the migrations, ``compatible_from`` the oldest
    version whose packages work on a database at this one, where that is declared. ``partial_types`` is the
    text of partial_types.py, empty where there is none. ``latest_sealed`` is `latest` by the seals of the
    workspace, where that has any; ``is_sealed``: this very version was published before, elsewhere."""

    schema_name: str
    version: SchemaVersion
    description: str
    author: str | None
    changelog: str
    schema_text: str
    schema_file: str
    previous: BaseVersion | None
    last_stable: BaseVersion | None
    renames: tuple[Rename, ...]
    migrations: tuple[Migration, ...]
    names: PackageNames
    input_digest: str
    releases: tuple[Release, ...] = ()
    compatible_from: SchemaVersion | None = None
    answers: Answers = field(default_factory=Answers)
    partial_types: str = ""
    partial_types_file: str = FILE_NAME
    latest_sealed: SchemaVersion | None = None
    is_sealed: bool = False

    @property
    def candidate(self) -> Candidate:
        """What is checked of it."""
        return Candidate(
            version=self.version,
            texts=SchemaTexts(
                self.schema_text, self.schema_file, self.partial_types, self.partial_types_file
            ),
            renames=self.renames,
            answers=self.answers,
            history=self.migrations,
            is_published=self.is_sealed,
        )

    @property
    def before(self) -> Predecessors:
        """What it is checked against."""
        return Predecessors(previous=self.previous, last_stable=self.last_stable)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, as the workflow's database stores them."""
        stored: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Snapshot:
        """The snapshot that :meth:`to_json` wrote."""
        return _ADAPTER.validate_python(stored)


_ADAPTER = TypeAdapter(Snapshot)


def snapshot_of(
    source: VersionSource,
    settings: Settings,
    before: Predecessors,
    releases: tuple[Release, ...],
    latest_sealed: SchemaVersion | None = None,
) -> Snapshot:
    """Everything that determines the packages of ``source``, and what it is compared with."""
    names = settings.packages.names()
    return Snapshot(
        schema_name=settings.name,
        version=source.version,
        description=source.description,
        author=source.author,
        changelog=source.changelog,
        schema_text=source.schema_text,
        schema_file=source.schema_path,
        previous=before.previous,
        last_stable=before.last_stable,
        renames=source.renames,
        answers=source.answers,
        migrations=source.history,
        releases=releases,
        compatible_from=source.compatible_from,
        names=names,
        input_digest=input_digest(source, settings.name, names),
        partial_types=source.partial_types,
        partial_types_file=source.partial_types_path,
        latest_sealed=latest_sealed,
        is_sealed=source.is_published,
    )


def input_digest(source: VersionSource, schema_name: str, names: PackageNames) -> str:
    """sha256 (hex) over all that the packages of ``source`` are made from, their names included."""
    content = {"source": source.digest, "schema_name": schema_name, "names": asdict(names)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
