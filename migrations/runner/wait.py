"""``wait``: waits until the database is at this package's version, or at one that is compatible with it."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg

from .connection.connection import Connection, connect, refusal
from .errors import RefusedError, TryAgainError
from .events import Listener
from .manifest import Manifest
from .options import Address, Options
from .planning.drafts import is_draft
from .planning.state import State
from .semver import precedence
from .tracking.tracking import read_version

_POLL_FIRST, _POLL_MOST = 0.2, 2.0


def wait_for_version(
    manifest: Manifest, address: Address, options: Options, seconds: float, listener: Listener
) -> str | None:
    """The database's version, once it is the package's or compatible with it and no run is under way.

    Needs only the right to connect. Raises TryAgainError after ``seconds``, RefusedError for a database at a
    later version that is not declared compatible.
    """
    deadline = time.monotonic() + seconds
    pause, reported = _POLL_FIRST, False
    while True:
        connect_options = replace(options, database_wait=max(0.0, deadline - time.monotonic()))
        opened = connect(address, connect_options, "schema-service-read", listener)
        # If the database goes away in the meantime, wait for it again.
        with contextlib.closing(opened) as connection, _waiting_again(address):
            while True:
                state = _read(connection, manifest, address)
                if _is_ready(manifest, state):
                    listener("ready", version=state.version)
                    return state.version
                if not reported:
                    listener("waiting_for_version", version=state.version, wanted=manifest.version)
                    reported = True
                if time.monotonic() + pause > deadline:
                    raise _too_late(manifest, state, seconds)
                time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
                pause = min(pause * 1.5, _POLL_MOST)


@contextlib.contextmanager
def _waiting_again(address: Address) -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        found = refusal(error, address)
        if isinstance(found, RefusedError):
            raise found from error


def _read(connection: Connection, manifest: Manifest, address: Address) -> State:
    try:
        return read_version(connection, manifest.schema_name)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise refusal(error, address) from error


def _is_ready(manifest: Manifest, state: State) -> bool:
    if state.version is None:
        return False
    if precedence(state.version) < precedence(manifest.version) or state.digest is None:
        _refuse_other_line(manifest, state)
        return False  # the digest is missing while a run is under way, which may be a downgrade
    own = manifest.digest_at(manifest.version)
    is_same = state.digest == own  # a version without migrations of its own
    oldest = state.compatible_from
    if is_same:
        return True
    if state.version == manifest.version:
        raise RefusedError(
            "edited",
            f"the database is at {manifest.version}, with other migrations than this package's",
            f"install the package of {manifest.version} that was published and ran there",
        )
    alike = {each for each in manifest.versions if manifest.digest_at(each) == own}
    if manifest.lines and state.version not in manifest.versions and alike.isdisjoint(state.contains):
        raise RefusedError(
            "other-line",
            f"the database is at {state.version}, which doesn't contain {manifest.version}",
            f"deploy the version of this service that was built for {state.version}",
        )
    if oldest is not None and precedence(oldest) <= precedence(manifest.version):
        return True
    raise RefusedError(
        "ahead",
        f"the database is at {state.version}, which does not declare itself compatible with "
        f"{manifest.version}",
        f"deploy the version of this service that was built for {state.version}",
    )


def _refuse_other_line(manifest: Manifest, state: State) -> None:
    """Raises RefusedError for a database at rest at an earlier version that this package doesn't contain: its
    upgrade would be refused. One without migrations of its own is like the version before it; what a draft
    ran may be what this package has."""
    if state.version is None or state.digest is None or state.version in manifest.versions:
        return
    if is_draft(state.version):
        return
    if state.digest not in map(manifest.digest_at, manifest.versions):
        raise RefusedError(
            "other-line",
            f"the database is at {state.version}, which {manifest.version} doesn't contain",
            f"wait with {manifest.package} of a later version, one that takes {state.version} over",
        )


def _too_late(manifest: Manifest, state: State, seconds: float) -> TryAgainError:
    at = f"is at {state.version}" if state.version else "was never migrated"
    if state.version == manifest.version:
        at = f"{at}, with a run to {state.target or 'nothing'} that has not ended or failed"
    return TryAgainError(
        "not-there-yet",
        f"the database {at}, and has not reached {manifest.version} in {seconds:g} s",
        "check the run that should bring it there (status, history), then run this again",
    )
