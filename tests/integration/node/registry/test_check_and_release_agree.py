"""What `check` says of a version and what the release's gates do with it are one thing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from generators.revisions import current_revision
from generators.target import PackageNames
from migrations.planner.plan import plan as make_plan
from registry.catalogue import Catalogue, PublishedVersion
from registry.config.settings import Settings, StateTable
from registry.release.context import ReleaseContext
from registry.release.snapshots.workspace_snapshot import load_unedited, snapshot_to_build, take_snapshot
from registry.release.steps import check, compare, plan
from registry.validation.published_versions import PublishedVersions
from registry.validation.workspace_check import problems_of
from schemas.answers import Answers
from schemas.errors import InvalidSchemaError, Problem, ServiceError, WorkspaceError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.version_source import text_digest
from schemas.workspace.workspace import Workspace

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n\nmodel Item {\n  id Int @id\n'
_FIELDS = {"a": "  a String?\n", "b": "  b String?\n", "c": "  c Int\n"}
_FITTING = "what Prisma writes"
_SCRIPTS = (
    'ALTER TABLE "Item" ADD COLUMN "b" TEXT;\n',
    'ALTER TABLE "Item" DROP COLUMN "a";\n',
    'CREATE INDEX "i" ON "Item" ("a");\n',
    "SELEC 1;\n",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody writes as a version."""

    version: SchemaVersion
    fields: frozenset[str]
    renames: tuple[tuple[str, str], ...] = ()
    script: str | None = None
    is_valid: bool = True

    @property
    def schema(self) -> str:
        fields = "".join(text for name, text in _FIELDS.items() if name in self.fields)
        return f"{_HEAD}{fields}{'}' if self.is_valid else ''}\n"


@dataclass(slots=True)
class History:
    """A workspace and a catalogue that know the same versions, as they are published one by one."""

    workspace: Workspace
    catalogue: Catalogue
    bridge: PrismaBridge
    published: int = 0

    def draft(self, edit: Edit) -> None:
        source = self.workspace.create_version(edit.version)
        folder = self.workspace.root / source.folder
        (folder / "schema.prisma").write_text(edit.schema)
        self.workspace.add_answers(edit.version, Answers(renames=edit.renames))
        script = self._difference(edit) if edit.script == _FITTING else edit.script
        if script:
            self.workspace.add_migration(edit.version, "change", script, "SELECT 1;\n")

    def _difference(self, edit: Edit) -> str:
        """What takes a database of the version below to this one; empty where a schema is not valid."""
        below = [each for each in self.workspace.versions() if each < edit.version]
        before = self.workspace.load(below[-1]).schema_text if below else None
        with suppress(InvalidSchemaError):
            return self.bridge.diff(before, edit.schema)
        return ""

    def checked(self, version: SchemaVersion) -> list[Problem]:
        published = PublishedVersions(names=PackageNames())
        return problems_of(self.workspace, [version], self.bridge, published=published)

    def gated(self, version: SchemaVersion) -> tuple[Problem, ...] | None:
        """What the release's gates say; None where a draft below has to be published first."""
        context = ReleaseContext(
            root=self.workspace.root,
            settings=Settings(name="shop"),
            catalogue=self.catalogue,
            bridge=self.bridge,
            publishers={},
            rehearsal_url=None,
        )
        try:
            source = load_unedited(self.workspace, version)
            snapshot = take_snapshot(self.workspace, source, context.settings, self.catalogue, self.bridge)
            for step in (check, compare, plan):
                step.run(context, snapshot, {})
        except ServiceError as error:
            must_wait = {problem.code for problem in error.problems} == {"draft-below"}
            return None if must_wait else error.problems
        return ()

    def publish(self, version: SchemaVersion) -> None:
        source = self.workspace.load(version)
        self.published += 1
        at = _EPOCH + timedelta(days=self.published)
        packages = tuple(asdict(PackageNames()).items())
        self.catalogue.record(
            PublishedVersion(
                version=version,
                description="",
                author=None,
                schema_text=source.schema_text,
                schema_digest="b" * 64,
                input_digest=source.digest,
                changelog="",
                published_at=at,
                published_by="somebody",
                migrations=source.migrations,
                artifacts=(),
                packages=packages,
                follows=source.origin.from_,
                takes=source.origin.taken_over,
            ),
            latest=version,
        )
        lock = ReleaseLock(
            version=version,
            schema_digest="b" * 64,
            input_digest=source.digest,
            artifacts=(),
            published_at=at.isoformat(),
            generators=current_revision(),
            changelog_digest=text_digest(""),
            packages=packages,
        )
        self.workspace.seal(version, lock)


@contextmanager
def new_history(root: Path, bridge: PrismaBridge) -> Iterator[History]:
    workspace = create_workspace(root / "workspace", name="shop", sample=False)
    for path in sorted((workspace.root / "schemas/1.0.0").iterdir()):
        path.unlink()
    (workspace.root / "schemas/1.0.0").rmdir()
    catalogue = Catalogue.open("sqlite:///state.db", root=root, schema_name="shop")
    try:
        yield History(workspace, catalogue, bridge)
    finally:
        catalogue.close()


def _edit(version: str, fields: str, **more: str) -> Edit:
    return Edit(SchemaVersion.parse(version), frozenset(fields), **more)


def _errors(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize("of_candidate", ["a", ""])
def test_a_release_after_a_candidate_is_held_against_the_release_before(
    bridge: PrismaBridge, tmp_path: Path, of_candidate: str
) -> None:
    """Nobody was promised anything by 1.1.0-rc.1, whatever that dropped; 1.0.0's users were."""
    with new_history(tmp_path, bridge) as history:
        for edit in (_edit("1.0.0", "a"), _edit("1.1.0-rc.1", of_candidate)):
            history.draft(edit)
            history.publish(edit.version)
        last = _edit("1.1.0", "")
        history.draft(last)
        told = history.checked(last.version)
        assert [problem.code for problem in told] == ["version-too-small"]
        assert "from 1.0.0" in told[0].message
        assert history.gated(last.version) == tuple(told)


def test_a_back_port_is_held_against_its_own_line(bridge: PrismaBridge, tmp_path: Path) -> None:
    with new_history(tmp_path, bridge) as history:
        for edit in (_edit("1.0.0", "a"), _edit("2.0.0", "b")):
            history.draft(edit)
            history.publish(edit.version)
        fine, too_small = _edit("1.1.0", "a"), _edit("1.0.1", "a")
        history.draft(fine)
        _add_partial_type(history, fine)
        assert history.checked(fine.version) == []
        assert history.gated(fine.version) == ()
        history.draft(too_small)
        _add_partial_type(history, too_small)
        assert history.gated(too_small.version) == tuple(history.checked(too_small.version)) != ()


def test_a_generated_script_has_to_follow_from_its_answers(bridge: PrismaBridge, tmp_path: Path) -> None:
    with new_history(tmp_path, bridge) as history:
        before, after = _edit("1.0.0", "a"), _edit("2.0.0", "b")
        history.draft(before)
        history.publish(before.version)
        history.draft(after)
        answers = Answers(renames=(("Item.a", "Item.b"),))
        planned = make_plan(bridge.parse(before.schema), bridge.parse(after.schema), bridge, answers)
        history.workspace.add_migration(
            after.version, "b", planned.up, planned.down, leads_to=after.schema, answers=answers
        )
        told = history.checked(after.version)
        assert [problem.code for problem in told] == ["outdated-script"]
        assert history.gated(after.version) == tuple(told)
        history.workspace.add_answers(after.version, answers)
        assert history.checked(after.version) == []
        assert history.gated(after.version) == ()


def test_a_line_that_nobody_has_taken_over_is_a_warning(bridge: PrismaBridge, tmp_path: Path) -> None:
    """And its users are held to the version that takes it over, as those of the version before are."""
    with new_history(tmp_path, bridge) as history:
        for edit in (_edit("1.0.0", "a"), _edit("1.1.0", "a")):
            history.draft(edit)
            history.publish(edit.version)
        history.draft(_edit("1.0.1", "ab", script=_SCRIPTS[0]))
        history.publish(SchemaVersion.parse("1.0.1"))
        history.draft(_edit("1.0.2", "ab"))  # its next draft doesn't close the line
        history.draft(_edit("1.1.1", "a"))
        (told,) = history.checked(SchemaVersion.parse("1.1.1"))
        assert (told.code, told.severity, told.file) == ("line-open", "warning", "schemas/1.0.1")
        file = history.workspace.root / "schemas/1.1.1/version.toml"
        file.write_text(f'{file.read_text()}\n[takes."1.0.1"]\n001_change = "contained"\n')
        found = history.checked(SchemaVersion.parse("1.1.1"))
        assert [problem.code for problem in found] == ["version-too-small"]
        assert "from 1.0.1" in found[0].message
        assert history.gated(SchemaVersion.parse("1.1.1")) == tuple(found)


@pytest.mark.parametrize("version", ["1.1.1", "1.1.2", "2.1.0"])
def test_two_machines_that_use_one_number_are_told_by_name(
    bridge: PrismaBridge, tmp_path: Path, version: str
) -> None:
    """One has published 1.1.1, and the other hasn't got its folder from version control."""
    with new_history(tmp_path, bridge) as history:
        for edit in (_edit("1.1.0", "a"), _edit("2.0.0", "a")):
            history.draft(edit)
            history.publish(edit.version)
        other = tmp_path / "other"
        shutil.copytree(history.workspace.root, other)
        history.draft(_edit("1.1.1", "a", script=_SCRIPTS[2]))
        history.publish(SchemaVersion.parse("1.1.1"))
        late = History(Workspace(other), history.catalogue, bridge)
        own = _edit(version, "ab", script=_SCRIPTS[0])
        late.draft(own)
        gated = late.gated(own.version)
        settings = Settings(name="shop", state=StateTable(url="postgres://shared"))
        published = PublishedVersions(settings, history.catalogue)
        told = _errors(problems_of(late.workspace, [own.version], bridge, published=published))
        assert gated is not None
        expected = {
            "1.1.1": {"version-is-immutable", "version-too-small", "published-migration-edited"},
            "1.1.2": {"line-left-out"},
            "2.1.0": {"published-migration-renamed"},
        }[version]
        assert {problem.code for problem in gated} <= {problem.code for problem in told}
        assert expected & {problem.code for problem in gated}
        if version == "2.1.0":
            assert gated[0].message == "its number belongs to 001_change of 1.1.1, which is published"


def _add_partial_type(history: History, edit: Edit) -> None:
    """What needs no migration, and another number: a version below published migrations can have none."""
    partials = history.workspace.root / f"schemas/{edit.version}/partial_types.py"
    partials.write_text(
        "from shop_client.models import Item\n\nItem.create_partial('Short', include={'id'})\n"
    )


def _add_by_hand(history: History, folder: str) -> None:
    """What a merge of two branches does, and `migration new` doesn't."""
    written = history.workspace.root / folder
    written.mkdir(parents=True)
    (written / "up.sql").write_text(_SCRIPTS[0])
    (written / "down.sql").write_text('ALTER TABLE "Item" DROP COLUMN "b";\n')


@pytest.mark.parametrize("knows", ["the catalogue", "the seals"])
def test_no_migration_takes_the_number_of_one_that_a_later_version_published(
    knows: str, bridge: PrismaBridge, tmp_path: Path
) -> None:
    """Databases at 2.0.0 have run another script as 001, and would never run this one."""
    with new_history(tmp_path, bridge) as history:
        history.draft(_edit("1.0.0", "a"))
        history.publish(SchemaVersion.parse("1.0.0"))
        history.draft(_edit("2.0.0", "ab", script=_SCRIPTS[2]))
        if knows == "the seals":
            elsewhere = Catalogue.open("sqlite:///other.db", root=tmp_path, schema_name="shop")
            with closing(elsewhere) as other:
                History(history.workspace, other, bridge).publish(SchemaVersion.parse("2.0.0"))
        else:
            history.publish(SchemaVersion.parse("2.0.0"))
        back_port = _edit("1.1.0", "ab")
        history.draft(back_port)
        _add_by_hand(history, "schemas/1.1.0/migrations/001_back_port")
        (history.workspace.root / "schemas/1.1.0/version.toml").write_text("")
        told = history.checked(back_port.version)
        source = history.workspace.load(back_port.version)
        with pytest.raises(WorkspaceError, match="later-migrations"):
            snapshot_to_build(history.workspace, source, Settings(name="shop"), bridge)
        if knows == "the catalogue":
            (history.workspace.root / "schemas/2.0.0/release.lock").unlink()
        gated = history.gated(back_port.version)
        assert gated is not None
        assert [problem.code for problem in gated] == ["later-migrations"]
        assert gated[0] in told
        assert gated[0].file == "schemas/1.1.0/migrations/001_back_port"
        assert "after 2.0.0" in gated[0].fix


_RENAMES = ((("Item.a", "Item.b"),), (("Item.b", "Item.c"),), (("Item", "Thing"),))


def _mostly(usual: object, *others: object) -> st.SearchStrategy[Any]:
    """What makes most versions good ones, so that others can come after them."""
    return st.sampled_from([usual] * 3 * len(others) + list(others))


_EDITS = st.tuples(
    st.sampled_from(("ab", "ab", "a", "abc")),
    _mostly((), *_RENAMES),
    _mostly(_FITTING, None, *_SCRIPTS),
    _mostly(True, False),
)
_ORDERS = st.permutations(("1.0.1", "1.1.0-rc.1", "1.1.0", "2.0.0-rc.1", "2.0.0"))


@hypothesis.given(order=_ORDERS, edits=st.lists(_EDITS, min_size=1, max_size=5))
@hypothesis.settings(max_examples=40)
def test_the_gates_let_through_what_check_accepts_and_nothing_else(
    order: list[str], edits: list[tuple[str, Any, str | None, bool]], bridge: PrismaBridge
) -> None:
    later = [
        Edit(SchemaVersion.parse(text), frozenset(edit[0]), *edit[1:])
        for text, edit in zip(order, edits, strict=False)
    ]
    with tempfile.TemporaryDirectory() as folder, new_history(Path(folder), bridge) as history:
        for edit in (_edit("1.0.0", "ab", script=_FITTING), *later):
            history.draft(edit)
            told = history.checked(edit.version)
            gated = history.gated(edit.version)
            if not _errors(told):
                assert gated in {(), None}
            if gated == ():
                own = f"schemas/{edit.version}/"
                assert not [problem for problem in told if (problem.file or "").startswith(own)]
                history.publish(edit.version)
