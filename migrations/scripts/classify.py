"""What kind of step a statement needs, by Postgres' own rules.

Source: the notes "cannot be executed inside a transaction block" of each command's page in the Postgres
manual, and "ALTER TYPE": a value added to an enum can't be used before its transaction has committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pglast import ast, enums

from .batches import ScriptBatch

#: ``transaction``: any statements, in one transaction with their journal row. ``enum_value``: the same, but
#: committed on its own. ``create_index`` and ``drop_index`` are CONCURRENTLY, outside a transaction, and can
#: be repeated. ``backfill`` is an UPDATE that runs in batches, each with its own commit. ``standalone``:
#: anything else that Postgres refuses to run inside a transaction.
Kind: TypeAlias = Literal["transaction", "enum_value", "create_index", "drop_index", "backfill", "standalone"]


@dataclass(frozen=True, slots=True)
class Classified:
    """``kind`` is None for a statement that is left out: the author's own BEGIN and COMMIT.

    ``is_alone``: it runs in a transaction of its own. ``index`` and ``batch`` are those of
    :class:`migrations.scripts.split.ScriptStep`.
    """

    kind: Kind | None
    index: tuple[str | None, str] | None = None
    is_setting: bool = False
    is_alone: bool = False
    batch: ScriptBatch | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a statement can't be in a migration."""

    code: str
    message: str
    fix: str


_TRANSACTION = Classified("transaction")
_STANDALONE = Classified("standalone")
_DROPPED = Classified(None)
_COPY = Rejection(
    "migration-copy",
    "COPY … FROM STDIN or TO STDOUT can't be used in a migration, which has no client",
    "write the rows as INSERT … VALUES",
)
_REINDEX_ONE = (
    enums.ReindexObjectType.REINDEX_OBJECT_INDEX,
    enums.ReindexObjectType.REINDEX_OBJECT_TABLE,
)
_ALWAYS_STANDALONE = (
    ast.CreatedbStmt,
    ast.DropdbStmt,
    ast.AlterSystemStmt,
    ast.CreateTableSpaceStmt,
    ast.DropTableSpaceStmt,
    ast.CreateSubscriptionStmt,
    ast.DropSubscriptionStmt,
)


def classify(node: ast.Node) -> Classified | Rejection:
    """The kind of step that a parsed statement needs, or why it can't be in a migration."""
    verdict: Classified | Rejection
    match node:
        case ast.TransactionStmt():
            verdict = _transaction_control(node)
        case ast.IndexStmt(concurrent=True):
            verdict = _create_index(node)
        case ast.DropStmt(concurrent=True):
            verdict = _drop_index(node)
        case ast.AlterEnumStmt(oldVal=None):
            verdict = Classified("enum_value")
        case ast.VariableSetStmt():
            verdict = Classified("transaction", is_setting=True)
        case ast.AlterTableStmt() if _validates(node):
            # It reads the whole table, and must not do so while locks of earlier statements are held.
            verdict = Classified("transaction", is_alone=True)
        case ast.CopyStmt(filename=None):
            verdict = _COPY
        case _:
            verdict = _STANDALONE if _is_standalone(node) else _TRANSACTION
    return verdict


def _is_standalone(node: ast.Node) -> bool:
    match node:
        case ast.VacuumStmt():
            return bool(node.is_vacuumcmd)
        case ast.ReindexStmt():
            concurrently = any(option.defname == "concurrently" for option in node.params or ())
            return concurrently or node.kind not in _REINDEX_ONE
        case ast.ClusterStmt():
            return node.relation is None
        case ast.AlterTableStmt():
            return any(
                isinstance(command.def_, ast.PartitionCmd) and bool(command.def_.concurrent)
                for command in node.cmds or ()
            )
        case ast.AlterDatabaseStmt():
            return any(option.defname == "tablespace" for option in node.options or ())
        case _:
            return isinstance(node, _ALWAYS_STANDALONE)


def _validates(node: ast.AlterTableStmt) -> bool:
    return any(command.subtype == enums.AlterTableType.AT_ValidateConstraint for command in node.cmds or ())


def _transaction_control(node: ast.TransactionStmt) -> Classified | Rejection:
    kinds = enums.TransactionStmtKind
    if node.kind in (kinds.TRANS_STMT_BEGIN, kinds.TRANS_STMT_START, kinds.TRANS_STMT_COMMIT):
        return _DROPPED
    savepoints = (
        kinds.TRANS_STMT_SAVEPOINT,
        kinds.TRANS_STMT_RELEASE,
        kinds.TRANS_STMT_ROLLBACK_TO,
    )
    if node.kind in savepoints:
        return _TRANSACTION
    return Rejection(
        "migration-rollback",
        "a migration can't roll back or prepare its own transaction: the runner commits it as a whole",
        "remove the statement, and the statements that it would undo",
    )


def _create_index(node: ast.IndexStmt) -> Classified | Rejection:
    if not node.idxname:
        return Rejection(
            "unnamed-concurrent-index",
            "an index built CONCURRENTLY needs a name here: a failed build can only be found by its name",
            "write CREATE INDEX CONCURRENTLY <name> ON …",
        )
    schema = node.relation.schemaname if node.relation else None
    return Classified("create_index", index=(schema, node.idxname))


def _drop_index(node: ast.DropStmt) -> Classified | Rejection:
    paths = node.objects or ()
    if len(paths) != 1:
        return Rejection(
            "several-concurrent-drops",
            "Postgres drops only one index CONCURRENTLY at a time",
            "write one DROP INDEX CONCURRENTLY statement for each index",
        )
    names = [part.sval for part in paths[0]]
    return Classified("drop_index", index=(names[-2] if len(names) > 1 else None, names[-1]))
