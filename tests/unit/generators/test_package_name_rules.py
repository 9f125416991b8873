"""Names of packages and imports: what registries and languages take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generators.names.naming import package_name_problems
from generators.names.package_names import normalized
from generators.target import PackageNames


def test_the_defaults_are_fine_and_two_schemas_can_live_together() -> None:
    assert package_name_problems(PackageNames()) == []
    billing = PackageNames(
        python_client="billing-client",
        python_import="billing_client",
        python_migrations="Billing.Migrations",
        python_migrations_import="billing_migrations",
        node_client="billing-client",
        typescript_types="@my-org/billing.types",
    )
    assert package_name_problems(billing) == []


@pytest.mark.parametrize(
    ("setting", "name", "why"),
    [
        ("python_client", "", "not a name that Python package"),
        ("python_client", "-client", "not a name that Python package"),
        ("python_client", "client\n", "not a name that Python package"),
        ("python_client", "a b", "not a name that Python package"),
        ("python_client", "clïent", "not a name that Python package"),
        ("python_client", "Psycopg_Pool", "depends on"),
        ("python_migrations", "Schema.Client", "also the name of packages.python_client"),
        ("python_import", "schema-client", "not a name that Python can import"),
        ("python_import", "a.b", "not a name that Python can import"),
        ("python_import", "SchemaClient", "not a name that Python can import"),
        ("python_import", "class", "keyword"),
        ("python_import", "email", "standard library"),
        ("python_import", "psycopg_pool", "depends on"),
        ("python_import", "pydantic", "depends on"),
        ("python_migrations_import", "schema_client", "also the name of packages.python_import"),
        ("node_client", "@Org/client", "not a name that npm"),
        ("node_client", "@org/", "not a name that npm"),
        ("node_client", "@org/a/b", "not a name that npm"),
        ("node_client", "../client", "not a name that npm"),
        ("node_client", ".client", "not a name that npm"),
        ("node_client", "_client", "not a name that npm"),
        ("node_client", "@org/node_modules", "not a name that npm"),
        ("node_client", "x" * 215, "not a name that npm"),
        ("python_client", "x" * 81, "file names that registries can't store"),
        ("python_migrations", "x" * 81, "file names that registries can't store"),
        ("python_import", "x" * 81, "file names that registries can't store"),
        ("node_client", "@org/" + "x" * 81, "file names that registries can't store"),
        ("node_client", "client\n", "not a name that npm"),
        ("node_client", "fs", "Node's built-in"),
        ("node_client", "pg", "depends on"),
        ("typescript_types", "@org/schema-client", "also the name of packages.node_client"),
    ],
)
def test_what_is_refused(setting: str, name: str, why: str) -> None:
    (problem,) = package_name_problems(replace(PackageNames(), **{setting: name}))
    assert problem.message.startswith(f"packages.{setting}: ")
    assert why in problem.message
    assert problem.setting == setting
    assert problem.fix


def test_the_longest_names_are_fine() -> None:
    names = replace(PackageNames(), python_client="x" * 80, node_client=f"@{'y' * 132}/{'x' * 80}")
    assert package_name_problems(names) == []


def test_all_problems_are_told_at_once() -> None:
    names = PackageNames(
        python_client="-", python_import="1", python_migrations="-x", node_client="A", typescript_types="B"
    )
    assert len(package_name_problems(names)) == 5


def test_names_are_compared_as_indexes_do() -> None:
    assert normalized("Schema._-Client") == "schema-client"
