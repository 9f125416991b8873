"""Rewrite: FOREIGN KEY and CHECK on existing tables are added as NOT VALID, and validated afterwards.

NOT VALID holds its lock only briefly; VALIDATE reads the whole table without blocking other sessions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pglast import ast, enums

from ...ddl.names import Name, sql_name
from ...identifiers import quoted
from ..context import created_tables
from ..script import Alteration, DraftStatement

_KINDS = (enums.ConstrType.CONSTR_FOREIGN, enums.ConstrType.CONSTR_CHECK)


def validate_later(
    statements: Sequence[DraftStatement], partitioned: Collection[Name] = ()
) -> list[DraftStatement]:
    """Split every constraint into two statements, with the validations last."""
    # Before version 18, Postgres takes no foreign key of a partitioned table as NOT VALID.
    new_tables = created_tables(statements) | {*partitioned}
    rewritten: list[DraftStatement] = []
    validations: list[DraftStatement] = []
    for statement in statements:
        alteration = statement.alteration
        constraint = alteration.constraint if alteration else None
        if alteration is None or constraint is None or not _is_checked(constraint, alteration, new_tables):
            rewritten.append(statement)
            continue
        rewritten.append(DraftStatement(f"{statement.sql} NOT VALID", statement.heading))
        sql = f"ALTER TABLE {sql_name(alteration.table)} VALIDATE CONSTRAINT {quoted(alteration.name)}"
        validations.append(DraftStatement(sql, "ValidateConstraint"))
    return rewritten + validations


def _is_checked(constraint: ast.Constraint, alteration: Alteration, new_tables: set[Name]) -> bool:
    """Whether adding it would read an existing table."""
    is_checked = constraint.contype in _KINDS and not constraint.skip_validation
    return is_checked and alteration.table not in new_tables
