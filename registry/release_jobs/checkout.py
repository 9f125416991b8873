"""A draft from the checkout that the settings name: a branch, a tag or a commit, as an archive.

What a request names is never an option, a path or a word of a shell: it has the form of a ref, it is looked
up under the names that refs have, and from then on only the commit's digest is used.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import Problem
from schemas.workspace.workspace import VERSIONS_FOLDER

from ..config.publishing import PublishingTable
from ..config.settings import FILE_NAME
from ..errors import CheckoutError, UsageError
from .archives import MOST_UNPACKED

#: The rules of git-check-ref-format(1), and stricter: nothing that git or a shell reads in another way.
REF_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$"
_REF = re.compile(REF_PATTERN)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NEVER = ("..", "//", "/.", "./", "@{")
_SECONDS = 120
_MOST_TOLD = 300


class _GitError(Exception):
    """Git didn't do what it was asked for; the message is what it said."""


def archive_of(table: PublishingTable, root: Path, ref: str) -> tuple[str, bytes]:
    """The commit that ``ref`` names, and a tar of its versions. ``root`` is the workspace's, from which a
    relative checkout is meant. Raises CheckoutError, and UsageError for what can't be a ref."""
    if table.checkout is None:
        raise CheckoutError(_none())
    if not _is_ref(ref):
        raise UsageError(_no_ref(ref))
    checkout = root / Path(table.checkout).expanduser()
    if table.fetch is not None:
        _git(checkout, "fetch", "--quiet", "--tags", "--end-of-options", table.fetch)
    commit = _commit(table, checkout, ref)
    tree = f"{commit}:{table.folder}" if table.folder else commit
    return commit, _git(checkout, "archive", "--format=tar", tree, "--", VERSIONS_FOLDER)


def check_checkout(table: PublishingTable, root: Path) -> None:
    """Whether the checkout that the settings name is one. Raises CheckoutError."""
    if table.checkout is None:
        return
    checkout = root / Path(table.checkout).expanduser()
    try:
        _asked(checkout, "rev-parse", "--git-dir")
    except _GitError as error:
        raise CheckoutError(_no_checkout(table.checkout, str(error))) from None
    if table.fetch is None:
        return
    try:
        _asked(checkout, "remote", "get-url", "--end-of-options", table.fetch)
    except _GitError:
        raise CheckoutError(_no_remote(table.fetch)) from None


def _is_ref(text: str) -> bool:
    is_odd = any(part in text for part in _NEVER) or text.endswith(("/", ".", ".lock"))
    return _REF.fullmatch(text) is not None and not is_odd


def _commit(table: PublishingTable, checkout: Path, ref: str) -> str:
    for name in _names(table, ref):
        try:
            verify = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            found = _asked(checkout, *verify)
        except _GitError:
            continue
        commit = found.decode("ascii", "replace").strip()
        if _COMMIT.fullmatch(commit):
            return commit
    raise CheckoutError(_unknown(ref))


def _names(table: PublishingTable, ref: str) -> Iterator[str]:
    """Under which names it is looked up: never as what git would guess, such as HEAD or a stash."""
    if _COMMIT.fullmatch(ref):
        yield ref
    elif ref.startswith(("refs/heads/", "refs/tags/")):
        if table.fetch is not None:
            yield ref.replace("refs/heads/", f"refs/remotes/{table.fetch}/", 1)
        else:
            yield ref
    else:
        branches = f"refs/remotes/{table.fetch}" if table.fetch is not None else "refs/heads"
        yield from (f"refs/tags/{ref}", f"{branches}/{ref}")


def _git(checkout: Path, *arguments: str) -> bytes:
    """What git prints. Raises CheckoutError, which tells what git said."""
    try:
        return _asked(checkout, *arguments)
    except _GitError as error:
        raise CheckoutError(_failed(arguments[0], str(error))) from None


def _asked(checkout: Path, *arguments: str) -> bytes:
    """What git prints. Raises _GitError, and CheckoutError where there is no git."""
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", os.fspath(checkout), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, **quiet},
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise CheckoutError(_no_git()) from None
    except subprocess.TimeoutExpired:
        raise _GitError(f"it took more than {_SECONDS} s") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().replace(os.fspath(checkout), "the checkout")
        raise _GitError(said[:_MOST_TOLD] or f"exit code {done.returncode}")
    if len(done.stdout) > MOST_UNPACKED:
        raise _GitError(f"the versions have more than {MOST_UNPACKED} bytes")
    return done.stdout


def _no_checkout(place: str, why: str) -> Problem:
    return Problem(
        code="checkout-failed",
        message=f"[publishing] checkout {place[:100]!r} is no clone that can be used: {why}",
        fix="name the folder of a clone, from this file's folder, which the user of the service may read",
        file=FILE_NAME,
    )


def _no_remote(name: str) -> Problem:
    return Problem(
        code="checkout-failed",
        message=f"[publishing] fetch: the checkout has no remote {name!r}",
        fix="name one that `git remote` lists there, or leave it out",
        file=FILE_NAME,
    )


def _none() -> Problem:
    return Problem(
        code="checkout-not-set",
        message="no checkout is configured, so a ref names nothing here",
        fix='on the server: [publishing] checkout = "…", or upload the files as an archive',
        file=FILE_NAME,
    )


def _no_ref(text: str) -> Problem:
    return Problem(
        code="invalid-ref",
        message=f"this is no name of a branch, a tag or a commit: {text[:80]!r}",
        fix="write it as main, v2.0.0, refs/heads/main, refs/tags/v2.0.0 or the 40 digits of a commit",
    )


def _unknown(ref: str) -> Problem:
    return Problem(
        code="unknown-ref",
        message=f"the checkout has no branch, tag or commit {ref!r}",
        fix="push it first; [publishing] fetch names the remote that the checkout fetches from",
    )


def _no_git() -> Problem:
    return Problem(
        code="git-not-found",
        message="git is not installed where the service runs",
        fix="install git there, or upload the files as an archive",
    )


def _failed(command: str, why: str) -> Problem:
    return Problem(
        code="checkout-failed",
        message=f"git {command} failed in the checkout: {why}",
        fix="run it in the checkout on the server, as the user of the service",
    )
