"""The databases under ``[databases]``: a name, labels, and a variable with the URL, which is never shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.errors import Problem

from ..config.secret import Secret
from ..config.settings import FILE_NAME, DatabaseTable, Settings
from ..errors import SettingsError, UnknownDatabaseError


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredDatabase:
    """One database. ``url_env`` is the variable with its URL."""

    name: str
    labels: tuple[str, ...]
    url_env: str
    _url: Secret | None

    @property
    def url(self) -> Secret:
        """Raises SettingsError where the variable isn't set."""
        if self._url is None:
            raise SettingsError(_unset(self.name, self.url_env))
        return self._url


def registered_databases(settings: Settings) -> tuple[RegisteredDatabase, ...]:
    """All of them, by name."""
    return tuple(_registered(name, table) for name, table in sorted(settings.databases.items()))


def database_named(settings: Settings, name: str) -> RegisteredDatabase:
    """Raises UnknownDatabaseError for a name that isn't registered."""
    for database in registered_databases(settings):
        if database.name == name:
            return database
    raise UnknownDatabaseError(_unknown(f"there is no database {name[:60]!r}", settings.databases, "name"))


def fleet(settings: Settings, label: str) -> tuple[RegisteredDatabase, ...]:
    """Those with a label, by name. Raises UnknownDatabaseError if there is none."""
    found = tuple(each for each in registered_databases(settings) if label in each.labels)
    if not found:
        raise UnknownDatabaseError(unknown_label(label, labels_of(settings)))
    return found


def labels_of(settings: Settings) -> frozenset[str]:
    """Every label that a database has."""
    return frozenset(label for table in settings.databases.values() for label in table.labels)


def unknown_label(label: str, known: Iterable[str]) -> Problem:
    """The problem of a label that none of the databases with the labels ``known`` has."""
    return _unknown(f"no database has the label {label[:60]!r}", known, "label")


def _registered(name: str, table: DatabaseTable) -> RegisteredDatabase:
    return RegisteredDatabase(name=name, labels=table.labels, url_env=table.url_env, _url=table.url)


def _unknown(message: str, known: Iterable[str], what: str) -> Problem:
    names = ", ".join(sorted(known))
    return Problem(
        code="unknown-database",
        message=message,
        fix=f"use one of these {what}s: {names}"
        if names
        else "add [databases.NAME] with url_env to the file",
        file=FILE_NAME,
    )


def _unset(name: str, variable: str) -> Problem:
    return Problem(
        code="variable-not-set",
        message=f"the variable {variable}, which [databases.{name}] url_env names, is not set",
        fix="set it to the database's URL, then run this again",
        file=FILE_NAME,
    )
