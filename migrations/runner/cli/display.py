"""Output of the read-only commands: a table for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..connection.clients import Users
from ..report import Forecast, MigrationStatus, Status
from ..verification.verify import Verification


def show_status(found: Status, *, as_json: bool) -> None:
    """Print a database's version and migrations."""
    if as_json:
        _print_json(found.as_json())
        return
    print(f"schema    {found.schema_name}")
    print(f"version   {found.version or '(empty)'}")
    print(f"target    {found.target or '-'}")
    print(f"package   {found.package_version}{' (up to date)' if found.up_to_date else ''}")
    for entry in found.migrations:
        _show_migration(entry)
    for word, names in (("edited", found.edited), ("unknown", found.unknown)):
        for name in names:
            print(f"{word:<24}{name}")
    if found.other_line:
        print(f"refused   {found.other_line}")


def show_history(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print everything that happened, oldest first."""
    if as_json:
        _print_json(list(rows))
        return
    for row in rows:
        taken = "" if row["duration_ms"] is None else f"  {row['duration_ms']:.0f} ms"
        status = row["status"].replace("_", " ")
        print(
            f"{row['applied_at']}  {row['direction']:<4}  {status:<11}  {row['version']:<10}  "
            f"{row['migration']}  attempt {row['attempt']}  by {row['applied_by']}{taken}"
        )
        if row["error"]:
            print(f"    {row['error']}")


def show_plan(found: Forecast, *, as_json: bool) -> None:
    """Print what a run would do."""
    if as_json:
        _print_json(found.as_json())
        return
    print(f"from      {found.version_before or '(empty)'}")
    print(f"to        {found.version or '(empty)'}")
    for entry in found.migrations:
        resumed = f", from step {entry['first_step'] + 1} on" if entry["first_step"] else ""
        undone = f", undoes what {entry['undoes']}.sql has done" if entry["undoes"] else ""
        print(f"{entry['direction']:<10}{entry['migration']}  ({', '.join(entry['steps'])}{undone}{resumed})")
    answers = (
        *(("destroys", found.losses), ("blocked", found.blocked_by)),
        *(("unchecked", found.unchecked), ("later", found.asked_later)),
    )
    for word, lines in answers:
        for line in lines:
            print(f"{word:<10}{line}")
    if not found.migrations:
        print("nothing to do")


def show_users(found: Users, *, as_json: bool) -> None:
    """Print who is connected: a line for each version of a client, address and role."""
    if as_json:
        _print_json(found.as_json())
        return
    rows = [
        (
            each.version,
            each.package,
            str(each.connections),
            each.role,
            each.address or "-",
            each.since or "-",
            each.application or "-",
        )
        for each in found.clients
    ]
    if rows:
        header = ("version", "package", "connections", "role", "address", "since", "application")
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        for row in (header, *rows):
            print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    else:
        print(f"no such client of {found.schema_name} is connected")
    if found.others:
        named = ", ".join(f"{name or 'without a name'} ({count})" for name, count in found.others.items())
        print(f"others: {named}")
    if found.unseen:
        print(
            f"address and since of connections that this role may not see: {found.unseen}; "
            "to see them, GRANT pg_read_all_stats to it"
        )


def show_verification(found: Verification, *, as_json: bool) -> None:
    """Print every difference."""
    if as_json:
        _print_json(found.as_json())
        return
    if not found.differences:
        print(f"the database matches {found.version}")
    for difference in found.differences:
        print(f"drift: {difference}")


def _show_migration(entry: MigrationStatus) -> None:
    record = entry.record
    when = f"  {record.applied_at}  by {record.applied_by}" if record and record.applied_at else ""
    print(f"{entry.status.replace('_', ' '):<12}{entry.version:<12}{entry.migration}{when}")
    if record and record.error:
        print(f"            attempt {record.attempt}: {record.error}")


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
