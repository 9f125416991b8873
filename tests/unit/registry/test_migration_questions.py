"""``migration new`` on a terminal: the planner's questions, and where the answers go."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from schemas.answers import Backfill
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

_MAIN = "import sys; from registry.cli.main import main; main()"
_DEADLINE_SECONDS = 120
_POLL_SECONDS = 1
_SCHEMA = """\
datasource db {{
  provider = "postgresql"
}}

model Note {{
  id   Int    @id
{fields}
}}
"""


def test_every_question_is_asked_and_answered_in_the_file(tmp_path: Path) -> None:
    workspace = _workspace(tmp_path)
    answers = {
        "Note.title is removed and": "1",  # renamed
        "Note.draft is removed and": "2",  # dropped
        "Why may it be lost?": "nobody used it",
        "Note.stars is new": "1",
        "Value (as in TOML": "5",
        "Note.slug is new": "2",
        "Expression": "id + 100",
    }
    output = _converse(tmp_path, ["migration", "new", "change"], answers)
    assert "002_change" in output
    text = (tmp_path / "schemas/2.0.0/version.toml").read_text()
    assert text.startswith("# One line")
    said = workspace.load(SchemaVersion(2, 0, 0)).answers
    assert said.renames == (("Note.title", "Note.headline"),)
    assert said.accepted_losses == (("Note.draft", "nobody used it"),)
    assert said.backfill("Note.stars") == Backfill(constant=5)
    assert said.backfill("Note.slug") == Backfill(sql="id + 100")
    up = (tmp_path / "schemas/2.0.0/migrations/002_change/up.sql").read_text()
    assert 'RENAME COLUMN "title" TO "headline"' in up


def test_leaving_a_question_changes_nothing(tmp_path: Path) -> None:
    _workspace(tmp_path)
    before = (tmp_path / "schemas/2.0.0/version.toml").read_text()
    output = _converse(tmp_path, ["migration", "new", "change"], {"Note.title is removed and": "\x04"})
    assert "answer in schemas/2.0.0/version.toml: [renames]" in output
    assert (tmp_path / "schemas/2.0.0/version.toml").read_text() == before
    assert not (tmp_path / "schemas/2.0.0/migrations").exists()


def _workspace(folder: Path) -> Workspace:
    workspace = create_workspace(folder, name="shop", sample=False)
    first = folder / "schemas/1.0.0/schema.prisma"
    first.write_text(_SCHEMA.format(fields="  title String\n  draft Boolean"))
    workspace.add_migration(SchemaVersion(1, 0, 0), "init", "CREATE TABLE x ();", None)
    workspace.create_version(SchemaVersion(2, 0, 0))
    fields = "  headline String\n  hidden Boolean?\n  stars Int\n  slug Int"
    (folder / "schemas/2.0.0/schema.prisma").write_text(_SCHEMA.format(fields=fields))
    return workspace


def _converse(folder: Path, arguments: list[str], answers: dict[str, str]) -> str:
    """Run a command on a terminal and answer what it asks, each once, when it is asked."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _MAIN, *arguments],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(Path(__file__).parents[3])},
        start_new_session=True,
    )
    os.close(theirs)
    output, unread, pending = "", "", dict(answers)
    ended = time.monotonic() + _DEADLINE_SECONDS
    try:
        while time.monotonic() < ended:
            if not select.select([ours], [], [], _POLL_SECONDS)[0]:
                continue
            try:
                read = os.read(ours, 65536).decode(errors="replace")
            except OSError:  # the other side is closed: the process has ended
                break
            output, unread = output + read, unread + read
            asked = next((question for question in pending if question in unread), None)
            if asked is not None and unread.rstrip().endswith(":"):
                answer = pending.pop(asked)
                unread = ""
                os.write(ours, answer.encode() if answer == "\x04" else f"{answer}\n".encode())
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return output
