"""Whether registries and languages accept the names in ``[packages]``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ..target import PackageNames
from .reserved_names import NODE_MODULES, PYTHON_KEYWORDS

#: PEP 508 (https://packaging.python.org/en/latest/specifications/name-normalization/)
_PYTHON_NAME = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)
_PYTHON_IMPORT = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
#: https://docs.npmjs.com/cli/configuring-npm/package-json#name
_NPM_NAME = re.compile(r"(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*", re.ASCII)
_NPM_MAX_LENGTH = 214
#: Of a name without its scope. With the longest version (70 characters) and an ending it is a file's name, to
#: which devpi adds 78 characters until it has all of the file, and file systems take 255 bytes.
_LONGEST = 80
_NPM_BLOCKED = frozenset(["node_modules", "favicon.ico"])
#: What generated packages depend on, or did: a package of the same name would hide it.
_PYTHON_DEPENDENCIES = frozenset(["psycopg", "psycopg-binary", "psycopg-pool", "pydantic", "pydantic-core"])
_NPM_DEPENDENCIES = frozenset(["pg"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageNameProblem:
    """What is wrong with one name; ``setting`` is its field of PackageNames."""

    setting: str
    message: str
    fix: str


def package_name_problems(names: PackageNames) -> list[PackageNameProblem]:
    """Every name in ``[packages]`` that its registry or language refuses, or that two packages share."""
    return [
        *_python_names(names),
        *_python_imports(names),
        *_npm_names(names),
    ]


def normalized(name: str) -> str:
    """PEP 503: how an index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _python_names(names: PackageNames) -> Iterator[PackageNameProblem]:
    given = {"python_client": names.python_client, "python_migrations": names.python_migrations}
    for setting, name in given.items():
        if not _PYTHON_NAME.fullmatch(name):
            fix = "use letters, digits, '-', '_' and '.', with a letter or digit at both ends"
            yield _problem(setting, name, "is not a name that Python package indexes accept", fix)
        elif normalized(name) in _PYTHON_DEPENDENCIES:
            fix = "choose another name"
            yield _problem(setting, name, "is the name of a package that the client depends on", fix)
        elif len(name) > _LONGEST:
            yield _too_long(setting, name)
    if normalized(names.python_client) == normalized(names.python_migrations):
        yield _shared("python_migrations", names.python_migrations, "python_client")


def _python_imports(names: PackageNames) -> Iterator[PackageNameProblem]:
    given = {"python_import": names.python_import, "python_migrations_import": names.python_migrations_import}
    for setting, name in given.items():
        if not _PYTHON_IMPORT.fullmatch(name):
            fix = "use lower-case letters, digits and '_', with a letter first"
            yield _problem(setting, name, "is not a name that Python can import on every system", fix)
        elif name in PYTHON_KEYWORDS:
            yield _problem(setting, name, "is a keyword in Python", "choose another name")
        elif name in sys.stdlib_module_names:
            yield _problem(setting, name, "is a module of Python's standard library", "choose another name")
        elif normalized(name) in _PYTHON_DEPENDENCIES:
            fix = "choose another name"
            yield _problem(setting, name, "is the import name of a package that the client depends on", fix)
        elif len(name) > _LONGEST:
            yield _too_long(setting, name)
    if names.python_import == names.python_migrations_import:
        yield _shared("python_migrations_import", names.python_migrations_import, "python_import")


def _npm_names(names: PackageNames) -> Iterator[PackageNameProblem]:
    given = {"node_client": names.node_client, "typescript_types": names.typescript_types}
    for setting, name in given.items():
        bare = name.rpartition("/")[2]
        if not _NPM_NAME.fullmatch(name) or len(name) > _NPM_MAX_LENGTH or bare in _NPM_BLOCKED:
            fix = (
                f"write @scope/name with lower-case letters, digits, '-', '_', '.'; at most {_NPM_MAX_LENGTH}"
            )
            yield _problem(setting, name, "is not a name that npm registries accept", fix)
        elif name in NODE_MODULES:
            yield _problem(
                setting, name, "is one of Node's built-in modules", f"put it in a scope: @org/{name}"
            )
        elif name in _NPM_DEPENDENCIES:
            fix = f"put it in a scope: @org/{name}"
            yield _problem(setting, name, "is the name of a package that the client depends on", fix)
        elif len(bare) > _LONGEST:
            yield _too_long(setting, name)
    if names.node_client == names.typescript_types:
        yield _shared("typescript_types", names.typescript_types, "node_client")


def _problem(setting: str, name: str, why: str, fix: str) -> PackageNameProblem:
    message = f"packages.{setting}: {name[:120]!r} {why}"
    return PackageNameProblem(setting=setting, message=message, fix=fix)


def _too_long(setting: str, name: str) -> PackageNameProblem:
    why = "makes file names that registries can't store"
    return _problem(setting, name, why, f"use at most {_LONGEST} characters, besides a scope")


def _shared(setting: str, name: str, other: str) -> PackageNameProblem:
    why = f"is also the name of packages.{other}"
    return _problem(setting, name, why, "give each package a name of its own")
