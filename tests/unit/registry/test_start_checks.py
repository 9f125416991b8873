"""What a service says when it starts: all that can't work, and what it does without for now."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from registry.config.settings import load_settings
from registry.hosting.hosted import HostedSchema
from registry.hosting.start_checks import start_problems
from schemas.errors import Problem
from schemas.workspace.workspace import Workspace

from ...command_line import CommandLine

_SOME = """
[artifacts]
url = "file:///dev/null/artifacts"
[publishing]
checkout = "nowhere"
[rehearsal]
url_env = "REHEARSAL_URL"
[databases.main]
url_env = "MAIN_URL"
labels = ["eu"]
[databases.odd]
url_env = "ODD_URL"
[notify.webhooks.ops]
url_env = "HOOK_URL"
[api.trusted.ci]
issuer = "http://127.0.0.1:1"
audience = "schema-service"
claims = { project_path = "org/schemas" }
scopes = ["publish"]
schemas = ["shop", "nope"]
[api.trusted.cd]
issuer = "http://127.0.0.1:1"
audience = "schema-service"
claims = { project_path = "org/schemas" }
scopes = ["migrate"]
labels = ["eu", "us"]
"""


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_service_says_all_that_cannot_work_before_it_starts(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    cli.with_workspace()
    with (cli.folder / "schema-service.toml").open("a") as settings:
        settings.write(_SOME)
    monkeypatch.setenv("ODD_URL", "nonsense")
    monkeypatch.setenv("SCHEMA_SERVICE_STATE__URL", "mysql://x")
    problems = cli.refused(command).document["problems"]
    found = [(each["severity"], each["code"]) for each in problems]
    assert found[:3] == [
        ("error", "invalid-state-url"),
        ("error", "checkout-failed"),
        ("error", "artifact-store-unavailable"),
    ]
    assert sorted(found[3:]) == [
        ("warning", "database-no-address"),
        *[("warning", "issuer-unreachable")] * 2,
        ("warning", "unknown-database"),
        ("warning", "unknown-schema"),
        *[("warning", "variable-not-set")] * 3,
    ]
    said = "\n".join(each["message"] + each["fix"] for each in problems)
    for name in ("nowhere", "REHEARSAL_URL", "MAIN_URL", "HOOK_URL", "127.0.0.1:1", "'nope'", "'us'", ": eu"):
        assert name in said, name


def test_what_works_is_not_mentioned(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.with_workspace()
    clone = cli.folder / "clone"
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    text = f"""
[artifacts]
url = "file://{cli.folder}/artifacts"
[publishing]
checkout = "clone"
[databases.main]
url_env = "MAIN_URL"
"""
    with (cli.folder / "schema-service.toml").open("a") as settings:
        settings.write(text)
    monkeypatch.setenv("MAIN_URL", "postgresql://127.0.0.1:1/x")
    assert _problems(cli.folder) == ()
    monkeypatch.setenv("SCHEMA_SERVICE_PUBLISHING__FETCH", "upstream")
    (problem,) = _problems(cli.folder)
    assert (problem.code, "'upstream'" in problem.message) == ("checkout-failed", True)
    monkeypatch.delenv("SCHEMA_SERVICE_PUBLISHING__FETCH")
    monkeypatch.setenv("PATH", str(clone / ".git/refs"))
    assert [each.code for each in _problems(cli.folder)] == ["git-not-found"]


def _problems(root: Path) -> tuple[Problem, ...]:
    return start_problems([HostedSchema(Workspace(root), load_settings(root))])


def test_a_limit_of_a_token_to_what_does_not_exist_is_told(cli: CommandLine) -> None:
    cli.with_workspace()
    with (cli.folder / "schema-service.toml").open("a") as settings:
        settings.write('[databases.main]\nurl_env = "MAIN_URL"\nlabels = ["eu"]\n')
    create = ("token", "create", "--scope", "migrate")
    for number, (options, codes) in enumerate(
        (
            (("--label", "eu", "--schema", "shop"), []),
            (("--label", "eu", "--schema", "*"), []),
            (("--label", "EU"), ["unknown-database"]),
            (("--schema", "shops"), ["unknown-schema"]),
            (("--schema", "shops", "--label", "us"), ["unknown-schema"]),  # its labels are not known here
        )
    ):
        made = cli.run(*create, f"t{number}", *options)
        assert made.exit_code == 0
        assert made.output.startswith("sst_")
        assert made.errors.count("warning[") == len(codes), made.errors
        for code in codes:
            assert f"warning[{code}]" in made.errors
    assert "eu" in cli.run(*create, "t9", "--label", "EU").errors
