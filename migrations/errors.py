"""The errors of migrations, rehearsals and scratch databases."""

from __future__ import annotations

from schemas.errors import ExitCode, Problem, ServiceError


class MigrationsError(ServiceError):
    """A migration, a rehearsal or a database is wrong.

    ::

        MigrationsError
        ├── MigrationSyntaxError     a script that Postgres' parser refuses, or that can't be split into steps
        ├── UnansweredError          questions for the author: renames, losses, existing rows' values
        ├── LinterError              squawk can't be run (exit 3)
        ├── RehearsalError           a migration failed on scratch data, or ends in another state than
        │   │                        schema.prisma asks for
        │   └── DriftError           the latter
        └── ScratchServerError       no Postgres to rehearse on: it can't be started or reached, or the role
                                     can't create databases (exit 3: safe to run again)
    """


class MigrationSyntaxError(MigrationsError):
    """A migration's SQL does not parse or can't be split into steps; with file, line and column."""


class LinterError(MigrationsError):
    """The linter can't be run."""

    exit_code = ExitCode.SERVICE


class RehearsalError(MigrationsError):
    """The migrations fail, or don't lead to the schema; ``problems`` lists every difference."""


class DriftError(RehearsalError):
    """The migrations run, and don't lead to the schema. By the keys that [sql_only] of version.toml takes,
    ``extras`` name what they make besides, and ``absent`` the foreign keys and indexes that they
    don't make."""

    def __init__(
        self, *problems: Problem, extras: tuple[str, ...] = (), absent: tuple[str, ...] = ()
    ) -> None:
        super().__init__(*problems)
        self.extras = extras
        self.absent = absent


class ScratchServerError(MigrationsError):
    """There is no Postgres to rehearse on."""

    exit_code = ExitCode.SERVICE
