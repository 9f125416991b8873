"""Runs squawk, a linter for migrations: statements that would block readers or writers are errors.

Its other rules are not used: :mod:`migrations.planner.losses` finds losses more precisely, the runner sets
the timeouts, and the choice of types is the author's.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pglast import ast, enums

from schemas.errors import Problem

from ..ddl.names import Name, dropped, name_of
from ..ddl.statements import line_and_column, normalised, parse_script
from ..errors import LinterError

_IN_STEPS = "add it as NOT VALID, and ALTER TABLE … VALIDATE CONSTRAINT in a statement after that"
_REQUIRE = (
    "add CHECK (column IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, then SET NOT NULL, and drop the check"
)
_REWRITE = "add a column of the new type, fill it in batches, and drop the old one in the next version"
_BY_INDEX = "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX"

#: The rules about blocking, and the safe alternative for each. All other rules are ignored.
_RULES = {
    "adding-field-with-default": "add the column as nullable, SET DEFAULT, and fill it in batches",
    "adding-not-nullable-field": _REQUIRE,
    "adding-serial-primary-key-field": _BY_INDEX,
    "ban-alter-domain-with-add-constraint": "add a CHECK to the column instead, NOT VALID, and validate it",
    "ban-drop-database": "remove the statement: dropping databases is up to whoever operates them",
    "changing-column-type": _REWRITE,
    "constraint-missing-not-valid": _IN_STEPS,
    "disallowed-unique-constraint": _BY_INDEX,
    "prefer-repack": "remove it: VACUUM FULL and CLUSTER lock the whole table while they copy it",
    "require-concurrent-index-creation": "write CREATE INDEX CONCURRENTLY",
    "require-concurrent-index-deletion": "write DROP INDEX CONCURRENTLY",
    "require-concurrent-partition-detach": "write DETACH PARTITION … CONCURRENTLY",
    "require-concurrent-reindex": "write REINDEX … CONCURRENTLY",
}
# A message that doesn't apply here: every VALIDATE CONSTRAINT is a step of its own.
_NOT_SO_HERE = "in the same transaction"
_KEYS = {
    enums.ConstrType.CONSTR_PRIMARY,
    enums.ConstrType.CONSTR_UNIQUE,
    enums.ConstrType.CONSTR_FOREIGN,
}
_KEY = re.compile(r"\b(unique|primary\s+key)\b", re.IGNORECASE)
_SETTINGS = 'pg_version = "12.0"\nassume_in_transaction = true\nexcluded_rules = []\n'
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Script:
    """``file`` is its name in problems."""

    file: str
    sql: str


def lint(scripts: Sequence[Script], partitioned: Collection[Name] = ()) -> list[Problem]:
    """The problems of ``scripts``, which run in this order: tables created by one are new in the next ones.

    ``partitioned`` are partitioned tables and their indexes: what would not block isn't possible there. An
    author accepts a finding with ``-- squawk-ignore <rule>`` in the line above. Raises LinterError if
    squawk can't be run.
    """
    if not any(script.sql.strip() for script in scripts):
        return []
    texts = [normalised(script.sql).rstrip("\n") for script in scripts]
    whole = "".join(f"{text}\n;\n" for text in texts)  # the last statement need not have its semicolon
    lines = [
        (script.file, number, line)
        for script, text in zip(scripts, texts, strict=True)
        for number, line in enumerate([*text.split("\n"), ";"], start=1)
    ]
    harmless = _unavoidable(whole, partitioned)
    return [
        _problem(finding, *lines[finding["line"]])
        for finding in _run(whole)
        if finding["line"] + 1 not in harmless and not _is_about_a_key(finding, lines[finding["line"]][2])
    ]


def _is_about_a_key(finding: dict[str, Any], line: str) -> bool:
    """UNIQUE and PRIMARY KEY can't be NOT VALID; there are other rules for them."""
    return finding["rule_name"] == "constraint-missing-not-valid" and _KEY.search(line) is not None


def _unavoidable(sql: str, partitioned: Collection[Name]) -> set[int]:
    """The lines of indexes on views and tables that the scripts create from a query, which squawk doesn't see
    as new, and of indexes and keys of ``partitioned`` tables."""
    statements = parse_script(sql)
    made = {
        name_of(each.node.into.rel)
        for each in statements
        if isinstance(each.node, ast.CreateTableAsStmt) and each.node.into
    }
    lines: set[int] = set()
    for each in statements:
        if _indexed(each.node) & {*made, *partitioned} or _altered(each.node) & {*partitioned}:
            first, _ = line_and_column(sql, each.offset)
            lines |= set(range(first, first + each.sql.count("\n") + 1))
    return lines


def _indexed(node: ast.Node) -> set[Name]:
    """The table that gets an index."""
    return {name_of(node.relation)} if isinstance(node, ast.IndexStmt) else set()


def _altered(node: ast.Node) -> set[Name]:
    """The indexes that are dropped, or the table that gets a key."""
    if isinstance(node, ast.DropStmt) and node.removeType == enums.ObjectType.OBJECT_INDEX:
        return set(dropped(node))
    if not isinstance(node, ast.AlterTableStmt):
        return set()
    added = [
        command.def_.contype
        for command in node.cmds or ()
        if isinstance(command, ast.AlterTableCmd) and isinstance(command.def_, ast.Constraint)
    ]
    return {name_of(node.relation)} if added and set(added) <= _KEYS else set()


def _problem(finding: dict[str, Any], file: str, number: int, line: str) -> Problem:
    rule = finding["rule_name"]
    column = len(line.encode()[: finding["column"]].decode(errors="ignore")) + 1  # squawk counts bytes
    return Problem(
        code=rule,
        message=" ".join(finding["message"].split()),
        fix=f"{_RULES[rule]}; or accept it with the line above: -- squawk-ignore {rule}",
        file=file,
        line=number,
        column=column,
    )


def _run(sql: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="schema-service-lint-") as folder:
        settings = Path(folder) / "squawk.toml"
        settings.write_text(_SETTINGS)
        command = [
            _executable(),
            "--reporter",
            "json",
            "--config",
            str(settings),
            "--stdin-filepath",
            "up.sql",
        ]
        try:
            ended = subprocess.run(
                command,
                input=sql.encode(),
                capture_output=True,
                timeout=_TIMEOUT_SECONDS,
                cwd=folder,
                check=False,
            )
            found: list[dict[str, Any]] = json.loads(ended.stdout or b"[]")
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise LinterError(_broken(type(error).__name__)) from error
    return [f for f in found if f["rule_name"] in _RULES and _NOT_SO_HERE not in f["message"]]


def _executable() -> str:
    """The squawk that was installed with this program, not another one on the PATH."""
    found = shutil.which("squawk", path=sysconfig.get_path("scripts"))
    if found is None:
        raise LinterError(_broken("it is not installed"))
    return found


def _broken(reason: str) -> Problem:
    return Problem(
        code="no-linter",
        message=f"squawk, which checks migrations for statements that block, can't be run: {reason}",
        fix="install schema-service again: the package squawk-cli is one of its dependencies",
    )
