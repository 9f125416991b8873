"""A publish that is killed between any two of its requests: what consumers get, and who finishes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from generators.target import Artifact
from registry.errors import UploadRefusedError
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.npm_placeholder import PLACEHOLDER_VERSION
from registry.publishers.pypi import PypiPublisher
from schemas.errors import Problem
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace

from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment
from ..webhook_receiver import WebhookReceiver, webhook_receiver

pytestmark = pytest.mark.soak

_PACKAGES = ("cut-short-client", "cut-short-migrations", "@org/cut-short-client", "@org/cut-short-types")


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
    """Its versions are published one after the other: the tests need their order."""
    root = tmp_path_factory.mktemp("cut-short")
    create_workspace(root, name="cut-short", sample=False)
    warm = private_folder(root, "local")
    warm.mkdir(parents=True, mode=0o700)
    hook = {"SCHEMA_SERVICE_NOTIFY__WEBHOOK_ENV": "THE_HOOK", "THE_HOOK": receiver.url}
    team = Team(root, "cut-short", {**team_environment(devpi, verdaccio), **hook})
    with PrismaBridge(offered_in=warm) as bridge:  # as `up` has it: some thirty commands start no Node
        bridge.start()
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        yield team


def unpinned(team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio) -> tuple[str | None, ...]:
    """What a consumer that names no version gets of each package: pip the highest file, npm `latest`."""
    contents = registry_contents(team, devpi, verdaccio)
    wheels = (max(contents[name], default=None) for name in _PACKAGES[:2])
    tags = (contents[name]["tags"].get("latest") for name in _PACKAGES[2:])
    return (*(wheel and wheel.split("-")[1] for wheel in wheels), *tags)


def test_killed_after_each_request_of_a_first_version(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, receiver: WebhookReceiver
) -> None:
    """The table of docs/releases.md."""
    seen = []
    while not receiver.got:
        assert team.killed_after(1, "publish", "1.0.0")
        seen.append(unpinned(team, devpi, verdaccio))
    assert not team.killed_after(99, "publish", "1.0.0")
    holds, ready = PLACEHOLDER_VERSION, "1.0.0"
    assert seen == [
        (None, None, holds, None),
        (None, None, holds, None),
        (None, None, holds, holds),
        (None, None, holds, holds),
        (None, ready, holds, holds),
        (ready, ready, holds, holds),
        (ready, ready, ready, holds),
        (ready, ready, ready, ready),  # then v1 of both, the staging tag of both, the announcement
        (ready, ready, ready, ready),
        (ready, ready, ready, ready),
        (ready, ready, ready, ready),
        (ready, ready, ready, ready),
        (ready, ready, ready, ready),
    ]
    contents = registry_contents(team, devpi, verdaccio)
    assert all(contents[name]["tags"] == {"latest": "1.0.0", "v1": "1.0.0"} for name in _PACKAGES[2:])
    assert (team.root / "schemas/1.0.0/release.lock").is_file()
    # The last kill came before it was recorded that the announcement had arrived.
    first, second = receiver.got
    assert first == second


@pytest.mark.parametrize(
    ("version", "requests", "command"),
    [
        ("1.0.1", 3, ["check", "--quick", "1.0.0"]),  # between the wheels
        ("1.0.2", 5, ["versions"]),  # between npm's tags
        ("1.0.3", 7, ["versions"]),  # between the tags of the line
        ("1.0.4", 11, ["new", "3.0.0"]),  # in the announcement
    ],
)
def test_the_next_command_of_any_kind_finishes_it(
    team: Team,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    receiver: WebhookReceiver,
    version: str,
    requests: int,
    command: list[str],
) -> None:
    assert team.run("new", version).exit_code == 0
    assert team.killed_after(requests, "publish", version)
    told = team.run(*command)
    assert told.exit_code == 0, told.errors
    assert f"Finished the release of {version}" in told.errors
    assert unpinned(team, devpi, verdaccio) == (version,) * 4
    assert (team.root / f"schemas/{version}/release.lock").is_file()
    contents = registry_contents(team, devpi, verdaccio)
    assert all(contents[name]["tags"] == {"latest": version, "v1": version} for name in _PACKAGES[2:])
    assert receiver.versions[-1] == version
    assert team.run("versions").errors == ""


def test_a_release_that_can_not_be_finished_now_stops_no_other_command(
    team: Team, devpi: LocalDevpi, verdaccio: LocalVerdaccio, unused_port: int
) -> None:
    assert team.run("new", "1.0.5").exit_code == 0
    before = unpinned(team, devpi, verdaccio)
    assert team.killed_after(2, "publish", "1.0.5")
    assert team.run("versions").errors == "", "nobody can see anything of it"
    assert unpinned(team, devpi, verdaccio) == before
    assert team.killed_after(1, "publish", "1.0.5")  # the first wheel
    nowhere = f"http://127.0.0.1:{unused_port}/"
    told = team.run("versions", "--json", SCHEMA_SERVICE_REGISTRIES__NPM__URL=nowhere)
    assert told.exit_code == 0
    assert told.document["ok"]
    assert "warning[registry-unreachable]" in told.errors
    draft = team.root / "schemas/1.0.5/schema.prisma"
    text = draft.read_text()
    draft.write_text(f"{text}\n/// edited since\n")
    assert "warning[version-is-immutable]" in team.run("versions").errors
    assert unpinned(team, devpi, verdaccio) == ("1.0.5",) * 4
    draft.write_text(text)
    assert "Finished" in team.run("versions").errors


def test_an_announcement_that_failed_is_made_by_a_later_run(team: Team, receiver: WebhookReceiver) -> None:
    receiver.got.clear()
    receiver.status = 500
    assert team.run("new", "1.0.6").exit_code == 0
    assert not team.killed_after(99, "publish", "1.0.6")
    failed = team.run("deliveries", "--json").document["deliveries"][-1]
    assert failed["version"] == "1.0.6"
    assert (failed["state"], failed["attempts"], failed["failure"]) == ("pending", 1, "status 500")
    refused = team.run("deliveries", "--send")
    assert refused.exit_code == 3
    assert "s3kret" not in refused.output + refused.errors
    unset = team.run("deliveries", "--send", "--json", THE_HOOK="")
    assert (unset.exit_code, unset.document["problems"][0]["code"]) == (1, "variable-not-set")
    receiver.status = 204
    assert "nothing to announce" in team.run("publish", "1.0.6").output, "it isn't due yet"
    assert "1 announcement delivered" in team.run("deliveries", "--send").output.lower()
    assert receiver.versions == ["1.0.6"] * 3
    assert len({delivery_id for delivery_id, _ in receiver.got}) == 1
    again = team.run("deliveries", failed["id"], "--send", "--json").document
    assert [row["state"] for row in again["deliveries"]] == ["delivered"]
    assert len(receiver.got) == 4
    assert team.run("deliveries", "msg_x", "--json").exit_code == 2


def test_a_refused_wheel_has_to_be_dealt_with_once_another_is_there(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out_consumers(monkeypatch)
    refused, upload = {"python", "migrations"}, PypiPublisher.upload

    def upload_or_refuse(publisher: PypiPublisher, artifact: Artifact) -> None:
        if artifact.language in refused:
            raise UploadRefusedError(Problem(code="upload-refused", message="no", fix="fix what it names"))
        upload(publisher, artifact)

    monkeypatch.setattr(PypiPublisher, "upload", upload_or_refuse)
    assert team.run("new", "1.0.7").exit_code == 0
    assert team.run("publish", "1.0.7").exit_code == 1
    assert team.run("versions").errors == "", "nobody can see anything of it"
    refused.remove("migrations")
    assert team.run("publish", "1.0.7").exit_code == 1
    assert "warning[upload-refused]" in team.run("versions").errors
    refused.clear()
    assert team.run("publish", "1.0.7").exit_code == 0
    assert team.run("versions").errors == ""
