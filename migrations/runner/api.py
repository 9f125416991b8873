"""The Python interface of a migrations package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .events import Listener, silent
from .manifest import Manifest
from .options import Address, Options, address, address_from_environment

if TYPE_CHECKING:
    from .connection.clients import Users
    from .report import Forecast, Report, Status
    from .verification.verify import Verification


class Migrations:
    """The migrations in a manifest.json.

    Nothing is read, and no database driver imported, before the first call. ``dsn`` is always a database URL
    or one of libpq's connection strings; None takes DATABASE_URL or libpq's own variables from the
    environment. ``listener`` is called with each event's name and fields. Every failure is a RunnerError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def manifest(self) -> Manifest:
        """The package's content."""
        return Manifest.read(self._path)

    def upgrade(
        self,
        dsn: str | None = None,
        *,
        to: str | None = None,
        options: Options | None = None,
        listener: Listener = silent,
    ) -> Report:
        """Apply what is missing up to version ``to`` (by default the package's own)."""
        from . import commands  # noqa: PLC0415 - brings in the database driver

        return commands.upgrade(*self._at(dsn), to=to, options=options, listener=listener)

    def downgrade(
        self,
        dsn: str | None = None,
        *,
        to: str,
        allow_data_loss: bool = False,
        options: Options | None = None,
        listener: Listener = silent,
    ) -> Report:
        """Undo every migration above version ``to``; ``"none"`` undoes all.

        Raises RefusedError, listing every object and its number of rows, if that would destroy data and
        ``allow_data_loss`` is not given.
        """
        from . import commands  # noqa: PLC0415

        return commands.downgrade(
            *self._at(dsn),
            to=to,
            allow_data_loss=allow_data_loss,
            options=options,
            listener=listener,
        )

    def retry(
        self,
        dsn: str | None = None,
        *,
        allow_data_loss: bool = False,
        options: Options | None = None,
        listener: Listener = silent,
    ) -> Report:
        """Continue the last run, which failed or was interrupted, to the version it was going to."""
        from . import commands  # noqa: PLC0415

        return commands.retry(
            *self._at(dsn),
            allow_data_loss=allow_data_loss,
            options=options,
            listener=listener,
        )

    def plan(
        self,
        dsn: str | None = None,
        *,
        to: str | None = None,
        down: bool = False,
        options: Options | None = None,
    ) -> Forecast:
        """What ``upgrade``, or ``downgrade`` with ``down``, would do; nothing is changed."""
        from . import commands  # noqa: PLC0415

        return commands.plan(*self._at(dsn), to=to, down=down, options=options)

    def status(self, dsn: str | None = None, *, options: Options | None = None) -> Status:
        """Where a database is. Needs SELECT on the tracking tables and nothing else."""
        from . import commands  # noqa: PLC0415

        return commands.status(*self._at(dsn), options=options)

    def history(self, dsn: str | None = None, *, options: Options | None = None) -> list[dict[str, Any]]:
        """Everything that happened to this schema's migrations there, oldest first, as JSON objects."""
        from . import commands  # noqa: PLC0415

        return commands.history(*self._at(dsn), options=options)

    def users(
        self,
        dsn: str | None = None,
        *,
        below: str | None = None,
        broken_by: str | None = None,
        options: Options | None = None,
    ) -> Users:
        """Who is connected now: of the schema's clients those of a version before ``below``, and those that
        work no more on a database at ``broken_by``, a version of this package."""
        from . import commands  # noqa: PLC0415

        return commands.users(*self._at(dsn), below=below, broken_by=broken_by, options=options)

    def verify(self, dsn: str | None = None, *, options: Options | None = None) -> Verification:
        """Every difference between the database and its version as rehearsed."""
        from . import commands  # noqa: PLC0415

        return commands.verify(*self._at(dsn), options=options)

    def baseline(
        self,
        dsn: str | None = None,
        *,
        to: str | None = None,
        options: Options | None = None,
        listener: Listener = silent,
    ) -> Report:
        """Adopt a database that was created by other means; ``to`` is the version it is at, if known."""
        from . import commands  # noqa: PLC0415

        return commands.baseline(*self._at(dsn), to=to, options=options, listener=listener)

    def resolve(
        self,
        dsn: str | None = None,
        *,
        to: str,
        options: Options | None = None,
        listener: Listener = silent,
    ) -> Report:
        """Record that the database is at version ``to``, where it was brought by hand, if it matches it."""
        from . import commands  # noqa: PLC0415

        return commands.resolve(*self._at(dsn), to=to, options=options, listener=listener)

    def wait(
        self,
        dsn: str | None = None,
        *,
        seconds: float = 300,
        options: Options | None = None,
        listener: Listener = silent,
    ) -> str | None:
        """Wait until the database is at the package's version or a compatible one, and return it."""
        from . import commands  # noqa: PLC0415

        return commands.wait(*self._at(dsn), seconds=seconds, options=options, listener=listener)

    def _at(self, dsn: str | None) -> tuple[Manifest, Address]:
        found = address_from_environment(None) if dsn is None else address(dsn)
        return self.manifest.placed_at(found)

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """The command line; returns the exit code."""
        from .cli import main  # noqa: PLC0415 - only the command line needs argparse

        try:
            manifest = self.manifest
        except (OSError, ValueError, KeyError) as error:
            return main.refuse_damaged(self._path, error)
        return main.main(manifest, arguments)
