"""The comments at the top of the scripts: where they start, and what the downgrade can't do."""

from __future__ import annotations

from migrations.planner.plan import plan
from schemas.prisma.bridge import PrismaBridge
from schemas.workspace.version_toml import VersionToml

from ...plan_cases.plan_case import t, u

_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_TOML = """
[accept_loss]
"T.a" = "unused"
"T.b" = "unused"
"T.uId" = "unused"
"T.k" = "only digits"
"E.C" = "unused"
[backfill]
"T.b" = "gone"
"E.B" = "A"
"""


def _planned(bridge: PrismaBridge, before: str, after: str, toml: str, origin: str) -> tuple[str, str]:
    old, new = (bridge.parse(_HEAD + text) for text in (before, after))
    answers = VersionToml.from_toml(toml, file="version.toml").answers
    planned = plan(old, new, bridge, answers, origin=origin)
    return planned.up, planned.down


def _heading(script: str) -> list[str]:
    return [line.removeprefix("--").strip() for line in script.partition("\n\n")[0].splitlines()]


def test_a_downgrade_says_what_it_cannot_restore_and_what_rows_get_instead(bridge: PrismaBridge) -> None:
    before = t(
        "  a String\n  b String\n  e E\n  k String\n  uId Int\n"
        "  u U @relation(fields: [uId], references: [id])",
        u("  ts T[]") + "enum E {\n  A\n  B\n  C\n}\n",
    )
    after = t("  e E\n  k Int\n  n Int?", u("") + "enum E {\n  A\n}\n")
    up, down = _planned(bridge, before, after, _TOML, "1.0.0")
    assert _heading(up)[0].startswith("From 1.0.0 to this version's schema.")
    assert _heading(down) == [
        "Downgrade to 1.0.0. The runner adds BEGIN and COMMIT.",
        "",
        "It can't restore values that up.sql removed, only the columns and tables:",
        "E.B: its rows got A",
        "E.C",
        "T.k as it was before its type changed",
        "T.a: every row gets ''",
        "T.b: every row gets 'gone'",
        'T.uId: every row gets (SELECT "id" FROM "U" ORDER BY "id" LIMIT 1)',
        "If you let up.sql copy such values elsewhere first, copy them back here.",
        "",
        "It removes what was added after the upgrade:",
        "T.n is dropped with all its values",
    ]


def test_a_first_version_starts_from_nothing_and_ends_there(bridge: PrismaBridge) -> None:
    made = plan(None, bridge.parse(_HEAD + t("  a Int")), bridge)
    assert _heading(made.up)[0].startswith("From an empty database to this version's schema.")
    assert _heading(made.down) == [
        "Downgrade to an empty database. The runner adds BEGIN and COMMIT.",
        "",
        "It drops every table, with all its rows.",
    ]
