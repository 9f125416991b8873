"""Those parts of the runner that need no database."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from migrations.runner.connection.script import leaves_traces
from migrations.runner.manifest import Manifest, StepStatement, state_changes, state_digest
from migrations.runner.semver import precedence
from migrations.runner.verification.baseline import imported_name
from migrations.runner.verification.differences import differences
from schemas.prisma_import import from_prisma

ORDER = ("0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2")
MORE = ("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0")


def test_versions_are_ordered_as_semver_says() -> None:
    keys = [precedence(version) for version in (*ORDER, *MORE)]
    assert all(one < other for one, other in pairwise(keys))
    assert precedence("1.0.0+a") == precedence("1.0.0+b")


@pytest.mark.parametrize(
    "name", ["20240101123000_Init", "0_init", "20241130164335_added api-keys é copy", "2024_", "x" * 90]
)
def test_imported_migrations_are_called_as_the_import_calls_them(name: str) -> None:
    assert imported_name(name) == from_prisma._safe_name(name)


def test_states_are_kept_as_differences_and_read_back_whole() -> None:
    first, second, third = {"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}, {"c": "4"}
    changes = state_changes([("1.0.0", "d", first), ("1.1.0", "d", second), ("2.0.0", "d", third)])
    assert changes[1] == {"version": "1.1.0", "schema_digest": "d", "set": {"b": "3", "c": "4"}, "drop": []}
    manifest = Manifest(
        schema_name="s",
        package="p",
        package_version="2.0.0",
        version="2.0.0",
        versions=("1.0.0", "2.0.0"),
        compatible_from={},
        migrations=(),
        state_changes=tuple(changes),
    )
    assert [manifest.objects_at(v) for v in ("1.0.0", "1.1.0", "2.0.0", "9.0.0")] == [
        first,
        second,
        third,
        None,
    ]


def test_a_digest_stands_for_names_and_checksums_in_order() -> None:
    pairs = [("001_a", "x"), ("002_b", "y")]
    digests = {state_digest(p) for p in (pairs, pairs[::-1], pairs[:1], [("001_a", "x 002_b"), ("", "y")])}
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SET search_path = ''", True),
        ("select set_config('a.b', '', false)", True),
        ("CREATE TEMP TABLE t (a int)", True),
        ("DO $$ BEGIN END $$", True),
        ("WITH x AS (SELECT f()) INSERT INTO t SELECT 1", True),
        ("UPDATE t SET a = 1", False),
        ("ALTER TABLE t ALTER a SET NOT NULL", False),
        ("CREATE TABLE settings (a int)", False),
    ],
)
def test_what_may_outlive_a_transaction_is_recognised(sql: str, expected: bool) -> None:
    assert leaves_traces([StepStatement(sql, 1, 1)]) is expected


VIEW_15 = " SELECT t.id,\n    upper(t.n) AS n\n   FROM public.t\n  WHERE (t.status = 'a.b'::text)"
VIEW_18 = " SELECT id,\n    upper(n) AS n\n   FROM public.t\n  WHERE (status = 'a.b'::text)"


def test_a_view_that_another_server_writes_differently_is_the_same() -> None:
    assert differences({"view public.v": VIEW_18}, {"view public.v": VIEW_15}) == []
    assert differences({"view public.v": VIEW_15}, {"view public.v": VIEW_18}) == []
    for changed in (VIEW_15.replace("a.b", "b"), VIEW_15.replace("t.n", "t.m"), VIEW_18.replace("id", "n")):
        assert len(differences({"view public.v": VIEW_18}, {"view public.v": changed})) == 1
    other_alias = VIEW_15.replace("t.n", "u.n")
    assert len(differences({"view public.v": VIEW_15}, {"view public.v": other_alias})) == 1
    assert len(differences({"column public.t.a": "a.b"}, {"column public.t.a": "b"})) == 1


def test_a_table_stands_for_all_that_hangs_on_it() -> None:
    parts = {
        "table public.t": "",
        "column public.t.id": "integer",
        'constraint public.t."t pkey"': "PRIMARY KEY (id)",
        "index public.i": "CREATE INDEX i ON public.t USING btree (id)",
        "sequence public.t_id_seq": "integer by 1 owned by public.t.id",
        "trigger public.t.g": "…",
    }
    assert [d.object for d in differences(parts, {})] == ["table public.t"]
    assert [d.object for d in differences({}, parts)] == ["table public.t"]
    assert differences({}, parts, others=["table public.t"]) == []


def test_the_start_that_finds_nothing_to_do_imports_next_to_nothing() -> None:
    source = (Path(__file__).parents[3] / "migrations" / "runner" / "fast_path.py").read_text()
    top = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert top == ["from __future__ import annotations", "import os", "import sys"]
