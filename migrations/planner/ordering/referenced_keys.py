"""Foreign keys that stay, and whose key is made anew, are dropped before it goes and added again.

The engine sees nothing to do for them: a key on the same columns in another order, or a unique index in the
place of a primary key, serves them as well. Postgres does not drop the one that they were made for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pglast import ast, enums
from pglast.parser import scan

from ...ddl.names import Name, dropped, name_of
from ..script import DraftStatement
from .known_objects import strings

_ACTIONS, _KINDS = enums.AlterTableType, enums.ConstrType
#: A table, and columns that identify its rows.
_Key = tuple[Name, frozenset[str]]


@dataclass(frozen=True, slots=True)
class MadeKeys:
    """What a script that makes a whole schema has: unique keys and foreign keys, each by table and name."""

    primary: dict[tuple[Name, str], _Key]
    unique: dict[Name, _Key]
    foreign: dict[tuple[Name, str], tuple[_Key, DraftStatement]]

    @classmethod
    def of(cls, made: Sequence[DraftStatement]) -> MadeKeys:
        found = cls({}, {}, {})
        for statement in made:
            node, alteration = statement.node, statement.alteration
            constraint = alteration.constraint if alteration else None
            if isinstance(node, ast.CreateStmt):
                table = name_of(node.relation)
                for each in node.tableElts or ():
                    if isinstance(each, ast.Constraint) and each.contype == _KINDS.CONSTR_PRIMARY:
                        found.primary[table, each.conname or ""] = table, strings(each.keys)
            elif isinstance(node, ast.IndexStmt) and node.unique and node.whereClause is None:
                table = name_of(node.relation)
                columns = frozenset(part.name or "" for part in node.indexParams or ())
                found.unique[table[0], node.idxname or ""] = table, columns
            elif alteration is not None and constraint and constraint.contype == _KINDS.CONSTR_FOREIGN:
                key = name_of(constraint.pktable), strings(constraint.pk_attrs)
                found.foreign[alteration.place] = key, statement
        return found


def free_referenced_keys(
    statements: Sequence[DraftStatement], before: Sequence[DraftStatement], after: Sequence[DraftStatement]
) -> list[DraftStatement]:
    """``before`` and ``after`` are the scripts that make the schemas on both sides."""
    old, new = MadeKeys.of(before), MadeKeys.of(after)
    alterations = [each.alteration for each in statements]
    gone = {
        each.place for each in alterations if each is not None and each.kind == _ACTIONS.AT_DropConstraint
    }
    kept = {key for place, key in old.primary.items() if place not in gone}
    freed: dict[tuple[Name, str], DraftStatement] = {}
    rewritten: list[DraftStatement] = []
    for statement in statements:
        keys = {*_dropped_keys(statement, old)} - kept
        referring = [
            place
            for place, (key, _) in old.foreign.items()
            if key in keys and place in new.foreign and place not in gone and place not in freed
        ]
        for place in referring:
            again = new.foreign[place][1]
            freed[place] = again
            rewritten.append(_drop(again))
        rewritten.append(_in_one_transaction(statement) if referring else statement)
    return [*rewritten, *freed.values()]


def _dropped_keys(statement: DraftStatement, old: MadeKeys) -> Iterator[_Key]:
    node, alteration = statement.node, statement.alteration
    if isinstance(node, ast.DropStmt) and node.removeType == enums.ObjectType.OBJECT_INDEX:
        yield from (old.unique[name] for name in dropped(node) if name in old.unique)
    elif alteration is not None and alteration.kind == _ACTIONS.AT_DropConstraint:
        yield from (old.primary[place] for place in (alteration.place,) if place in old.primary)


def _drop(added: DraftStatement) -> DraftStatement:
    """The statement that drops the foreign key which ``added`` makes."""
    words = scan(added.sql)
    at = next(number for number, word in enumerate(words) if word.name == "ADD_P")
    head, name = added.sql[: words[at].start], words[at + 2]
    sql = f"{head}DROP CONSTRAINT {added.sql[name.start : name.end + 1]}"
    return DraftStatement(sql, "DropForeignKey (it is added again to the new key)")


def _in_one_transaction(statement: DraftStatement) -> DraftStatement:
    """An index is dropped with the foreign keys that need it, so that at no moment they are missing."""
    node = statement.node
    if not isinstance(node, ast.DropStmt) or not node.concurrent:
        return statement
    word = next(each for each in scan(statement.sql) if each.name == "CONCURRENTLY")
    sql = f"{statement.sql[: word.start].rstrip()}{statement.sql[word.end + 1 :]}"
    return DraftStatement(sql, "squawk-ignore require-concurrent-index-deletion")
