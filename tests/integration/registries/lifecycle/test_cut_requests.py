"""Every request of the commands that write to registries is cut before, during and after: all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm import NpmPublisher
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace

from ..cutting_proxy import CuttingProxy, cutting_proxy
from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

pytestmark = pytest.mark.soak

_NPM = ("@org/cut-client", "@org/cut-types")
_CUTS = ("before", "during", "after")


@pytest.fixture(scope="module")
def proxies(devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> Iterator[tuple[CuttingProxy, CuttingProxy]]:
    with cutting_proxy(devpi.url) as pypi, cutting_proxy(verdaccio.url) as npm:
        yield pypi, npm


@pytest.fixture(scope="module")
def team(
    tmp_path_factory: pytest.TempPathFactory,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    proxies: tuple[CuttingProxy, CuttingProxy],
) -> Iterator[Team]:
    """The tests go on from where the one before them ended."""
    root = tmp_path_factory.mktemp("cut")
    create_workspace(root, name="cut", sample=False)
    warm = private_folder(root, "local")
    warm.mkdir(parents=True, mode=0o700)
    pypi, npm = proxies
    through = {
        "SCHEMA_SERVICE_REGISTRIES__PYPI__URL": devpi.upload_url.replace(devpi.url, pypi.url),
        "SCHEMA_SERVICE_REGISTRIES__PYPI__INDEX_URL": devpi.index_url.replace(devpi.url, pypi.url),
        "SCHEMA_SERVICE_REGISTRIES__NPM__URL": npm.url,
    }
    with PrismaBridge(offered_in=warm) as bridge:
        bridge.start()
        yield Team(root, "cut", {**team_environment(devpi, verdaccio), **through})


def complete(contents: Mapping[str, Any]) -> bool:
    """Whether what `latest` names is there in all four packages, and was never anything less."""
    latest = {contents[name]["tags"].get("latest", "0.0.0-alpha.0") for name in _NPM} - {"0.0.0-alpha.0"}
    wheels = [file for name in ("cut-client", "cut-migrations") for file in contents[name]]
    return all(
        all(version in contents[name]["versions"] for name in _NPM)
        and sum(f"-{version}-" in file for file in wheels) == 2
        for version in latest
    )


def cut_everywhere(
    team: Team,
    proxies: tuple[CuttingProxy, CuttingProxy],
    contents: Callable[[], Mapping[str, Any]],
    *command: str,
) -> int:
    """Run ``command`` until nothing was cut any more; how many requests of it were cut. One that is cut after
    it arrived is done, so the next run is one further."""
    requests = 0
    while True:
        for cut in _CUTS:
            for proxy in proxies:
                proxy.cut = cut
            ran = team.run(*command)
            assert "Traceback" not in ran.errors
            assert complete(contents()), (requests, cut)
            left = {proxy.cut for proxy in proxies}
            if left == {cut}:
                for proxy in proxies:
                    proxy.cut = None
                assert ran.exit_code == 0, ran.errors
                return requests
            assert ran.exit_code in (0, 3), ran.output + ran.errors
        requests += 1


def test_a_publish_ends_in_the_same_bytes_wherever_it_was_cut(
    team: Team,
    proxies: tuple[CuttingProxy, CuttingProxy],
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_out_consumers(monkeypatch)

    def contents() -> Mapping[str, Any]:
        return registry_contents(team, devpi, verdaccio)

    assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
    assert cut_everywhere(team, proxies, contents, "publish", "1.0.0") > 0
    found = contents()
    assert [found[name]["tags"] for name in _NPM] == [{"latest": "1.0.0", "v1": "1.0.0"}] * 2
    built = team.run("build", "1.0.0", "--out", str(team.root.parent / "cut-packages"), "--json")
    sums = {each["filename"]: each["sha256"] for each in built.document["artifacts"]}
    for file, hashes in {**found["cut-client"], **found["cut-migrations"]}.items():
        assert hashes["sha256"] == sums[file]


def test_changes_of_published_versions_are_done_wherever_they_were_cut(
    team: Team, proxies: tuple[CuttingProxy, CuttingProxy], devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    npm = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)

    def contents() -> Mapping[str, Any]:
        return registry_contents(team, devpi, verdaccio)

    assert team.run("new", "1.1.0").exit_code == 0
    assert not team.killed_after(99, "publish", "1.1.0")
    before = contents()
    cut_everywhere(team, proxies, contents, "rollback", "--to", "1.0.0")
    found = contents()
    (client, types) = (found[name]["tags"] for name in _NPM)
    assert client == types
    assert (client.pop("latest"), client.pop("v1")) == ("1.0.0", "1.1.0")
    assert list(client.values()) == ["1.0.0"], "one decision is shown, the last"
    cut_everywhere(team, proxies, contents, "withdraw", "1.1.0", "--reason", "cut")
    assert [npm.withdrawal(name, "1.1.0") for name in _NPM] == ["withdrawn: cut"] * 2
    for name in _NPM:
        npm.mark_withdrawn(name, "1.1.0", None)
        npm.set_latest(name, "1.1.0")
    cut_everywhere(team, proxies, contents, "repair")
    assert [npm.withdrawal(name, "1.1.0") for name in _NPM] == ["withdrawn: cut"] * 2
    found = contents()
    assert {found[name]["tags"]["latest"] for name in _NPM} == {"1.0.0"}
    assert {name: found[name].get("versions", found[name]) for name in found} == {
        name: before[name].get("versions", before[name]) for name in before
    }
