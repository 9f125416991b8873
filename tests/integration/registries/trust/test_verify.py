"""Signing and verifying releases: what is right passes, and one changed byte anywhere is named."""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.catalogue import NewEvent
from registry.catalogue.facts.events import RESTORED, WITHDRAWN
from registry.catalogue.opening import open_catalogue
from registry.config.settings import load_settings
from registry.local.devpi import LocalDevpi
from registry.publishers.npm import NpmPublisher
from registry.publishers.pypi import PypiPublisher
from registry.trust.verification.report import Report
from registry.trust.verification.verifier import Verifier
from schemas.versions import SchemaVersion
from schemas.workspace.workspace import Workspace

from ..release_kit import Team, leave_out_consumers
from .released import FIRST_KEY, SECOND_KEY, UNSIGNED, Released, codes, done, write_versions


def test_what_was_published_is_verified_and_built_again(released: Released) -> None:
    keys = [key["keyid"] for key in done(released.team, "key", "list")["keys"]]
    for version, signed_by in ((UNSIGNED, None), (FIRST_KEY, keys[0]), (SECOND_KEY, keys[1])):
        rebuild = ["--rebuild"] if version == SECOND_KEY else []
        found = done(released.team, "verify", version, *rebuild)
        assert found["signed_by"] == signed_by
        statuses = {check["status"] for check in found["checks"]}
        assert statuses == ({"ok", "unsigned"} if signed_by is None else {"ok"})
        built = sum(check["subject"].startswith("rebuild of ") for check in found["checks"])
        assert built == (4 if rebuild else 0)
        shown = done(released.team, "show", version)
        assert shown["signed_by"] == signed_by
    assert [key["current"] for key in done(released.team, "key", "list")["keys"]] == [False, True]


def test_the_private_half_is_in_no_file_of_the_workspace_and_readable_by_its_owner_only(
    released: Released,
) -> None:
    secrets = [path.read_text().splitlines()[1].encode() for path in released.keys.iterdir()]
    for path in released.team.root.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets), path
    assert {path.stat().st_mode & 0o777 for path in released.keys.iterdir()} == {0o600}


def test_the_statement_names_every_artifact_and_input(released: Released) -> None:
    folder = released.team.root / "schemas" / SECOND_KEY
    envelope = json.loads((folder / "release.intoto.jsonl").read_text())
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    stated = json.loads(base64.b64decode(envelope["payload"]))
    assert (stated["_type"], stated["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    assert len(stated["subject"]) == 4
    inputs = {each["name"] for each in stated["predicate"]["buildDefinition"]["resolvedDependencies"]}
    assert {f"schemas/{SECOND_KEY}/schema.prisma", "schema-service.toml"} <= inputs
    assert any(name.startswith("schemas/1.0.0/migrations/001_") for name in inputs)


def _flip(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


class Remembering:
    """A registry that is asked each question once, because every test asks the same."""

    def __init__(self, publisher: Any) -> None:
        self.download = functools.cache(publisher.download)
        self.lookup = functools.cache(publisher.lookup)
        self.signatures = functools.cache(publisher.signatures)


@functools.cache
def _registries(index_url: str, upload_url: str, npm_url: str) -> dict[str, Any]:
    pypi = PypiPublisher(upload_url=upload_url, index_url=index_url, credentials=None)
    return {"wheel": Remembering(pypi), "npm": Remembering(NpmPublisher(url=npm_url, credentials=None))}


@dataclass
class Tampered:
    """A registry that serves one file with a changed byte, and a digest of its own for it."""

    publisher: Any
    filename: str
    change: Callable[[bytes], bytes]

    def download(self, name: str, version: str, filename: str) -> bytes:
        content: bytes = self.publisher.download(name, version, filename)
        return self.change(content) if filename == self.filename else content

    def __getattr__(self, name: str) -> Any:
        return getattr(self.publisher, name)


@pytest.fixture
def copy(released: Released, tmp_path: Path) -> Team:
    """The workspace with its catalogue, to be changed."""
    shutil.copytree(
        released.team.root,
        tmp_path / "copy",
        ignore=shutil.ignore_patterns("artifacts", "local", "rehearsal"),
    )
    return Team(tmp_path / "copy", released.team.name, released.team.environment)


def _verified(team: Team, version: str, change: Callable[[dict[str, Any]], None] = lambda _: None) -> Report:
    names = ("PYPI__INDEX_URL", "PYPI__URL", "NPM__URL")
    publishers = dict(
        _registries(*(team.environment[f"SCHEMA_SERVICE_REGISTRIES__{name}"] for name in names))
    )
    change(publishers)
    workspace = Workspace(team.root)
    settings = load_settings(team.root)
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        return Verifier(
            workspace=workspace,
            settings=settings,
            catalogue=catalogue,
            publishers=publishers,  # type: ignore[arg-type]
            kept=_kept(team.root),
        ).verify(SchemaVersion.parse(version))


def _kept(root: Path) -> Callable[[str], bytes | None]:
    def get(sha256: str) -> bytes | None:
        path = root / ".schema-service" / "artifacts" / sha256
        return path.read_bytes() if path.exists() else None

    return get


def _failed(report: Report) -> list[str]:
    return [check.subject for check in report.checks if check.status == "failed"]


@pytest.mark.parametrize("number", range(4))
def test_one_byte_of_an_artifact(released: Released, number: int) -> None:
    artifact = done(released.team, "show", SECOND_KEY)["artifacts"][number]
    for part in (0.25, 0.6, 0.98):

        def change(publishers: dict[str, Any], part: float = part) -> None:
            publishers[artifact["kind"]] = Tampered(
                publishers[artifact["kind"]],
                artifact["filename"],
                lambda content: _flip(content, int(len(content) * part)),
            )

        report = _verified(released.team, SECOND_KEY, change)
        assert _failed(report) == [artifact["filename"]]
        assert [problem.code for problem in report.problems] == ["artifact-altered"]


def test_one_byte_of_an_sbom_is_named_as_that_file(released: Released) -> None:
    artifact = done(released.team, "show", SECOND_KEY)["artifacts"][0]

    def altered(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w") as after:
            for info in before.infolist():
                data = before.read(info)
                after.writestr(info, _flip(data, 40) if "sbom" in info.filename else data)
        return buffer.getvalue()

    def change(publishers: dict[str, Any]) -> None:
        publishers["wheel"] = Tampered(publishers["wheel"], artifact["filename"], altered)

    (problem,) = _verified(released.team, SECOND_KEY, change).problems
    assert "trusted_client-2.0.0.dist-info/sboms/sbom.cdx.json" in problem.message


def _flipped(path: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / path
        content = file.read_bytes()
        file.write_bytes(_flip(content, len(content) // 2))

    return change


def _replaced(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new, 1))

    return change


def _executed(statement: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with contextlib.closing(sqlite3.connect(root / ".schema-service" / "state.db")) as state, state:
            assert state.execute(statement).rowcount > 0

    return change


def _gone_with_another_schema(root: Path) -> None:
    (root / _LOCK).unlink()
    _flipped(f"schemas/{FIRST_KEY}/schema.prisma")(root)


_LOCK = f"schemas/{FIRST_KEY}/release.lock"
_STATEMENT = f"schemas/{FIRST_KEY}/release.intoto.jsonl"
_CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "schema": (_flipped(f"schemas/{FIRST_KEY}/schema.prisma"), f"schemas/{FIRST_KEY}/schema.prisma"),
    "an earlier migration": (
        _flipped("schemas/1.0.0/migrations/001_step_1_0/up.sql"),
        "schemas/1.0.0/migrations/001_step_1_0/up.sql",
    ),
    "version.toml": (
        _replaced(f"schemas/{FIRST_KEY}/version.toml", "description", "descriptiom"),
        f"schemas/{FIRST_KEY}/version.toml",
    ),
    "changelog": (_flipped(f"schemas/{FIRST_KEY}/CHANGELOG.md"), f"schemas/{FIRST_KEY}/CHANGELOG.md"),
    "lock": (_flipped(_LOCK), _LOCK),
    "lock is gone": (_gone_with_another_schema, f"schemas/{FIRST_KEY}/schema.prisma"),
    "lock's comment": (_replaced(_LOCK, "Written by", "written by"), _LOCK),
    "lock's time": (_replaced(_LOCK, "published_at = \"20", "published_at = \"30"), _STATEMENT),
    "statement": (_flipped(_STATEMENT), _STATEMENT),
    "statement is gone": (lambda root: (root / _STATEMENT).unlink(), _STATEMENT),
    "public key": (_flipped("signing-keys.json"), "signing-keys.json"),
    "public keys are gone": (lambda root: (root / "signing-keys.json").unlink(), "signing-keys.json"),
    "catalogue's artifact": (
        _executed("UPDATE catalogue_artifacts SET sha256 = replace(sha256, 'a', 'b') "
                  f"WHERE version = '{FIRST_KEY}' AND language = 'node'"),
        _LOCK,
    ),
    "catalogue's input": (
        _executed("UPDATE catalogue_inputs SET sha256 = replace(sha256, 'a', 'b') "
                  f"WHERE version = '{FIRST_KEY}' AND path LIKE '%.prisma'"),
        _LOCK,
    ),
    "catalogue's statement": (
        _executed("UPDATE catalogue_attestations SET envelope = envelope || ' ' "
                  f"WHERE version = '{FIRST_KEY}'"),
        _STATEMENT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", _CHANGES)
def test_one_byte_of_what_was_sealed(copy: Team, what: str) -> None:
    change, named = _CHANGES[what]
    change(copy.root)
    found = _verified(copy, FIRST_KEY)
    assert any(named in f"{each.file} {each.message}" for each in found.problems), found.problems
    assert any(check.status == "failed" for check in found.checks)


@pytest.mark.parametrize("has_catalogue", [True, False])
@pytest.mark.parametrize("file", ["release.lock", "release.intoto.jsonl"])
def test_one_byte_anywhere_in_a_file_that_seals(copy: Team, file: str, has_catalogue: bool) -> None:
    """Wherever it is, and in whatever way the file can't be read any more."""
    if not has_catalogue:
        shutil.rmtree(copy.root / ".schema-service")
    path = copy.root / "schemas" / FIRST_KEY / file
    content = path.read_bytes()
    for place in range(0, len(content), len(content) // 12):
        path.write_bytes(_flip(content, place))
        found = _verified(copy, FIRST_KEY)
        assert any(file in f"{each.file} {each.message}" for each in found.problems), (place, found)
    path.write_bytes(content[:100] + bytes([content[100] | 0x80]) + content[101:])
    assert _verified(copy, FIRST_KEY).problems


def test_a_changed_release_fails_the_command(copy: Team) -> None:
    _flipped(_STATEMENT)(copy.root)
    found = copy.run("verify", FIRST_KEY, "--json")
    assert (found.exit_code, codes(found.document)) == (1, ["signature-invalid"])
    assert f"{FIRST_KEY} is not what was published" in copy.run("verify", FIRST_KEY).output


def test_an_npm_signature_that_is_gone_or_over_something_else(released: Released) -> None:
    class Signatures(Tampered):
        def signatures(self, name: str, version: str) -> Any:
            return self.change(self.publisher.signatures(name, version))  # type: ignore[return-value]

    def other(listed: Any) -> Any:
        ((keyid, sig),) = listed.signatures
        changed = base64.b64encode(_flip(base64.b64decode(sig), 12)).decode()
        return type(listed)(integrity=listed.integrity, signatures=((keyid, changed),))

    cases = {"signature-missing": lambda listed: type(listed)(), "signature-invalid": other}
    for code, change in cases.items():

        def tamper(publishers: dict[str, Any], change: Any = change) -> None:
            publishers["npm"] = Signatures(publishers["npm"], "", change)

        report = _verified(released.team, SECOND_KEY, tamper)
        assert [problem.code for problem in report.problems] == [code, code]


def test_a_registry_that_does_not_answer_is_no_verdict(released: Released, unused_port: int) -> None:
    elsewhere = {"SCHEMA_SERVICE_REGISTRIES__NPM__URL": f"http://127.0.0.1:{unused_port}/"}
    assert released.team.run("verify", SECOND_KEY, "--json", **elsewhere).exit_code == 3


def test_a_version_that_nobody_published(released: Released) -> None:
    found = released.team.run("verify", "9.0.0", "--json")
    assert (found.exit_code, codes(found.document)) == (1, ["not-published"])


def test_a_private_key_is_refused_where_others_find_it(
    copy: Team, tmp_path: Path, released: Released
) -> None:
    inside = copy.root / "key.pem"
    outside = tmp_path / "open.pem"
    link = tmp_path / "link.pem"
    for path in (inside, outside):
        shutil.copy(released.keys / "second.pem", path)
    outside.chmod(0o640)
    link.symlink_to(inside)
    for path in (inside, outside, link):
        found = copy.run("publish", SECOND_KEY, "--json", SCHEMA_SERVICE_TRUST__KEY_FILE=str(path))
        assert codes(found.document) == ["signing-key-unsafe"], path
    found = copy.run("key", "rotate", "--file", str(copy.root / "new.pem"), "--json")
    assert codes(found.document) == ["signing-key-unsafe"]
    assert not (copy.root / "new.pem").exists()


def test_published_versions_are_changed_without_the_key(copy: Team, tmp_path: Path) -> None:
    """Who has to roll back in a hurry need not be who signs."""
    nowhere = {"SCHEMA_SERVICE_TRUST__KEY_FILE": str(tmp_path / "none.pem")}
    for command in (
        ("rollback", "--to", FIRST_KEY),
        ("withdraw", UNSIGNED, "--reason", "no"),
        ("restore", UNSIGNED),
        ("repair",),
    ):
        found = copy.run(*command, "--dry-run", "--json", **nowhere)
        assert found.exit_code == 0, (command, found.output)
    assert codes(copy.run("publish", "3.0.0", "--json", **nowhere).document) == ["signing-key-unreadable"]


def test_the_key_can_be_in_a_variable(copy: Team, released: Released) -> None:
    (copy.root / "schema-service.toml").write_text(
        (copy.root / "schema-service.toml").read_text() + '\n[trust]\nkey_env = "TEAM_KEY"\n'
    )
    del copy.environment["SCHEMA_SERVICE_TRUST__KEY_FILE"]
    try:
        found = copy.run("publish", SECOND_KEY, "--json", TEAM_KEY=(released.keys / "second.pem").read_text())
        assert found.exit_code == 0, found.output
        for variables, code in (({}, "variable-not-set"), ({"TEAM_KEY": "x"}, "signing-key-unreadable")):
            assert codes(copy.run("publish", SECOND_KEY, "--json", **variables).document) == [code]
    finally:
        copy.environment["SCHEMA_SERVICE_TRUST__KEY_FILE"] = str(released.keys / "second.pem")


def test_a_clone_with_a_catalogue_of_its_own_verifies_and_takes_over(
    released: Released, tmp_path: Path
) -> None:
    clone = Team(tmp_path / "clone", released.team.name, released.team.environment)
    shutil.copytree(released.team.root, clone.root, ignore=shutil.ignore_patterns(".schema-service"))
    first = done(clone, "key", "list")["keys"][0]["keyid"]
    assert done(clone, "verify", FIRST_KEY)["signed_by"] == first
    statement = (clone.root / _STATEMENT).read_text()
    (clone.root / _STATEMENT).unlink()
    assert codes(clone.run("verify", FIRST_KEY, "--json").document) == ["signature-missing"]
    (clone.root / _STATEMENT).write_text(statement)
    with pytest.MonkeyPatch.context() as patch:
        leave_out_consumers(patch)
        done(clone, "publish", FIRST_KEY)
    assert (clone.root / _STATEMENT).read_text() == statement
    assert done(clone, "verify", FIRST_KEY)["signed_by"] == first


def test_a_version_from_before_sboms_and_listed_inputs_stays_what_it_was(
    released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an earlier generator published it; a clone without a catalogue, and the tool of today."""
    team = Team(tmp_path / "before", "before", {**released.team.environment})
    del team.environment["SCHEMA_SERVICE_TRUST__KEY_FILE"]
    write_versions(team.root, team.name)
    leave_out_consumers(monkeypatch)
    with monkeypatch.context() as earlier:
        earlier.setattr("registry.release.snapshots.snapshot.release_inputs", lambda *_: ())
        done(team, "publish", UNSIGNED)
    lock = (team.root / "schemas" / UNSIGNED / "release.lock").read_text()
    assert "[[inputs]]" not in lock
    clone = Team(tmp_path / "clone", team.name, team.environment)
    shutil.copytree(team.root, clone.root, ignore=shutil.ignore_patterns(".schema-service"))
    assert "4 already there" in done(clone, "publish", UNSIGNED)["steps"]["upload"]
    assert (clone.root / "schemas" / UNSIGNED / "release.lock").read_text() == lock
    found = done(clone, "verify", UNSIGNED, "--rebuild")
    assert sum("published before packages had an SBOM" in check["detail"] for check in found["checks"]) == 4


def test_pip_installs_with_the_hashes_of_constraints_and_nothing_else(
    released: Released, devpi: LocalDevpi, tmp_path: Path
) -> None:
    file = tmp_path / "constraints.txt"
    team, version = released.team, SchemaVersion.parse(SECOND_KEY)
    withdrawn = NewEvent(event=WITHDRAWN, version=version, details={"reason": "loses rows"})
    with open_catalogue(Workspace(team.root), load_settings(team.root)) as catalogue:
        catalogue.events.adopt([withdrawn], latest=None)
        pinned = team.run("constraints", SECOND_KEY, "--only", "migrations", "--out", str(file))
        catalogue.events.adopt([NewEvent(event=RESTORED, version=version)], latest=None)
    assert pinned.exit_code == 0, pinned.errors
    assert f"warning[pins-withdrawn]: {SECOND_KEY} is withdrawn (loses rows)" in pinned.errors
    pip = [sys.executable, "-m", "pip", "install", "--isolated", "--disable-pip-version-check"]
    pip += ["--index-url", devpi.index_url, "--dry-run", "--ignore-installed", "--require-hashes"]
    installed = subprocess.run([*pip, "-r", str(file)], capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    assert f"{released.team.name}-migrations-{SECOND_KEY}" in installed.stdout
    (sha256,) = (
        each["sha256"]
        for each in done(released.team, "show", SECOND_KEY)["artifacts"]
        if each["language"] == "migrations"
    )
    file.write_text(file.read_text().replace(sha256, sha256[:-1] + ("0" if sha256[-1] != "0" else "1")))
    refused = subprocess.run([*pip, "-r", str(file)], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr
