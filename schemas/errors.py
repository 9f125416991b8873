"""What every room raises for errors that are not bugs, and how they are reported.

The tree (each room adds its branch in its own ``errors.py``)::

    ServiceError                 problems + exit code; caught once, in the CLI and in the API
    ├── SchemasError             schemas/: a schema, a version or a workspace is wrong
    ├── MigrationsError          migrations/: a migration, a rehearsal or a database is wrong
    ├── GeneratorsError          generators/: a package can't be generated or packed
    └── RegistryError            registry/: settings, catalogue, registries, releases

An error is a value: it has every problem found, each with its location and its fix.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class ExitCode(IntEnum):
    """Exit codes of ``schema-service``: who has to act next."""

    DONE = 0
    USER = 1
    USAGE = 2
    SERVICE = 3
    BUG = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where it is, and what to do next."""

    #: A stable kebab-case name for programs, declared in the room's problem_codes.py.
    code: str
    message: str
    fix: str
    #: A path as the user knows it, relative to the workspace where possible.
    file: str | None = None
    #: ``line`` and ``column`` count from 1, columns in characters.
    line: int | None = None
    column: int | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def place(self) -> str:
        """``file:line:column`` as far as it is known, or an empty string."""
        parts = [self.file, self.line, self.column]
        known = parts[: parts.index(None)] if None in parts else parts
        return ":".join(str(part) for part in known)

    def __str__(self) -> str:
        lead = f"{self.place}: " if self.place else ""
        return f"{lead}{self.severity}[{self.code}]: {self.message}\n  fix: {self.fix}"


class ServiceError(Exception):
    """Base of every expected failure. ``problems`` is never empty; ``exit_code`` says who acts next."""

    exit_code: ExitCode = ExitCode.USER

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("a ServiceError needs at least one problem")
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class SchemasError(ServiceError):
    """A schema, a version or a workspace is wrong.

    ::

        SchemasError
        ├── InvalidSchemaError       schema.prisma does not validate, or uses a name that no target accepts
        ├── InvalidVersionError      not a semver, or one that Python versions can't express
        ├── WorkspaceError           no workspace, unknown version, sealed version, invalid toml
        ├── ToolchainError           the npm toolchain can't be installed (exit 3: safe to run again)
        └── BridgeError              the Prisma engine failed or panicked (exit 3: safe to run again)
    """


class InvalidSchemaError(SchemasError):
    """The schema is refused; ``problems`` lists everything found, with file, line and column."""


class InvalidVersionError(SchemasError):
    """Not a version that both npm and Python can express."""


class WorkspaceError(SchemasError):
    """The folder is not a workspace, or a version in it does not exist or is sealed."""


class ToolchainError(SchemasError):
    """The npm toolchain can't be installed from the package registry or its cache can't be written."""

    exit_code = ExitCode.SERVICE


class BridgeError(SchemasError):
    """The Prisma engine behind the Node worker failed, panicked or was killed."""

    exit_code = ExitCode.SERVICE
