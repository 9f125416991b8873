"""A version that takes over a maintenance line, rehearsed from the versions of each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from migrations.errors import RehearsalError
from migrations.package.release_state import Release
from migrations.rehearsal.history import read_history
from migrations.rehearsal.rehearsal import Rehearsal, rehearse
from migrations.scratch.scratch_server import ScratchServer
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.lines import CONTAINED, RUN, Origin, VersionLine, contained_versions, lines_of
from schemas.workspace.migration import Migration

_SCHEMA = """
datasource db {{
  provider = "postgresql"
}}

model Item {{
  id   Int     @id
  name String?
{fields}}}
"""
_NOTE = "  note String?\n"


def _step(number: int, version: str, up: str, down: str) -> Migration:
    return Migration(number=number, name="step", version=SchemaVersion.parse(version), up=up, down=down)


def _column(name: str) -> tuple[str, str]:
    return f'ALTER TABLE "Item" ADD COLUMN "{name}" TEXT', f'ALTER TABLE "Item" DROP COLUMN "{name}"'


FIRST = _step(1, "1.0.0", 'CREATE TABLE "Item" ("id" INTEGER PRIMARY KEY, "name" TEXT)', 'DROP TABLE "Item"')
RENAMED = _step(
    2,
    "2.0.0",
    'ALTER TABLE "Item" RENAME TO "Thing"',
    'ALTER TABLE "Thing" RENAME TO "Item"',
)
NEXT = _step(2, "2.0.0", *_column("other"))
FIX = _step(3, "1.0.1", *_column("note"))


def _rehearse(
    bridge: PrismaBridge,
    server: ScratchServer,
    answers: Mapping[str, str],
    *migrations: Migration,
    fields: str,
    cache: Path | None = None,
    model: str = "Item",
) -> Rehearsal:
    schema = bridge.parse(_SCHEMA.format(fields=fields).replace("model Item", f"model {model}"))
    lines = _lines(answers, *migrations)
    version = lines[-1].version
    return rehearse(
        migrations,
        schema,
        server,
        bridge,
        version=version,
        releases=[
            Release(version=line.version, schema_digest="0" * 64) for line in lines if line.version != version
        ],
        lines=lines,
        cache=cache,
    )


def _lines(answers: Mapping[str, str], *migrations: Migration) -> tuple[VersionLine, ...]:
    first, second, branch, taking = (
        SchemaVersion(1, 0, 0),
        SchemaVersion(2, 0, 0),
        SchemaVersion(1, 0, 1),
        SchemaVersion(2, 0, 1),
    )
    again = SchemaVersion(1, 0, 2)
    last = max(taking, *(each.version for each in migrations))
    origins = {
        first: Origin(),
        branch: Origin(from_=first),
        second: Origin(),
        taking: Origin(takes={branch: answers}),
    }
    origins.setdefault(last, Origin())
    if own := [m for m in migrations if m.version == again]:
        origins[again] = Origin(from_=branch)
        stands = next((m.id for m in migrations if m.version == last and m.version != taking), CONTAINED)
        origins[last] = Origin(takes={again: {own[0].id: stands}})
    contained = contained_versions(last, origins)
    own = {each: [m for m in migrations if m.version == each] for each in contained}
    return tuple(lines_of(contained, origins, own).values())


def test_a_line_whose_migrations_run_is_rehearsed_from_each_version(
    bridge: PrismaBridge, scratch_server: ScratchServer, tmp_path: Path
) -> None:
    history = (FIRST, NEXT, FIX)
    fields = f"{_NOTE}  other String?\n"
    found = _rehearse(bridge, scratch_server, {FIX.id: RUN}, *history, fields=fields, cache=tmp_path)
    assert sorted(str(trip.origin) for trip in found.trips) == ["1.0.0", "1.0.1", "2.0.0"]
    assert all(trip.up_again == trip.begun for trip in found.trips)
    assert "with rows from 1.0.0, 1.0.1, 2.0.0" in found.summary
    assert found.warnings == ()
    states = {str(state.version): set(state.objects) for state in found.history}
    columns = ('column public."Item".note', 'column public."Item".other')
    assert {each: [name in states[each] for name in columns] for each in states} == {
        "1.0.0": [False, False],
        "1.0.1": [True, False],
        "2.0.0": [False, True],
        "2.0.1": [True, True],
    }
    releases = [Release(version=state.version, schema_digest=state.schema_digest) for state in found.history]
    lines = _lines({FIX.id: RUN}, *history)
    assert read_history(history, releases, None, tmp_path / "new", lines) == found.history
    again = _rehearse(bridge, scratch_server, {FIX.id: RUN}, *history, fields=fields, cache=tmp_path)
    assert (again.history, again.fingerprint) == (found.history, found.fingerprint)


def test_a_version_after_one_that_only_took_a_line_over_is_rehearsed(
    bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    """2.0.1 has no migration of its own."""
    later = _step(4, "2.1.0", *_column("later"))
    fields = f"{_NOTE}  other String?\n  later String?\n"
    found = _rehearse(bridge, scratch_server, {FIX.id: RUN}, FIRST, NEXT, FIX, later, fields=fields)
    assert sorted(str(trip.origin) for trip in found.trips) == ["1.0.0", "1.0.1", "2.0.0", "2.0.1"]
    assert [str(state.version) for state in found.history] == ["1.0.0", "1.0.1", "2.0.0", "2.0.1", "2.1.0"]


def test_a_line_that_is_taken_over_once_more_is_rehearsed_from_each_version(
    bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    """A database from 1.0.1 never runs what 2.1.0 has a migration of its own for, and goes back there."""
    more = _step(4, "1.0.2", *_column("more"))
    own = replace(more, number=5, version=SchemaVersion(2, 1, 0))
    fields = f"{_NOTE}  other String?\n  more String?\n"
    found = _rehearse(bridge, scratch_server, {FIX.id: RUN}, FIRST, NEXT, FIX, more, own, fields=fields)
    versions = ["1.0.0", "1.0.1", "1.0.2", "2.0.0", "2.0.1"]
    assert sorted(str(trip.origin) for trip in found.trips) == versions
    assert all(trip.up_again == trip.begun for trip in found.trips)


def test_a_migration_in_the_place_of_another_ends_in_the_same_state(
    bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    """The line's own can't run here: its table has another name."""
    own = replace(FIX, number=4, version=SchemaVersion(2, 0, 1), up=FIX.up.replace("Item", "Thing"))
    own = replace(own, down=str(FIX.down).replace("Item", "Thing"))
    history = (FIRST, RENAMED, FIX, own)
    found = _rehearse(bridge, scratch_server, {FIX.id: own.id}, *history, fields=_NOTE, model="Thing")
    assert sorted(str(trip.origin) for trip in found.trips) == ["1.0.0", "1.0.1", "2.0.0"]
    for answer, codes in ((RUN, {"migration-failed", "line-fails"}), (CONTAINED, {"line-fails"})):
        with pytest.raises(RehearsalError) as refused:
            _rehearse(bridge, scratch_server, {FIX.id: answer}, *history, fields=_NOTE, model="Thing")
        assert {problem.code for problem in refused.value.problems} <= codes | {"migration-fails-with-rows"}


def test_lines_that_end_in_other_states_are_refused(
    bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    history = (FIRST, NEXT, FIX)
    with pytest.raises(RehearsalError) as refused:
        _rehearse(bridge, scratch_server, {FIX.id: CONTAINED}, *history, fields="  other String?\n")
    (problem,) = refused.value.problems
    assert problem.code == "round-trip"
    assert 'upgrading from 1.0.1 to 2.0.1 leaves behind: column public."Item".note' in problem.message
    assert "[takes]" in problem.fix


def test_a_line_on_which_a_published_migration_fails_is_refused_by_name(
    bridge: PrismaBridge, scratch_server: ScratchServer
) -> None:
    same = _step(2, "2.0.0", *_column("note"))
    with pytest.raises(RehearsalError) as refused:
        _rehearse(bridge, scratch_server, {FIX.id: CONTAINED}, FIRST, same, FIX, fields=_NOTE)
    (problem,) = refused.value.problems
    assert problem.code == "line-fails"
    assert problem.message.startswith("going from 1.0.1 to 2.0.1, ")
    assert problem.file == "schemas/2.0.1/version.toml"
