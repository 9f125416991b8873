"""A workspace with three published versions, and how tests call it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team

UNSIGNED, FIRST_KEY, SECOND_KEY = "1.0.0", "1.1.0", "2.0.0"


@dataclass(frozen=True)
class Released:
    """Three versions: from before there was a key, with the first key, and with the one that replaced it."""

    team: Team
    keys: Path


_SCHEMA = """datasource db {{
  provider = "postgresql"
}}

model Plant {{
  id Int @id
{field}}}
"""


def write_versions(root: Path, name: str) -> None:
    """A workspace with the drafts, each of which adds a column."""
    workspace = create_workspace(root, name=name, sample=False)
    fields = {UNSIGNED: "", FIRST_KEY: "  name String?\n", SECOND_KEY: "  name String?\n  height Int?\n"}
    statements = {
        UNSIGNED: ('CREATE TABLE "Plant" ("id" INTEGER PRIMARY KEY);', 'DROP TABLE "Plant";'),
        FIRST_KEY: ('ALTER TABLE "Plant" ADD COLUMN "name" TEXT;', 'ALTER TABLE "Plant" DROP COLUMN "name";'),
        SECOND_KEY: (
            'ALTER TABLE "Plant" ADD COLUMN "height" INTEGER;',
            'ALTER TABLE "Plant" DROP COLUMN "height";',
        ),
    }
    for version, field in fields.items():
        parsed = SchemaVersion.parse(version)
        if parsed not in workspace.versions():
            workspace.create_version(parsed)
        folder = root / "schemas" / version
        (folder / "schema.prisma").write_text(_SCHEMA.format(field=field))
        (folder / "version.toml").write_text(f'description = "Plants, version {version}"\n')
        workspace.add_migration(parsed, f"step_{parsed.major}_{parsed.minor}", *statements[version])


def done(team: Team, *arguments: str) -> dict[str, Any]:
    done = team.run(*arguments, "--json")
    assert done.exit_code == 0, done.output + done.errors
    return done.document


def codes(document: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in document["problems"]]
