"""Answers of ``status`` and ``history``: a table for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .report import MigrationStatus, Status


def show_status(found: Status, *, as_json: bool) -> None:
    """Print where a database is."""
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


def show_history(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print everything that happened, oldest first."""
    if as_json:
        _print_json(list(rows))
        return
    for row in rows:
        taken = "" if row["duration_ms"] is None else f"  {row['duration_ms']:.0f} ms"
        print(
            f"{row['applied_at']}  {row['direction']:<4}  {row['status']:<11}  {row['version']:<10}  "
            f"{row['migration']}  attempt {row['attempt']}  by {row['applied_by']}{taken}"
        )
        if row["error"]:
            print(f"    {row['error']}")


def _show_migration(entry: MigrationStatus) -> None:
    record = entry.record
    when = f"  {record.applied_at}  by {record.applied_by}" if record else ""
    print(f"{entry.status:<12}{entry.version:<12}{entry.migration}{when}")
    if record and record.error:
        print(f"            attempt {record.attempt}: {record.error}")


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
