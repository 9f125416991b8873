"""What a release is made from, frozen at its start.

The workflow's input is this snapshot and not the workspace, so that a release that is resumed tomorrow
finishes what was begun, whatever has been edited since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from generators.target import PackageNames
from migrations.package.release_state import Release
from schemas.answers import Answers, Rename
from schemas.partial_types.checking import FILE_NAME
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseVersion:
    """The published version that this one follows."""

    version: SchemaVersion
    schema_text: str
    partial_types: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """``migrations`` are all of them up to ``version``; ``schema_file`` is how problems name the schema, and
    ``previous`` is the highest published version below this one, ``last_stable`` the highest of those that is
    no pre-release: the one whose users a release must not surprise. ``releases`` are the versions below that
    the packages tell of, ``answers`` what the author said of the migrations, ``compatible_from`` the oldest
    version whose packages work on a database at this one, where that is declared. ``partial_types`` is the
    text of partial_types.py, empty where there is none. ``latest_sealed`` is `latest` by the seals of the
    workspace, where that has any."""

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

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, as the workflow's database stores them."""
        stored: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Snapshot:
        """The snapshot that :meth:`to_json` wrote."""
        return _ADAPTER.validate_python(stored)


_ADAPTER = TypeAdapter(Snapshot)
