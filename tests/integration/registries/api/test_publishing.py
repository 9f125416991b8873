"""Publishing over HTTP: drafts as archives and from a checkout, jobs, and what is left after a kill."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import requests

from migrations.scratch.scratch_server import ScratchServer
from registry.api.application import create_api
from registry.api.server import serving
from registry.catalogue import Catalogue
from registry.catalogue.access import Writer
from registry.catalogue.opening import open_catalogue
from registry.catalogue.release_jobs import ReleaseJob
from registry.config.settings import Settings, load_settings
from registry.errors import RunStateError
from registry.local.devpi import LocalDevpi
from registry.local.verdaccio import LocalVerdaccio
from registry.publishers.opening import open_publishers
from registry.release_jobs import worker as worker_module
from registry.release_jobs.child import work_on_oldest
from registry.release_jobs.worker import JobWorker
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.files import private_folder
from schemas.workspace.init_workspace import create_workspace
from schemas.workspace.workspace import Workspace

from ....documented_page import blocks
from ..release_kit import Team, leave_out_consumers, registry_contents, team_environment

_NAME = "sent"
_TOKEN, _ARCHIVE, _FILES, _REF, _CHANGES = (
    [line.split("  #")[0].strip() for line in block.splitlines()]
    for block in blocks("publish-over-the-api.md", "sh")
)
_PROGRAM = """
from registry.release import early_packages
from registry.release.steps import test
early_packages.consumer_tests = test.consumer_tests = lambda *_: []
from registry.release_jobs.child import main; main()
"""


@dataclass(frozen=True, slots=True)
class Place:
    """An author's workspace, the service's, which has nothing but settings, and the service."""

    author: Team
    home: Workspace
    settings: Settings
    catalogue: Catalogue
    url: str
    token: str

    def get(self, path: str) -> Any:
        answer = requests.get(self.url + path, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, *, token: str | None = "", **content: Any) -> requests.Response:
        """With the token that may publish, another one, or none."""
        sent = self.token if token == "" else token
        headers = {"Authorization": f"Bearer {sent}"} if sent is not None else {}
        return requests.request(method, self.url + path, headers=headers, timeout=60, **content)

    def upload(self, version: str, archive: bytes) -> requests.Response:
        return self.send("PUT", f"/drafts/{version}", data=archive)

    def done(self, answer: requests.Response) -> dict[str, Any]:
        """The job that was asked for, once it is over."""
        assert answer.status_code == 202, answer.text
        self.work()
        job: dict[str, Any] = self.get(answer.headers["Location"])
        return job

    def work(self) -> None:
        """Do what waits, in this process."""
        handler = signal.getsignal(signal.SIGTERM)
        with mock.patch.dict(os.environ, self.author.environment):
            while work_on_oldest(self.home, self.settings, self.catalogue, "a test"):
                pass
        signal.signal(signal.SIGTERM, handler)

    def follow(self, lines: list[str], known: dict[str, str]) -> None:
        """Run lines of the page in the author's workspace. What they ask for is worked on before the next."""
        for line in lines:
            if line.startswith("schema-service "):
                ran = self.author.run(*line.removeprefix("schema-service ").split())
                assert ran.exit_code == 0, (line, ran.output, ran.errors)
                known["TOKEN"] = ran.output.strip()
                continue
            shell = {**os.environ, "API": self.url, "TOKEN": self.token, **known}
            done = subprocess.run(
                line, shell=True, cwd=self.author.root, env=shell, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            found = re.search(r'"id":"(\w+)"', done.stdout)
            if found is not None and "-X POST" in line:
                known["ID"] = found[1]
                self.work()


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    devpi: LocalDevpi,
    verdaccio: LocalVerdaccio,
    scratch_server: ScratchServer,
) -> Iterator[Place]:
    author, home = tmp_path_factory.mktemp("author"), tmp_path_factory.mktemp("home")
    create_workspace(author, name=_NAME, sample=False)
    home_workspace = create_workspace(home, name=_NAME, sample=False)
    shutil.rmtree(home / "schemas")
    with (home / "schema-service.toml").open("a") as settings_file:
        settings_file.write(f'[publishing]\ncheckout = "{author}"\n')
    warm = private_folder(home, "local")
    warm.mkdir(parents=True, mode=0o700)
    with scratch_server.new_database() as state, PrismaBridge(offered_in=warm) as bridge:
        bridge.start()
        environment = team_environment(devpi, verdaccio)
        team = Team(author, _NAME, environment)
        assert team.run("migration", "new", "init", "1.0.0").exit_code == 0
        environment["SCHEMA_SERVICE_STATE__URL"] = state
        environment["SCHEMA_SERVICE_ARTIFACTS__URL"] = tmp_path_factory.mktemp("built").as_uri()
        with mock.patch.dict(os.environ, environment):
            settings = load_settings(home)
            publishers = open_publishers(home_workspace, settings)
        with open_catalogue(home_workspace, settings) as catalogue:
            by = Writer(who="a test", origin="here")
            token = catalogue.access.create("ci", "publish", expires_at=None, by=by)
            api = create_api(catalogue, settings, publishers, root=home)
            with serving(api, host="127.0.0.1", port=0) as url, pytest.MonkeyPatch.context() as patched:
                leave_out_consumers(patched)
                yield Place(team, home_workspace, settings, catalogue, url, token)


def packed(folder: Path, *, prefix: str = "") -> bytes:
    """A tar.gz of a folder, with the times and owners of its files."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.add(folder, arcname=prefix or ".", filter=lambda each: None if "/." in each.name else each)
    return archive.getvalue()


def zipped(folder: Path) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for path in sorted(folder.rglob("*")):
            zip_file.write(path, path.relative_to(folder).as_posix())
    return archive.getvalue()


def codes(answer: requests.Response) -> list[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [problem["code"] for problem in answer.json()["problems"]]


def test_who_may_publish_and_what_is_refused(place: Place) -> None:
    by = Writer(who="a test", origin="here")
    migrating = place.catalogue.access.create("migrator", "migrate", expires_at=None, by=by)
    draft = packed(place.author.root / "schemas/1.0.0")
    for token, status, code in [(None, 401, "token-missing"), (migrating, 403, "token-scope")]:
        for method, path in (
            ("PUT", "/drafts/1.0.0"),
            ("POST", "/drafts/1.0.0/ref"),
            ("POST", "/versions/1.0.0/publish"),
            ("POST", "/versions/1.0.0/withdraw"),
            ("POST", "/releases/x/retry"),
        ):
            answer = place.send(method, path, token=token, data=draft if method == "PUT" else "{}")
            assert (answer.status_code, codes(answer)) == (status, [code]), (method, path)
    assert place.get("/drafts") == {"drafts": []}
    assert codes(place.send("POST", "/versions/1.0.0/publish")) == ["no-such-upload"]
    assert codes(place.send("POST", "/versions/1.0.0/latest")) == ["not-published"]
    assert codes(place.upload("1.0", draft)) == ["invalid-version"]
    assert codes(place.upload("1.0.0", b"not an archive")) == ["upload-unreadable"]
    assert codes(place.upload("9.0.0", packed(place.author.root))) == ["upload-without-version"]
    large = place.send("PUT", "/drafts/1.0.0", data=b" " * (16 * 1024 * 1024 + 1))
    assert (large.status_code, codes(large)) == (413, ["request-too-large"])
    assert place.send("POST", "/versions/1.0.0/publish", json={"draft": "../x"}).status_code == 422


def test_a_draft_is_uploaded_checked_and_published_once(
    place: Place, devpi: LocalDevpi, verdaccio: LocalVerdaccio
) -> None:
    known: dict[str, str] = {}
    place.follow([*_TOKEN, *_ARCHIVE], known)
    folder = place.author.root / "schemas/1.0.0"
    # The same files are the same draft, however they are packed, and in a whole workspace too.
    (sent,) = place.get("/drafts")["drafts"]
    for archive in (zipped(folder), packed(place.author.root, prefix="repository-4f2a")):
        assert place.upload("1.0.0", archive).json()["draft"] == sent["draft"]
    assert len(place.get("/drafts")["drafts"]) == 1
    job, checked = place.get("/releases")["releases"]
    assert (checked["action"], checked["state"], checked["problems"]) == ("check", "succeeded", [])
    assert checked["result"]["rehearsal"]["summary"]
    assert job["state"] == "succeeded", job
    assert (job["result"]["latest"], job["created_by"]) == ("1.0.0", "token ci-main")
    assert codes(place.send("POST", "/releases/x/cancel")) == ["no-such-run"]
    again = place.send("POST", "/versions/1.0.0/publish", json={"draft": sent["draft"]})
    assert again.json()["id"] == job["id"], "the same asked for twice is one release"
    assert place.get("/versions/latest")["published_by"] == "token ci-main"
    contents = registry_contents(place.author, devpi, verdaccio)
    assert contents[f"@org/{_NAME}-client"]["tags"]["latest"] == "1.0.0"
    # The service keeps the sealed version, and the author gets what belongs into version control.
    lock = job["result"]["files"]["schemas/1.0.0/release.lock"]
    assert (place.home.root / "schemas/1.0.0/release.lock").read_text() == lock
    place.follow(_FILES, known)
    assert (folder / "release.lock").read_text() == lock
    assert place.author.run("check", "1.0.0", "--quick").exit_code == 0
    events = requests.get(f"{place.url}/releases/{job['id']}/events", timeout=60).text
    names = [line.removeprefix("event: ") for line in events.splitlines() if line.startswith("event: ")]
    assert names[:3] == ["run_queued", "run_started", "step_started"]
    assert names[-1] == "run_finished"
    assert names.count("step_finished") == 12
    audit = [entry.what for entry in place.catalogue.access.audit(100) if entry.who == "token ci-main"]
    assert any(what.startswith("upload 1.0.0") for what in audit)
    assert any(what.startswith(f"release job {job['id']}: publish 1.0.0") for what in audit)


def test_a_draft_that_is_wrong_fails_with_all_its_problems(place: Place, tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    shutil.copytree(place.author.root / "schemas/1.0.0", draft)
    (draft / "release.lock").unlink()
    schema = (draft / "schema.prisma").read_text()
    (draft / "schema.prisma").write_text(schema + "\nmodel Wrong {\n  id Nope @id\n}\n")
    assert place.upload("1.1.0", zipped(draft)).status_code == 200
    for action in ("check", "publish"):
        job = place.done(place.send("POST", f"/versions/1.1.0/{action}"))
        assert job["state"] == "failed", job
        assert job["problems"], action
        assert any("schemas/1.1.0/" in problem["message"] for problem in job["problems"])
    # Published versions never change.
    (draft / "schema.prisma").write_text(schema + "\n/// another\n")
    assert place.upload("1.0.0", zipped(draft)).status_code == 200
    job = place.done(place.send("POST", "/versions/1.0.0/publish"))
    assert [problem["code"] for problem in job["problems"]] == ["version-is-immutable"]
    assert not place.home.load(place.home.versions()[0]).seal_problem


def _commit(root: Path, version: str) -> str:
    """Commit all versions to the branch main, and tag them."""
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in ("init -q -b main", "add schemas", f"commit -qm {version}", f"tag v{version}"):
        subprocess.run([*git, *command.split()], check=True, capture_output=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return head.stdout.strip()


def _new_version(place: Place, version: str, model: str) -> None:
    assert place.author.run("new", version).exit_code == 0
    schema = place.author.root / f"schemas/{version}/schema.prisma"
    schema.write_text(f"{schema.read_text()}\nmodel {model} {{\n  id Int @id\n}}\n")
    assert place.author.run("migration", "new", model.lower(), version).exit_code == 0


def test_a_draft_is_taken_from_a_ref_of_the_checkout_and_from_nothing_else(place: Place) -> None:
    _new_version(place, "1.1.0", "Extra")
    commit = _commit(place.author.root, "1.1.0")
    for ref in ("--upload-pack=touch x", "main..v1.1.0", "HEAD@{1}", "main;id", "refs/heads/../x"):
        assert place.send("POST", "/drafts/1.1.0/ref", json={"ref": ref}).status_code == 422, ref
    for ref in ("HEAD", "nope", "refs/stash", "0" * 40):
        assert codes(place.send("POST", "/drafts/1.1.0/ref", json={"ref": ref})) == ["unknown-ref"], ref
    drafts = [
        place.send("POST", "/drafts/1.1.0/ref", json={"ref": ref}).json()
        for ref in ("main", "v1.1.0", "refs/tags/v1.1.0", commit)
    ]
    assert {(each["draft"], each["commit"]) for each in drafts} == {(drafts[0]["draft"], commit)}
    place.follow(_REF[:1], {})
    assert place.get("/drafts")["drafts"][0]["draft"] == drafts[0]["draft"]


def test_what_a_killed_worker_leaves_is_finished_on_another_machine(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other machine has none of the versions: it gets them from the store of artifacts."""
    assert "/versions/1.1.0/publish" in _REF[1]
    answer = place.send("POST", "/versions/1.1.0/publish")
    monkeypatch.setattr(worker_module, "_PROGRAM", _PROGRAM)
    for name, value in place.author.environment.items():
        monkeypatch.setenv(name, value)
    worker = JobWorker(place.catalogue, place.home.root)
    worker.look()
    jobs, job_id = place.catalogue.release_jobs, answer.json()["id"]

    def until_at(step: str) -> None:
        deadline = time.monotonic() + 120
        while not any(each.event.get("name") == step for each in jobs.events(job_id)):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    # Nothing is published yet: it ends, and nothing ever is.
    until_at("check")
    assert place.send("POST", f"/releases/{job_id}/cancel").status_code == 202
    assert worker._child is not None
    assert worker._child.wait(120) == 0
    cancelled = place.get(f"/releases/{job_id}")
    assert (cancelled["state"], cancelled["is_publishing"], cancelled["problems"]) == ("cancelled", False, [])
    assert not any(each.event.get("name") == "upload" for each in jobs.events(job_id))
    assert codes(place.send("POST", f"/releases/{job_id}/cancel")) == ["run-is-over"]
    assert place.get("/versions/latest")["version"] == "1.0.0"
    assert place.send("POST", f"/releases/{job_id}/retry").status_code == 202
    worker.look()
    until_at("upload")
    assert codes(place.send("POST", f"/releases/{job_id}/cancel")) == ["job-is-publishing"]
    assert place.get(f"/releases/{job_id}")["is_publishing"]
    assert worker._child is not None
    os.kill(worker._child.pid, signal.SIGKILL)
    worker._child.wait()
    other = tmp_path / "other"
    shutil.copytree(place.home.root, other, ignore=shutil.ignore_patterns("schemas", ".schema-service"))
    elsewhere = replace(place, home=Workspace(other))
    job = elsewhere.done(answer)
    assert (job["state"], job["attempt"], job["result"]["latest"]) == ("succeeded", 2, "1.1.0"), job
    assert (other / "schemas/1.1.0/release.lock").is_file()


def test_a_job_is_cancelled_or_publishes_and_never_both(place: Place) -> None:
    jobs, by = place.catalogue.release_jobs, Writer(who="a test", origin="here")

    def begun() -> ReleaseJob:
        job_id = place.send("POST", "/versions/1.1.0/latest", json={}).json()["id"]
        job = jobs.begin(job_id, "a worker")
        assert job is not None
        return job

    first = begun()
    assert jobs.cancel(first.id, by).cancel_asked
    assert not jobs.begin_publishing(first)
    # Its worker dies before it knows: the next one ends it.
    place.work()
    assert jobs.find(first.id).state == "cancelled"
    second = begun()
    assert jobs.begin_publishing(second)
    with pytest.raises(RunStateError, match="has begun to publish"):
        jobs.cancel(second.id, by)
    assert not jobs.begin_publishing(replace(second, attempt=9)), "another worker has it"
    place.work()
    assert jobs.find(second.id).state == "succeeded"


@pytest.mark.soak
def test_latest_is_moved_and_a_version_is_withdrawn(place: Place) -> None:
    dry = place.done(place.send("POST", "/versions/1.0.0/rollback", json={"dry_run": True}))
    assert dry["state"] == "succeeded", dry
    assert dry["result"]["dry_run"]
    assert place.get("/versions/latest")["version"] == "1.1.0"
    assert codes(place.send("POST", "/versions/1.1.0/withdraw", json={"reason": "\n"})) == ["invalid-reason"]
    rollback, withdraw, restore, listed = _CHANGES
    place.follow([rollback, withdraw], {})
    withdrawn, back = place.get("/releases")["releases"][:2]
    assert (back["result"]["before"], back["result"]["latest"]) == ("1.1.0", "1.0.0")
    assert withdrawn["state"] == "succeeded", withdrawn
    refused = place.done(place.send("POST", "/versions/1.1.0/latest"))
    assert [problem["code"] for problem in refused["problems"]] == ["version-withdrawn"]
    place.follow([restore, listed], {})
    assert place.done(place.send("POST", "/versions/1.1.0/latest"))["result"]["latest"] == "1.1.0"


@pytest.mark.soak
def test_a_version_is_pushed_and_promoted(place: Place) -> None:
    _new_version(place, "1.2.0", "More")
    _commit(place.author.root, "1.2.0")
    assert place.send("POST", "/drafts/1.2.0/ref", json={"ref": "v1.2.0"}).status_code == 200
    pushed = place.done(place.send("POST", "/versions/1.2.0/push"))
    assert pushed["state"] == "succeeded", pushed
    assert (pushed["result"]["staged"], place.get("/versions/latest")["version"]) == (True, "1.1.0")
    promoted = place.done(place.send("POST", "/versions/1.2.0/promote"))
    assert promoted["state"] == "succeeded", promoted
    assert "staged" not in (place.home.root / "schemas/1.2.0/release.lock").read_text()
    assert place.get("/versions/latest")["version"] == "1.2.0"
