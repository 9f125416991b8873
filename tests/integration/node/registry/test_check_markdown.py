"""`check --markdown`: what a pull request shows, and that nothing in a schema gets out of being text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from markdown_it import MarkdownIt

from migrations.scripts.locks import TableLock
from registry.review.diff import VersionDiff
from registry.review.diff_markdown import diff_markdown
from registry.review.review_markdown import failure_markdown, published_markdown, review_markdown
from registry.review.script_locks import ScriptLocks
from registry.review.terminal import review_lines
from registry.review.version_review import VersionReview
from schemas.comparison.change import Change
from schemas.comparison.consumers import TITLES, effects
from schemas.errors import Problem
from schemas.versions import SchemaVersion

from ....command_line import CommandLine

_HOSTILE = (
    "</td><script>alert(1)</script>",
    "| a | b |",
    "![x](https://tracker.example/x.png)",
    "[click](javascript:alert(1))",
    "# heading",
    "`code` ``` ~~~",
    "@everyone",
    "\n/close\n",
    "- item\n## title",
    "\x1b[2J\u202e",
    "&lt;b&gt; &amp;",
)
_V1, _V2 = SchemaVersion(1, 0, 0), SchemaVersion(2, 0, 0)


def difference(changes: Sequence[Change], *migrations: ScriptLocks) -> VersionDiff:
    return VersionDiff(
        before=_V1,
        after=_V2,
        direction="forward",
        changes=tuple(changes),
        examples={change: {} for change in changes},
        asks=(),
        smallest=None,
        migrations=migrations,
    )


def html(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(markdown))


def test_a_draft_is_told_with_changes_migrations_and_its_smallest_number(cli: CommandLine) -> None:
    cli.with_workspace(sample=True)
    done = cli.run("check", "2.0.0", "--markdown")
    assert done.exit_code == 0
    assert done.errors == ""
    page = html(done.output)
    assert "<h2>2.0.0: valid</h2>" in page
    assert "The smallest number that may follow 1.1.0 is 2.0.0:" in page
    assert "<h3>Changes since 1.1.0</h3>" in page
    rows = re.findall(r"<tr>\n<td>(.*?)</td>\n" + r"<td>(.*?)</td>\n" * 6, page)
    breaks, none = "<strong>breaks</strong>", "–"
    assert ("Review.stars is now called rating", *[breaks] * 4, none, none) in rows
    assert re.search(r"005_materialized_views/up.sql</strong>: [\d.]+ ms in the rehearsal", page)
    row = ("005_materialized_views/up.sql", "&quot;products&quot;", "ACCESS EXCLUSIVE", "reads and writes")
    assert "\n".join(f"<td>{each}</td>" for each in row) in page
    assert page.count("<table>") == 2
    assert "going up loses column products.price" in page
    review = cli.run("check", "2.0.0", "--json").document["reviews"]["2.0.0"]
    assert (review["previous"], review["smallest_version"]) == ("1.1.0", "2.0.0")
    assert {each["id"] for each in review["migrations"]} == {"005_materialized_views", "006_monitoring"}
    assert set(review["changes"][0]["effects"]) == set(TITLES)
    diff = cli.run("diff", "2.0.0", "--json").document
    for key in ("changes", "asks", "smallest_version", "consumers"):
        assert review[key] == diff[key], key


def test_problems_are_told_with_place_and_fix_and_fail(cli: CommandLine) -> None:
    cli.with_workspace(sample=True)
    script = "schemas/2.0.0/migrations/006_monitoring/up.sql"
    sql = (cli.folder / script).read_text()
    cli.write(script, f"{sql}\nCREATE INDEX late ON products (sku);\nSELECT now();\n")
    done = cli.run("check", "2.0.0", "--markdown", "--quick")
    assert done.exit_code == 1
    page = html(done.output)
    assert "<h2>2.0.0: not valid (1 error)</h2>" in page
    assert re.search(rf"<strong>error\[[a-z-]+\]</strong> {re.escape(script)}:\d+:\d+: ", page)
    assert "fix: " in page
    assert "006_monitoring/up.sql</strong>: 1 problem above; what else it locks is not known" in page
    assert page.count("is not known: it runs code") == sql.count("DO $") + 1
    failed = cli.run("publish", "9.9.9", "--markdown")
    assert failed.exit_code == 1
    assert html(failed.output).startswith("<h2>9.9.9 is not published</h2>\n<h3>Problems</h3>\n<ul>\n")
    assert cli.run("check", "--markdown", "--json").document["problems"][0]["code"] == "conflicting-options"


def test_a_workspace_with_nothing_to_review_says_so(cli: CommandLine) -> None:
    cli.with_workspace(sample=True)
    cli.write("schemas/1.1.0/version.toml", "no toml")
    done = cli.run("check", "--all", "--markdown", "--quick")
    assert done.exit_code == 1
    assert [line for line in done.output.splitlines() if line.startswith("## ")] == [
        "## 1.0.0: valid",
        "## 1.1.0: not valid (1 error)",
        "## 2.0.0: not valid",
    ]


@pytest.mark.parametrize("text", _HOSTILE)
def test_text_stays_text(text: str) -> None:
    problem = Problem(code="x", message=f"{text}\n{text}", fix=text, file=text, line=1, column=1)
    change = Change("added", "model", text, "breaking", text)
    found = difference([change], ScriptLocks(id=text, script="up", locks=(TableLock(text, "SHARE", ()),)))
    review = VersionReview(
        version=_V2, diff=found, problems=(problem,), losses=(text,), durations={text: 1.5}
    )
    written = [
        diff_markdown(found),
        review_markdown([review], others=[problem]),
        failure_markdown(text, [problem]),
        published_markdown(review, latest="1.0.0", install=[("Python", f"pip install ```` {text}")]),
    ]
    for markdown in written:
        page = html(markdown)
        tags = set(re.findall(r"<(\w+)", page))
        expected = {
            "h1",
            "h2",
            "h3",
            "ul",
            "li",
            "strong",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "p",
            "pre",
        }
        assert tags <= expected | {"code"}
        of_change, of_lock, of_counts = 1 + len(TITLES), 5, 4 * len(TITLES)
        assert page.count("<td>") in (0, of_change + of_lock, of_change + of_lock + of_counts)
        outside = re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
        assert "@everyone" not in outside
        assert "<code" not in outside
        assert not any(line.startswith("/") for line in outside.splitlines())


def test_long_lists_are_cut(cli: CommandLine) -> None:
    changes = tuple(Change("added", "model", "A", "breaking", f"A{n} is gone") for n in range(500))
    review = VersionReview(version=_V2, diff=difference(changes), durations={})
    assert "and 400 more" in review_markdown([review])
    assert len(list(review_lines(review))) < 20
    assert {effect for each in changes for effect in effects(each).values()} == {"adds", "breaks", "none"}
