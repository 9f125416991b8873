"""What migrations, rehearsals and scratch databases can refuse."""

from __future__ import annotations

from schemas.errors import ExitCode, ServiceError


class MigrationsError(ServiceError):
    """A migration, a rehearsal or a database is wrong.

    ::

        MigrationsError
        ├── MigrationSyntaxError     a script that Postgres' own parser refuses, or that no step can hold
        ├── UnansweredError          what only the author knows: renames, losses, existing rows' values
        ├── LinterError              squawk can't be run (exit 3)
        ├── RehearsalError           a migration failed on scratch data, or ends in another state than
        │                            schema.prisma asks for
        └── ScratchServerError       no Postgres to rehearse on: it can't be started or reached, or the role
                                     may not create databases (exit 3: safe to run again)
    """


class MigrationSyntaxError(MigrationsError):
    """A migration's SQL does not parse or can't be a step; with file, line and column."""


class LinterError(MigrationsError):
    """The linter can't be run."""

    exit_code = ExitCode.SERVICE


class RehearsalError(MigrationsError):
    """The migrations don't apply, or don't lead to the schema; ``problems`` lists every difference."""


class ScratchServerError(MigrationsError):
    """The Postgres that rehearsals run on can't be had."""

    exit_code = ExitCode.SERVICE
