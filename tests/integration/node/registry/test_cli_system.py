"""What the operating system refuses: one problem with the fix, never a traceback or exit code 70."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.cli.dispatch import run
from registry.cli.failures import Interrupted, failure_of
from registry.cli.output_folder import fill
from registry.errors import OutputFolderError
from schemas.errors import ExitCode

from ....command_line import CommandLine, contents


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let every write beyond ``size`` bytes of a file fail, as on a full disk."""
    before, kept_bytecode = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # Python would keep half a module, and fail on it ever after
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = kept_bytecode


def test_a_disk_that_fills_leaves_nothing_of_what_was_begun(cli: CommandLine) -> None:
    files = {"a/small.txt": b"x", "b/c/large.bin": b"x" * 4096}
    for folder in (cli.folder / "new" / "out", cli.folder):
        with files_up_to(1024), pytest.raises(OutputFolderError, match="File too large"):
            fill(folder, files)
        assert list(cli.folder.iterdir()) == []
    fill(cli.folder / "new", files)
    assert list(contents(cli.folder)) == [
        "new",
        "new/a",
        "new/a/small.txt",
        "new/b",
        "new/b/c",
        "new/b/c/large.bin",
    ]


def test_init_takes_back_what_it_wrote(cli: CommandLine) -> None:
    with files_up_to(600):
        finished = cli.run("init", "new/place", "--sample", "--json")
    assert finished.exit_code == ExitCode.USER
    assert finished.codes == ["unwritable-folder"]
    assert contents(cli.folder) == {}
    cli.write(".gitignore", "mine\n")
    with files_up_to(600):
        assert cli.run("init", "--json").exit_code == ExitCode.USER
    assert list(contents(cli.folder)) == [".gitignore"]
    assert cli.run("init").exit_code == ExitCode.DONE


def test_an_output_folder_that_is_not_free_is_refused_before_any_work(cli: CommandLine) -> None:
    cli.with_workspace()
    settings = cli.folder / "schema-service.toml"
    kept = settings.read_text()
    settings.write_text(f'{kept}\n[rehearsal]\nurl_env = "NOT_SET_HERE"\n')
    assert cli.run("migration", "new", "init").exit_code == ExitCode.DONE, "nothing has to be run for it"
    settings.write_text(kept)
    (cli.folder / "dangling").symlink_to("nowhere")
    (cli.folder / "empty").mkdir()
    for command in ("build", "generate"):
        for out in (".", "schemas", "schema-service.toml", "dangling"):
            assert cli.refused(command, "1.0.0", "--out", out).codes == ["folder-not-empty"]
        assert cli.refused(command, "1.0.0", "--out", "a" * 300).codes == ["unwritable-folder"]
        assert cli.refused(command, "1.0.0", "--out", "schema-service.toml/x").codes == ["unwritable-folder"]


def test_a_cache_or_a_state_that_cannot_be_written_is_told_with_the_variable_or_setting(
    cli: CommandLine,
) -> None:
    cli.with_workspace()
    under_a_file = str(cli.folder / "schema-service.toml" / "x")
    cli.monkeypatch.setenv("SCHEMA_SERVICE_CACHE", under_a_file)
    for command in (("check",), ("toolchain",), ("build", "1.0.0", "--out", "out")):
        finished = cli.refused(*command, exit_code=ExitCode.SERVICE)
        assert finished.codes == ["toolchain-unwritable"]
        assert "SCHEMA_SERVICE_CACHE" in finished.document["problems"][0]["fix"]
    cli.monkeypatch.delenv("SCHEMA_SERVICE_CACHE")
    cli.monkeypatch.setenv("SCHEMA_SERVICE_STATE__URL", f"sqlite:///{under_a_file}/state.db")
    assert cli.refused("publish", "1.0.0", exit_code=ExitCode.SERVICE).codes == ["catalogue-unavailable"]
    cli.monkeypatch.setenv("SCHEMA_SERVICE_STATE__URL", f"sqlite:///{cli.folder / 'schema-service.toml'}")
    assert cli.refused("versions", exit_code=ExitCode.SERVICE).codes == ["catalogue-unavailable"]


def test_looking_writes_nothing(cli: CommandLine) -> None:
    cli.with_workspace(sample=True)
    for command in (("versions",), ("show", "1.0.0"), ("check", "--all", "--quick")):
        assert cli.run(*command).exit_code == ExitCode.DONE
    assert not (cli.folder / ".schema-service").exists()


def test_a_folder_that_is_gone_is_all_that_is_said(cli: CommandLine, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    cli.monkeypatch.chdir(gone)
    gone.rmdir()
    for arguments in (["versions"], ["init"], ["init", "x"], ["build", "1.0.0", "--out", "x"]):
        assert run(arguments) == ExitCode.USER
        assert cli.capsys.readouterr().err.startswith(
            "error[no-working-folder]: the current folder does not exist any more\n"
        )
    assert run(["--help"]) == ExitCode.DONE


def test_an_import_that_is_interrupted_in_its_rehearsal_says_how_to_go_on(cli: CommandLine) -> None:
    """The workspace is there, so the same command would be refused."""

    def interrupted(*_: object) -> None:
        raise Interrupted(signal.SIGINT)

    text = 'datasource db {\n  provider = "postgresql"\n}\nmodel A {\n  id Int @id\n}\n'
    (cli.folder / "app.prisma").write_text(text)
    cli.monkeypatch.chdir(cli.folder)
    cli.monkeypatch.setattr("registry.validation.imported_version.settle_import", interrupted)
    assert run(["init", "made", "--from-prisma", "app.prisma"]) == 130
    fix = cli.capsys.readouterr().err.partition("fix: ")[2]
    assert f"remove {cli.folder / 'made'} and run the command again" in fix
    assert "schema-service check 1.0.0" in fix


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/x/\x1b"), "refused-by-system", ExitCode.USER),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "refused-by-system", ExitCode.USER),
        (OSError(errno.EROFS, "Read-only file system"), "refused-by-system", ExitCode.USER),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found"), "no-temporary-folder", 1),
        (FileNotFoundError(errno.ENOENT, "No such file", "template.jinja"), "bug", ExitCode.BUG),
        (KeyboardInterrupt(), "interrupted", 130),
        (ValueError("x"), "bug", ExitCode.BUG),
    ],
)
def test_what_is_raised_has_one_exit_code(error: BaseException, code: str, exit_code: int) -> None:
    failure = failure_of(error, [])
    assert [problem.code for problem in failure.problems] == [code]
    assert failure.exit_code == exit_code
