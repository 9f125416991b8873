"""`latest set`, `rollback`, `withdraw`, `restore`, `repair`: cut short, on two machines."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.errors import UploadRefusedError
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio, local_verdaccio
from registry.publishers.npm import NpmPublisher
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, npm_command
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace

from ..artifacts import tarball_of
from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment
from ..webhook_receiver import WebhookReceiver, webhook_receiver

_NPM = ("@org/after-client", "@org/after-types")
_VERSIONS = ("1.0.0", "1.1.0", "1.2.0")


@pytest.fixture(scope="module")
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def team(
    tmp_path_factory: pytest.TempPathFactory,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    receiver: WebhookReceiver,
) -> Iterator[Team]:
    """Three versions are published; the tests go on from where the one before them ended."""
    root = tmp_path_factory.mktemp("after")
    create_workspace(root, name="after", sample=False)
    hook = {"SCHEMA_SERVICE_NOTIFY__WEBHOOK_ENV": "THE_HOOK", "THE_HOOK": receiver.url}
    team = Team(root, "after", {**team_environment(devpi, verdaccio), **hook})
    with warm(team):
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        for version in _VERSIONS:
            if version != "1.0.0":
                assert team.run("new", version).exit_code == 0
            assert not team.killed_after(99, "publish", version)
        yield team


def warm(team: Team) -> PrismaBridge:
    """As `up` has it: commands start no Node."""
    folder = private_folder(team.root, "local")
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    bridge = PrismaBridge(offered_in=folder)
    bridge.start()
    return bridge


@pytest.fixture
def clone(team: Team, tmp_path: Path) -> Team:
    """The same workspace on another machine, with a state of its own, which is empty."""
    root = tmp_path / "clone"
    shutil.copytree(team.root, root, ignore=shutil.ignore_patterns(".schema-service"))
    other = Team(
        root, team.name, {key: value for key, value in team.environment.items() if "HOOK" not in key}
    )
    private_folder(root, "local").mkdir(parents=True, mode=0o700)
    return other


def tags(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, *, lines: bool = False
) -> list[dict[str, str]]:
    """With those of ``lines``, or without."""
    contents = registry_contents(team, devpi, verdaccio)
    return [{tag: at for tag, at in contents[name]["tags"].items() if lines or tag != "v1"} for name in _NPM]


def latest_in(team: Team) -> list[str]:
    return [row["version"] for row in done(team, "versions")["versions"] if row["latest"]]


def done(team: Team, *command: str) -> dict[str, Any]:
    finished = team.run(*command, "--json")
    assert finished.exit_code == 0, finished.output + finished.errors
    return finished.document


def problem_of(team: Team, *command: str, exit_code: int = 1) -> dict[str, Any]:
    refused = team.run(*command, "--json")
    assert refused.exit_code == exit_code, refused.output + refused.errors
    (problem,) = refused.document["problems"]
    return dict(problem)


def unpinned(team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> tuple[str, ...]:
    """What a consumer that names no version gets: pip the highest file, npm `latest`."""
    contents = registry_contents(team, devpi, verdaccio)
    wheel = max(contents["after-client"]).split("-")[1]
    return (wheel, *(contents[name]["tags"]["latest"] for name in _NPM))


def test_a_rollback_that_is_killed_after_each_request_goes_on_where_it_was(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, receiver: WebhookReceiver
) -> None:
    """The table of docs/releases.md."""
    before = registry_contents(team, devpi, verdaccio)
    dry = done(team, "rollback", "--to", "1.0.0", "--dry-run")
    assert (dry["before"], dry["latest"], len(dry["changes"])) == ("1.2.0", "1.0.0", 4)
    assert registry_contents(team, devpi, verdaccio) == before
    assert latest_in(team) == ["1.2.0"]
    receiver.got.clear()
    seen = []
    for _ in range(5):  # the fifth is the announcement, which is sent again as long as a kill follows it
        assert team.killed_after(1, "rollback", "--to", "1.0.0")
        seen.append(unpinned(team, devpi, verdaccio))
    assert not team.killed_after(99, "rollback", "--to", "1.0.0")
    old, new = "1.0.0", "1.2.0"
    assert seen == [
        (new, new, new),
        (new, old, new),
        (new, old, new),
        (new, old, old),
        (new, old, old),
    ]
    assert tags(team, devpi, verdaccio) == [{"latest": "1.0.0", "latest-set-1": "1.0.0"}] * 2
    assert latest_in(team) == ["1.0.0"]
    assert len({delivery for delivery, _ in receiver.got}) == 1
    told = receiver.got[-1][1]
    assert (told["type"], *(told["data"][key] for key in ("version", "latest", "from"))) == (
        "release.rolled_back",
        "1.0.0",
        "1.0.0",
        "1.2.0",
    )
    files = registry_contents(team, devpi, verdaccio)
    assert all(files[name] == before[name] for name in ("after-client", "after-migrations"))
    assert all(files[name]["versions"] == before[name]["versions"] for name in _NPM)


@pytest.mark.parametrize(
    ("requests", "version", "decision", "command"),
    [
        (1, "1.2.0", 2, ["check", "--quick", "1.0.0"]),  # both the old and the new decision are shown
        (4, "1.0.0", 3, ["versions"]),  # between the packages
    ],
)
def test_the_next_command_of_any_kind_finishes_it(
    team: Team,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    unused_port: int,
    requests: int,
    version: str,
    decision: int,
    command: list[str],
) -> None:
    assert team.killed_after(requests, "latest", "set", version)
    nowhere = team.run(*command, SCHEMA_SERVICE_REGISTRIES__NPM__URL=f"http://127.0.0.1:{unused_port}/")
    assert (nowhere.exit_code, "warning[registry-unreachable]" in nowhere.errors) == (0, True)
    told = team.run(*command)
    assert told.exit_code == 0, told.errors
    assert f"Finished what was cut short: latest.moved {version}" in told.errors
    assert tags(team, devpi, verdaccio) == [{"latest": version, f"latest-set-{decision}": version}] * 2
    assert latest_in(team) == [version]
    assert team.run(*command).errors == ""


def test_pip_users_are_told_what_they_get(team: Team, devpi: LocalDevpi) -> None:
    (client, migrations) = done(team, "latest", "set", "1.0.0", "--dry-run")["notes"]
    assert client.startswith("pip install after-client still gives 1.2.0: ")
    assert devpi.upload_url in client
    assert "Pin after-client==1.0.0, exclude after-client!=1.2.0" in client
    assert migrations.startswith("pip install after-migrations still gives 1.2.0")


def test_a_decision_holds_for_whoever_publishes_next_until_a_higher_version(
    team: Team,
    clone: Team,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    receiver: WebhookReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_out_consumers(monkeypatch)
    (before, _) = tags(team, devpi, verdaccio)
    assert before["latest"] == "1.0.0"
    assert done(team, "publish", "1.2.0")["latest"] == "1.0.0"
    # A machine that has lost its state and its seals publishes it once more, with the same bytes.
    (clone.root / "schemas/1.2.0/release.lock").unlink()
    clone, told = replace(clone, environment=team.environment), len(receiver.got)
    assert done(clone, "publish", "1.2.0")["latest"] == "1.0.0"
    assert len(receiver.got) == told, "nobody is told again of what another machine has released"
    assert latest_in(clone) == ["1.0.0"]
    assert tags(team, devpi, verdaccio) == [before, before]
    # A fix of the chosen version takes over from it, and the machine that chose hears of it.
    done(clone, "new", "1.0.1", "--from", "1.0.0")
    assert done(clone, "publish", "1.0.1")["latest"] == "1.0.1"
    assert [each["data"]["version"] for _, each in receiver.got[told:]] == ["1.0.1"]
    assert {each["latest"] for each in tags(team, devpi, verdaccio)} == {"1.0.1"}
    shutil.copytree(clone.root / "schemas/1.0.1", team.root / "schemas/1.0.1")
    assert done(team, "repair", "--dry-run")["changes"][0].startswith("the state database gets 1.0.1")
    assert latest_in(team) == ["1.0.1"], "as the registries show it"
    assert len(done(team, "repair")["changes"]) == 2
    assert latest_in(team) == ["1.0.1"]
    assert done(team, "repair")["changes"] == []
    # A later decision of the other machine counts more than an older one of this machine.
    done(clone, "latest", "set", "1.2.0")
    assert done(team, "publish", "1.0.0")["latest"] == "1.2.0"
    # And a higher version ends it everywhere.
    done(team, "new", "1.3.0")
    assert done(team, "publish", "1.3.0")["latest"] == "1.3.0"
    assert done(clone, "publish", "1.0.1")["latest"] == "1.3.0"
    assert {each["latest"] for each in tags(team, devpi, verdaccio)} == {"1.3.0"}


def test_what_can_not_be_latest_is_refused_before_anything_is_written(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, receiver: WebhookReceiver
) -> None:
    before, announced = registry_contents(team, devpi, verdaccio), len(receiver.got)
    for command, code in (
        (("latest", "set", "9.0.0"), "not-published"),
        (("rollback", "--to", "9.0.0"), "not-a-rollback"),
        (("withdraw", "1.3.0", "--reason", "no"), "latest-would-be-withdrawn"),
        (("withdraw", "1.3.0", "--reason", "no", "--latest", "1.3.0"), "latest-would-be-withdrawn"),
        (("withdraw", "1.0.0", "--reason", " "), "invalid-reason"),
        (("withdraw", "1.0.0", "--reason", "a\nb"), "invalid-reason"),
        (("rollback", "--to", "1.0.0", "--database", "nope"), "unknown-database"),
    ):
        assert problem_of(team, *command)["code"] == code, command
    fix = problem_of(team, "withdraw", "1.3.0", "--reason", "no")["fix"]
    assert fix == "say where latest goes: --latest 1.2.0"
    assert registry_contents(team, devpi, verdaccio) == before
    assert len(receiver.got) == announced


def test_a_withdrawal_that_is_killed_after_each_request_goes_on_where_it_was(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    """`latest` leaves the version before that is marked."""
    npm = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    before = registry_contents(team, devpi, verdaccio)
    command = ("withdraw", "1.3.0", "--reason", "loses orders", "--latest", "1.2.0")
    assert len(done(team, *command, "--dry-run")["changes"]) == 6  # that of `v1` follows from these
    seen = []
    marks = [False, False]
    while not all(marks):
        assert team.killed_after(1, *command)
        marks = [npm.withdrawal(name, "1.3.0") == "withdrawn: loses orders" for name in _NPM]
        seen.append((*unpinned(team, devpi, verdaccio)[1:], *marks))
    assert team.run("versions").exit_code == 0
    bad, good = "1.3.0", "1.2.0"
    assert list(dict.fromkeys(seen)) == [
        (bad, bad, False, False),
        (good, bad, False, False),
        (good, good, False, False),
        (good, good, True, False),
        (good, good, True, True),
    ]
    rows = {row["version"]: row for row in done(team, "versions")["versions"]}
    assert rows["1.3.0"]["withdrawn"] == "loses orders"
    assert latest_in(team) == ["1.2.0"]
    after = registry_contents(team, devpi, verdaccio)
    assert {name: after[name].get("versions", after[name]) for name in after} == {
        name: before[name].get("versions", before[name]) for name in before
    }, "nothing is ever deleted"


def test_a_registry_that_refuses_the_mark_leaves_a_way_back(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = UploadRefusedError(Problem(code="deprecation-refused", message="no", fix="get the right"))

    def refuse(_publisher: NpmPublisher, _name: str, _version: str, _text: str | None) -> bool:
        raise refusal

    monkeypatch.setattr(NpmPublisher, "mark_withdrawn", refuse)
    assert problem_of(team, "withdraw", "1.0.1", "--reason", "no")["code"] == "deprecation-refused"
    assert "warning[deprecation-refused]" in team.run("versions").errors
    restored = team.run("restore", "1.0.1")
    assert restored.exit_code == 0, restored.errors
    assert team.run("versions").errors == ""
    assert done(team, "show", "1.0.1")["withdrawn"] is None


def test_everybody_sees_that_a_version_is_withdrawn(
    team: Team, verdaccio: LocalVerdaccio, tmp_path: Path
) -> None:
    assert problem_of(team, "latest", "set", "1.3.0")["code"] == "version-withdrawn"
    assert done(team, "show", "1.3.0")["withdrawn"] == "loses orders"
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / ".npmrc").write_text(f"registry={verdaccio.url}\n")

    def install(wanted: str) -> tuple[str, str]:
        command = [*npm_command(), "install", "--no-audit", "--no-fund", f"{_NPM[1]}@{wanted}"]
        ran = subprocess.run(
            command, cwd=tmp_path, env=node_environment(), capture_output=True, text=True, check=True
        )
        lock = json.loads((tmp_path / "package-lock.json").read_text())
        return lock["packages"][f"node_modules/{_NPM[1]}"]["version"], ran.stderr

    version, told = install("1.3.0")
    assert version == "1.3.0"
    assert "npm warn deprecated @org/after-types@1.3.0: withdrawn: loses orders" in told
    assert install("latest")[0] == "1.2.0"
    assert install("^1.0.0")[0] == "1.2.0", "npm passes over what is deprecated"


def test_a_machine_with_its_own_state_heeds_what_another_one_has_withdrawn(
    team: Team, clone: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And never takes the mark away unasked, whether it has never heard of it or restored it once."""
    leave_out_consumers(monkeypatch)
    npm = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    tags_before = tags(team, devpi, verdaccio, lines=True)
    assert [(each["latest"], each["v1"]) for each in tags_before] == [("1.2.0", "1.2.0")] * 2
    assert latest_in(clone) == ["1.2.0"]
    assert done(clone, "publish", "1.3.0")["latest"] == "1.2.0", "1.3.0 is withdrawn"
    assert tags(team, devpi, verdaccio, lines=True) == tags_before
    done(team, "withdraw", "1.1.0", "--reason", "loses rows")
    done(clone, "publish", "1.1.0")
    refused = problem_of(clone, "latest", "set", "1.1.0")
    assert (refused["code"], "(loses rows)" in refused["message"]) == ("version-withdrawn", True)
    assert {npm.withdrawal(name, "1.1.0") for name in _NPM} == {"withdrawn: loses rows"}
    # Who restores what another machine has withdrawn tells it, as after a withdrawal of its own.
    done(clone, "restore", "1.1.0")
    assert done(clone, "log")["events"][0]["what"] == "restored"
    assert done(team, "show", "1.1.0")["withdrawn"] is None
    told = "the state database gets that 1.1.0 is not withdrawn any more"
    assert done(team, "repair", "--dry-run")["changes"] == [told]
    assert done(team, "repair")["changes"] == [told]
    done(clone, "latest", "set", "1.1.0")
    assert done(team, "restore", "1.1.0")["latest"] == "1.1.0"
    done(team, "latest", "set", "1.2.0")
    done(clone, "withdraw", "1.1.0", "--reason", "again")
    assert problem_of(team, "latest", "set", "1.1.0", "--dry-run")["code"] == "version-withdrawn"
    assert "the state database gets that 1.1.0 is withdrawn: again" in done(team, "repair")["changes"]
    done(team, "restore", "1.1.0")


def test_repair_puts_right_what_was_moved_by_hand(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    npm = NpmPublisher(url=verdaccio.url, credentials=verdaccio.credentials)
    wanted = tags(team, devpi, verdaccio)
    npm.set_latest(_NPM[0], "1.3.0")
    npm.mark_withdrawn(_NPM[1], "1.3.0", None)
    npm.mark_withdrawn(_NPM[1], "1.0.0", "an old one")
    npm.mark_withdrawn(_NPM[1], "1.1.0", "withdrawn: by hand")
    found = done(team, "repair", "--dry-run")["changes"]
    assert found == [
        "the state database gets that 1.1.0 is withdrawn: by hand",
        "@org/after-client: latest moves from 1.3.0 to 1.2.0",
        "@org/after-client 1.1.0 is marked as 'withdrawn: by hand'",
        "@org/after-client: the tag restored-1.1.0 is removed",
        "@org/after-types: the tag restored-1.1.0 is removed",
        "@org/after-types 1.3.0 is marked as 'withdrawn: loses orders'",
    ]
    assert npm.latest(_NPM[0]) == "1.3.0"
    assert done(team, "repair")["changes"] == found
    assert [each.pop("restored-1.1.0") for each in wanted] == ["1.1.0"] * 2
    assert tags(team, devpi, verdaccio) == wanted
    assert npm.withdrawal(_NPM[1], "1.0.0") == "an old one", "somebody's own deprecation"
    done(team, "restore", "1.1.0")
    assert done(team, "repair")["changes"] == []


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVerdaccio]:
    """A registry that has lost everything."""
    with local_verdaccio(tmp_path_factory.mktemp("empty"), own_names=_NPM) as running:
        yield running


def test_repair_uploads_what_a_registry_has_lost_and_names_other_bytes(
    team: Team, clone: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, empty: LocalVerdaccio
) -> None:
    """On a machine that has neither the state nor the files: they are built again, to the same bytes."""
    before = registry_contents(team, devpi, verdaccio)
    npm = NpmPublisher(url=empty.url, credentials=empty.credentials)
    npm.upload(tarball_of(_NPM[1], "1.1.0", made_from={"schemaName": "after", "schemaVersion": "1.1.0"}))
    elsewhere = {
        "SCHEMA_SERVICE_REGISTRIES__NPM__URL": empty.url,
        "SCHEMA_SERVICE_NPM_TOKEN": empty.token.reveal(),
    }
    lost = replace(clone, environment={**clone.environment, **elsewhere})
    repaired = lost.run("repair", "--json")
    assert repaired.exit_code == 1, repaired.output + repaired.errors
    (left,) = repaired.document["left"]
    assert "has other bytes for org-after-types-1.1.0.tgz than were published" in left["text"]
    after = registry_contents(lost, devpi, empty)
    for name in _NPM:
        missing = {"1.1.0"} if name == _NPM[1] else set()
        for version in before[name]["versions"].keys() - missing:
            assert after[name]["versions"][version] == before[name]["versions"][version], (name, version)
    assert {each["latest"] for each in tags(lost, devpi, empty)} == {"1.3.0"}, (
        "nobody tells of a decision there"
    )
    assert lost.run("repair", "--json").document["changes"] == []
    assert len(done(lost, "versions")["versions"]) == 5
    # The state that knows the decision and the withdrawal has them shown there, too.
    known = replace(team, environment={**team.environment, **elsewhere})
    known.run("repair")
    assert {each["latest"] for each in tags(known, devpi, empty)} == {"1.2.0"}
    assert npm.withdrawal(_NPM[0], "1.3.0") == "withdrawn: loses orders"
