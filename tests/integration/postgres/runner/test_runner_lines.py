"""Maintenance lines: which way the runner goes from a version of one line to a version of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from migrations.package.manifest import build_manifest
from migrations.package.release_state import ReleaseState
from migrations.runner import commands
from migrations.runner.errors import RefusedError, RunnerError, TryAgainError
from migrations.runner.manifest import Manifest
from migrations.runner.options import Options, address
from schemas.versions import SchemaVersion
from schemas.workspace.lines import CONTAINED, RUN, Origin, contained_versions, lines_of
from schemas.workspace.migration import Migration

from .kit import downgrade, migration, tables, upgrade

ONE = migration(1, "CREATE TABLE a (id int)", "DROP TABLE a", version="1.0.0")
TWO = migration(2, "CREATE TABLE b (id int)", "DROP TABLE b", version="1.1.0")
BIG = migration(3, "CREATE TABLE big (id int)", "DROP TABLE big", version="2.0.0")
FIX = migration(4, "CREATE TABLE fix (id int)", "DROP TABLE fix", version="1.1.1")
OWN = migration(5, "CREATE TABLE own (id int)", "DROP TABLE own", version="2.0.1")
NEXT = migration(6, "CREATE TABLE next (id int)", "DROP TABLE next", version="2.1.0")
_ALL = (ONE, TWO, BIG, FIX, OWN, NEXT)
_BRANCH = {"1.1.1": Origin(from_=SchemaVersion.parse("1.1.0"))}


def package(
    version: str,
    *migrations: Migration,
    origins: Mapping[str, Origin] | None = None,
    versions: Sequence[str] = (),
) -> Manifest:
    """That of ``version``, whose workspace has ``migrations`` and the versions without any too."""
    own = SchemaVersion.parse(version)
    said = {SchemaVersion.parse(each): origin for each, origin in (origins or {}).items()}
    listed = {*(m.version for m in migrations), *map(SchemaVersion.parse, versions), *said, own}
    known = {each: said.get(each, Origin()) for each in sorted(listed) if each <= own}
    contained = contained_versions(own, known)
    by_version = {each: [m for m in migrations if m.version == each] for each in contained}
    lines = tuple(lines_of(contained, known, by_version).values())
    is_one_line = all(known[each].is_default for each in contained)
    return Manifest.from_json(
        build_manifest(
            schema_name="shop",
            package="shop-migrations",
            version=own,
            schema_digest="0" * 64,
            migrations=[m for each in contained for m in by_version[each]],
            compatible_from={own: SchemaVersion(own.major, 0, 0)},
            lines=() if is_one_line else lines,
            history=[
                ReleaseState(version=SchemaVersion.parse(each), schema_digest="0" * 64, objects={})
                for each in versions
                if SchemaVersion.parse(each) in contained
            ],
        )
    )


def takes(how: str) -> dict[str, Origin]:
    """2.0.1 takes 1.1.1 over with this answer."""
    return {**_BRANCH, "2.0.1": Origin(takes={SchemaVersion.parse("1.1.1"): {FIX.id: how}})}


BASE = package("1.1.0", ONE, TWO)
MAJOR = package("2.0.0", ONE, TWO, BIG)
HOTFIX = package("1.1.1", *_ALL, origins=_BRANCH)
MERGED = package("2.0.1", *_ALL, origins=takes(RUN))
LATER = package("2.1.0", *_ALL, origins=takes(RUN))
_EVERY = {"a", "b", "big", "fix", "own"}


def version_of(dsn: str) -> str | None:
    return commands.status(BASE, address(dsn)).version


def test_a_line_goes_up_and_back_on_its_own_and_into_the_version_that_takes_it_over(dsn: str) -> None:
    upgrade(dsn, HOTFIX)
    assert (tables(dsn), version_of(dsn)) == ({"a", "b", "fix"}, "1.1.1")
    assert upgrade(dsn, MERGED) == (BIG.id, OWN.id)
    assert (tables(dsn), version_of(dsn)) == (_EVERY, "2.0.1")
    assert downgrade(dsn, MERGED, "1.1.1") == (OWN.id, BIG.id)
    assert (tables(dsn), version_of(dsn)) == ({"a", "b", "fix"}, "1.1.1")
    assert downgrade(dsn, HOTFIX, "1.1.0") == (FIX.id,)
    upgrade(dsn, MAJOR)
    assert upgrade(dsn, LATER) == (FIX.id, OWN.id, NEXT.id)
    assert downgrade(dsn, LATER, "2.0.0") == (NEXT.id, OWN.id, FIX.id)
    assert (tables(dsn), version_of(dsn)) == ({"a", "b", "big"}, "2.0.0")
    assert downgrade(dsn, MERGED) == (BIG.id, TWO.id, ONE.id)


def test_a_version_that_does_not_contain_the_line_refuses_by_name_in_every_command(dsn: str) -> None:
    upgrade(dsn, HOTFIX)
    for asked in (MAJOR, MERGED):
        to = None if asked is MAJOR else "2.0.0"
        for run in (commands.upgrade, commands.plan):
            with pytest.raises(RefusedError) as refused:
                run(asked, address(dsn), to=to)
            assert refused.value.code == "other-line"
            assert "2.0.0 doesn't contain 1.1.1's migration 004_m4" in refused.value.message
    assert "use 2.0.1, or a later version that contains it" in refused.value.fix
    with pytest.raises(RefusedError, match=r"2\.0\.0 doesn't contain 1\.1\.1's migration 004_m4"):
        commands.verify(MAJOR, address(dsn))
    with pytest.raises(RefusedError, match=r"2\.0\.0 doesn't contain"):
        commands.wait(MAJOR, address(dsn), seconds=0)
    found = commands.status(MAJOR, address(dsn))
    assert not found.up_to_date
    assert "2.0.0 doesn't contain 1.1.1's migration 004_m4" in (found.other_line or "")
    with pytest.raises(RefusedError, match=r"never been at 2\.0\.0"):
        commands.downgrade(MERGED, address(dsn), to="2.0.0")
    with pytest.raises(TryAgainError):
        commands.wait(MERGED, address(dsn), seconds=0)
    upgrade(dsn, MERGED)
    assert commands.wait(MERGED, address(dsn), seconds=0) == "2.0.1"
    assert commands.wait(MAJOR, address(dsn), seconds=0) == "2.0.1"
    assert upgrade(dsn, MAJOR) == ()
    assert commands.status(MERGED, address(dsn)).up_to_date


def test_a_maintenance_package_refuses_a_later_version_that_was_there_before_it(dsn: str) -> None:
    minor = package("1.2.0", ONE, TWO, versions=("1.2.0",))
    fix = replace(FIX, number=3)
    hotfix = package("1.1.1", ONE, TWO, fix, origins=_BRANCH)
    upgrade(dsn, minor)
    for run in (commands.upgrade, commands.plan, commands.wait):
        more = {"seconds": 0} if run is commands.wait else {}
        with pytest.raises(RefusedError, match=r"1\.2\.0(, which)? doesn't contain 1\.1\.1"):
            run(hotfix, address(dsn), **more)
    for how in (CONTAINED, RUN):
        taken = {**_BRANCH, "1.2.1": Origin(takes={SchemaVersion.parse("1.1.1"): {fix.id: how}})}
        merged = package("1.2.1", ONE, TWO, fix, origins=taken, versions=("1.2.0",))
        upgrade(dsn, merged)
        assert commands.wait(hotfix, address(dsn), seconds=0) == "1.2.1"
        assert upgrade(dsn, hotfix) == ()
        downgrade(dsn, merged, "1.2.0")
    assert version_of(dsn) == "1.2.0"


@pytest.mark.parametrize("how", [CONTAINED, OWN.id])
def test_what_a_line_has_already_is_not_run_again_on_databases_that_come_from_there(
    dsn: str, how: str
) -> None:
    merged = package("2.0.1", *_ALL, origins=takes(how))
    upgrade(dsn, HOTFIX)
    own = () if how == OWN.id else (OWN.id,)
    assert upgrade(dsn, merged) == (BIG.id, *own)
    found = commands.status(merged, address(dsn))
    assert found.up_to_date
    shown = {each.migration: each.status for each in found.migrations}
    assert shown[OWN.id] == ("contained" if how == OWN.id else "success")
    assert upgrade(dsn, merged) == ()
    with pytest.raises(RefusedError, match=r"downgrade --to 1\.1\.1"):
        downgrade(dsn, merged, "2.0.0")
    later = package("2.1.0", *_ALL, origins=takes(how))
    upgrade(dsn, later)
    assert downgrade(dsn, later, "2.0.1") == (NEXT.id,), "2.0.1 has taken over what it has"
    assert downgrade(dsn, merged, "1.1.0") == (*own, BIG.id, FIX.id)
    upgrade(dsn, MAJOR)
    assert upgrade(dsn, merged) == (OWN.id,)
    found = commands.status(merged, address(dsn))
    assert found.up_to_date
    assert {each.migration: each.status for each in found.migrations}[FIX.id] == "contained"
    with pytest.raises(RefusedError, match=r"never been at 1\.1\.1"):
        downgrade(dsn, merged, "1.1.1")
    assert downgrade(dsn, merged, "2.0.0") == (OWN.id,)


def test_a_version_without_migrations_is_like_the_one_that_it_follows(dsn: str) -> None:
    """1.1.2 was published after 2.1.0, whose package doesn't know it."""
    origins = {**_BRANCH, "1.1.2": Origin(from_=SchemaVersion.parse("1.1.1"))}
    quiet = package("1.1.2", *_ALL, origins=origins, versions=("1.1.2",))
    upgrade(dsn, quiet)
    with pytest.raises(RefusedError) as refused:
        commands.upgrade(MAJOR, address(dsn))
    assert "one that takes 1.1.2 over" in refused.value.fix
    for target in ("2.0.0", "2.0.1"):
        with pytest.raises(RefusedError) as refused:
            downgrade(dsn, LATER, target)
        assert (refused.value.code, version_of(dsn)) == ("below-target", "1.1.2")
    taken = {**_BRANCH, "1.2.0": Origin(takes={SchemaVersion.parse("1.1.1"): {FIX.id: RUN}})}
    minor = package("1.2.0", ONE, TWO, FIX, origins=taken, versions=("1.2.0",))
    assert commands.upgrade(minor, address(dsn)).version == "1.2.0"
    assert upgrade(dsn, quiet) == ()
    assert commands.wait(quiet, address(dsn), seconds=0) == "1.2.0"


def test_a_run_between_two_lines_is_finished_or_taken_back(dsn: str) -> None:
    broken = package(
        "2.0.1", *(replace(m, up="SELECT 1/0") if m is OWN else m for m in _ALL), origins=takes(RUN)
    )
    upgrade(dsn, HOTFIX)
    with pytest.raises(RunnerError):
        upgrade(dsn, broken)
    assert (version_of(dsn), tables(dsn)) == ("1.1.1", _EVERY - {"own"})
    assert commands.status(MERGED, address(dsn)).between == (BIG.id,)
    assert commands.downgrade(MERGED, address(dsn), to="1.1.1").migrations == (BIG.id,)
    with pytest.raises(RunnerError):
        upgrade(dsn, broken)
    assert commands.status(MERGED, address(dsn)).between == (BIG.id,)
    assert commands.retry(MERGED, address(dsn), options=Options()).version == "2.0.1"
    assert commands.status(MERGED, address(dsn)).between == ()
    assert tables(dsn) == _EVERY
