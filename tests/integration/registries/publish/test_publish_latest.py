"""Which version is `latest`: no machine's own state decides what every consumer gets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from generators.target import PackageNames
from registry.catalogue import Catalogue, PublishedArtifact
from registry.config.settings import Settings
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm import NpmPublisher
from registry.publishers.npm_placeholder import PLACEHOLDER_VERSION
from registry.publishers.pypi import PypiPublisher
from registry.release.context import ReleaseContext
from registry.release.snapshots.snapshot import Snapshot
from registry.release.step import as_stored
from registry.release.steps import latest
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

from ..artifacts import tarball_of, wheel_of
from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

NewName = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with a state of its own that releases two npm packages, from the upload on."""

    context: ReleaseContext
    names: tuple[str, str]

    def release(self, version: str, *, sealed: str | None = None) -> str:
        """What the step says once it has run; ``sealed`` is `latest` by the seals of the workspace."""
        self.upload(version)
        client, types = (PublishedArtifact.of(tarball_of(name, version)) for name in self.names)
        packed = as_stored((client, replace(types, language="typescript")))
        results = {"pack": {"artifacts": packed}, "check": {"schema_digest": "b" * 64}}
        said: str = latest.run(self.context, _snapshot(version, sealed), results)["summary"]
        return said

    def upload(self, version: str) -> None:
        for name in self.names:
            self.context.publishers["npm"].upload(tarball_of(name, version))

    def tags(self) -> list[str]:
        """`latest` of each package, as the registry says it."""
        url = self.context.publishers["npm"].url
        pages = [requests.get(f"{url}{quote(name, safe='@')}", timeout=10).json() for name in self.names]
        return [page["dist-tags"]["latest"] for page in pages]

    def line_tags(self) -> list[dict[str, str]]:
        """All other tags of each package."""
        npm = self.context.publishers["npm"]
        return [{tag: on for tag, on in npm.tags(name).items() if tag != "latest"} for name in self.names]

    def catalogue_says(self) -> str:
        return str(self.context.catalogue.latest())


NewMachine = Callable[[], Machine]


@pytest.fixture
def new_machine(
    verdaccio: LocalVerdaccio, new_name: NewName, bridge: PrismaBridge, tmp_path: Path
) -> Iterator[NewMachine]:
    names = (f"@org/{new_name('client')}", f"@org/{new_name('types')}")
    catalogues: list[Catalogue] = []

    def make() -> Machine:
        root = tmp_path / f"machine-{len(catalogues)}"
        catalogues.append(Catalogue.open("sqlite:///state.db", root=root, schema_name="schema"))
        context = ReleaseContext(
            root=root,
            settings=Settings(name="schema"),
            catalogue=catalogues[-1],
            bridge=bridge,
            publishers={"npm": NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)},
            rehearsal_url=None,
        )
        return Machine(context, names)

    yield make
    for catalogue in catalogues:
        catalogue.close()


def _snapshot(version: str, sealed: str | None) -> Snapshot:
    return Snapshot(
        schema_name="schema",
        version=SchemaVersion.parse(version),
        description="",
        author=None,
        changelog="",
        schema_text="",
        schema_file="schema.prisma",
        previous=None,
        last_stable=None,
        renames=(),
        migrations=(),
        names=PackageNames(),
        input_digest="a" * 64,
        latest_sealed=SchemaVersion.parse(sealed) if sealed else None,
    )


def test_a_back_port_from_an_empty_state_leaves_latest_where_it_is(new_machine: NewMachine) -> None:
    first, second = new_machine(), new_machine()
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        first.release(version)
    assert second.release("1.1.1") == "latest is 2.0.0"
    assert second.tags() == ["2.0.0", "2.0.0"]
    assert second.catalogue_says() == first.catalogue_says() == "2.0.0"
    assert second.line_tags() == [{"v1": "1.1.1", "v2": "2.0.0"}] * 2
    assert second.release("1.2.0", sealed="2.0.0") == "latest is 2.0.0"
    assert second.release("2.0.1", sealed="2.0.0") == "latest is 2.0.1"
    assert second.tags() == ["2.0.1", "2.0.1"]
    # What the first machine knows is older than what the registry says.
    assert first.release("2.0.0") == "latest is 2.0.1"
    assert first.tags() == ["2.0.1", "2.0.1"]
    assert first.catalogue_says() == "2.0.1"
    assert first.line_tags() == [{"v1": "1.2.0", "v2": "2.0.1"}] * 2


@pytest.mark.soak
def test_the_tags_of_lines_are_put_right_by_the_next_release(new_machine: NewMachine) -> None:
    first, second = new_machine(), new_machine()
    for version in ("1.0.0", "1.0.1", "2.0.0"):
        first.release(version)
    npm, name = first.context.publishers["npm"], first.names[0]
    npm.set_tags(name, {"v1": "1.0.0", "v2": "1.0.0"})
    assert second.release("3.0.0-rc.1") == "latest is 2.0.0"
    assert second.line_tags() == [{"v1": "1.0.1", "v2": "2.0.0", "next": "3.0.0-rc.1"}] * 2
    npm.set_tags(name, {"next": None, "v1": None})
    assert second.release("1.0.2") == "latest is 2.0.0"
    assert second.line_tags() == [{"v1": "1.0.2", "v2": "2.0.0", "next": "3.0.0-rc.1"}] * 2
    assert first.release("3.0.0") == "latest is 3.0.0"
    assert first.line_tags() == [{"v1": "1.0.2", "v2": "2.0.0", "v3": "3.0.0"}] * 2


def test_latest_that_went_backwards_is_put_right_by_the_next_release(new_machine: NewMachine) -> None:
    first, second = new_machine(), new_machine()
    for version in ("1.0.0", "2.0.0"):
        first.release(version)
    for name in first.names:
        first.context.publishers["npm"].set_latest(name, "1.0.0")
    assert second.release("1.0.1", sealed="2.0.0") == "latest is 2.0.0"
    assert second.tags() == ["2.0.0", "2.0.0"]


def test_packages_whose_tags_differ_agree_after_the_next_release(new_machine: NewMachine) -> None:
    first, second = new_machine(), new_machine()
    first.release("1.0.3")
    first.upload("1.0.4")
    first.context.publishers["npm"].set_latest(first.names[0], "1.0.4")
    assert first.tags() == ["1.0.4", "1.0.3"]
    assert second.release("1.0.2") == "latest is 1.0.4"
    assert second.tags() == ["1.0.4", "1.0.4"]
    assert second.catalogue_says() == "1.0.4"


def test_a_pre_release_is_latest_only_until_there_is_a_release(new_machine: NewMachine) -> None:
    first, second = new_machine(), new_machine()
    assert first.release("1.0.0-rc.1") == "latest is 1.0.0-rc.1"
    assert second.release("1.0.0-rc.2", sealed="1.0.0-rc.1") == "latest is 1.0.0-rc.2"
    assert second.release("1.0.0-beta.1") == "latest is 1.0.0-rc.2"
    assert first.release("1.0.0") == "latest is 1.0.0"
    assert second.release("1.1.0-rc.1") == "latest is 1.0.0"
    assert second.tags() == ["1.0.0", "1.0.0"]
    assert second.catalogue_says() == "1.0.0"


def test_an_unfinished_release_of_somebody_else_is_not_latest_yet(new_machine: NewMachine) -> None:
    first, second = new_machine(), new_machine()
    first.release("1.0.0")
    first.upload("2.0.0")
    assert second.release("1.0.1") == "latest is 1.0.1"
    assert second.tags() == ["1.0.1", "1.0.1"]


def test_a_package_that_lacks_the_latest_version_keeps_the_one_it_has(new_machine: NewMachine) -> None:
    """As one that is named otherwise since: the registry gives `latest` to its first version by itself."""
    machine = new_machine()
    assert machine.release("1.0.1", sealed="2.0.0") == "latest is 2.0.0"
    assert machine.tags() == ["1.0.1", "1.0.1"]


def test_a_tag_that_is_no_version_of_ours_is_not_followed(new_machine: NewMachine) -> None:
    machine = new_machine()
    machine.context.publishers["npm"].upload(replace(tarball_of(machine.names[0]), version="9.0.0-a"))
    machine.context.publishers["npm"].upload(tarball_of(machine.names[1], "0.0.0"))
    for name, version in zip(machine.names, ("9.0.0-a", "0.0.0"), strict=True):
        machine.context.publishers["npm"].set_latest(name, version)
    assert machine.tags() == ["9.0.0-a", "0.0.0"]
    assert machine.release("1.0.0") == "latest is 1.0.0"
    assert machine.tags() == ["1.0.0", "1.0.0"]


@pytest.mark.soak
def test_a_clone_publishes_a_back_port(
    tmp_path: Path, devpi: LocalDevpi, verdaccio: LocalVerdaccio, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_consumers(monkeypatch)
    root = create_workspace(tmp_path / "workspace", name="back-port", sample=False).root
    team = Team(root, "back-port", team_environment(devpi, verdaccio))
    for command in (
        ("migration", "new", "init", "1.0.0"),
        ("publish", "1.0.0"),
        ("new", "2.0.0"),
        ("publish", "2.0.0"),
    ):
        _done(team, *command)
    clone = Team(tmp_path / "clone", team.name, team.environment)
    shutil.copytree(root, clone.root, ignore=shutil.ignore_patterns(".schema-service"))
    _done(clone, "new", "1.0.1")
    assert _done(clone, "publish", "1.0.1")["latest"] == "2.0.0"
    contents = registry_contents(team, devpi, verdaccio)
    for name in ("@org/back-port-client", "@org/back-port-types"):
        assert set(contents[name]["versions"]) == {PLACEHOLDER_VERSION, "1.0.0", "1.0.1", "2.0.0"}
        assert contents[name]["tags"] == {"latest": "2.0.0", "v1": "1.0.1", "v2": "2.0.0"}
    # Where somebody has moved it back, publishing what is published puts it right.
    npm = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    npm.set_latest("@org/back-port-client", "1.0.1")
    assert _done(team, "publish", "1.0.0")["latest"] == "2.0.0"
    assert npm.latest("@org/back-port-client") == "2.0.0"
    for machine in (team, clone):
        listed = _done(machine, "versions")["versions"]
        assert [row["version"] for row in listed if row["latest"]] == ["2.0.0"]


def test_a_package_of_somebody_else_is_refused_before_anything_is_uploaded(
    tmp_path: Path,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    new_name: NewName,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its highest version or by its latest one, made by something else or from another schema."""
    leave_out_consumers(monkeypatch)
    name = new_name("taken")
    team = Team(tmp_path / "workspace", name, team_environment(devpi, verdaccio))
    create_workspace(team.root, name=name, sample=False)
    _done(team, "migration", "new", "init", "1.0.0")
    npm = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    npm.upload(tarball_of(f"@org/{name}-client", "0.9.0"))
    npm.set_latest(f"@org/{name}-client", "0.9.0")
    other = {"schemaName": "billing", "schemaVersion": "5.0.0"}
    npm.upload(tarball_of(f"@org/{name}-types", "5.0.0", made_from=other))
    pypi = PypiPublisher(
        upload_url=devpi.upload_url, index_url=devpi.index_url, credentials=devpi.credentials
    )
    pypi.upload(wheel_of(f"{name}-client", "0.1.0"))
    pypi.upload(wheel_of(f"{name}-migrations", "5.0.0", generator="hatchling 1.27"))
    before = registry_contents(team, devpi, verdaccio)
    refused = team.run("publish", "1.0.0", "--json")
    assert refused.exit_code == 1
    problems = refused.document["problems"]
    assert [problem["code"] for problem in problems] == ["package-not-ours"] * 3
    told = "\n".join(problem["message"] for problem in problems)
    assert f"{name}-migrations 5.0.0, which schema-service has not made" in told
    assert f"@org/{name}-client 0.9.0, which schema-service has not made" in told
    assert f"@org/{name}-types 5.0.0, made from the schema 'billing'" in told
    assert registry_contents(team, devpi, verdaccio) == before


def _done(team: Team, *command: str) -> Mapping[str, list[dict[str, object]]]:
    finished = team.run(*command, "--json")
    assert finished.exit_code == 0, finished.output + finished.errors
    return finished.document
