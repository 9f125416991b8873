"""The views of schema.prisma, which Prisma makes in no database: migrations have to."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.errors import Problem
from schemas.model import Model, Schema

from .pg_catalog import DatabaseSchema


def missing_views(found: DatabaseSchema, schema: Schema) -> Iterator[Problem]:
    """Every view, and column of a view, that clients of ``schema`` read and the migrations didn't make."""
    for view in schema.models:
        if view.is_view:
            yield from _missing(found, view)


def _missing(found: DatabaseSchema, view: Model) -> Iterator[Problem]:
    name = (view.database_schema or "public", view.table)
    table = found.tables.get(name)
    columns = found.views.get(name) if table is None else tuple(table.columns)
    if columns is None:
        yield _drift(
            f'view "{view.table}" is missing: Prisma writes no views into a database',
            f'write CREATE VIEW "{view.table}" AS SELECT … in a migration of this version',
        )
        return
    for field in view.fields:
        if not field.is_relation and field.column not in columns:
            yield _drift(
                f'view "{view.table}" has no column "{field.column}"',
                "change the view in a migration of this version, or change schema.prisma",
            )


def _drift(message: str, fix: str) -> Problem:
    return Problem(code="drift", message=f"after all migrations {message}", fix=fix)
