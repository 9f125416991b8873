"""The sample is a workspace like any other: valid, formatted, with version numbers that its changes need."""

from __future__ import annotations

import pytest

from schemas.comparison.compare import compare
from schemas.comparison.number import problems_with_bump, smallest_bump
from schemas.comparison.renames import rename_problems
from schemas.model import FunctionDefault, Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.init_workspace import create_workspace, sample_versions
from schemas.workspace.version_source import VersionSource
from schemas.workspace.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return create_workspace(tmp_path_factory.mktemp("sample"), name="schema", sample=True)


@pytest.fixture(scope="module")
def sources(workspace: Workspace) -> list[VersionSource]:
    return [workspace.load(version) for version in workspace.versions()]


@pytest.fixture(scope="module")
def schemas(sources: list[VersionSource], bridge: PrismaBridge) -> list[Schema]:
    return [bridge.parse(source.schema_text, source.schema_path) for source in sources]


def test_it_is_sound(workspace: Workspace) -> None:
    assert workspace.problems() == ()


def test_it_is_copied_as_it_is_kept(workspace: Workspace) -> None:
    folder = workspace.root / "schemas"
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in files.items()} == sample_versions()


def test_its_history_is_the_promised_one(sources: list[VersionSource]) -> None:
    assert {str(source.version): [each.id for each in source.migrations] for source in sources} == {
        "1.0.0": ["001_init", "002_reviews"],
        "1.1.0": ["003_competitors", "004_prospects"],
        "2.0.0": ["005_materialized_views", "006_monitoring"],
    }
    assert all(migration.down for migration in sources[-1].history)


def test_it_is_formatted(sources: list[VersionSource], schemas: list[Schema]) -> None:
    assert [schema.text for schema in schemas] == [source.schema_text for source in sources]


def test_every_version_number_is_the_smallest_allowed(
    sources: list[VersionSource], schemas: list[Schema]
) -> None:
    bumps = []
    for i in (1, 2):
        renames = sources[i].renames
        assert rename_problems(schemas[i - 1], schemas[i], renames, file="version.toml") == []
        changes = compare(schemas[i - 1], schemas[i], renames)
        assert problems_with_bump(sources[i - 1].version, sources[i].version, changes) == []
        bumps.append(smallest_bump(changes))
    assert bumps == ["minor", "major"]


def test_it_shows_what_a_schema_can_hold(schemas: list[Schema]) -> None:
    latest = schemas[-1]
    fields = [field for model in latest.models for field in model.fields]
    types = {field.type for field in fields if field.kind == "scalar"}
    assert types == {"String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes"}
    functions = {field.default.name for field in fields if isinstance(field.default, FunctionDefault)}
    assert functions == {"autoincrement", "uuid", "now", "dbgenerated"}
    assert any(field.kind == "unsupported" for field in fields)
    assert any(field.is_list and field.is_column for field in fields)
    assert any(field.is_updated_at for field in fields)
    assert any(field.type == model.name for model in latest.models for field in model.relations)
    assert any(len(model.primary_key.fields) > 1 for model in latest.models if model.primary_key)
    assert any(len(key.fields) > 1 for model in latest.models for key in model.uniques)
    assert all(model.documentation and model.table != model.name for model in latest.models)
    assert len(latest.models) == 15
